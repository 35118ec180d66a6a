"""The menu of presets, with save, rename, delete and import; names are typed in place."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.core.checked import Checked
from studio.widgets.icons import IconButton
from studio.widgets.labels import button, label, set_role

Doing = Literal["", "save", "rename", "delete"]
MIX: Final = "Your own mix"
TITLE_CHARS: Final = 60


class PresetName(Struct, frozen=True, kw_only=True):
    """A line of the menu; `own` ones may be renamed and deleted."""

    id: str
    title: str
    knobs: Checked
    about: str = ""
    own: bool = False


class PresetBar(QWidget):
    """Shows which preset the knobs stand at; says what the person wants done with them."""

    chosen = Signal(str)  # id
    save_requested = Signal(str)  # title
    rename_requested = Signal(str, str)  # id, title
    delete_requested = Signal(str)  # id
    import_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._presets: list[PresetName] = []
        self._last = ""
        self._doing: Doing = ""
        self.menu = QComboBox()
        self.menu.setAccessibleName("Preset")
        self.menu.setPlaceholderText(MIX)
        self.menu.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.menu.setMinimumContentsLength(12)
        self.save = IconButton("add", "Save these knobs as a preset", size=16)
        self.more = IconButton("more", "Rename, delete or import a preset", size=16)
        self.name = QLineEdit()
        self.name.setMaxLength(TITLE_CHARS)
        self.name.installEventFilter(self)
        self.do = button("Save", "Save", primary=True)
        self.leave = button("Cancel", "Leave it as it is", flat=True)
        self.question = label("")
        self.message = label("", "muted")
        self.message.setWordWrap(True)
        self._lay_out()
        self.menu.activated.connect(self._on_chosen)
        self.save.clicked.connect(lambda: self.begin("save"))
        self.more.clicked.connect(self._open_more)
        self.do.clicked.connect(self._finish)
        self.leave.clicked.connect(lambda: self.begin(""))
        self.begin("")

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        first = QHBoxLayout()
        first.setSpacing(8)
        for widget in (self.menu, self.save, self.more):
            first.addWidget(widget)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.question, 1)
        second.addWidget(self.name, 1)
        second.addWidget(self.do)
        second.addWidget(self.leave)
        outer.addLayout(first)
        outer.addLayout(second)
        outer.addWidget(self.message)

    # -- values ---------------------------------------------------------------------------

    def set_presets(self, presets: Sequence[PresetName]) -> None:
        """Fill the menu."""
        self._presets = list(presets)
        self.menu.clear()
        for row, preset in enumerate(self._presets):
            self.menu.addItem(preset.title, preset.id)
            self.menu.setItemData(row, preset.about, Qt.ItemDataRole.ToolTipRole)
        first_own = next((row for row, preset in enumerate(self._presets) if preset.own), 0)
        if first_own:
            self.menu.insertSeparator(first_own)
        self.menu.setCurrentIndex(-1)

    def show_values(self, values: Checked) -> None:
        """Name the preset that has exactly these values, preferably the one chosen last."""
        same = [preset for preset in self._presets if preset.knobs == values]
        preset = next((preset for preset in same if preset.id == self._last), same[0] if same else None)
        self.menu.setCurrentIndex(self.menu.findData(preset.id) if preset else -1)
        self.menu.setToolTip(preset.about if preset and preset.about else "Named settings of all knobs")

    def preset(self) -> PresetName | None:
        """The preset that is shown, else the one chosen last."""
        wanted = self.menu.currentData() or self._last
        return next((preset for preset in self._presets if preset.id == wanted), None)

    def named(self, preset_id: str) -> PresetName | None:
        """The preset of that id."""
        return next((preset for preset in self._presets if preset.id == preset_id), None)

    def say(self, text: str, role: str = "muted") -> None:
        """A line below the menu; "" takes it away."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        set_role(self.message, role)

    # -- what the person does ---------------------------------------------------------------

    def begin(self, doing: Doing) -> None:
        """Ask for a name, or whether to delete; "" puts the line away."""
        self._doing = doing
        preset = self.preset()
        own = preset is not None and preset.own
        title = preset.title if preset is not None else ""
        words = {"save": "Save", "rename": "Rename", "delete": "Delete", "": "Save"}[doing]
        self.do.setText(words)
        self.do.setToolTip(f"{words} the preset")
        self.do.setAccessibleName(f"{words} the preset")
        naming = doing in ("save", "rename")
        self.name.setVisible(naming)
        self.name.setAccessibleName("Name of the preset")
        self.name.setPlaceholderText("Name of the preset")
        self.question.setVisible(doing == "delete")
        self.question.setText(f"Delete “{title}”?")
        self.do.setVisible(bool(doing))
        self.leave.setVisible(bool(doing))
        self.say("")
        if naming:
            self.name.setText(title if own else "")
            self.name.selectAll()
            self.name.setFocus()
        elif doing:
            self.leave.setFocus()

    def _finish(self) -> None:
        doing, preset, title = self._doing, self.preset(), self.name.text().strip()
        if doing in ("save", "rename") and not title:
            self.say("A preset needs a name.", "danger")
            return
        self.begin("")
        match doing:
            case "save":
                self.save_requested.emit(title)
            case "rename" if preset is not None:
                self.rename_requested.emit(preset.id, title)
            case "delete" if preset is not None:
                self.delete_requested.emit(preset.id)

    def _on_chosen(self, _row: int) -> None:
        self._last = str(self.menu.currentData() or "")
        self.begin("")
        self.chosen.emit(self._last)

    def _open_more(self) -> None:
        menu = self.more_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def more_menu(self) -> QMenu:
        """What can be done with the preset that is shown."""
        menu = QMenu(self)
        preset = self.preset()
        own = preset is not None and preset.own
        rename = menu.addAction("Rename…", lambda: self.begin("rename"))
        delete = menu.addAction("Delete…", lambda: self.begin("delete"))
        for action in (rename, delete):
            action.setEnabled(own)
        menu.addSeparator()
        menu.addAction("Import a preset file…", self.import_requested.emit)
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return in the name finishes, Esc leaves."""
        if watched is self.name and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._finish()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.begin("")
                return True
        return super().eventFilter(watched, event)
