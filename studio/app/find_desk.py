"""Find and replace in the open text: the bar above it, the marks in it."""

from bisect import bisect_left

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout

from studio.app.rewriting import rewrite
from studio.app.tasks import Tasks, in_thread
from studio.app.text_desk import TextDesk
from studio.core.errors import StudioError
from studio.media import find
from studio.media.find import Hit, Options
from studio.media.spans import Edit, moved
from studio.widgets.find_bar import FindBar

REFRESH_MS = 200
AT_ONCE_CHARS = 200_000  # a longer text, or any regular expression, is searched beside the window
PATTERN_FROM_SELECTION_CHARS = 100


class FindDesk(QObject):
    """Owns what is looked for in the open text."""

    problem = Signal(object)  # StudioError

    def __init__(self, text: TextDesk, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._text, self._tasks = text, tasks
        self._bar: FindBar | None = None
        self._hits: tuple[Hit, ...] = ()
        self._current = -1
        self._inside: tuple[int, int] | None = None
        self._work = ""
        self._asked = 0  # an answer to an older question is dropped
        self._searching = False
        self._step_wanted = 0
        self._anchor = 0
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh.timeout.connect(self._look_again)
        text.pane.editor.edited.connect(self._on_edited)
        text.lineage_changed.connect(self._on_changed)

    @property
    def bar(self) -> FindBar | None:
        """The bar, once it was wanted."""
        return self._bar

    @property
    def showing(self) -> bool:
        """Whether the bar stands above the text."""
        return self._bar is not None and not self._bar.isHidden()

    # -- opening and closing ---------------------------------------------------------------------

    def open(self, replacing: bool = False) -> None:
        """Show the bar; a short selection is what is looked for, a long one is where."""
        if self._text.session is None:
            return
        bar = self._bar or self._make_bar()
        start, end = self._text.pane.editor.selection()
        chosen = self._text.pane.value().text[start:end]
        short = 0 < len(chosen) <= PATTERN_FROM_SELECTION_CHARS and "\n" not in chosen
        self._anchor, self._work = start, self._text.work
        bar.open(replacing=replacing or (self.showing and bar.replacing()), pattern=chosen if short else "")
        if chosen and not short:
            bar.set_inside(True)
        self._search(reveal=True)

    def close(self) -> None:
        """Hide the bar and its marks; what was found last stays selected."""
        if self._bar is not None and self.showing:
            self._bar.hide()
            self._bar.set_inside(False)
            self._asked += 1
            self._set_hits((), -1)
            self._text.pane.focus_editor()

    def _make_bar(self) -> FindBar:
        bar = FindBar()
        bar.hide()
        layout = self._text.pane.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, bar)
        bar.changed.connect(self._on_wish)
        bar.stepped.connect(self.step)
        bar.replace_requested.connect(self.replace)
        bar.replace_all_requested.connect(self.replace_all)
        bar.closed.connect(self.close)
        self._bar = bar
        return bar

    @Slot()
    def _on_wish(self) -> None:
        bar = self._bar
        if bar is not None and bar.inside() and self._inside is None:
            start, end = self._text.pane.editor.selection()
            self._inside = (start, end) if start < end else None
            if self._inside is None:
                bar.set_inside(False)
                return
        elif bar is not None and not bar.inside():
            self._inside = None
        self._search(reveal=True)

    # -- looking ---------------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        if self.showing:
            self._refresh.start()

    @Slot(object, str)
    def _on_edited(self, edit: Edit, _kind: str) -> None:
        self._moved((edit,))
        self._on_changed()

    def _moved(self, edits: tuple[Edit, ...]) -> None:
        if self._inside is not None:
            start, end = self._inside
            self._inside = min(start, moved(start, edits)), moved(end, edits)

    @Slot()
    def _look_again(self) -> None:
        if self._bar is not None and self.showing:
            if self._work != self._text.work:  # a selection was of the text before
                self._work = self._text.work
                self._bar.set_inside(False)
            self._search(reveal=False)

    def _search(self, *, reveal: bool) -> None:
        bar = self._bar
        if bar is None:
            return
        self._asked += 1
        options, text = bar.options(), self._text.pane.value().text
        if options.regex or len(text) > AT_ONCE_CHARS:
            self._searching = True
            self._tasks.start(self._search_beside(self._asked, text, options, reveal))
            return
        try:
            self._show(find.find(text, options, *self._range()), reveal)
        except StudioError as error:
            self._show_problem(error)

    async def _search_beside(self, asked: int, text: str, options: Options, reveal: bool) -> None:
        try:
            hits = await in_thread(find.find, text, options, *self._range())
        except StudioError as error:
            if asked == self._asked:
                self._show_problem(error)
            return
        finally:
            if asked == self._asked:
                self._searching = False
        if asked != self._asked:
            return
        if text != self._text.pane.value().text:
            self._search(reveal=reveal)
            return
        self._show(hits, reveal)

    def _range(self) -> tuple[int, int | None]:
        return self._inside or (0, None)

    def _show(self, hits: tuple[Hit, ...], reveal: bool) -> None:
        selected = Hit(*self._text.pane.editor.selection())
        at = bisect_left(hits, self._anchor if reveal else selected.start, key=lambda hit: hit.start)
        if reveal and hits and not self._step_wanted:
            self._set_hits(hits, at % len(hits))
            self._select(hits[self._current])
        else:
            self._set_hits(hits, at if at < len(hits) and hits[at] == selected else -1)
        if self._step_wanted:
            self.step(self._step_wanted)

    def _show_problem(self, error: StudioError) -> None:
        self._step_wanted = 0
        self._set_hits((), -1)
        if self._bar is not None:
            self._bar.set_problem(error.what)

    def _set_hits(self, hits: tuple[Hit, ...], current: int) -> None:
        self._hits, self._current = hits, current
        self._text.pane.editor.set_marks([(hit.start, hit.end) for hit in hits], current)
        if self._bar is not None:
            self._bar.set_count(current + 1, len(hits))

    # -- going from hit to hit -------------------------------------------------------------------

    @Slot(int)
    def step(self, way: int) -> None:
        """To the next hit (1) or the one before (-1), round the ends; opens the bar when it was closed."""
        if not self.showing:
            self.open()
            return
        if self._refresh.isActive():
            self._refresh.stop()
            self._search(reveal=False)
        if self._searching:
            self._step_wanted = way
            return
        self._step_wanted = 0
        if not self._hits:
            return
        self._set_hits(self._hits, self._neighbour(way))
        self._select(self._hits[self._current])

    def _neighbour(self, way: int) -> int:
        start, end = self._text.pane.editor.selection()
        if self._current >= 0 and self._hits[self._current] == Hit(start, end):
            return (self._current + way) % len(self._hits)
        after = bisect_left(self._hits, end if way > 0 else start, key=lambda hit: hit.start)
        return (after if way > 0 else after - 1) % len(self._hits)

    def _select(self, hit: Hit) -> None:
        editor = self._text.pane.editor
        editor.select(hit.start, hit.end)
        editor.reveal(hit.start)
        self._anchor = hit.start

    # -- replacing -------------------------------------------------------------------------------

    @Slot()
    def replace(self) -> None:
        """Replace the hit that is selected, then go to the next; the first press only selects one."""
        if self._bar is None or not self._ready():
            return
        hit = self._hits[self._current] if self._current >= 0 else None
        if hit is None or Hit(*self._text.pane.editor.selection()) != hit:
            self.step(1)
            return
        done = self._replaced(only=hit)
        if done is not None and done.locked:
            self._bar.show_done("This passage is locked")
            self.step(1)
        elif done is not None:
            self._anchor = hit.end + _growth(done.edit)
            self._text.pane.editor.set_caret(self._anchor)
            self._search(reveal=True)

    @Slot()
    def replace_all(self) -> None:
        """Replace every hit as one step of the text; hits in locked passages are left."""
        if self._bar is None or not self._ready():
            return
        done = self._replaced()
        if done is not None:
            self._search(reveal=False)
            skipped = f", {done.locked:,} locked" if done.locked else ""
            self._bar.show_done(f"{done.count:,} replaced{skipped}")

    def _ready(self) -> bool:
        """Whether the hits are those of the text as it stands."""
        if self._refresh.isActive():
            self._refresh.stop()
            self._search(reveal=False)
        return not self._searching and bool(self._hits)

    def _replaced(self, only: Hit | None = None) -> find.Replaced | None:
        assert self._bar is not None
        pane = self._text.pane
        pane.flush()
        value = pane.value()
        start, end = (only.start, None) if only else self._range()
        try:
            done = find.replace(value, self._bar.options(), self._bar.template(), start, end, only=only)
            if done.edit is not None:
                self._moved(done.steps)
                rewrite(self._text, self._text.work, done.edit, steps=done.steps)
        except StudioError as error:
            self._show_problem(error)
            return None
        self._refresh.stop()
        return done


def _growth(edit: Edit | None) -> int:
    return len(edit.inserted) - len(edit.removed) if edit else 0
