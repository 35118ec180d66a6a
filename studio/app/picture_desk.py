"""Joins the image pane with the open project and the engine: paint, undo, branch, propose, stop."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.art_jobs import ArtJobs
from studio.app.arts import Art
from studio.app.lineage import START
from studio.app.picture_asking import look_at
from studio.app.picture_images import PictureImages, asset_name
from studio.app.picture_knobs_desk import PictureKnobsDesk
from studio.app.picture_lineage import picture_nodes
from studio.app.picture_models import PictureModels
from studio.app.picture_takes_desk import PictureTakesDesk
from studio.app.session import Session
from studio.app.tasks import Tasks
from studio.core.errors import StudioError
from studio.core.events import Told
from studio.core.pictures import Box, ImageJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.media.picture.arrange import placed
from studio.media.picture.asking import centred, fresh_document
from studio.media.picture.document import PictureDoc
from studio.panes.image.pane import PicturePane
from studio.widgets.canvas.lock_guard import binds
from studio.widgets.canvas.pixels import png_bytes
from studio.widgets.lineage_view import LineageNode

LOOK_DELAY_MS: Final = 120


class PictureDesk(QObject):
    """The open picture and the jobs that run for it; its takes are judged at the `PictureTakesDesk`."""

    lineage_changed = Signal()
    notice = Signal(str, str)  # what, do
    opened = Signal(str)  # work id
    leaving = Signal()
    told = Signal(object)  # Told about a job of the open picture
    shown = Signal(object)  # PictureDoc that the canvas shows now

    def __init__(
        self,
        pane: PicturePane,
        engine: EngineThread,
        models: PictureModels,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.art: Art = "picture"
        self.pane = pane
        self.session: Session | None = None
        self.work = ""
        self.doc = PictureDoc()
        self.models = models
        self.images = PictureImages(self)
        self.judged = PictureTakesDesk(pane, engine, self.images, tasks, self)
        self.jobs = ArtJobs(engine, ImageJob, self)
        self.knobs = PictureKnobsDesk(pane, models, self)
        self._when_seen: list[Callable[[], object]] = []
        self.damaged = False  # its document can't be read: nothing may be drawn on it
        self._look = QTimer(self, singleShot=True, interval=LOOK_DELAY_MS)
        self._connect(engine)

    def _connect(self, engine: EngineThread) -> None:
        pane, judged = self.pane, self.judged
        judged.doc, judged.show_head = lambda: self.doc, self.show_head
        judged.when_seen = self.when_seen
        judged.changed.connect(self.lineage_changed)
        judged.notice.connect(self.notice)
        judged.ended.connect(self._on_ended)
        self.images.ready.connect(self._on_image)
        self.images.failed.connect(self._on_lost)
        self.jobs.changed.connect(self._on_job)
        engine.told.connect(self._on_told)
        self._look.timeout.connect(self._look_now)
        self.knobs.frame_wanted.connect(self._on_frame_wanted)
        self.knobs.changed.connect(self.look_soon)
        self.models.shown.connect(self._on_model)
        pane.canvas.changed.connect(self._on_changed)
        pane.canvas.packed.connect(self._on_packed)
        pane.canvas.prepared_more.connect(self._do_seen)
        pane.canvas.refused.connect(lambda why: self.notice.emit(why, ""))
        pane.canvas.frame_changed.connect(self.knobs.follow_frame)
        pane.prompt.stop_requested.connect(self.stop)

    @property
    def running(self) -> bool:
        """A job of this picture runs, waits or is being packed."""
        return self.jobs.busy(self.work)

    # -- which picture ---------------------------------------------------------------------------

    def open(self, session: Session, work_id: str, title: str) -> None:
        """Show a work of the project with the takes of its last proposal."""
        self.leave()
        self.session, self.work = session, work_id
        self.images.open(session)
        self.pane.set_title(title)
        self.show_head(fit=True)  # before the knobs: they must find the frame there is
        self.judged.open(session, work_id)
        last = next(iter(self.judged.shown()), None)
        self.knobs.open(last.recipe.drawing if last else None)
        self.pane.set_running(self.running)
        self.models.start()
        self.opened.emit(work_id)

    def leave(self) -> None:
        """Tell what is being painted and let go of the work."""
        if self.session is not None:
            self.pane.canvas.flush()
            self.leaving.emit()
            self.judged.leave()
            self.pane.close_over()
        self.session, self.work, self.damaged = None, "", False
        self.doc = PictureDoc()
        self._when_seen.clear()
        self._look.stop()

    def close(self) -> None:
        """Nothing of the project is needed any more."""
        self.images.close()

    def _doc_at_head(self) -> PictureDoc:
        """The document as the history has it; before the first step as large as the model draws."""
        assert self.session is not None
        if not self.session.history(self.work).head:
            card = self.models.card
            return fresh_document(card.size if card else (512, 512))
        try:
            self.damaged = False
            return self.session.open_picture(self.work)
        except StudioError as error:
            self.damaged = True
            self.notice.emit(error.what, error.do)
            return PictureDoc()

    def show_head(self, fit: bool = False) -> None:
        """Show the picture as it stands in the history."""
        if self.session is None:
            return
        before, self.doc = self.doc, self._doc_at_head()
        canvas = self.pane.canvas
        self.images.pin(self.doc.assets)
        canvas.show_document(self.doc, self.images.image_of)
        canvas.setEnabled(not self.damaged)
        if fit or (before.width, before.height) != (self.doc.width, self.doc.height):
            canvas.fit()
        self.pane.show_document(self.doc)
        self.knobs.follow_frame(self.doc.frame)
        self.shown.emit(self.doc)
        self.judged.refresh()
        self.look_soon()

    # -- what every art's desk can do (arts.ArtDesk) -----------------------------------------------

    def flush(self) -> None:
        """Tell what is being painted."""
        if self.session is not None:
            self.pane.canvas.flush()

    def focus(self) -> None:
        """Put the keyboard where the next word goes: into the prompt."""
        self.pane.prompt.focus_prompt()

    def set_title(self, title: str) -> None:
        """Name the open picture."""
        self.pane.set_title(title)

    def set_saved(self, saved: bool) -> None:
        """Whether everything is on disk."""
        self.pane.set_saved(saved)

    def set_worker_notice(self, words: str, tone: str) -> None:
        """A word about the model."""
        self.pane.prompt.set_notice(words, tone=tone)

    def set_quiet(self, on: bool) -> None:
        """Nothing but the work, or all again."""
        self.pane.set_distraction_free(on)

    def nodes(self) -> list[LineageNode]:
        """The lineage of the open picture; nothing without one."""
        if self.session is None:
            return []
        history = self.session.history(self.work)
        return picture_nodes(history, self.judged.takes.values(), self.models.titles())

    def branch_from(self, node_id: str) -> None:
        """Stand at a line of the lineage; of a take: where it grew from, the take shown."""
        take = self.judged.takes.get(node_id)
        self.branch(take.parent if take else node_id or START)
        if take:
            self.judged.show_take(take.id)

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage in the strip."""
        self.judged.show_take(take_id)

    # -- the person paints -----------------------------------------------------------------------

    @Slot(object)
    def _on_packed(self, assets: dict[str, bytes]) -> None:
        for name, png in assets.items():
            self.images.put(name, png)

    @Slot(object, str, str, object)
    def _on_changed(self, doc: PictureDoc, step: str, kind: str, assets: dict[str, bytes]) -> None:
        if self.session is None:
            return
        try:
            self.session.revise_picture(self.work, doc, step, kind, assets)  # type: ignore[arg-type]
        except StudioError as error:  # the canvas refuses it first; this is the last guard
            self.notice.emit(error.what, error.do)
            self.show_head()
            return
        self.doc = doc
        self.images.pin(doc.assets)
        self.pane.show_document(doc)
        self.knobs.follow_frame(doc.frame)
        self.judged.refresh()
        self.look_soon()

    @Slot(object)
    def _on_frame_wanted(self, size: tuple[int, int]) -> None:
        """The knobs want another size: a picture with nothing on it takes it, else the frame does."""
        if self.session is None:
            return
        if self.doc.layers:
            self.pane.canvas.steps.set_frame(centred(self.doc.frame, *size, self.doc))
        elif not self.session.history(self.work).head:
            self.doc = fresh_document(size)
            self.pane.canvas.show_document(self.doc, self.images.image_of)
            self.pane.canvas.fit()
            self.pane.show_document(self.doc)
        else:
            self._on_changed(fresh_document(size), f"Size {size[0]} × {size[1]}", "arranged", {})
            self.show_head(fit=True)

    @Slot()
    def _on_model(self) -> None:
        if self.session is not None and not self.doc.layers and not self.session.history(self.work).head:
            self.show_head(fit=True)
        self.look_soon()

    @Slot()
    def undo(self) -> None:
        """One step back, across accepts and restarts."""
        if self.session is not None:
            self.pane.canvas.flush()
            if self.session.step_back(self.work) is not None:
                self.show_head()

    @Slot()
    def redo(self) -> None:
        """One step forward on the branch last stood on."""
        if self.session is not None:
            self.pane.canvas.flush()
            if self.session.step_on(self.work) is not None:
                self.show_head()

    @Slot(str)
    def branch(self, revision_id: str) -> None:
        """Stand where the picture stood at a revision; painting on starts a new line."""
        if self.session is not None:
            self.pane.canvas.flush()
            self.session.branch(self.work, revision_id)
            self.show_head()

    def place_image(self, title: str, image: QImage, png: bytes = b"") -> None:
        """Put a picture onto the canvas as a layer; an empty picture becomes as large as it."""
        if self.session is None or image.isNull():
            return
        self.pane.canvas.flush()
        png = png or png_bytes(image)
        name = asset_name(png)
        self.images.put(name, png, image)
        doc, width, height = self.doc, image.width(), image.height()
        if not doc.layers:
            doc = fresh_document((width, height))
        scale = min(1.0, doc.width / width, doc.height / height)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        box = Box(x=(doc.width - width) // 2, y=(doc.height - height) // 2, width=width, height=height)
        if doc.layers and binds(doc):
            self.when_seen(lambda: self.pane.canvas.steps.place(image, box, title or "Picture"))
            return
        doc = placed(doc, name, box, title or "Picture")
        self.session.revise_picture(self.work, doc, f"Placed “{title or 'Picture'}”", "pasted", {name: png})
        self.show_head(fit=True)

    def when_seen(self, do: Callable[[], object]) -> None:
        """Call `do` when every layer's pixels are here: mostly now; leaving the picture drops it."""
        self._when_seen.append(do)
        self.pane.canvas.flush()
        self._do_seen()

    @Slot()
    def _do_seen(self) -> None:
        if self._when_seen and not self.images.missing() and self.pane.canvas.prepared():
            waiting, self._when_seen = self._when_seen, []
            for do in waiting:
                do()

    @Slot(str)
    def _on_image(self, name: str) -> None:
        self.pane.canvas.image_ready(name)
        self.look_soon()
        self._do_seen()

    # -- the model proposes (picture_proposals.py asks) --------------------------------------------

    @Slot()
    def look_soon(self) -> None:
        """The frame or what lies in it changed: say soon what the next takes will be."""
        self._look.start()

    @Slot()
    def _look_now(self) -> None:
        if self.session is not None:
            self.knobs.show_mode(look_at(self.pane.canvas, self.doc.frame))

    @Slot()
    def stop(self) -> None:
        """Stop what runs or waits for this picture; with nothing to stop, put away what stands over the canvas."""
        if self.jobs.stop(self.work):
            return
        if self.pane.over() is not None:
            self.pane.close_over()
        elif self.judged.ghost_shows:
            self.pane.strip.choose("")

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_job(self, view: JobView) -> None:
        if view.job.work != self.work or self.session is None:
            return
        self.show_running()
        if view.state == "running":
            self.pane.set_progress(view.done)
        if not self.running and not self.judged.knows(view.job.id):
            self.judged.refresh()  # nothing came of it: the waiting cards go

    def show_running(self) -> None:
        """Say whether something runs; when nothing does, the cards that wait for takes go."""
        self.pane.set_running(self.running)
        if not self.running:
            self.judged.refresh()

    @Slot(object)
    def _on_told(self, told: Told) -> None:
        if any(view.job.id == told.job for view in self.jobs.live(self.work)):
            self.told.emit(told)

    @Slot(object)
    def _on_ended(self, take: Take) -> None:
        if self.pane.strip.chosen() is None:
            self.pane.strip.choose(take.id)

    @Slot(str, object)
    def _on_lost(self, name: str, error: BaseException) -> None:
        if isinstance(error, StudioError):
            self.notice.emit(error.what, error.do)
        self._on_image(name)
