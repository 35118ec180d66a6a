"""The image pane: the canvas with its tools, the takes beside it, and what is asked of the model."""

from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.media.picture.document import PictureDoc
from studio.panes.image.prompt_box import PicturePromptBox
from studio.panes.image.status_line import PictureStatus
from studio.widgets.canvas.adjust_panel import AdjustPanel
from studio.widgets.canvas.joined import join
from studio.widgets.canvas.layers_panel import LayersPanel
from studio.widgets.canvas.tool_bar import CanvasTools
from studio.widgets.canvas.tool_options import ToolOptions
from studio.widgets.canvas.view import CanvasView
from studio.widgets.page_stack import PageStack
from studio.widgets.picture_body import PictureTakeBody
from studio.widgets.picture_knobs import PictureKnobs
from studio.widgets.progress_line import ProgressLine
from studio.widgets.take_strip import TakeStrip

STRIP_PX: Final = 232
LOW_PX: Final = 680
LEAST_HEIGHT_PX: Final = 560


class PicturePane(QWidget):
    """Values in, signals out: those of its parts, which the desk listens to.

    `knobs`, `layers` and `adjust` belong to the pane and stand in docks of the window.
    """

    view_closed = Signal()  # what stood over the canvas is gone

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = CanvasView()
        self.tools = CanvasTools()
        self.options = ToolOptions()
        self.layers = LayersPanel()
        self.adjust = AdjustPanel()
        self.strip = TakeStrip(body_factory=PictureTakeBody)
        self.prompt = PicturePromptBox()
        self.knobs = PictureKnobs()
        self.progress = ProgressLine()
        self.status = PictureStatus(self.prompt.notice)
        self._bench = QWidget()
        self._stage = PageStack()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        join(self.canvas, self.layers, self.adjust, self.tools, self.options)
        self._lay_out()
        self.options.show_zoom(False)  # the line below tells it
        self.status.zoom.clicked.connect(self.canvas.actual_size)
        self.canvas.zoom_changed.connect(self.status.set_zoom)
        self.canvas.frame_changed.connect(
            lambda frame: self.status.show_document(self.canvas.document(), frame)
        )

    def _lay_out(self) -> None:
        self.canvas.setAccessibleName("Canvas")
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(6, 4, 4, 0)
        column.addWidget(self.strip)
        self.strip.set_vertical(True)
        self._splitter.addWidget(self.canvas)
        self._splitter.addWidget(beside)
        page = QWidget()
        desk = QGridLayout(page)
        desk.setContentsMargins(0, 0, 0, 0)
        desk.setSpacing(0)
        desk.addWidget(self.tools, 0, 0, 2, 1)
        desk.addWidget(self.options, 0, 1)
        desk.addWidget(self._splitter, 1, 1)
        desk.setRowStretch(1, 1)
        desk.setColumnStretch(1, 1)
        self._stage.addWidget(page)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setSizes([800, STRIP_PX])
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(4)
        bench = QHBoxLayout(self._bench)
        bench.setContentsMargins(16, 8, 16, 4)
        bench.addWidget(self.prompt)
        self._beside = beside
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._stage, 1)
        outer.addWidget(self.progress)
        outer.addWidget(self._bench)
        outer.addWidget(self.status)
        self.setTabOrder(self.tools, self.options)
        self.setTabOrder(self.options, self.canvas)
        self.setTabOrder(self.canvas, self.strip)
        self.setTabOrder(self.strip, self.prompt.prompt)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the tools do without the buttons for the zoom."""
        self.tools.show_zoom_steps(event.size().height() > LOW_PX)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """What the low window needs: the buttons that can go do not count."""
        return QSize(super().minimumSizeHint().width(), LEAST_HEIGHT_PX)

    # -- what stands over the canvas ----------------------------------------------------------

    def show_over(self, view: QWidget) -> None:
        """Have a grid or a comparison stand where the canvas is; `close_over` brings the canvas back."""
        if self._stage.indexOf(view) < 0:
            self._stage.addWidget(view)
        self._stage.setCurrentWidget(view)
        view.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_over(self) -> None:
        """Back to the canvas."""
        if self._stage.currentIndex() != 0:
            self._stage.setCurrentIndex(0)
            self.view_closed.emit()

    def over(self) -> QWidget | None:
        """What stands over the canvas."""
        return self._stage.currentWidget() if self._stage.currentIndex() > 0 else None

    # -- values -------------------------------------------------------------------------------

    def show_document(self, doc: PictureDoc) -> None:
        """Tell the size and the frame."""
        self.status.show_document(doc)

    def set_progress(self, done: float | None) -> None:
        """How much of the running job is done; 0.0: nobody knows yet; None: nothing runs."""
        if done is None or done > 0:
            self.progress.set_progress(done)
        else:
            self.progress.set_busy(True)

    def set_running(self, on: bool) -> None:
        """While takes are made the prompt box offers to stop."""
        self.prompt.set_running(on)
        self.strip.set_running(on)
        if not on:
            self.set_progress(None)

    def set_saved(self, saved: bool) -> None:
        """Whether all of the picture is on disk."""
        self.status.set_saved(saved)

    def set_title(self, title: str) -> None:
        """Name the picture to those who cannot see it."""
        self.canvas.setAccessibleDescription(title)

    def set_distraction_free(self, on: bool) -> None:
        """Nothing but the canvas."""
        for widget in (self._bench, self.status, self.tools, self.options, self._beside):
            widget.setVisible(not on)
        QTimer.singleShot(0, self.canvas, self.canvas.fit)

    def layout_state(self) -> QByteArray:
        """How the room is divided."""
        return self._splitter.saveState()

    def restore_state(self, state: bytes) -> None:
        """Divide the room as before."""
        self._splitter.restoreState(QByteArray(state))
