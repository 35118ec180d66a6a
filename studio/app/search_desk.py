"""Searches the whole project and goes to what was found."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.lore_desk import LoreDesk
from studio.app.project_desk import ProjectDesk
from studio.app.tasks import Tasks, done
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.engine.thread import EngineThread
from studio.project.passages import Found

if TYPE_CHECKING:
    from studio.dialogs.search_project import SearchDialog

LIMIT: Final = 100
_IN_DOCK: Final = ("lore", "memory", "note", "summary")


class SearchDesk(QObject):
    """The dialog is built when it is first wanted; the engine's thread searches."""

    take_found = Signal(str)  # a picture's take, in the work that was just opened

    def __init__(
        self,
        projects: ProjectDesk,
        text: TextDesk,
        lore: LoreDesk,
        engine: EngineThread,
        tasks: Tasks,
        window: MainWindow,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._projects, self._text, self._lore = projects, text, lore
        self._engine, self._tasks, self._window = engine, tasks, window
        self._dialog: SearchDialog | None = None
        self._found: dict[str, Found] = {}
        projects.switched.connect(self._on_switched)

    @property
    def dialog(self) -> "SearchDialog | None":
        """The dialog, once it was opened."""
        return self._dialog

    def open(self) -> None:
        """Show the dialog; words selected in the text are searched for."""
        from studio.dialogs.search_project import SearchDialog  # the window opens sooner without it

        if self._dialog is None:
            self._dialog = SearchDialog(self._window)
            self._dialog.wanted.connect(lambda words: self._tasks.start(self._search(words)))
            self._dialog.chosen.connect(self.go_to)
        start, end = self._text.pane.selection()
        selected = self._text.pane.value().text[start:end].strip()
        self._dialog.open_with(selected if 0 < len(selected) <= 80 and "\n" not in selected else "")

    async def _search(self, words: str) -> None:
        from studio.dialogs.search_project import SearchResult

        self._text.pane.flush()
        self._lore.flush()
        dialog = self._dialog
        if dialog is None:
            return
        try:
            found = await done(self._engine.write(lambda store: store.search(words, LIMIT)))
        except StudioError as error:
            dialog.show_problem(f"{error.what} {error.do}".strip())
            return
        if words != dialog.words().strip():
            return  # the person has typed on
        self._found = {str(number): place for number, place in enumerate(found)}
        dialog.show_results(
            [
                SearchResult(
                    key=key,
                    kind=place.kind,
                    title=place.title or self._projects.title_of(place.work),
                    snippet=place.snippet,
                )
                for key, place in self._found.items()
            ]
        )

    @Slot(str)
    def go_to(self, key: str) -> None:
        """Open the place of a result."""
        place = self._found.get(key)
        if place is None:
            return
        if place.work not in self._projects.works:
            self._window.messages.show_message(
                f"“{place.title}” was removed from the list meanwhile.",
                do="“Removed works” in the Work menu brings it back.",
                tone="info",
            )
            return
        self._projects.choose(place.work)
        if place.kind in _IN_DOCK:
            self._lore.open_part(place.kind, place.entry)
        elif place.kind == "picture":
            self.take_found.emit(place.entry)
        elif place.kind == "text" and self._text.work == place.work and place.at >= 0:
            self._show(place.at, place.end)

    def _show(self, start: int, end: int) -> None:
        pane = self._text.pane
        length = len(pane.value().text)
        start, end = min(start, length), min(max(start, end), length)
        pane.editor.set_caret(start)
        pane.flash(start, end - start)
        self._window.activateWindow()
        pane.focus_editor()

    @Slot()
    def _on_switched(self) -> None:
        self._found = {}
        if self._dialog is not None:
            self._dialog.show_results(())
            self._dialog.close()
