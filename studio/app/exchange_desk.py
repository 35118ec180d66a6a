"""Imports manuscripts, exports and prints stories; long work runs beside the window and Esc stops it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QMarginsF, QObject, Signal, Slot
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter
from PySide6.QtWidgets import QFileDialog

from studio.app.ask import ask_path, run_dialog
from studio.app.piece_drop import SUFFIXES, is_music_name
from studio.app.project_desk import ProjectDesk
from studio.app.session import Session
from studio.app.settings import Settings
from studio.app.tasks import done, in_thread
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.core.files import safe_name
from studio.media.spans import SpanText
from studio.media.words import figures_of
from studio.project.records import NO_WORDS, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QPagedPaintDevice

    from studio.dialogs.export_story import ExportChoice, Scope
    from studio.dialogs.import_story import FoundStory
    from studio.media.manuscript.manuscript import Manuscript

T = TypeVar("T")
LAST = "export/last"
PDF_DPI = 300
PDF_MARGINS_MM = (18.0, 16.0, 18.0, 14.0)
Read = tuple[list[Work], dict[str, SpanText]]


class ExchangeDesk(QObject):
    """What goes into the project from files, and out of it to files and paper."""

    imported = Signal(str)  # the new story's id
    music_chosen = Signal(object)  # Path of a file that is music, for who takes it in
    _kept = Signal(object)  # the session it was written in; crosses from the engine's thread

    def __init__(
        self, window: MainWindow, settings: Settings, projects: ProjectDesk, text: TextDesk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window, self._settings, self._projects, self._text = window, settings, projects, text
        self._kept.connect(self._show_kept)

    # -- import ----------------------------------------------------------------------------------

    async def ask_import(self) -> None:
        """Ask for a manuscript, or music, and import it."""
        from studio.media.manuscript.forms import FORMS

        known = " ".join(f"*{suffix}" for info in FORMS.values() for suffix in info.suffixes)
        mode = QFileDialog.FileMode.ExistingFile
        music = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        filters = (f"Manuscripts ({known})", f"Music ({music})", "All files (*)")
        path = await ask_path(self._window, "Import", self._folder(), mode=mode, filters=filters)
        if path is not None and is_music_name(path):
            self.music_chosen.emit(path)
        elif path is not None:
            await self.import_file(path)

    async def import_file(self, path: Path) -> None:
        """Read a manuscript, show what it holds, and make a story of it when the person wants that."""
        from msgspec.structs import replace

        from studio.dialogs.import_story import ImportDialog
        from studio.media.manuscript.read import read_manuscript
        from studio.project.exchange.keep import keep_manuscript

        session = self._session()
        found = await self._beside(f"Reading {path.name}…", partial(read_manuscript, path))
        dialog = ImportDialog(_shown(path, found), self._window)
        if not await run_dialog(dialog):
            return
        wanted = replace(found, title=dialog.title() or found.title)
        if self._projects.session is not session:
            raise StudioError("Another project was opened meanwhile.", do="Import the file again.")
        self._text.pane.flush()
        writing = session.write(lambda store: keep_manuscript(store, wanted))
        try:
            story = await done(writing)
        except BaseException:  # stopped too late: it becomes a story all the same, and shall be seen
            writing.add_done_callback(lambda _done: self._kept.emit(session))
            raise
        session.works_changed.emit()
        self._projects.choose(story)
        self._window.messages.show_message(
            f"“{wanted.title}” was imported: {wanted.words:,} words.", " ".join(wanted.told()), tone="success"
        )
        self.imported.emit(story)

    @Slot(object)
    def _show_kept(self, session: Session) -> None:
        if self._projects.session is session:
            session.works_changed.emit()

    # -- export ----------------------------------------------------------------------------------

    async def ask_export(self) -> None:
        """Ask what to export and where to, and write it."""
        import msgspec

        from studio.dialogs.export_story import ExportDialog, FormChoice
        from studio.media.manuscript.forms import FORMS

        self._session()
        forms = [
            FormChoice(form=i.form, title=i.title, suffix=i.suffixes[0], authors=i.authors)
            for i in FORMS.values()
        ]
        roots = self._roots()
        names = {scope: self._projects.title_of(root) for scope, root in roots.items()}
        dialog = ExportDialog(forms, names, self._last_choice(), self._window)
        if not await run_dialog(dialog):
            return
        choice = dialog.choice()
        self._settings.keep(LAST, msgspec.json.encode(choice).decode())
        suffix = next(form.suffix for form in forms if form.form == choice.form)
        title = names[choice.scope] or "Untitled"
        mode = QFileDialog.FileMode.AnyFile
        start = self._folder() / f"{safe_name(title, 'Untitled')}{suffix}"
        filters = (f"{FORMS[choice.form].title} (*{suffix})",)  # type: ignore[index]
        target = await ask_path(
            self._window, "Export", start, mode=mode, filters=filters, suffix=suffix.removeprefix(".")
        )
        if target is not None:
            await self.export(target, roots[choice.scope], choice)

    async def export(self, target: Path, root: str, choice: "ExportChoice") -> None:
        """Write a work and all below it to a file."""
        from studio.project.exchange.origins import origins_of
        from studio.project.exchange.write import Wanted, write_manuscript

        works, texts = await self._read(root)
        title = works[0].title if works[0].kind == "story" else ""
        wanted = Wanted(
            form=choice.form,  # type: ignore[arg-type]
            title=title,
            authors=choice.authors,
            sidecar=choice.sidecar,
        )
        story = self._projects.story_of(root)
        origins = origins_of(self._session().reader, story, texts) if choice.sidecar else {}
        written = await self._beside(
            f"Writing {target.name}…", partial(write_manuscript, works, texts, target, wanted, origins)
        )
        beside = f"Who wrote what stands in {written[1].name}." if len(written) > 1 else ""
        self._window.messages.show_message(
            f"“{self._projects.title_of(root)}” was exported to {target}.", beside, tone="success"
        )

    # -- paper -----------------------------------------------------------------------------------

    async def ask_pdf(self) -> None:
        """Ask where to and write the open story as a PDF with a book's pages."""
        root = self._roots()["story"]
        start = self._folder() / f"{safe_name(self._projects.title_of(root), 'Untitled')}.pdf"
        mode = QFileDialog.FileMode.AnyFile
        filters = ("PDF (*.pdf)",)
        target = await ask_path(self._window, "Save as PDF", start, mode=mode, filters=filters, suffix="pdf")
        if target is not None:
            await self.write_pdf(target, root)

    async def write_pdf(self, target: Path, root: str) -> None:
        """Lay a story out as a book and write it, whole or not at all."""
        works, texts = await self._read(root)
        pages = await self._beside(f"Writing {target.name}…", partial(_write_pdf, works, texts, target))
        self._window.messages.show_message(
            f"“{self._projects.title_of(root)}” was written to {target}: {pages:,} pages.", tone="success"
        )

    async def ask_print(self) -> None:
        """Ask for a printer and print the open story as a book."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        root = self._roots()["story"]
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._projects.title_of(root))
        if not await run_dialog(QPrintDialog(printer, self._window)):
            return
        works, texts = await self._read(root)
        pages = (printer.fromPage(), printer.toPage())
        count = await self._beside("Printing…", partial(_print, works, texts, printer, pages))
        self._window.messages.show_message(f"{count:,} pages were sent to the printer.", tone="success")

    # -- helpers ---------------------------------------------------------------------------------

    async def _beside(self, words: str, work: Callable[[Callable[[], bool]], T]) -> T:
        """Run `work(stopped)` on another thread while a message says so; cancelling makes `stopped` true."""
        self._window.messages.show_message(words, do="Esc stops it.", tone="info")
        with stopping() as stopped:
            try:
                return await in_thread(work, stopped)
            finally:
                self._window.messages.clear()

    async def _read(self, root: str) -> Read:
        """The works below one, and their texts as they stand in the window."""
        session = self._session()
        self._text.pane.flush()
        held = (w for w in self._projects.works.values() if root in self._projects.line_of(w.id))
        works = [work for work in held if work.kind not in NO_WORDS]
        if not works:
            raise StudioError("There is no text to write.", do="Open a scene of the story first.")
        return works, {work.id: session.history(work.id).text for work in works}

    def _roots(self) -> "dict[Scope, str]":
        """What can be exported from where the person stands: the story, its chapter, the text."""
        self._session()
        work = self._text.work
        line = self._projects.line_of(work)
        if not line:
            raise StudioError("No text is open.", do="Open a scene of what you want to write out.")
        kinds = {id_: self._projects.works[id_].kind for id_ in line}
        roots: dict[Scope, str] = {"story": line[-1]}
        chapter = next((id_ for id_ in line if kinds[id_] == "chapter"), "")
        if chapter:
            roots["chapter"] = chapter
        if len(line) > 1:
            roots["scene"] = work
        return roots

    def _last_choice(self) -> "ExportChoice | None":
        import msgspec

        from studio.dialogs.export_story import ExportChoice

        try:
            return msgspec.json.decode(self._settings.text(LAST), type=ExportChoice)
        except msgspec.DecodeError:
            return None

    def _folder(self) -> Path:
        return Path.home()

    def _session(self) -> Session:
        if self._projects.session is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self._projects.session


@contextmanager
def stopping() -> "Iterator[Callable[[], bool]]":
    """A question for another thread: whether this one has gone on."""
    event = threading.Event()
    try:
        yield event.is_set
    finally:
        event.set()


def _shown(path: Path, found: "Manuscript") -> "FoundStory":
    from studio.dialogs.import_story import FoundChapter, FoundScene, FoundStory

    chapters = tuple(
        FoundChapter(c.title, tuple(FoundScene(s.title, figures_of(s.text).words) for s in c.scenes))
        for c in found.chapters
    )
    return FoundStory(file=path.name, title=found.title, chapters=chapters, notes=found.told())


def _write_pdf(
    works: Sequence[Work], texts: Mapping[str, SpanText], target: Path, stopped: Callable[[], bool]
) -> int:
    """Through a temporary name beside it, so that a stop leaves the old file."""
    from studio.app.book_layout import print_book
    from studio.core.files import told
    from studio.core.ids import new_id

    making = target.with_name(f".{target.name[:80]}.{new_id()}.tmp")
    with told(f"write {target}", kept="The project is as it was."):
        making.touch()
    writer = QPdfWriter(str(making))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A5))
    writer.setPageMargins(QMarginsF(*PDF_MARGINS_MM), QPageLayout.Unit.Millimeter)
    writer.setResolution(PDF_DPI)
    writer.setTitle(works[0].title)
    writer.setCreator("Atelier")
    try:
        pages = print_book(works, _plain(texts), _title(works), writer, stopped)
        with told(f"write {target}", kept="The project is as it was."):
            making.replace(target)
    finally:
        making.unlink(missing_ok=True)
    return pages


def _print(
    works: Sequence[Work],
    texts: Mapping[str, SpanText],
    printer: "QPagedPaintDevice",
    pages: tuple[int, int],
    stopped: Callable[[], bool],
) -> int:
    from studio.app.book_layout import print_book

    return print_book(works, _plain(texts), _title(works), printer, stopped, pages)


def _title(works: Sequence[Work]) -> str:
    return works[0].title if works[0].kind == "story" else ""


def _plain(texts: Mapping[str, SpanText]) -> dict[str, str]:
    return {work: text.text for work, text in texts.items()}
