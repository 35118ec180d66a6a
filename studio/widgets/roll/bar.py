"""The roll's bar: tools, grid, what is seen, quantise, zoom. What has no room goes into a menu at its end."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.widgets.icons import IconButton
from studio.widgets.roll.bar_parts import Gap, Item, SplitButton
from studio.widgets.roll.kinds import SNAPS, TOOLS, Snap, Tool
from studio.widgets.roll.odd_line import OddLine

HEIGHT_PX: Final = 34
TIPS: Final[dict[Tool, tuple[str, str]]] = {
    "select": ("select", "Choose and move notes; a double click draws one (V)"),
    "draw": ("pen", "Draw notes (B)"),
    "lasso": ("lasso", "Choose what you go around; Shift adds, Alt takes away (L)"),
    "erase": ("eraser", "Take notes away (E)"),
    "split": ("cut", "Cut notes in two (X)"),
    "pan": ("hand", "Move what you see (H, or the middle button)"),
}
_SWITCHES: Final = {
    "folded": ("fold", "Only rows of the key", "Only rows of the key's scale, and those that have notes"),
    "others": ("ghost", "Notes of the other tracks", "The notes of the other tracks, faint"),
    "follow": ("follow", "Follow the playhead", "The view goes with the playhead"),
    "compare": (
        "compare",
        "Compare with the chosen take",
        "What the chosen take leaves out of the track, and what it brings",
    ),
    "surprise": (
        "heat",
        "Surprise",
        "Colour each note by how much it surprises the model; the odd ones can be redone",
    ),
}
_SNAP_PX: Final = 118
_STEP_PX: Final = 2


class RollBar(QWidget):
    """Values in, wishes out."""

    tool_chosen = Signal(str)
    snap_chosen = Signal(object)  # kinds.Snap
    folded = Signal(bool)
    others_shown = Signal(bool)
    following = Signal(bool)
    compared = Signal(bool)
    surprise_shown = Signal(bool)
    quantise_requested = Signal()  # with the settings used last
    quantise_settings_requested = Signal()
    fit_requested = Signal()
    zoom_in_requested = Signal()
    zoom_out_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools: dict[Tool, IconButton] = {}
        self._snap = QComboBox()
        self._quantise = SplitButton("quantise", "", "How it is quantised… (Shift+Q)")
        self._switches = {name: _switch(*words) for name, words in _SWITCHES.items()}
        self._more = IconButton("more", "More of this bar")
        self.odd = OddLine()
        self._items: list[Item] = []
        self._row = QHBoxLayout()
        self._fill_snaps()
        self._lay_out()
        self._connect()
        self.set_quantise("")
        self.set_switch("others", True)
        self.set_switch("follow", True)
        self.setAccessibleName("Tools of the piano roll")

    # -- building ------------------------------------------------------------------------------------

    def _fill_snaps(self) -> None:
        for snap in SNAPS:
            self._snap.addItem("No grid" if not snap.division else snap.title, snap)
        self._snap.setAccessibleName("Grid")
        self._snap.setToolTip("The grid that notes are drawn and moved on; Ctrl leaves it for one drag")
        self._snap.setFixedWidth(_SNAP_PX)
        self.set_snap(Snap())

    def _lay_out(self) -> None:
        row, items = self._row, self._items
        row.setContentsMargins(10, 1, 10, 1)
        row.setSpacing(_STEP_PX)
        for tool in TOOLS:
            items.append(Item(self._tool(tool), kept=True))
        items.append(Item(Gap(), kept=True))
        items.append(Item(self._snap, kept=True))
        items.append(Item(self._quantise, kept=True))
        items.append(Item(Gap()))
        items += [Item(button) for button in self._switches.values()]
        items.append(Item(Gap(1), kept=True))
        for name, tip, wish in (
            ("zoom-out", "Narrower (−, or Ctrl and the wheel)", self.zoom_out_requested),
            ("zoom-in", "Wider (+, or Ctrl and the wheel)", self.zoom_in_requested),
            ("fit", "All notes of the track (0)", self.fit_requested),
        ):
            button = IconButton(name, tip)
            button.clicked.connect(wish)
            items.append(Item(button))
        for item in items:
            row.addWidget(item.widget, item.stretch)
        row.addWidget(self._more)
        self._more.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        holder = QWidget()
        holder.setLayout(row)
        holder.setFixedHeight(HEIGHT_PX)
        holder.setMinimumWidth(0)
        holder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(holder)
        column.addWidget(self.odd)
        self.odd.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _tool(self, tool: Tool) -> IconButton:
        name, tip = TIPS[tool]
        button = IconButton(name, tip)
        button.setCheckable(True)
        button.setChecked(tool == "select")
        button.clicked.connect(lambda: self._choose(tool))
        self._tools[tool] = button
        return button

    def _connect(self) -> None:
        self._snap.currentIndexChanged.connect(lambda _at: self.snap_chosen.emit(self.snap()))
        for name, signal in (
            ("folded", self.folded),
            ("others", self.others_shown),
            ("follow", self.following),
            ("compare", self.compared),
            ("surprise", self.surprise_shown),
        ):
            self._switches[name].toggled.connect(signal)
        self._switches["surprise"].toggled.connect(self.odd.setVisible)
        self._quantise.pressed_main.connect(self.quantise_requested)
        self._quantise.pressed_arrow.connect(self.quantise_settings_requested)
        self._more.clicked.connect(self._open_more)

    # -- values --------------------------------------------------------------------------------------

    def set_tool(self, tool: Tool) -> None:
        """Show the tool in hand."""
        for one, button in self._tools.items():  # no button group: it takes all but one out of the tab order
            button.setChecked(one == tool)

    def _choose(self, tool: Tool) -> None:
        self.set_tool(tool)
        self.tool_chosen.emit(tool)

    def snap(self) -> Snap:
        """The grid that is chosen."""
        snap = self._snap.currentData()
        assert isinstance(snap, Snap)
        return snap

    def set_snap(self, snap: Snap) -> None:
        """Show another grid."""
        with QSignalBlocker(self._snap):
            self._snap.setCurrentIndex(SNAPS.index(snap))

    def switch(self, name: str) -> bool:
        """Whether "folded", "others", "follow", "compare", "surprise" is on."""
        return self._switches[name].isChecked()

    def set_switch(self, name: str, on: bool) -> None:
        """Turn one of them; what hears it is told."""
        self._switches[name].setChecked(on)

    def set_switch_reason(self, name: str, reason: str) -> None:
        """Why one of them makes no sense now: it is grey and says so; "" frees it."""
        button = self._switches[name]
        button.setEnabled(not reason)
        button.set_tip(reason or _SWITCHES[name][2])

    def set_quantise(self, words: str) -> None:
        """What the quantise button would do ("1/16, 100 %")."""
        self._quantise.set_tip(
            f"Quantise: {words} (Q)" if words else "Quantise the chosen notes, else all (Q)"
        )

    # -- room ----------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """What stays has room: tools, grid and the menu of the rest."""
        edges = self._row.contentsMargins()
        kept = sum(item.width + _STEP_PX for item in self._items if item.kept)
        height = HEIGHT_PX + (self.odd.sizeHint().height() if self.odd.isVisibleTo(self) else 0)
        return QSize(kept + self._more.sizeHint().width() + edges.left() + edges.right(), height)

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return QSize(720, self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room any more goes into the menu, from the end on."""
        super().resizeEvent(event)
        self._fit_in()

    def _fit_in(self) -> None:
        edges = self._row.contentsMargins()
        room = self.width() - edges.left() - edges.right()
        shown = list(self._items)
        more = self._more.sizeHint().width() + _STEP_PX
        while sum(item.width + _STEP_PX for item in shown) + (len(shown) < len(self._items)) * more > room:
            last = next((item for item in reversed(shown) if not item.kept), None)
            if last is None:
                break
            shown.remove(last)
        for item in self._items:
            item.widget.setVisible(item in shown)
        self._more.setVisible(len(shown) < len(self._items))

    def left_out(self) -> list[str]:
        """What stands in the menu, by its words."""
        return [action.text() for action in self.menu_of_more(self).actions() if not action.isSeparator()]

    def menu_of_more(self, parent: QWidget) -> QMenu:
        """What has no room, as a menu; the caller owns it."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        titles: Mapping[object, str] = {self._switches[name]: words[1] for name, words in _SWITCHES.items()}
        for item in self._items:
            if not item.widget.isVisibleTo(self):
                item.add_to(menu, titles.get(item.widget, ""))
        return menu

    def _open_more(self) -> None:
        menu = self.menu_of_more(self)
        menu.exec(self._more.mapToGlobal(QPoint(0, self._more.height())))
        menu.deleteLater()


def _switch(name: str, title: str, tip: str) -> IconButton:
    button = IconButton(name, tip)
    button.setCheckable(True)
    button.setAccessibleName(title)
    return button
