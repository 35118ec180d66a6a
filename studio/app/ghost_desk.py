"""Ghost text: the chosen take shows at the caret where it would go on, and is accepted piece by piece."""

from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.session import Session
from studio.app.take_places import Anchor, Place, anchor_of, ghost_at, part_of, place_of
from studio.app.takes_desk import TakesDesk
from studio.core.takes import Take
from studio.media.follow import stayed
from studio.media.pieces import PIECES, Unit
from studio.panes.text.pane import TextPane

KEYS: Final = "Tab takes the next word, Ctrl+Right the sentence, Ctrl+Down the paragraph. Esc hides it."


class GhostDesk(QObject):
    """Decides which take is the ghost; nothing of it is in the text until the person accepts."""

    notice = Signal(str, str)  # what, do

    def __init__(self, pane: TextPane, judged: TakesDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._pane = pane
        self._judged = judged
        self._session: Session | None = None
        self._work = ""
        self._on = True
        self._dismissed = ("", "")  # the take whose ghost was sent away, and the text it stood in
        self._anchor = Anchor(take="", head="", at=0)
        judged.ghost = self.place
        judged.changed.connect(self.update)
        judged.grew.connect(self._on_grew)
        pane.strip.chosen_changed.connect(self._on_chosen)
        pane.editor.caret_moved.connect(self.update)
        pane.editor.edited.connect(self._on_edited)
        pane.editor.ghost_cleared.connect(self._on_cleared)
        pane.selection_changed.connect(self.update)
        pane.part_wanted.connect(self.accept_part)

    def open(self, session: Session, work_id: str) -> None:
        """Ghosts of this work's takes from now on."""
        self._session, self._work = session, work_id
        self._dismissed = ("", "")
        self.update()

    def leave(self) -> None:
        """No ghost."""
        self._session, self._work = None, ""
        self.update()

    def set_on(self, on: bool) -> None:
        """Show ghost text, or none."""
        self._on = on
        self.update()

    @Slot()
    def update(self) -> None:
        """Show the ghost there should be now."""
        editor = self._pane.editor
        place = self.place(self._pane.chosen_take() or "")
        self._pane.prompt.set_hint(KEYS if place is not None else "")
        if place is None:
            if editor.ghost():
                editor.clear_ghost()
        elif (editor.ghost_at(), editor.ghost()) != (place.at, place.rest.text):
            editor.set_ghost(place.at, place.rest.text)

    def place(self, take_id: str) -> Place | None:
        """Where the ghost of a take shows and what it says; None when it does not show."""
        session, take = self._session, self._judged.takes.get(take_id)
        if session is None or take is None or not self._on:
            return None
        if self._dismissed == (take_id, self._pane.value().text):
            return None
        if take_id != self._pane.chosen_take() or not self._may_show(take):
            return None
        value, caret = self._pane.value(), self._pane.caret()
        draft = self._judged.draft(take_id)
        if draft is None or value.is_locked(caret, caret):
            return None
        done = ghost_at(value.text, caret, self._anchor_at(session, take), take, draft.text)
        rest = part_of(draft, done, len(draft.text)) if done is not None else None
        return Place(at=caret, rest=rest) if rest is not None and rest.text.strip() else None

    def _may_show(self, take: Take) -> bool:
        start, end = self._pane.selection()
        goes_on = take.recipe.writing.act == "continue" and take.work == self._work
        return goes_on and take.verdict != "rejected" and take.status != "failed" and start == end

    def _anchor_at(self, session: Session, take: Take) -> int:
        history = session.history(self._work)
        known = self._anchor
        if (known.take, known.head) != (take.id, history.head):
            parent = history.node(history.head).parent if history.head else None
            if (known.take, known.head) == (take.id, parent):  # one step on: no need to go the whole way
                at = stayed(known.at, history.path_edits(known.head, history.head))
                self._anchor = Anchor(take=take.id, head=history.head, at=at)
            else:
                self._anchor = anchor_of(history, take)
        return self._anchor.at

    # -- what the person does --------------------------------------------------------------------

    @Slot(str)
    def accept_part(self, unit: Unit) -> None:
        """The next word, sentence or paragraph of the chosen take becomes part of the text."""
        self._pane.flush()
        take_id = self._pane.chosen_take() or ""
        place = self.place(take_id) or self._bring_back(take_id)
        if place is not None:
            self._judged.accept_part(take_id, PIECES[unit](place.rest.text), place)

    def _bring_back(self, take_id: str) -> Place | None:
        """The place of the chosen take when the caret is elsewhere: what is not in the text yet goes there."""
        take, draft, session = self._judged.takes.get(take_id), self._judged.draft(take_id), self._session
        if session is None or take is None or draft is None or take.recipe.writing.act != "continue":
            self.notice.emit("No take is chosen that goes on from here.", "Press Ctrl+Return for takes.")
            return None
        place = place_of(session.history(self._work), take, draft, self._judged.standing(take_id))
        if place.why_not:
            self.notice.emit(place.why_not, place.do)
            return None
        if not place.rest.text:
            self.notice.emit("All of this take is in the text.", "")
            return None
        return place

    @Slot(str)
    def _on_grew(self, take_id: str) -> None:
        if take_id == self._pane.chosen_take():
            self.update()

    @Slot(str)
    def _on_chosen(self, _take_id: str) -> None:
        self._dismissed = ("", "")
        self.update()

    @Slot()
    def _on_cleared(self) -> None:
        """Sent away with Esc; where other words were typed the text tells by itself."""
        self._dismissed = (self._pane.chosen_take() or "", self._pane.value().text)

    @Slot()
    def _on_edited(self) -> None:
        self._dismissed = ("", "")
        self.update()
