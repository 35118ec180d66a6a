"""Compares revisions and takes of the open text, and tidies it: both show a diff first."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.rewriting import rewrite
from studio.app.session import Session
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.takes import Take
from studio.dialogs.side import Side
from studio.media.spans import Edit, SpanText
from studio.widgets.authored_edit import by_take

_CHANGED = "The text was changed while its tidying was shown, so nothing was tidied."
_AGAIN = "Choose Tidy again."
_NOW, _ORIGINAL = "\0now", "\0original"


class CompareDesk(QObject):
    """Opens the two dialogs on what the person means: chosen lines of the lineage, else the takes in the strip."""

    branch_requested = Signal(str)  # a revision or take id of the lineage
    notice = Signal(str, str)  # what, do

    def __init__(self, window: MainWindow, text: TextDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._text = text
        window.lineage.compare_requested.connect(self.compare_nodes)

    # -- compare ---------------------------------------------------------------------------------

    @Slot(str, str)
    def compare_nodes(self, older: str, newer: str) -> None:
        """Two nodes of the lineage. Two takes of one place are compared as such, all else as whole texts."""
        session = self._text.session
        if session is None:
            return
        self._text.pane.flush()
        takes = [self._text.takes.get(node) for node in (older, newer)]
        if takes[0] and takes[1] and takes[0].parent == takes[1].parent:
            self._open([self._take_side(session, take) for take in takes if take], older, newer)
            return
        self._open([self._node_side(session, older), self._node_side(session, newer)], older, newer)

    def compare_takes(self) -> None:
        """The chosen take with its neighbour in the strip; a rewrite with the passage it was made of."""
        session, pane = self._text.session, self._text.pane
        if session is None:
            return
        pane.flush()
        shown = [take for take in map(self._text.takes.get, pane.strip.take_ids()) if take is not None]
        chosen = self._text.takes.get(pane.chosen_take() or "") or (shown[0] if shown else None)
        if chosen is None:
            self.notice.emit(
                "There is nothing to compare yet.",
                "Ask for takes first, or choose two lines of the lineage and press Compare.",
            )
            return
        sides = [self._take_side(session, take) for take in shown]
        original = self._original(session, chosen)
        if original is not None:
            sides.insert(0, Side(id=_ORIGINAL, title="The passage as it was", text=original))
        if len(sides) < 2:
            sides.insert(0, Side(id=_NOW, title="The text without it", text=SpanText()))
        other = next(side.id for side in sides if side.id != chosen.id)
        self._open(sides, other, chosen.id)

    def _original(self, session: Session, take: Take) -> SpanText | None:
        """The passage an act worked on, with its authors."""
        job = take.recipe.writing
        if not job.selection:
            return None
        text = session.history(self._text.work).text_at(take.parent)
        end = job.at + len(job.selection)
        return SpanText(text=text.text[job.at : end], runs=text.slice_runs(job.at, end))

    def _take_side(self, session: Session, take: Take) -> Side:
        words = "Work from here" if take.verdict == "accepted" else "Accept this take"
        return Side(
            id=take.id,
            title=f"Take {take.index + 1}: {_title(take.text)}",
            text=self._draft(session, take),
            use="" if take.status == "streaming" else words,
        )

    def _draft(self, session: Session, take: Take) -> SpanText:
        """The take with the person's edits."""
        if (shown := self._text.pane.strip.draft(take.id)) is not None:
            return shown
        return (
            by_take(take.text, take.id) if take.status == "streaming" else session.reader.take_draft(take.id)
        )

    def _node_side(self, session: Session, node: str) -> Side:
        """The whole text at a revision, or with a take put in where it was made for."""
        history = session.history(self._text.work)
        take = self._text.takes.get(node)
        if take is None:
            here = node == history.head
            title = (
                "The text now" if here else _title(history.node(node).excerpt if node else "The beginning")
            )
            return Side(
                id=node, title=title, text=history.text_at(node), use="" if here else "Work from here"
            )
        job, text = take.recipe.writing, history.text_at(take.parent)
        draft = self._draft(session, take)
        at = min(job.at, len(text.text))
        edit = text.edit(at, min(len(job.selection), len(text.text) - at), draft.text, draft.runs)
        return Side(id=node, title=f"With take {take.index + 1}: {_title(take.text)}", text=text.apply(edit))

    def _open(self, sides: list[Side], left: str, right: str) -> None:
        from studio.dialogs.compare import CompareDialog  # when it is wanted: the window opens sooner

        unique = list({side.id: side for side in sides}.values())
        dialog = CompareDialog(unique, left, right, self._window)
        dialog.used.connect(self._on_used)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_used(self, side: str) -> None:
        take = self._text.takes.get(side)
        if take is not None and take.verdict != "accepted":
            self._text.judged.show_take(take.id)
            self._text.judged.accept(take.id)
        else:
            self.branch_requested.emit(take.parent if take else side)

    # -- tidy ------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """The chosen take while its card has the keyboard, else what is selected, else the scene."""
        session, pane = self._text.session, self._text.pane
        if session is None:
            return
        pane.flush()
        take, focus = pane.chosen_take() or "", self._window.focusWidget()
        draft = pane.strip.draft(take) if take and focus and pane.strip.isAncestorOf(focus) else None
        if draft is not None:
            self._tidy_card(take, draft)
            return
        value, shown = pane.value(), self._stand()
        start, end = pane.editor.selection()
        if start < end:
            part = SpanText(text=value.text[start:end], runs=value.slice_runs(start, end))
            self._ask(part, "the selection", lambda edit: self._tidy_text(edit, start, shown))
        else:
            self._ask(value, "this scene", lambda edit: self._tidy_text(edit, 0, shown))

    def _stand(self) -> tuple[str, str]:
        """The open text and where it stands; ("", "") without one."""
        session, work = self._text.session, self._text.work
        return (work, session.history(work).head) if session is not None else ("", "")

    def _tidy_card(self, take: str, draft: SpanText) -> None:
        if self._text.pane.strip.may_edit(take):
            self._ask(draft, "the chosen take", lambda edit: self._tidy_take(take, edit, draft))
        else:
            self.notice.emit(
                "This take cannot be tidied as it stands.",
                "A take can be changed once it has ended, while it is neither accepted nor rejected.",
            )

    def _ask(self, value: SpanText, what: str, done: Callable[[Edit], None]) -> None:
        from studio.dialogs.tidy import TidyDialog

        dialog = TidyDialog(value, what, self._window)
        dialog.tidied.connect(done)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tidy_text(self, edit: Edit, start: int, shown: tuple[str, str]) -> None:
        """One step that undo takes back, when the text still stands as it was `shown`."""
        if self._text.session is None:
            return
        self._text.pane.flush()
        if self._stand() != shown:
            self.notice.emit(_CHANGED, _AGAIN)
            return
        rewrite(self._text, shown[0], replace(edit, at=edit.at + start), "tidied")

    def _tidy_take(self, take: str, edit: Edit, shown: SpanText) -> None:
        strip = self._text.pane.strip
        if strip.draft(take) != shown or not strip.may_edit(take):
            self.notice.emit(_CHANGED, _AGAIN)
            return
        strip.apply_draft(take, edit)
        self._text.pane.take_edited.emit(take, edit)


def _title(words: str) -> str:
    """The beginning of some text as a name for it."""
    line = " ".join(words.split())
    return f"{line[:40]}…" if len(line) > 40 else line or "an empty step"
