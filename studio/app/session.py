"""The open project as the window sees it: reads here, writes through the engine, in order."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from studio.core.errors import StudioError
from studio.core.ids import new_id, now_ms
from studio.core.takes import Take
from studio.engine.backlog import is_refusal
from studio.engine.thread import EngineThread
from studio.engine.views import Held
from studio.media.spans import Edit
from studio.project.history import History
from studio.project.reader import Reader
from studio.project.records import Revision, RevisionKind, Work, WorkKind
from studio.project.store import Store

if TYPE_CHECKING:
    from studio.media.music.score import Score
    from studio.media.picture.document import PictureDoc

RETRY_MS = 2_000
SETTLE_S = 5.0
NO_ASSETS: Final[Mapping[str, bytes]] = MappingProxyType({})
LOCK_KINDS = ("locked", "unlocked")  # these may change what is locked


class Session(QObject):
    """One project, from open to close. Histories are changed here at once and on disk milliseconds later."""

    saved_changed = Signal(bool)  # False while something is on its way to the disk
    history_changed = Signal(str)  # work id
    text_changed = Signal(
        str, object, str
    )  # work id, Edit, kind of the revision made, taken back or made again
    works_changed = Signal()
    failed = Signal(object)  # the exception of a write
    _written = Signal(object)  # Future; crosses from the engine's thread

    def __init__(self, engine: EngineThread, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._engine = engine
        self._reader = Reader(folder)
        self._histories: dict[str, History] = {}
        self._pending = 0
        self._jammed = False
        self._held: dict[str, Take] = {}  # ended, and not on disk yet
        self._held_files: dict[str, bytes] = {}
        self._missed = False
        self._closed = False
        self._retry = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry.timeout.connect(self._try_again)
        self._written.connect(self._on_written, Qt.ConnectionType.QueuedConnection)
        engine.held.connect(self._on_held)

    @property
    def saved(self) -> bool:
        """Nothing is on its way to the disk, nothing waits for it to have room."""
        return self._pending == 0 and not self._jammed

    @property
    def jammed(self) -> bool:
        """The disk refused something, and it was not yet written."""
        return self._jammed

    def settle(self, timeout_s: float = SETTLE_S) -> bool:
        """Wait until all that was asked is on disk; False when the disk refuses or takes too long."""
        try:
            self.write(_nothing).result(timeout_s)
        except (StudioError, TimeoutError):
            return False
        return True

    @property
    def reader(self) -> Reader:
        """The window's read-only connection."""
        return self._reader

    @property
    def closed(self) -> bool:
        """The project was let go: nothing is written any more."""
        return self._closed

    def close(self) -> None:
        """Let go of the reading connection; the object goes once the last write has answered."""
        self._closed = True
        self._retry.stop()
        self._reader.close()
        if self._pending == 0:
            self.deleteLater()

    def write(self, work: Callable[[Store], Any]) -> "Future[Any]":
        """Have the engine write, after all that was asked before.

        `saved_changed` tells when all is on disk, `failed` when it could not be: then it is kept and
        tried again every RETRY_MS until the disk takes it.
        """
        self._pending += 1
        if self._pending == 1:
            self.saved_changed.emit(False)
        future = self._engine.keep(work)
        future.add_done_callback(self._written.emit)
        return future

    @Slot(object)
    def _on_written(self, future: "Future[Any]") -> None:
        self._pending -= 1
        if self._closed:
            if self._pending == 0:
                self.deleteLater()
            return
        error = None if future.cancelled() else future.exception()
        if error is not None and is_refusal(error):
            first, self._jammed = not self._jammed, True
            self._retry.start()
            if first:
                self.failed.emit(error)
        elif error is not None:
            self.failed.emit(error)
        elif self._pending == 0:
            self._retry.stop()
            self._held.clear()
            self._held_files.clear()
            if self._jammed:
                self._jammed = False
                self.works_changed.emit()
            self._look_for_folder()
            self.saved_changed.emit(True)

    @Slot(object)
    def _on_held(self, held: Held) -> None:
        """The engine could not write what was made (the engine tells it): keep it at hand and have it try again."""
        if self._closed:
            return
        if held.take is not None:
            self._held[held.take.id] = held.take
        self._held_files.update(held.files)
        self._jammed = True
        self._retry.start()
        self.saved_changed.emit(False)

    # -- takes and their files ---------------------------------------------------------------------

    def takes_of(self, work_id: str) -> tuple[Take, ...]:
        """The takes of a work; those that wait for the disk as they ended."""
        return tuple(self._held.get(take.id, take) for take in self._reader.takes_of(work_id))

    def take(self, take_id: str) -> Take:
        """One take, as it stands. Raises KeyError."""
        return self._held.get(take_id) or self._reader.take(take_id)

    def held_file(self, name: str) -> bytes | None:
        """A file of the project that waits for the disk; None when it does not. From any thread."""
        return self._held_files.get(name)

    def asset(self, name: str) -> bytes:
        """A file of the project, from any thread. Raises StudioError "asset" when it is lost or damaged."""
        return self.held_file(name) or self._reader.asset(name)

    def _look_for_folder(self) -> None:
        """A folder that was moved goes on being written to, where it is now: say so, once."""
        if self._missed or self.folder.exists():
            return
        self._missed = True
        self.failed.emit(
            StudioError(
                f"The project is no longer at {self.folder}: its folder was moved, renamed or removed.",
                kept="What you write goes into it wherever it is now.",
                do="Move it back, or close Atelier and open it at its new place. “Save a copy” keeps another.",
            )
        )

    @Slot()
    def _try_again(self) -> None:
        self.write(_nothing)

    # -- the text of a work ----------------------------------------------------------------------

    def history(self, work_id: str) -> History:
        """The tree of a work's revisions, read once."""
        if work_id not in self._histories:
            self._histories[work_id] = self._reader.history(work_id)
        return self._histories[work_id]

    def revise(
        self, work_id: str, edit: Edit, kind: RevisionKind, *, moves_locks: bool = False
    ) -> "Future[Any]":
        """The person changed the text; the editor shows it already.

        Raises StudioError "locked", nothing changed, when the edit breaks into locked text, unless it goes to
        another text with its lock (`moves_locks`).
        """
        revision = self._grow(work_id, edit, kind, moves_locks=moves_locks)
        future = self.write(lambda store: store.add_revision(revision))
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, kind)
        return future

    def accept(self, work_id: str, take_id: str, edit: Edit) -> "Future[Any]":
        """A take becomes part of the work: revision and verdict in one transaction. Raises as `revise` does."""
        revision = self._grow(work_id, edit, "accepted", take_id)
        future = self.write(lambda store: store.accept(take_id, revision))
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, "accepted")
        return future

    def accept_part(self, work_id: str, take_id: str, edit: Edit) -> "Future[Any]":
        """Some words of a take become part of the work; no verdict yet. Raises as `revise` does."""
        revision = self._grow(work_id, edit, "accepted", take_id)
        future = self.write(lambda store: store.add_revision(revision))
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, "accepted")
        return future

    # -- the picture of a work -------------------------------------------------------------------

    def open_picture(self, work_id: str) -> "PictureDoc":
        """The picture as it stands. Raises StudioError "damaged" or "newer"."""
        from studio.media.picture.document import from_text  # with the first picture, not before

        return from_text(self.history(work_id).text.text)

    def revise_picture(
        self,
        work_id: str,
        doc: "PictureDoc",
        step: str,
        kind: RevisionKind,
        assets: Mapping[str, bytes] = NO_ASSETS,
    ) -> "Future[Any]":
        """The person changed the picture; the canvas shows it already. `step` says in words what was done.

        `assets`, files by their names, are written with it, all or nothing. Raises StudioError "locked", nothing
        changed, when a lock would change by a step of another kind.
        """
        return self._draw(work_id, doc, step, kind, "", assets)

    def accept_picture(
        self,
        work_id: str,
        take_id: str,
        doc: "PictureDoc",
        step: str,
        assets: Mapping[str, bytes] = NO_ASSETS,
    ) -> "Future[Any]":
        """A take becomes part of the picture: files, revision and verdict in one. Raises as `revise_picture`."""
        return self._draw(work_id, doc, step, "accepted", take_id, assets)

    def _draw(
        self,
        work_id: str,
        doc: "PictureDoc",
        step: str,
        kind: RevisionKind,
        take_id: str,
        assets: Mapping[str, bytes],
    ) -> "Future[Any]":
        from studio.app.picture_steps import picture_edit

        edit = picture_edit(self.history(work_id).text, doc, step, kind, take_id)
        revision = self._grow(work_id, edit, kind, take_id)
        files = dict(assets)

        def keep(store: Store) -> None:
            with store.batch():
                store.put_assets(files)
                if take_id:
                    store.accept(take_id, revision)
                else:
                    store.add_revision(revision)

        future = self.write(keep)
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, kind)
        return future

    # -- the music of a work -----------------------------------------------------------------------

    def open_piece(self, work_id: str) -> "Score":
        """The piece as it stands. Raises StudioError "damaged" or "newer"."""
        from studio.media.music.document import from_spans  # with the first piece, not before

        return from_spans(self.history(work_id).text)

    def revise_piece(
        self, work_id: str, score: "Score", words: str, kind: RevisionKind, take_id: str = ""
    ) -> None:
        """The piece changed; the roll shows it already. `words` says what was done.

        With `take_id`, a take became part of it: revision and verdict in one. Raises as `revise` does.
        """
        from studio.media.music.document import revision as piece_edit
        from studio.media.music.holds import locked_alike

        edit = piece_edit(self.history(work_id).text, score)
        if not take_id and not edit.removed and not edit.inserted:
            return
        # tracks in another order carry their locked lines along
        moves = kind == "arranged" and locked_alike(self.open_piece(work_id), score)
        revision = self._grow(work_id, edit, kind, take_id, words=words, moves_locks=moves)
        self.write(lambda store: store.accept(take_id, revision) if take_id else store.add_revision(revision))
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, kind)

    def accept_piece(self, work_id: str, take_id: str, score: "Score", words: str) -> None:
        """A take becomes part of the piece. Raises as `revise` does."""
        self.revise_piece(work_id, score, words, "accepted", take_id)

    # -- back, on and aside ----------------------------------------------------------------------

    def step_back(self, work_id: str) -> Edit | None:
        """Undo: the edit to apply to the shown text, None at the beginning."""
        history = self.history(work_id)
        left = history.head
        return self._stepped(work_id, left, history.undo())

    def step_on(self, work_id: str) -> Edit | None:
        """Redo: the edit to apply, None when there is nothing to redo."""
        step = self.history(work_id).redo()
        return self._stepped(work_id, step[0] if step else "", step)

    def branch(self, work_id: str, revision_id: str) -> tuple[Edit, ...]:
        """Stand on another revision: the edits that lead there."""
        edits = self.history(work_id).goto(revision_id)
        self.write(lambda store: store.move_head(work_id, revision_id))
        self.history_changed.emit(work_id)
        return edits

    def _stepped(self, work_id: str, walked: str, step: tuple[str, Edit] | None) -> Edit | None:
        """`walked`: the revision that was taken back or made again."""
        if step is None:
            return None
        head, edit = step
        self.write(lambda store: store.move_head(work_id, head))
        self.history_changed.emit(work_id)
        self.text_changed.emit(work_id, edit, self.history(work_id).node(walked).kind)
        return edit

    def _grow(
        self,
        work_id: str,
        edit: Edit,
        kind: RevisionKind,
        take_id: str = "",
        *,
        moves_locks: bool = False,
        words: str = "",
    ) -> Revision:
        history = self.history(work_id)
        if kind not in LOCK_KINDS and not moves_locks and not history.text.allows(edit):
            raise StudioError(
                "That passage is locked, so nothing was changed.",
                kept="The text is as it was.",
                do="Unlock it first: put the cursor into it and press Ctrl+L.",
                code="locked",
            )
        revision = Revision(
            id=new_id(),
            work=work_id,
            parent=history.head,
            kind=kind,
            edit=edit,
            take=take_id,
            words=words,
            created_ms=now_ms(),
        )
        history.add(revision)
        return revision

    # -- the list of works -----------------------------------------------------------------------

    def add_work(self, kind: WorkKind, title: str, parent: str) -> str:
        """A new work at the end of its siblings; returns its id once it is on disk, "" when it is not."""
        work = Work(id=new_id(), kind=kind, title=title, parent=parent, created_ms=now_ms())
        return work.id if self.change_works(lambda store: store.add_work(work)) else ""

    def change_works(self, change: Callable[[Store], Any]) -> bool:
        """Change the list of works and wait for it: rare, and the list is read anew right after.

        False when the disk refused: `failed` tells it, and it is tried again like any other write.
        """
        try:
            self.write(change).result()
        except StudioError:
            return False
        self.works_changed.emit()
        return True


def _nothing(_store: Store) -> None:
    """Only what is left over from before."""
