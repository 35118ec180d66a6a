"""The writing pane: the text, the takes below it, and what is asked of the model."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from PySide6.QtCore import QByteArray, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from studio.core.takes import Take
from studio.media.spans import Edit, SpanText, moved
from studio.panes.text.prompt_box import PromptBox, ProposeValues
from studio.panes.text.status_line import StatusLine
from studio.panes.text.writing_edit import WritingEdit
from studio.widgets.act_menu import ActChoice
from studio.widgets.authored_text import change
from studio.widgets.heat_legend import HeatLegend
from studio.widgets.take_strip import TakeStrip
from studio.widgets.typing_group import TypingGroup

_STEPS_AT_MOST = 8  # of a way through the lineage are shown one after the other
_HINT = "Write half a sentence here, then press Ctrl+Return."


class Proposal(Struct, frozen=True, kw_only=True):
    """What a job needs: the place `at`, the text before and after it, and the prompt box's values.

    For an act on a passage `selection` is the passage without the white space at its ends, and `at` its start.
    """

    at: int
    prompt: str
    suffix: str
    values: ProposeValues
    selection: str = ""


class TextPane(QWidget):
    """Values in, signals out. What was typed is told (`revised`) before any other wish that depends on it."""

    revised = Signal(object, str)  # Edit, "typed" | "pasted"
    propose_requested = Signal()
    stop_requested = Signal()
    accept_requested = Signal(str)  # take id
    reject_requested = Signal(str, str)  # take id, reason
    restore_requested = Signal(str)
    take_edited = Signal(str, object)  # take id, Edit
    regenerate_requested = Signal(str)  # take id, or "" when none is chosen
    undo_requested = Signal()
    redo_requested = Signal()
    branch_requested = Signal(str)  # revision id
    model_chosen = Signal(str)  # path
    add_model_requested = Signal()
    values_changed = Signal()
    act_chosen = Signal(str, str)  # act, tone or "": to be asked for by Propose from now on
    act_requested = Signal(str, str)  # act, tone or "": to be asked for at once
    check_requested = Signal()  # what the model can do
    tones_requested = Signal()  # the list of tones is to be edited
    lock_requested = Signal()
    part_wanted = Signal(str)  # "word" | "sentence" | "paragraph" of the chosen take
    token_asked = Signal(str, int, QPoint)  # take id ("" in the text), place, where on the screen
    selection_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = TakeStrip()
        self.prompt = PromptBox()
        self.editor = WritingEdit(self._act_menu, self.lock_requested.emit)
        self.status = StatusLine(self.prompt.notice)
        self.legend = HeatLegend()
        self._work = ""
        self._takes: dict[str, Take] = {}
        self._group = TypingGroup(self)
        self._bench = QWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self._connect_text()
        self._connect_takes()

    def _lay_out(self) -> None:
        self.editor.setObjectName("editor")
        self.editor.setAccessibleName("Text of the scene")
        self.editor.set_hint(_HINT)
        self.editor.setMinimumHeight(120)
        bench = QVBoxLayout(self._bench)
        bench.setContentsMargins(16, 8, 16, 4)
        bench.setSpacing(8)
        bench.addWidget(self.strip, 1)
        bench.addWidget(self.prompt)
        self._splitter.addWidget(self.editor)
        self._splitter.addWidget(self._bench)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([480, 400])
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._splitter, 1)
        outer.addWidget(self.legend)
        outer.addWidget(self.status)
        self.legend.hide()
        self.setTabOrder(self.editor, self.strip)
        self.setTabOrder(self.strip, self.prompt.note)

    def _connect_text(self) -> None:
        self.editor.edited.connect(self._on_edited)
        self.editor.jumped.connect(self._group.flush)
        self.editor.focus_left.connect(self._group.flush)
        self.editor.caret_moved.connect(self.status.set_caret)
        self.editor.undo_requested.connect(self.undo)
        self.editor.redo_requested.connect(self.redo)
        self.editor.selectionChanged.connect(self._on_selection)
        self.editor.ghost_accepted.connect(self.part_wanted)
        self.editor.token_clicked.connect(lambda at, point: self.token_asked.emit("", at, point))
        self._group.grouped.connect(self.revised)

    def _connect_takes(self) -> None:
        self.prompt.propose_requested.connect(self.propose)
        self.prompt.stop_requested.connect(self.stop_requested)
        self.prompt.model_chosen.connect(self.model_chosen)
        self.prompt.add_model_requested.connect(self.add_model_requested)
        self.prompt.changed.connect(self.values_changed)
        self.prompt.act_wanted.connect(self.act_chosen)
        self.prompt.check_requested.connect(self.check_requested)
        self.prompt.tones_requested.connect(self.tones_requested)
        self.strip.accept_requested.connect(self._on_accept)
        self.strip.reject_requested.connect(self.reject_requested)
        self.strip.restore_requested.connect(self.restore_requested)
        self.strip.take_edited.connect(self.take_edited)
        self.strip.regenerate_requested.connect(self._on_regenerate)
        self.strip.branch_requested.connect(self._on_branch)
        self.strip.token_asked.connect(self.token_asked)

    # -- the text -------------------------------------------------------------------------

    def load(self, work_id: str, title: str, value: SpanText, caret: int | None = None) -> None:
        """Open another work; what was typed into the one before is told first. Caret None: at the end."""
        self.flush()
        self._work = work_id
        self.set_title(title)
        self.editor.load(value)
        self.editor.set_caret(len(value.text) if caret is None else caret)
        self.editor.ensureCursorVisible()
        self.status.load(value)
        self.clear_takes()

    def work(self) -> str:
        """The open work; "" when none."""
        return self._work

    def set_title(self, title: str) -> None:
        """Name the work to those who cannot see it."""
        self.editor.setAccessibleDescription(title)

    def value(self) -> SpanText:
        """The text as it stands, typing not yet told included."""
        return self.editor.value()

    def caret(self) -> int:
        """Where the caret stands, in characters."""
        return self.editor.caret()

    def apply(self, edits: Sequence[Edit], caret: int | None = None, result: SpanText | None = None) -> None:
        """Take over changes made to the text as last told (undo, redo, accept). Not echoed.

        Typing not yet told stays and is told against the new text. Caret None: it stays where its
        text is. `result`, the text after them, lets a long way be gone at once, laid out once. Raises ValueError
        when an edit does not fit.
        """
        pending = self._group.take()
        stays = self.caret()
        if pending is not None:
            self._put(pending.inverse())
            stays = min(stays, pending.at)
        if result is not None and len(edits) > _STEPS_AT_MOST:
            self._put(change(self.value(), result))
        else:
            for edit in edits:
                self._put(edit)
        at = moved(stays, edits) if caret is None else caret
        if pending is not None:
            at = self._put_again(pending, edits)
        self.editor.set_caret(at)
        self.editor.ensureCursorVisible()

    def _put(self, edit: Edit) -> None:
        self.editor.apply(edit)
        self.status.follow(self.editor.value(), edit)

    def _put_again(self, pending: Edit, edits: Sequence[Edit]) -> int:
        """Write what was being typed into the changed text; its deletions only where the same text still is."""
        value = self.editor.value()
        at = min(moved(pending.at, edits), len(value.text))
        end = at + len(pending.removed)
        same = value.text[at:end] == pending.removed
        removed = len(pending.removed) if same else 0
        again = value.edit(at, removed, pending.inserted, pending.inserted_runs)
        self._put(again)
        self._group.add(again, "typed")
        return at + len(pending.inserted)

    @Slot()
    def flush(self) -> None:
        """Tell now all that is held back: typing in the text and in the takes."""
        self._group.flush()
        self.strip.flush()

    def selection(self) -> tuple[int, int]:
        """First and last place of what is selected; twice the caret when nothing is."""
        return self.editor.selection()

    def proposal(self) -> Proposal:
        """What the model would be asked right now; tells pending typing first."""
        self.flush()
        return self.look()

    def look(self) -> Proposal:
        """What the model would be asked right now, as the text stands on the screen; tells nothing."""
        text, values = self.value().text, self.prompt.values()
        at = end = self.caret()
        if values.act != "continue":
            at, end = self.selection()
            passage = text[at:end]
            at += len(passage) - len(passage.lstrip())
            end -= len(passage) - len(passage.rstrip())
            end = max(at, end)
        return Proposal(at=at, prompt=text[:at], suffix=text[end:], values=values, selection=text[at:end])

    def _act_menu(self, parent: QWidget) -> QMenu:
        """The acts for a selection, asked for at once."""
        return self.prompt.acts.menu_of_acts(parent, self.act_requested.emit)

    def _on_selection(self) -> None:
        start, end = self.selection()
        self.prompt.set_selected(end - start)
        self.selection_changed.emit()

    def _on_edited(self, edit: Edit, kind: str) -> None:
        self.status.follow(self.editor.value(), edit)
        self._group.add(edit, kind)

    # -- the takes ------------------------------------------------------------------------

    def show_takes(self, takes: Sequence[Take], drafts: Mapping[str, SpanText] | None = None) -> None:
        """Show exactly these takes; `drafts` holds the texts of those the person changed."""
        self._takes = {take.id: take for take in takes}
        self.strip.show_takes(takes, drafts)

    def set_waiting(self, count: int, text: str = "") -> None:
        """Show cards for takes that do not exist yet."""
        self._takes = {}
        self.strip.set_waiting(count, text)

    def append(self, take_id: str, text: str) -> None:
        """More text of a streaming take."""
        self.strip.append(take_id, text)

    def update_take(self, take: Take) -> None:
        """A take stands otherwise now."""
        if take.id in self._takes:
            self._takes[take.id] = take
            self.strip.update_take(take)

    def set_partly_accepted(self, take_ids: Sequence[str]) -> None:
        """These takes are in the text in part; of the others shown, all or nothing is."""
        self.strip.set_partly_accepted(take_ids)

    def clear_takes(self) -> None:
        """Show no takes."""
        self._takes = {}
        self.strip.clear()

    def chosen_take(self) -> str | None:
        """The take the keys act on."""
        return self.strip.chosen()

    @Slot()
    def propose(self) -> None:
        """As if Propose were pressed."""
        self.flush()
        self.propose_requested.emit()

    @Slot()
    def accept_chosen(self) -> None:
        """As if Accept of the chosen take were pressed."""
        self.strip.accept_chosen()

    @Slot()
    def reject_chosen(self) -> None:
        """As if Reject of the chosen take were pressed."""
        self.strip.reject_chosen()

    @Slot()
    def regenerate(self) -> None:
        """Ask for the chosen take's job again, with a new seed."""
        self._on_regenerate(self.chosen_take() or "")

    def choose_next(self, step: int = 1) -> None:
        """Choose the neighbour of the chosen take."""
        self.strip.choose_next(step)

    def _on_accept(self, take_id: str) -> None:
        self.flush()
        self.accept_requested.emit(take_id)

    def _on_regenerate(self, take_id: str) -> None:
        self.flush()
        self.regenerate_requested.emit(take_id)

    def _on_branch(self, take_id: str) -> None:
        self.flush()
        if take := self._takes.get(take_id):
            self.branch_requested.emit(take.parent)

    # -- other wishes and looks -----------------------------------------------------------

    @Slot()
    def undo(self) -> None:
        """Ask for undo, pending typing told first."""
        self.flush()
        self.undo_requested.emit()

    @Slot()
    def redo(self) -> None:
        """Ask for redo, pending typing told first."""
        self.flush()
        self.redo_requested.emit()

    def set_running(self, on: bool) -> None:
        """While takes are made the prompt box offers to stop."""
        self.prompt.set_running(on)
        self.strip.set_running(on)

    def set_saved(self, saved: bool) -> None:
        """Whether all of the text is on disk."""
        self.status.set_saved(saved)

    def set_show_authors(self, on: bool) -> None:
        """Tint what models wrote, or do not."""
        self.editor.set_show_authors(on)
        self.strip.set_show_authors(on)

    def set_look_inside(self, on: bool) -> None:
        """Explain the colours of surprise; a click on a model's word asks to look inside the model."""
        self.legend.setVisible(on)
        self.editor.set_inspect(on)
        self.strip.set_inspect(on)

    def focus_editor(self) -> None:
        """Put the keyboard into the text."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_acts(self, acts: Sequence[ActChoice], tones: Sequence[str]) -> None:
        """Which acts there are, which of them the model can do, and the tones to choose from."""
        self.prompt.set_acts(acts, tones)

    def flash(self, at: int, length: int) -> None:
        """Light up what was just accepted."""
        self.editor.reveal(at)
        self.editor.flash(at, length)

    def zoom_by(self, steps: int) -> None:
        """Larger or smaller letters."""
        self.editor.zoom_by(steps)

    def zoom_reset(self) -> None:
        """Letters in their usual size."""
        self.editor.zoom_reset()

    def set_distraction_free(self, on: bool) -> None:
        """Nothing but the text."""
        self._bench.setVisible(not on)
        self.status.setVisible(not on)

    def save_state(self) -> bytes:
        """How the room is divided."""
        return bytes(self._splitter.saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Divide the room as before; bytes of another version are ignored."""
        self._splitter.restoreState(QByteArray(state))
