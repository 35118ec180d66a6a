"""Music into the window and out of it: import, drop, export, a take dragged into another program, copies."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from studio.app.ask import ask_path, run_dialog
from studio.app.exchange_desk import stopping
from studio.app.piece_drop import SUFFIXES, MusicDropped, PieceDrop
from studio.app.piece_out import Handed, base_of, clip_midi, clip_of_take, keep_wish, last_wish, sketch
from studio.app.piece_place import PiecePlace
from studio.app.session import Session
from studio.app.tasks import in_thread
from studio.core.errors import StudioError
from studio.core.files import safe_name
from studio.core.jobs import PieceJob
from studio.core.takes import Take

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.piece_reading import ReadPiece
    from studio.dialogs.export_piece import PieceFacts
    from studio.media.music.score import Note, Score

T = TypeVar("T")


class PieceFilesDesk(QObject):
    """What a person does with music files; nothing of music is read before there is one."""

    _progressed = Signal(str, float)  # what is being written, the share that is done; from another thread

    def __init__(self, place: PiecePlace, parent: QObject) -> None:
        super().__init__(parent)
        self._place, self._window, self._settings = place, place.window, place.settings
        self._projects, self._tasks = place.projects, place.tasks
        self._handed = Handed()
        self._doing, self._percent = "", 0
        self._drop = PieceDrop(place.window)
        self._drop.dropped.connect(self._on_dropped)
        self._progressed.connect(self._show_progress)
        place.save_requested.connect(self.save_take)
        place.copy_requested.connect(self.copy_take)
        place.drag_wanted.connect(self.drag_take)

    def close(self) -> None:
        """The window closes: remove the files that were handed to other programs."""
        self._handed.close()

    # -- into the window ---------------------------------------------------------------------------

    def ask_import(self) -> None:
        """Ask for a music file and take it in."""
        self._tasks.start(self._ask_import())

    async def _ask_import(self) -> None:
        known = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        mode = QFileDialog.FileMode.ExistingFile
        filters = (f"Music ({known})", "All files (*)")
        path = await ask_path(self._window, "Import music", Path.home(), mode=mode, filters=filters)
        if path is not None:
            await self.take_in((path,))

    @Slot(object)
    def import_file(self, path: Path) -> None:
        """Take in a file that was chosen elsewhere."""
        self._tasks.start(self.take_in((path,)))

    @Slot(object)
    def _on_dropped(self, came: MusicDropped) -> None:
        self._tasks.start(self.take_in(came.paths, into=came.into))

    async def take_in(self, paths: Sequence[Path], *, into: bool = False) -> None:
        """Read files, each a new piece; one that comes to an empty piece, or that goes `into` the open one, not."""
        from studio.app.piece_reading import read_piece

        session = self._session()
        for path in paths:
            read = await self._beside(f"Reading {path.name}…", partial(_unstopped, read_piece, path))
            if self._projects.session is not session:
                raise StudioError("Another project was opened meanwhile.", do="Import the file again.")
            desk = self._place.open_desk()
            if desk is not None and not desk.damaged and (into or not desk.score.note_count):
                self._put_into(desk, read)
            else:
                self._put_new(session, read, desk)

    def _put_new(self, session: Session, read: "ReadPiece", open_: "PieceDesk | None") -> None:
        """A piece of its own, with the import as its first step."""
        work = session.add_work("piece", read.title, "")
        if not work:
            return  # the disk refused: that is told
        session.revise_piece(work, read.score, f"Import {read.title}", "imported")
        self._projects.choose(work)
        more = "" if open_ is None else "Hold Shift while you drop a file to put it into the open piece."
        self._tell(f"“{read.title}” was imported: {read.words}.", " ".join(read.notes), more)

    def _put_into(self, desk: "PieceDesk", read: "ReadPiece") -> None:
        """One step of the open piece: its content when it was empty, else further tracks."""
        from studio.app.piece_reading import joined

        score, told = (read.score, ()) if not desk.score.note_count else joined(desk.score, read.score)
        desk.revise(score, f"Import {read.title}", "imported")
        if desk.score is not score:
            return  # it was refused, and that was told
        notes = " ".join((*read.notes, *told))
        self._tell(f"“{read.title}” was imported into this piece: {read.words}.", notes)

    # -- out of the window -------------------------------------------------------------------------

    def export(self) -> None:
        """Ask what, how and where to, and write the open piece."""
        self._tasks.start(self._export_open())

    @Slot(str)
    def save_take(self, take_id: str) -> None:
        """The same for a take: alone, or with the piece it was asked for."""
        self._tasks.start(self._save_take(take_id))

    async def _export_open(self) -> None:
        from studio.dialogs.export_piece import PieceFacts

        desk = self._need_open()
        score, chosen = desk.score, {desk.track: desk.pane.roll.selection()}
        facts = PieceFacts(
            bars=len(score.bars()),
            tracks=_names(score),
            range=desk.range,
            chosen_tracks=tuple(desk.pane.tracks.chosen()),
            notes=len(chosen[desk.track]),
        )
        await self._export(self._projects.title_of(desk.work), score, facts, chosen)

    async def _save_take(self, take_id: str) -> None:
        from studio.dialogs.export_piece import PieceFacts
        from studio.media.music.take_scores import laid_in

        session, take = self._session(), self._take(take_id)
        score = await in_thread(lambda: laid_in(base_of(take, session), take))
        job = take.recipe.composing
        written = (job.new.id,) if job.new is not None else job.tracks
        facts = PieceFacts(
            bars=len(score.bars(at_least=job.last_bar + 1)),
            tracks=_names(score),
            range=(job.first_bar, job.last_bar),
            chosen_tracks=tuple(track.id for track in score.tracks if track.id in written),
            take=True,
        )
        await self._export(self._title_of(take), score, facts, {})

    async def _export(
        self, title: str, score: "Score", facts: "PieceFacts", chosen: "Mapping[str, Sequence[Note]]"
    ) -> None:
        from studio.dialogs.export_piece import ExportPieceDialog
        from studio.media.music.export import FORMATS, PieceWish, write_piece
        from studio.media.music.take_scores import bars_of, only_notes

        # a take goes as MIDI, however pieces were written last
        last = PieceWish() if facts.take else last_wish(self._settings)
        dialog = ExportPieceDialog(facts, last, self._window)
        if not await run_dialog(dialog):
            return
        wish, only = dialog.choice(), dialog.only_notes()
        if not facts.take:
            keep_wish(self._settings, wish)
        if only and (bars := bars_of(score, chosen)) is not None:
            score = only_notes(score, chosen)
            wish = wish.changed(first_bar=bars[0], last_bar=bars[1])
        start = Path.home() / f"{safe_name(title, 'Piece')}{wish.suffix}"
        filters = (f"{FORMATS[wish.format][0]} (*{wish.suffix})",)
        target = await ask_path(
            self._window,
            "Export music",
            start,
            mode=QFileDialog.FileMode.AnyFile,
            filters=filters,
            suffix=wish.suffix.removeprefix("."),
        )
        if target is None:
            return
        words, font = f"Writing {target.name}…", self._place.parts.playing.player.font
        tell = partial(self._progressed.emit, words)
        written = await self._beside(
            words, lambda stopped: write_piece(score, target, wish, title, font, stopped, tell)
        )
        where = target if len(written.paths) == 1 else f"{len(written.paths)} files in {target.parent}"
        self._tell(f"“{title}” was exported to {where}.", written.words)

    # -- to other programs -------------------------------------------------------------------------

    def copy(self) -> None:
        """The open piece as a MIDI file onto the clipboard."""
        self._tasks.start(self._copy())

    async def _copy(self) -> None:
        from studio.media.music.midi_write import write_midi

        desk = self._need_open()
        title = self._projects.title_of(desk.work)
        if not desk.score.note_count:
            raise StudioError("There are no notes to copy.", do="Write some first.", code="empty")
        written = await in_thread(partial(write_midi, desk.score, title=title))
        QGuiApplication.clipboard().setMimeData(self._handed.mime(written.data, title))
        self._tell(f"“{title}” was copied as a MIDI file.", "", "Paste it into a folder or another program.")

    @Slot(str)
    def copy_take(self, take_id: str) -> None:
        """A take alone as a MIDI file onto the clipboard."""
        self._tasks.start(self._copy_take(take_id))

    async def _copy_take(self, take_id: str) -> None:
        QGuiApplication.clipboard().setMimeData(self._handed_out(take_id)[0])
        self._tell("The take was copied as a MIDI file.", "", "Paste it into a folder or another program.")

    @Slot(str)
    def drag_take(self, take_id: str) -> None:
        """Drag a take out of the window: its bars and tracks as a MIDI file."""
        try:
            mime, clip = self._handed_out(take_id)
        except StudioError as error:
            self._window.messages.show_error(error)
            return
        drag = QDrag(self._window)
        drag.setMimeData(mime)
        drag.setPixmap(sketch(clip))
        drag.exec(Qt.DropAction.CopyAction)

    def _handed_out(self, take_id: str) -> "tuple[QMimeData, Score]":
        """A take alone, for another program. Raises StudioError when it has no notes."""
        take = self._take(take_id)
        title, clip = self._title_of(take), clip_of_take(take, self._session())
        return self._handed.mime(clip_midi(clip, title), f"{title} {take.id[-6:]}"), clip

    # -- helpers -----------------------------------------------------------------------------------

    async def _beside(self, words: str, work: Callable[[Callable[[], bool]], T]) -> T:
        """Run `work(stopped)` on another thread while a message says so; cancelling makes `stopped` true."""
        self._window.messages.show_message(words, do="Esc stops it.", tone="info")
        self._doing, self._percent = words, 0
        with stopping() as stopped:
            try:
                return await in_thread(work, stopped)
            finally:
                self._doing = ""
                self._window.messages.clear()

    @Slot(str, float)
    def _show_progress(self, words: str, share: float) -> None:
        """How far it is; what comes late, when it has ended or something else is done, is passed over."""
        percent = int(share * 100)
        if words == self._doing and percent != self._percent:
            self._percent = percent
            self._window.messages.show_message(f"{words} {percent} %", do="Esc stops it.", tone="info")

    def _tell(self, what: str, kept: str, do: str = "") -> None:
        self._window.messages.show_message(what, kept, do, tone="success")

    def _session(self) -> Session:
        if self._projects.session is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self._projects.session

    def _take(self, take_id: str) -> Take:
        """A take with notes. Raises StudioError."""
        try:
            take = self._session().take(take_id)
        except KeyError:
            take = None
        if take is None or not isinstance(take.recipe.job, PieceJob) or not take.text:
            raise StudioError("That take has no notes yet.", do="Wait until some are written.", code="empty")
        return take

    def _title_of(self, take: Take) -> str:
        return f"{self._projects.title_of(take.work)} take {take.index + 1}"

    def _need_open(self) -> "PieceDesk":
        desk = self._place.open_desk()
        if desk is None:
            raise StudioError("No piece is open.", do="Open one in the list of works.")
        desk.flush()
        return desk


def _unstopped(read: Callable[[Path], T], path: Path, _stopped: Callable[[], bool]) -> T:
    """Work that cannot be stopped in its middle; what comes of it is passed over then."""
    return read(path)


def _names(score: "Score") -> tuple[tuple[str, str], ...]:
    """The tracks by id and name."""
    from studio.media.music.instruments import program_name

    return tuple((track.id, track.name or program_name(track.program, track.drums)) for track in score.tracks)
