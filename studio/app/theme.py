"""Light and dark: one palette and one sheet made from a handful of tones, following the system when asked."""

from string import Template
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from studio.core.resources import resource_path
from studio.widgets.fonts import interface_font
from studio.widgets.tones import Scheme, Tones, load_tones, tone_source

SchemeChoice = Literal["system", "light", "dark"]
_NAME: Final = "theme"


class Theme(QObject):
    """Owned by the application; keeps palette, sheet and tones in step with the chosen scheme."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_NAME)
        self._app = app
        self._choice: SchemeChoice = "system"
        self._applied: Tones | None = None
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(interface_font())
        app.styleHints().colorSchemeChanged.connect(self._on_system_change)

    def choose(self, choice: SchemeChoice) -> None:
        """Change the scheme now; "system" goes on following the system."""
        self._choice = choice
        self._put(load_tones(self.scheme()))

    def scheme(self) -> Scheme:
        """The scheme that holds: the chosen one, or the system's."""
        if self._choice != "system":
            return self._choice
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    @Slot()
    def _on_system_change(self) -> None:
        if self._choice == "system":
            self._put(load_tones(self.scheme()))

    def _put(self, tones: Tones) -> None:
        if tones == self._applied:
            return
        self._applied = tones
        self._app.setPalette(palette_of(tones))
        self._app.setStyleSheet(sheet_of(tones))
        tone_source().set_tones(tones)


def apply_theme(app: QApplication, scheme: SchemeChoice) -> None:
    """Dress the application; may be called again at any time with another scheme."""
    found = app.findChild(QObject, _NAME, Qt.FindChildOption.FindDirectChildrenOnly)
    theme = found if isinstance(found, Theme) else Theme(app)
    theme.choose(scheme)


def sheet_of(tones: Tones) -> str:
    """The style sheet in these tones. Raises KeyError when the sheet names a tone that does not exist."""
    sheet = Template(resource_path("themes", "studio.qss").read_text(encoding="utf-8"))
    colours = {name: tones.role(name) for name in tones.__struct_fields__}
    return sheet.substitute(colours, assets=resource_path("themes", tones.scheme).as_posix())


def palette_of(tones: Tones) -> QPalette:
    """The palette for all that the sheet does not name."""
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: tones.background,
        role.WindowText: tones.text,
        role.Base: tones.surface,
        role.AlternateBase: tones.sunken,
        role.Text: tones.text,
        role.PlaceholderText: tones.muted,
        role.Button: tones.raised,
        role.ButtonText: tones.text,
        role.BrightText: tones.danger,
        role.ToolTipBase: tones.raised,
        role.ToolTipText: tones.text,
        role.Highlight: tones.selection,
        role.HighlightedText: tones.text,
        role.Accent: tones.accent,
        role.Link: tones.accent,
        role.LinkVisited: tones.model_text,
        role.Light: tones.raised,
        role.Midlight: tones.border,
        role.Mid: tones.border,
        role.Dark: tones.border_strong,
        role.Shadow: tones.sunken,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tones.faint))
    return palette
