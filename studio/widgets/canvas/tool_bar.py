"""The canvas's tools as an upright bar, with what is about looking at its foot."""

from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.widgets.canvas.kinds import GUIDE_TITLES, GUIDES, Guides, Tool
from studio.widgets.icons import IconButton

TIPS: Final[dict[Tool, tuple[str, str]]] = {
    "move": ("move", "Move the chosen layer (M)"),
    "brush": ("brush", "Brush: paint the mask, where the model may draw (B)"),
    "eraser": ("eraser", "Eraser: take away from the mask (E)"),
    "lasso": ("lasso", "Lasso: mask what you go around; Shift adds, Alt takes away (L)"),
    "rectangle": ("rectangle", "Rectangle: mask a box; Shift adds, Alt takes away (R)"),
    "frame": ("frame", "Frame: where the next takes are drawn; beyond the canvas it widens the picture (F)"),
    "crop": ("crop", "Crop the canvas; Return crops, Esc gives up (C)"),
    "pan": ("hand", "Move what you see (H, or hold the space bar)"),
}
_GROUPS: Final[tuple[tuple[Tool, ...], ...]] = (
    ("brush", "eraser", "lasso", "rectangle"),
    ("frame", "move", "crop"),
    ("pan",),
)


class CanvasTools(QWidget):
    """Values in, wishes out."""

    tool_chosen = Signal(str)
    guides_chosen = Signal(str)
    tint_shown = Signal(bool)
    fit_requested = Signal()
    actual_size_requested = Signal()
    zoom_in_requested = Signal()
    zoom_out_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._guides: Guides = "none"
        self._buttons: dict[Tool, IconButton] = {}
        self._tint = IconButton("eye", "Show masks and locks")
        self._tint.setCheckable(True)
        self._tint.setChecked(True)
        self._guide = IconButton("guides", "Lines that help to compose")
        self._larger = IconButton("zoom-in", "Larger (+, or the wheel)")
        self._smaller = IconButton("zoom-out", "Smaller (−, or the wheel)")
        self._fit = IconButton("fit", "Fit into the window (0); 1 shows it at 100 %")
        box = QVBoxLayout(self)
        box.setContentsMargins(5, 6, 5, 6)
        box.setSpacing(2)
        for group in _GROUPS:
            for tool in group:
                box.addWidget(self._button(tool))
            box.addSpacing(10)
        box.addStretch(1)
        for one in (self._tint, self._guide, self._larger, self._smaller, self._fit):
            box.addWidget(one)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Tools of the canvas")
        self._tint.toggled.connect(self._on_tint)
        self._guide.clicked.connect(self._open_guides)
        self._larger.clicked.connect(self.zoom_in_requested)
        self._smaller.clicked.connect(self.zoom_out_requested)
        self._fit.clicked.connect(self.fit_requested)

    def _button(self, tool: Tool) -> IconButton:
        name, tip = TIPS[tool]
        button = IconButton(name, tip, size=20)
        button.setCheckable(True)
        button.clicked.connect(lambda: self._choose(tool))
        self._buttons[tool] = button
        return button

    def show_zoom_steps(self, shown: bool) -> None:
        """Whether there are buttons for larger and smaller beside keys and wheel: a low window has no room for them."""
        for one in (self._larger, self._smaller):
            one.setVisible(shown)

    def set_tool(self, tool: Tool) -> None:
        """Show the tool in hand."""
        for (
            one,
            button,
        ) in self._buttons.items():  # no button group: that takes all but one out of the tab order
            button.setChecked(one == tool)

    def _choose(self, tool: Tool) -> None:
        self.set_tool(tool)
        self.tool_chosen.emit(tool)

    def set_guides(self, guides: Guides) -> None:
        """Show which guides are on."""
        self._guides = guides
        self._guide.set_icon("guides", "text" if guides == "none" else "accent")

    def _on_tint(self, shown: bool) -> None:
        self._tint.set_icon("eye" if shown else "eye-off")
        self.tint_shown.emit(shown)

    def _open_guides(self) -> None:
        menu = self.guides_menu()
        menu.exec(self._guide.mapToGlobal(QPoint(self._guide.width() + 4, 0)))
        menu.deleteLater()

    def guides_menu(self) -> QMenu:
        """The guides to choose from; the caller owns it."""
        menu = QMenu(self)
        group = QActionGroup(menu)
        for guides in GUIDES:
            action = menu.addAction(GUIDE_TITLES[guides])
            action.setCheckable(True)
            action.setChecked(guides == self._guides)
            action.triggered.connect(lambda _=False, guides=guides: self.guides_chosen.emit(guides))
            group.addAction(action)
        return menu
