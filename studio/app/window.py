"""The main window: works on the left, the open work's pane in the middle, lineage on the right, the queue below."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from studio.app.actions import Actions
from studio.app.art_stack import ArtStack
from studio.app.menus import DOCKS_OF, FIRST_DOCKS, LATER_DOCKS, LEFT_DOCKS, MENUS, OF_ONE_ART, TOOLBAR
from studio.app.settings import Settings
from studio.panes.text.pane import TextPane
from studio.widgets.command_palette import CommandPalette
from studio.widgets.icons import IconButton, app_icon
from studio.widgets.lineage_view import LineageView
from studio.widgets.message_bar import MessageBar
from studio.widgets.page_stack import PageStack
from studio.widgets.queue_view import QueueView
from studio.widgets.works_list import WorksList

LAYOUT_VERSION = 3
QUEUE_HEIGHT_PX = 72
FIRST_WIDTHS_PX = {
    "picture": [180, 300],
    "piece": [228, 280],
}  # of works and of what stands at the right, at first


class MainWindow(QMainWindow):
    """Builds and places the parts; `Wiring` joins them."""

    closing = Signal()
    quietened = Signal(bool)  # only the work is to be seen, or all again

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.may_close: Callable[[], bool] = lambda: True
        self._before_focus: QByteArray | None = None
        self.setObjectName("window")
        self.setWindowIcon(app_icon())
        self.setWindowTitle("Atelier")
        self.setUnifiedTitleAndToolBarOnMac(True)
        self.actions_by_id = Actions(settings, self)
        self.pane = TextPane()
        self.works = WorksList()
        self.lineage = LineageView()
        self.queue = QueueView()
        self.messages = MessageBar()
        self.knobs = ArtStack()
        self.palette_box = CommandPalette(self)
        self._empty = _empty_page()
        self._pages = PageStack()
        self._by_name: dict[str, QWidget] = {"text": self.pane, "": self._empty}
        for page in (self.pane, self._empty):
            self._pages.addWidget(page)
        self._art = "text"
        self._page = ""
        self._aside = ""  # a page that stands before the open work's
        self._worker_label = QLabel()
        self._worker_label.setAccessibleName("State of the model")
        self._worker_label.setContentsMargins(0, 0, 12, 0)
        self._build_centre()
        self._docks = {
            "view.works": self._dock("Works", self.works, Qt.DockWidgetArea.LeftDockWidgetArea),
            "view.lineage": self._dock("Lineage", self.lineage, Qt.DockWidgetArea.RightDockWidgetArea),
            "view.queue": self._dock(
                "Queue", self.queue, Qt.DockWidgetArea.BottomDockWidgetArea, self.queue.clear_button
            ),
        }
        self._makers: dict[str, Callable[[], QWidget]] = {"view.knobs": lambda: self.knobs}
        for action_id, title in LATER_DOCKS:
            self._docks[action_id] = self._later_dock(action_id, title)
        self._build_menus()
        self._build_toolbar()
        self.statusBar().addPermanentWidget(self._worker_label)
        self.statusBar().setSizeGripEnabled(False)
        self._restore()

    # -- building --------------------------------------------------------------------------------

    def _build_centre(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea, *extras: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")
        if widget is self.works:  # has a heading of its own
            dock.setTitleBarWidget(QWidget())
        else:
            dock.setTitleBarWidget(_title_bar(title, dock, *extras))
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _later_dock(self, action_id: str, title: str) -> QDockWidget:
        """A hidden dock; what it holds is built when it is first seen (`fill_dock`)."""
        if action_id in LEFT_DOCKS:
            dock = self._dock(title, QWidget(), Qt.DockWidgetArea.LeftDockWidgetArea)
            self.splitDockWidget(self._docks["view.works"], dock, Qt.Orientation.Vertical)
        else:
            dock = self._dock(title, QWidget(), Qt.DockWidgetArea.RightDockWidgetArea)
            self.tabifyDockWidget(self._docks["view.lineage"], dock)
        dock.hide()
        dock.visibilityChanged.connect(lambda visible: self._fill(action_id) if visible else None)
        return dock

    def fill_dock(self, action_id: str, make: Callable[[], QWidget]) -> None:
        """Have `make` build what a dock of LATER_DOCKS holds, once, when it is first seen."""
        self._makers[action_id] = make
        if self._docks[action_id].isVisible():
            self._fill(action_id)

    def _fill(self, action_id: str) -> None:
        make = self._makers.pop(action_id, None)
        if make is not None:
            before = self._docks[action_id].widget()
            self._docks[action_id].setWidget(make())
            before.deleteLater()

    def show_dock(self, action_id: str) -> None:
        """Show a dock and bring it to the front of its tabs."""
        self._docks[action_id].show()
        self._docks[action_id].raise_()

    def _toggle_dock(self, action_id: str, on: bool) -> None:
        """Hide or show a dock; one that stands behind another comes to the front instead of hiding."""
        dock = self._docks[action_id]
        behind = not on and not dock.isHidden() and dock.visibleRegion().isEmpty() and self.isVisible()
        if on or behind:
            self.show_dock(action_id)
            self.actions_by_id[action_id].setChecked(True)
        else:
            dock.hide()

    def _build_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for title, ids in MENUS:
            above, _, below = title.partition(" > ")
            menu = menus[above].addMenu(below) if below else self.menuBar().addMenu(title)
            menus[title] = menu
            menu.setToolTipsVisible(True)  # they say why an entry is grey
            for action_id in ids:
                if action_id:
                    menu.addAction(self.actions_by_id[action_id])
                else:
                    menu.addSeparator()
            if title == "&File":
                self.recent_menu = QMenu("Open recent", menu)
                menu.insertMenu(self.actions_by_id["file.save_copy"], self.recent_menu)
        self.addActions(self.actions_by_id.of("window"))
        for action_id, dock in self._docks.items():
            action = self.actions_by_id[action_id]
            action.toggled.connect(partial(self._toggle_dock, action_id))
            dock.visibilityChanged.connect(
                lambda _visible, action=action, dock=dock: action.setChecked(not dock.isHidden())
            )

    def _build_toolbar(self) -> None:
        bar = QToolBar("Tools")
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        for action_id in TOOLBAR:
            if action_id == " ":
                gap = QWidget()
                gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                bar.addWidget(gap)
            elif action_id:
                bar.addAction(self.actions_by_id[action_id])
            else:
                bar.addSeparator()
        self.addToolBar(bar)

    # -- showing ---------------------------------------------------------------------------------

    def put_page(self, name: str, page: QWidget) -> None:
        """Another page for the middle: an art's pane, the gallery."""
        self._by_name[name] = page
        self._pages.addWidget(page)

    def show_page(self, name: str) -> None:
        """The pane of an art, or with "" the page that says how to begin."""
        self._page = name
        self._show_page()

    def put_before(self, name: str) -> None:
        """Have a page stand before the open work's; "" takes it away again."""
        self._aside = name
        self._show_page()

    def _show_page(self) -> None:
        self._pages.setCurrentWidget(self._by_name[self._aside or self._page])

    def set_art(self, art: str) -> None:
        """Put away the docks that only another art has, and bring back those that stood with this one."""
        self.knobs.show_art(art)
        if art == self._art:
            return
        if self.actions_by_id["view.focus"].isChecked():
            self.actions_by_id["view.focus"].setChecked(False)
        self._keep_docks()
        self._art = art
        for action_id in OF_ONE_ART:
            self._docks[action_id].hide()
        kept = self._settings.text(f"window/docks_of/{art}", " ".join(FIRST_DOCKS[art]))
        for action_id in kept.split():
            if action_id in DOCKS_OF[art]:
                self.show_dock(action_id)
        if f"window/docks_of/{art}" not in self._settings and FIRST_DOCKS[art]:
            side = [self._docks["view.works"], self._docks["view.lineage"]]
            self.resizeDocks(side, FIRST_WIDTHS_PX[art], Qt.Orientation.Horizontal)

    def hide_foreign_docks(self) -> None:
        """Put away what only another art has: it was shown beside a page that stood before the open work."""
        for action_id in OF_ONE_ART - DOCKS_OF[self._art]:
            self._docks[action_id].hide()

    def _keep_docks(self) -> None:
        """Remember which docks of the open work's art are shown, the one in front last."""
        shown = [name for name, _title in LATER_DOCKS if not self._docks[name].isHidden()]
        shown.sort(key=lambda name: not self._docks[name].visibleRegion().isEmpty())
        mine = (name for name in shown if name in DOCKS_OF[self._art])
        self._settings.keep(f"window/docks_of/{self._art}", " ".join(mine))

    def show_worker(self, text: str) -> None:
        """One line about the model, at the right of the status bar."""
        self._worker_label.setText(text)

    def set_focus_mode(self, on: bool) -> None:
        """Only the work: docks, bars and strip step back; leaving brings back what stood there."""
        if on:
            self._before_focus = self.saveState(LAYOUT_VERSION)
            for dock in self._docks.values():
                dock.hide()
        elif self._before_focus is not None:
            self.restoreState(self._before_focus, LAYOUT_VERSION)
        for bar in self.findChildren(QToolBar):
            bar.setVisible(not on)
        self.statusBar().setVisible(not on)
        self.quietened.emit(on)

    def _restore(self) -> None:
        geometry, state = self._settings.state("window/geometry"), self._settings.state("window/docks")
        art = self._settings.text("window/art")
        self._art = art if art in DOCKS_OF else "text"
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 800)
        if state is None or not self.restoreState(state, LAYOUT_VERSION):
            self.resizeDocks(
                [self._docks["view.works"], self._docks["view.lineage"]],
                [220, 280],
                Qt.Orientation.Horizontal,
            )
            self.resizeDocks([self._docks["view.queue"]], [QUEUE_HEIGHT_PX], Qt.Orientation.Vertical)
        for action_id, dock in self._docks.items():
            self.actions_by_id[action_id].setChecked(not dock.isHidden())

    def keep_layout(self) -> None:
        """Remember where everything stood."""
        if self.actions_by_id["view.focus"].isChecked():
            self.actions_by_id["view.focus"].setChecked(False)
        self._keep_docks()
        self._settings.keep("window/art", self._art)
        self._settings.keep("window/geometry", self.saveGeometry())
        self._settings.keep("window/docks", self.saveState(LAYOUT_VERSION))
        self._settings.sync()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the wiring end everything first; it may ask to stay."""
        if self.may_close():
            self.closing.emit()
            event.accept()
        else:
            event.ignore()


def _title_bar(title: str, dock: QDockWidget, *extras: QWidget) -> QWidget:
    """A quiet heading with a button that hides the dock."""
    bar = QWidget()
    name = QLabel(title)
    name.setObjectName("dockTitle")
    hide = IconButton("close", f"Hide {title.lower()}", size=14)
    hide.clicked.connect(dock.hide)
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 4, 8, 0)
    row.addWidget(name, 1)
    for widget in (*extras, hide):
        row.addWidget(widget)
    return bar


def _empty_page() -> QWidget:
    page = QWidget()
    words = QLabel(
        "<h3>Nothing is open</h3><p>Choose a work on the left, or press Ctrl+Shift+N for a new scene"
        ", Ctrl+Shift+D for a new picture and Ctrl+Alt+M for a new piece of music.</p>"
    )
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words.setWordWrap(True)
    QVBoxLayout(page).addWidget(words)
    return page
