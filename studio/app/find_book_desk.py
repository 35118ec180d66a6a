"""Find and replace in every scene of the open story."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.rewriting import open_session, rewrite
from studio.app.tasks import Tasks, done, in_thread
from studio.app.text_desk import TextDesk
from studio.core.errors import StudioError
from studio.engine.thread import EngineThread
from studio.media import find
from studio.media.find import Hit, Options
from studio.project.records import Work
from studio.project.store import Store
from studio.widgets.find_results import FindResults, FoundScene, HitLine

SLICE = 20  # texts read by the engine at a time, so that streaming takes go on between
CONTEXT_CHARS = 40
LINES_MOST = 200  # shown of one scene
BOOK_LIMIT_S = 8.0


class FindBookDesk(QObject):
    """Reads the texts through the engine, searches beside the window, replaces scene by scene."""

    told = Signal(str, str, str)  # what, kept, tone

    def __init__(
        self,
        text: TextDesk,
        engine: EngineThread,
        tasks: Tasks,
        scenes: Callable[[], list[Work]],
        choose: Callable[[str], None],
        parent: QObject,
    ) -> None:
        """`scenes` gives the texts of the open story in reading order, `choose` opens one."""
        super().__init__(parent)
        self._text, self._engine, self._tasks = text, engine, tasks
        self._scenes, self._choose = scenes, choose
        self._panel: FindResults | None = None
        self._texts: dict[str, tuple[str, str]] = {}  # work: head, text
        self._found: Options | None = None  # what the shown hits are hits of

    def make_panel(self) -> FindResults:
        """The panel, when it is first wanted."""
        panel = FindResults()
        panel.search_requested.connect(lambda: self._tasks.start(self.search()))
        panel.replace_requested.connect(lambda: self._tasks.start(self.replace_checked()))
        panel.hit_chosen.connect(self._go)
        self._panel = panel
        return panel

    def begin(self) -> None:
        """Put the keyboard into the panel, with what is selected in the text."""
        if self._panel is not None and self._text.session is not None:
            start, end = self._text.pane.editor.selection()
            chosen = self._text.pane.value().text[start:end]
            self._panel.begin(chosen if "\n" not in chosen else "")

    def reset(self) -> None:
        """Another project is open: nothing of the one before stays."""
        self._texts.clear()
        self._found = None
        if self._panel is not None:
            self._panel.show_found([], "")

    async def search(self) -> None:
        """Look through every scene and show what was found."""
        panel = self._panel
        if panel is None or self._text.session is None or not panel.options().pattern:
            return
        options = panel.options()
        panel.tell("Searching…")
        try:
            works = self._scenes()
            await self._read(works)
            texts = [(work, self._texts[work.id][1]) for work in works if work.id in self._texts]
            found = await in_thread(_found, texts, options)
        except StudioError as error:
            panel.show_found([], "")
            panel.tell(f"{error.what} {error.do}", "danger")
            return
        self._found = options
        panel.show_found(found, _summary(found, len(texts)))

    async def _read(self, works: list[Work]) -> None:
        """Bring the kept texts up to date."""
        self._text.pane.flush()
        for at in range(0, len(works), SLICE):
            known = {work.id: self._texts.get(work.id, ("", ""))[0] for work in works[at : at + SLICE]}
            self._texts.update(await done(self._engine.write(partial(_newer, known))))

    # -- going there -----------------------------------------------------------------------------

    @Slot(str, int, int)
    def _go(self, work_id: str, start: int, end: int) -> None:
        if self._text.work != work_id:
            self._choose(work_id)
        if self._text.work == work_id:
            pane = self._text.pane
            length = len(pane.value().text)
            pane.editor.select(min(start, length), min(end, length))
            pane.editor.reveal(min(start, length))
            pane.focus_editor()

    # -- replacing -------------------------------------------------------------------------------

    async def replace_checked(self) -> None:
        """Replace in every checked scene; each has one revision of its own, to be undone there."""
        panel = self._panel
        if panel is None or self._text.session is None or self._found is None:
            return
        options, template = self._found, panel.template()
        count = locked = scenes = 0
        titles = {work.id: work.title for work in self._scenes()}
        try:
            for work_id in panel.checked():
                if work_id in titles:
                    replaced = await self._replace_in(work_id, options, template)
                    count, locked = count + replaced.count, locked + replaced.locked
                    scenes += replaced.count > 0
        finally:
            if count or locked:
                skipped = f", {locked:,} skipped in locked passages" if locked else ""
                self.told.emit(
                    f"{count:,} replaced in {scenes:,} scene{'' if scenes == 1 else 's'}{skipped}.",
                    "Each scene can be undone by itself: open it and press Ctrl+Z." if count else "",
                    "success" if count else "info",
                )
        await self.search()

    async def _replace_in(self, work_id: str, options: Options, template: str) -> find.Replaced:
        """One scene, as it stands; when the person writes in it meanwhile, again."""
        while True:
            self._text.pane.flush()
            session = open_session(self._text)
            history = session.history(work_id)
            head, value = history.head, history.text
            replaced = await in_thread(find.replace, value, options, template)
            self._text.pane.flush()
            if self._text.session is session and history.head == head:
                break
            if self._text.session is not session:
                raise StudioError(
                    "Another project was opened meanwhile.",
                    kept="The scenes after that were left as they are.",
                )
        if replaced.edit is not None:
            rewrite(self._text, work_id, replaced.edit, steps=replaced.steps)
        return replaced


def _newer(known: dict[str, str], store: Store) -> dict[str, tuple[str, str]]:
    """Head and text of the works that stand elsewhere than known (on the engine's thread)."""
    out: dict[str, tuple[str, str]] = {}
    for work_id, head in known.items():
        now = store.head(work_id)
        if now != head or not head:
            out[work_id] = (now, store.text_at(now).text if now else "")
    return out


def _found(texts: Iterable[tuple[Work, str]], options: Options) -> list[FoundScene]:
    """The hits of every text that has any. All texts together have BOOK_LIMIT_S."""
    from time import monotonic

    ends_s = monotonic() + BOOK_LIMIT_S
    out: list[FoundScene] = []
    for work, text in texts:
        hits = find.find(text, options, time_limit_s=max(0.01, ends_s - monotonic()))
        if hits:
            lines = tuple(_line(text, hit) for hit in hits[:LINES_MOST])
            out.append(FoundScene(work=work.id, title=work.title, count=len(hits), lines=lines))
    return out


def _line(text: str, hit: Hit) -> HitLine:
    """The hit with the words of its paragraph beside it."""
    first = max(text.rfind("\n", 0, hit.start) + 1, hit.start - CONTEXT_CHARS)
    last = text.find("\n", hit.end)
    last = min(len(text) if last < 0 else last, hit.end + 2 * CONTEXT_CHARS)
    shown = text[hit.start : min(hit.end, hit.start + 4 * CONTEXT_CHARS)].replace("\n", "¶")
    return HitLine(
        start=hit.start, end=hit.end, before=text[first : hit.start], hit=shown, after=text[hit.end : last]
    )


def _summary(found: list[FoundScene], searched: int) -> str:
    total = sum(scene.count for scene in found)
    if not total:
        return f"Nothing found in {searched:,} scene{'' if searched == 1 else 's'}."
    return f"{total:,} in {len(found):,} of {searched:,} scene{'' if searched == 1 else 's'}."
