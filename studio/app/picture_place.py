"""Where pictures are made: builds the image pane and its desks when a picture is first opened, nothing before."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from studio.app.arts import NOT_HERE, Arts
from studio.app.models_desk import ModelsDesk
from studio.app.places import Places
from studio.app.project_desk import ProjectDesk
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.app.window import MainWindow
from studio.engine.thread import EngineThread

if TYPE_CHECKING:
    from studio.app.gallery_desk import GalleryDesk
    from studio.app.picture_desk import PictureDesk
    from studio.app.picture_details_desk import PictureDetailsDesk
    from studio.app.picture_locks import PictureLocks
    from studio.app.picture_proposals import PictureProposals
    from studio.app.picture_views_desk import PictureViewsDesk
    from studio.catalog.file_hashes import FileHashes
    from studio.core.events import Told

LAYOUT = "window/picture_pane"
GALLERY = "view.gallery"
DETAILS = "view.details"


class PicturePlace(QObject):
    """The desks of the image pane, once there are any; what comes from elsewhere enters here."""

    notice = Signal(str, str)  # what, do
    told = Signal(str, str, str)  # what, do, tone
    save_requested = Signal(str)  # take id
    copy_requested = Signal(str)
    drag_wanted = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        settings: Settings,
        places: Places,
        arts: Arts,
        projects: ProjectDesk,
        models: ModelsDesk,
        engine: EngineThread,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.desk: PictureDesk | None = None
        self._proposals: PictureProposals | None = None
        self._views: PictureViewsDesk | None = None
        self._locks: PictureLocks | None = None
        self._gallery: GalleryDesk | None = None
        self._window, self._settings, self._places = window, settings, places
        self._arts, self._projects, self._models = arts, projects, models
        self._engine, self._tasks = engine, tasks
        self._details: PictureDetailsDesk | None = None
        arts.bring("picture", self._make)
        window.fill_dock(DETAILS, self._make_details)
        window.actions_by_id[GALLERY].toggled.connect(self.show_gallery)
        arts.opened.connect(self._on_opened)
        projects.leaving.connect(self._on_leaving)

    @cached_property
    def hashes(self) -> "FileHashes":
        """What weights files are called by their contents."""
        from studio.catalog.file_hashes import FileHashes

        return FileHashes(self._places.data / "hashes.json")

    # -- the desks -----------------------------------------------------------------------------------

    def need(self) -> "PictureDesk":
        """The picture desk; it is built now when it was not yet."""
        self._arts.desk("picture")
        assert self.desk is not None
        return self.desk

    @property
    def proposals(self) -> "PictureProposals":
        """What asks for takes."""
        self.need()
        assert self._proposals is not None
        return self._proposals

    @property
    def views(self) -> "PictureViewsDesk":
        """Strip, grid and comparison."""
        self.need()
        assert self._views is not None
        return self._views

    @property
    def locks(self) -> "PictureLocks":
        """What may not change."""
        self.need()
        assert self._locks is not None
        return self._locks

    def _make(self) -> "PictureDesk":
        from studio.app.picture_desk import PictureDesk
        from studio.app.picture_locks import PictureLocks
        from studio.app.picture_models import PictureModels
        from studio.app.picture_proposals import PictureProposals
        from studio.app.picture_views_desk import PictureViewsDesk
        from studio.app.presets_desk import PresetsDesk, picture_presets
        from studio.media.picture.wildcards import Wildcards
        from studio.panes.image.pane import PicturePane

        pane, window = PicturePane(), self._window
        models = PictureModels(pane, self._models, self._settings, self._engine, self)
        desk = PictureDesk(pane, self._engine, models, self._tasks, self)
        self._proposals = PictureProposals(
            desk, self._tasks, Wildcards(self._places.data / "wildcards"), self
        )
        self._views = PictureViewsDesk(desk, self._proposals, self)
        self._locks = PictureLocks(desk, self._tasks, self)
        own = picture_presets(self._places.data / "presets" / "picture")
        presets = PresetsDesk(pane.knobs, own, self._tasks, window, self)
        for part in (self._proposals, self._views, self._locks, presets):
            part.notice.connect(self.notice)
        for wish in ("save_requested", "copy_requested", "drag_wanted"):
            getattr(self._views, wish).connect(getattr(self, wish))
        self._proposals.compared.connect(self.told)
        desk.told.connect(self._on_told)
        window.knobs.bring("picture", lambda: pane.knobs)
        window.fill_dock("view.layers", lambda: pane.layers)
        window.fill_dock("view.adjust", lambda: pane.adjust)
        for action in window.actions_by_id.of("canvas"):
            pane.canvas.addAction(action)
        ghost = window.actions_by_id["view.ghost"]
        desk.judged.set_ghost(ghost.isChecked())
        ghost.toggled.connect(desk.judged.set_ghost)
        pane.prompt.add_model_requested.connect(lambda kind: self._tasks.start(models.add(window, kind)))
        pane.knobs.add_extra_requested.connect(lambda kind: self._tasks.start(models.add(window, kind)))
        pane.knobs.picture_wanted.connect(self._on_guide_wanted)
        pane.prompt.knobs_requested.connect(lambda: window.show_dock("view.knobs"))
        if (state := self._settings.state(LAYOUT)) is not None:
            pane.restore_state(bytes(state.data()))
        self.desk = desk
        return desk

    def _make_details(self) -> QWidget:
        """The chosen picture with its recipe, for its dock."""
        from studio.app.picture_details_desk import PictureDetailsDesk

        desk = self.need()
        details = PictureDetailsDesk(desk.pane, desk.judged, self.views, self._models.titles, self)
        details.closed.connect(lambda: self._window.actions_by_id[DETAILS].setChecked(False))
        self._details = details
        self._show_details()
        return details.panel

    def _show_details(self) -> None:
        """The panel follows the gallery while that is open, else the strip."""
        details, gallery = self._details, self._gallery
        if details is None:
            return
        open_now = gallery is not None and self._window.actions_by_id[GALLERY].isChecked()
        if gallery is not None and open_now and not gallery.has_details:
            gallery.join_details(details.of_gallery())
        details.show_gallery(open_now)

    def keep_layout(self) -> None:
        """Remember how the pane's room is divided."""
        if self.desk is not None:
            self._settings.keep(LAYOUT, self.desk.pane.layout_state())

    @Slot()
    def _on_leaving(self) -> None:
        if self.desk is not None:
            self.desk.close()

    @Slot(object)
    def _on_told(self, told: "Told") -> None:
        self.told.emit(told.what, "", "info")

    @Slot(str, int)
    def _on_guide_wanted(self, kind: str, row: int) -> None:
        """What lies in the frame shall guide a control, or be the reference."""
        desk = self.need()
        if desk.session is None:
            return
        from studio.app.picture_images import asset_name
        from studio.widgets.canvas.pixels import png_bytes

        frame = desk.doc.frame
        image = desk.pane.canvas.composite(frame, frame.width, frame.height)
        png = png_bytes(image)
        name = asset_name(png)
        desk.images.put(name, png, image)
        desk.session.write(lambda store: store.put_asset(png, "png"))
        desk.pane.knobs.set_guide(kind, row, name)

    # -- what comes from elsewhere ---------------------------------------------------------------------

    def new(self, title: str = "") -> "PictureDesk":
        """A new picture, open."""
        self._projects.add_work("picture", title=title)
        return self.need()

    def place_image(self, title: str, image: QImage, png: bytes = b"") -> None:
        """Put a picture onto the open canvas, or onto a new one."""
        desk = self.need() if self._arts.current.art == "picture" and self._arts.work else self.new(title)
        desk.place_image(title, image, png)

    def propose(self, prompt: str, title: str = "") -> None:
        """A new picture of this prompt, takes on their way."""
        desk = self.new(title)
        desk.pane.prompt.set_words(prompt)
        self.proposals.propose()

    # -- the gallery -----------------------------------------------------------------------------------

    @Slot(bool)
    def show_gallery(self, on: bool) -> None:
        """The gallery instead of the open work, or away with it."""
        if on and self._gallery is None:
            from studio.app.gallery_desk import GalleryDesk

            gallery = GalleryDesk(self, self._projects, self._models, self._engine, self._tasks, self)
            gallery.notice.connect(self.notice)
            gallery.left.connect(self.close_gallery)
            gallery.view.save_requested.connect(self.save_requested)
            gallery.view.copy_requested.connect(self.copy_requested)
            gallery.view.drag_wanted.connect(self.drag_wanted)
            self._window.put_page("gallery", gallery.view)
            self._gallery = gallery
        self._window.put_before("gallery" if on else "")
        if self._gallery is not None:
            if on:
                self._gallery.show()
                self._gallery.view.setFocus()
            else:
                self._gallery.hide()
        self._window.actions_by_id.set_reason(DETAILS, self._no_details(on))
        if not on:
            self._window.hide_foreign_docks()
        self._show_details()

    def _no_details(self, gallery: bool) -> str:
        """Why no recipe can be shown: a text is open, and the gallery is not."""
        return "" if gallery or self._arts.current.art == "picture" else NOT_HERE["picture"]

    @Slot()
    def close_gallery(self) -> None:
        """Back to the open work."""
        self._window.actions_by_id[GALLERY].setChecked(False)

    @Slot(object)
    def _on_opened(self, _desk: object) -> None:
        self.close_gallery()
