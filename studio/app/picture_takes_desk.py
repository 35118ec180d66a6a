"""The takes of the open picture: shows them as they are drawn, accepts, rejects, puts them onto the canvas."""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.picture_asking import same_place
from studio.app.picture_cutting import cut_take
from studio.app.picture_images import PictureImages
from studio.app.session import Session
from studio.app.tasks import Tasks, in_thread
from studio.core.errors import StudioError
from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import PreviewView
from studio.media.picture.accepting import box_of_take, layer_name, needs_cut, size_of_take, with_take
from studio.media.picture.document import PictureDoc
from studio.panes.image.pane import PicturePane
from studio.widgets.picture_images import rgb_image


class PictureTakesDesk(QObject):
    """Knows every take of the open picture; the strip shows those of one job.

    `doc` tells the document as it stands, `show` shows another one.
    """

    changed = Signal()
    shown_changed = Signal(str)  # the job whose takes the strip shows; "" for none
    took = Signal(object)  # Take that stands otherwise now
    ended = Signal(object)  # Take that has just been drawn
    previewed = Signal(str, object, int, int)  # take id, QImage, step, steps
    notice = Signal(str, str)  # what, do

    def __init__(
        self, pane: PicturePane, engine: EngineThread, images: PictureImages, tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.takes: dict[str, Take] = {}
        self.doc: Callable[[], PictureDoc] = PictureDoc
        self.show_head: Callable[[], object] = lambda: None
        self.when_seen: Callable[[Callable[[], object]], object] = lambda do: do()
        self._pane, self._images, self._tasks = pane, images, tasks
        self._session: Session | None = None
        self._work = ""
        self._shown_job = ""
        self._previews: dict[str, QImage] = {}
        self._born_job = ""
        self._born = QTimer(self, singleShot=True, interval=0)
        self._born.timeout.connect(self._show_born)
        self._ghost_on = True
        pane.strip.chosen_changed.connect(self.show_ghost)
        images.ready.connect(self._on_image)
        engine.take_started.connect(self._on_take_started)
        engine.previewed.connect(self._on_previewed)
        engine.take_ended.connect(self._on_take_ended)

    def open(self, session: Session, work_id: str) -> None:
        """Show the takes of a work's last proposal."""
        self._session, self._work = session, work_id
        takes = session.takes_of(work_id)
        self.takes = {take.id: take for take in takes if isinstance(take.recipe.job, ImageJob)}
        last = max(self.takes.values(), key=lambda take: take.created_ms, default=None)
        self._show_job(last.job if last else "")

    def leave(self) -> None:
        """Let go of the work."""
        self._session, self._work, self.takes, self._shown_job = None, "", {}, ""
        self._previews.clear()
        self._pane.strip.clear()
        self._pane.canvas.set_live(None, None)

    def job_of(self, take_id: str) -> ImageJob | None:
        """The job of a take, or of the shown takes."""
        if take_id in self.takes:
            return self.takes[take_id].recipe.drawing
        return next(
            (take.recipe.drawing for take in self.takes.values() if take.job == self._shown_job), None
        )

    def knows(self, job_id: str) -> bool:
        """A take of this job is among the open picture's."""
        return any(take.job == job_id for take in self.takes.values())

    def shown(self) -> list[Take]:
        """The takes of the strip, in order, as they stand now."""
        mine = [take for take in self.takes.values() if take.job == self._shown_job]
        return [self.as_shown(take) for take in sorted(mine, key=lambda take: (take.created_ms, take.index))]

    def as_shown(self, take: Take) -> Take:
        """An accept that was undone counts as undecided."""
        if any(layer.take == take.id for layer in self.doc().layers):
            return replace(take, verdict="accepted")
        return replace(take, verdict=None) if take.verdict == "accepted" else take

    def chosen(self) -> Take | None:
        """The take that the keys act on."""
        return self.takes.get(self._pane.strip.chosen() or "")

    # -- the person judges -----------------------------------------------------------------------

    @Slot(str)
    def accept(self, take_id: str) -> None:
        """The take becomes a layer of the picture; what is locked stays as it is."""
        take, session = self.takes.get(take_id), self._session
        if session is None or take is None or take.status == "streaming":
            return
        if take.picture is None:
            self.notice.emit("This take has no picture.", "Regenerate (Ctrl+R) for another.")
        elif self.as_shown(take).verdict == "accepted":
            self.notice.emit("This take is part of the picture already.", "")
        else:
            self._pane.canvas.flush()
            self._make_room(session, take)
            self.when_seen(partial(self._lay, take))  # a lock that is still being read holds as well

    def _lay(self, take: Take) -> None:
        assert take.picture is not None
        if self.as_shown(self.takes.get(take.id, take)).verdict == "accepted":
            return  # asked for twice while the pixels were on their way
        box, size = box_of_take(take, self.doc()), size_of_take(take, self.doc())
        lock = self._pane.canvas.lock_of(box, *size)
        if lock is None and not needs_cut(take, box):
            self._put(take, take.picture.asset, {})
        else:
            self._tasks.start(self._put_cut(take, size, lock))

    async def _put_cut(self, take: Take, size: tuple[int, int], lock: QImage | None) -> None:
        """Only the pixels that may change go onto the canvas."""
        assert take.picture is not None
        job, session, head = take.recipe.drawing, self._session, self._head()
        masked = job if needs_cut(take, box_of_take(take, self.doc())) else None
        name, png = await in_thread(cut_take, self._images.bytes_of, take.picture.asset, size, masked, lock)
        if session is self._session and self._head() == head:
            self._put(take, name, {name: png})

    def _put(self, take: Take, asset: str, files: dict[str, bytes]) -> None:
        session = self._session
        if session is None:
            return
        for name, png in files.items():
            self._images.put(name, png)
        try:
            doc = with_take(self.doc(), take, asset)
            session.accept_picture(self._work, take.id, doc, f"Accepted “{layer_name(take)}”", files)
        except StudioError as error:
            self.notice.emit(error.what, error.do)
            return
        self.note(replace(take, verdict="accepted"))
        self.show_head()

    def _make_room(self, session: Session, take: Take) -> None:
        """When only another take of the same place was accepted and nothing done since, it gives way."""
        history, job = session.history(self._work), take.recipe.drawing
        head = history.head
        while head != take.parent:
            node = history.node(head) if head else None
            other = self.takes.get(node.take) if node is not None and node.kind == "accepted" else None
            if node is None or other is None or not same_place(other.recipe.drawing, job):
                return
            head = node.parent
        if history.head != take.parent:
            session.branch(self._work, take.parent)
            self.show_head()

    def _head(self) -> tuple[str, str]:
        return (self._work, self._session.history(self._work).head) if self._session else ("", "")

    @Slot(str, str)
    def reject(self, take_id: str, reason: str) -> None:
        """Set a take aside; it stays in the lineage."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None and take.status != "streaming":
            self._session.write(lambda store: store.reject(take_id, reason))
            self.note(replace(take, verdict="rejected", reason=reason))

    @Slot(str)
    def restore(self, take_id: str) -> None:
        """Take a rejection back."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None:
            self._session.write(lambda store: store.restore_take(take_id))
            self.note(replace(take, verdict=None, reason=""))

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if self._session is not None and take.work == self._work and isinstance(take.recipe.job, ImageJob):
            self.takes[take.id] = take
            self._born_job = take.job
            self._born.start()  # all takes of a job are born together: shown together

    @Slot()
    def _show_born(self) -> None:
        if self.knows(self._born_job):
            self._show_job(self._born_job)

    @Slot(object)
    def _on_previewed(self, view: PreviewView) -> None:
        for take_id, small in view.pictures:
            if take_id in self.takes and self.takes[take_id].status == "streaming":
                image = rgb_image(small.width, small.height, small.rgb)
                self._previews[take_id] = image
                self._show_preview(take_id, image, view.step, view.steps)
        if not view.pictures:
            for take in self.takes.values():
                if take.job == view.job and take.status == "streaming":
                    self._pane.strip.show_step(take.id, view.step, view.steps)

    def _show_preview(self, take_id: str, image: QImage, step: int, steps: int) -> None:
        if self.takes[take_id].job == self._shown_job:
            self._pane.strip.show_image(take_id, image)
            self._pane.strip.show_step(take_id, step, steps)
        self.previewed.emit(take_id, image, step, steps)
        if take_id == self._pane.strip.chosen():
            self.show_ghost()

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        if take.id in self.takes:
            self.note(take)
            self._previews.pop(take.id, None)
            self.show_ghost()
            self.ended.emit(take)

    # -- showing ---------------------------------------------------------------------------------

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage, with its siblings, in the strip."""
        if take_id in self.takes:
            self._show_job(self.takes[take_id].job)
            self._pane.strip.choose(take_id)

    def refresh(self) -> None:
        """The picture stands elsewhere, or a job has ended: show anew which takes are part of it."""
        self._show_job(self._shown_job)

    def set_ghost(self, on: bool) -> None:
        """Whether the chosen take shows over the canvas."""
        self._ghost_on = on
        self.show_ghost()

    @property
    def ghost_shows(self) -> bool:
        """The chosen take shows over the canvas right now."""
        return self._ghost_on and self._ghost() is not None

    @Slot()
    def show_ghost(self, *_of: object) -> None:
        """The chosen take over its frame, unless it is part of the picture or set aside."""
        take, image = self.chosen(), self._ghost()
        if take is None or image is None or not self._ghost_on:
            self._pane.canvas.set_live(None, None)
        else:
            self._pane.canvas.set_live(box_of_take(take, self.doc()), image)

    def _ghost(self) -> QImage | None:
        take = self.chosen()
        if take is None or self.as_shown(take).verdict is not None or take.status == "failed":
            return None
        if take.picture is not None:
            return self._images.image_of(take.picture.asset) or self._previews.get(take.id)
        return self._previews.get(take.id)

    @Slot(str)
    def _on_image(self, asset: str) -> None:
        chosen = self.chosen()
        if chosen is not None and chosen.picture is not None and chosen.picture.asset == asset:
            self.show_ghost()

    def _show_job(self, job_id: str) -> None:
        self._shown_job = job_id
        shown = self.shown() if self._session is not None else []
        if shown:
            self._pane.strip.show_takes(shown)
            for take in shown:
                if take.status == "streaming" and take.id in self._previews:
                    self._pane.strip.show_image(take.id, self._previews[take.id])
        else:
            self._pane.strip.clear()
        self.show_ghost()
        self.shown_changed.emit(job_id if shown else "")
        self.changed.emit()

    def note(self, take: Take) -> None:
        """A take stands otherwise now."""
        self.takes[take.id] = take
        if self._session is not None and take.job == self._shown_job:
            self._pane.strip.update_take(self.as_shown(take))
            self.show_ghost()
        self.took.emit(self.as_shown(take))
        self.changed.emit()
