"""The side panel that shows the chosen picture with its recipe: of the strip, and of the gallery while that is open."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget

from studio.app.picture_takes_desk import PictureTakesDesk
from studio.app.picture_views_desk import PictureViewsDesk
from studio.core.takes import Take
from studio.panes.image.pane import PicturePane
from studio.widgets.picture_details import PictureDetails


class PictureDetailsDesk(QObject):
    """Two of a kind, one in sight: each is joined with the desk whose takes it shows."""

    closed = Signal()  # the panel is to be put away

    def __init__(
        self,
        pane: PicturePane,
        judged: PictureTakesDesk,
        views: PictureViewsDesk,
        titles: Callable[[], Mapping[str, str]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pane, self._judged, self._titles = pane, judged, titles
        self.panel = QStackedWidget()
        self.of_strip = self._details()
        self._of_gallery: PictureDetails | None = None
        views.join(self.of_strip)
        self.of_strip.stepped.connect(pane.strip.choose_next)
        pane.strip.chosen_changed.connect(self.show_chosen)
        judged.shown_changed.connect(self.show_chosen)
        judged.took.connect(self._on_took)
        judged.previewed.connect(self._on_previewed)
        self.show_chosen()

    def _details(self) -> PictureDetails:
        view = PictureDetails()
        view.set_upright()
        view.closed.connect(self.closed)
        self.panel.addWidget(view)
        return view

    def of_gallery(self) -> PictureDetails:
        """The one beside the gallery; whoever asks first joins it."""
        if self._of_gallery is None:
            self._of_gallery = self._details()
        return self._of_gallery

    def show_gallery(self, on: bool) -> None:
        """Whether the gallery's chosen picture is shown, or the strip's."""
        self.panel.setCurrentWidget(self.of_gallery() if on else self.of_strip)

    @Slot()
    def show_chosen(self, *_of: object) -> None:
        """The strip's chosen take, or nothing."""
        take = self._judged.chosen()
        if take is None:
            self.of_strip.clear()
        else:
            self.of_strip.show_take(self._judged.as_shown(take), self._titles())

    @Slot(object)
    def _on_took(self, take: Take) -> None:
        self.of_strip.update_take(take)

    @Slot(str, object, int, int)
    def _on_previewed(self, take_id: str, image: QImage, _step: int, _steps: int) -> None:
        self.of_strip.show_image(take_id, image)
