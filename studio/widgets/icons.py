"""Icons of one hand: our own SVG strokes, coloured with the tones of the moment."""

from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QToolButton, QWidget

from studio.core.resources import resource_path
from studio.widgets.tones import Tones, current_tones, follow_tones

ICON_NAMES: Final = frozenset(
    {
        "accept",
        "add",
        "app-exit",
        "authors",
        "book",
        "branch",
        "card",
        "chapter",
        "close",
        "compare",
        "context",
        "copy",
        "count-in",
        "cut",
        "down",
        "edit",
        "export",
        "ghost",
        "brush",
        "crop",
        "eraser",
        "eye",
        "eye-off",
        "flatten",
        "flip-x",
        "flip-y",
        "fold",
        "follow",
        "frame",
        "guides",
        "hand",
        "invert",
        "lasso",
        "mask",
        "merge-down",
        "metronome",
        "move",
        "pen",
        "rectangle",
        "reset",
        "soft",
        "turn-left",
        "turn-right",
        "fit",
        "sliders",
        "layers",
        "gallery",
        "grid",
        "heat",
        "help",
        "import",
        "info",
        "knobs",
        "lineage",
        "lock",
        "loop",
        "model",
        "moon",
        "more",
        "music",
        "note",
        "open",
        "palette",
        "panel-bottom",
        "panel-left",
        "panel-right",
        "pdf",
        "paste",
        "picture",
        "play",
        "print",
        "quantise",
        "queue",
        "record",
        "redo",
        "regenerate",
        "reject",
        "retry",
        "right",
        "save-copy",
        "select",
        "scene",
        "search",
        "settings",
        "spark",
        "spelling",
        "stop",
        "story",
        "swap",
        "sun",
        "tidy",
        "to-start",
        "trash",
        "typewriter",
        "undo",
        "unlock",
        "up",
        "volume",
        "warning",
        "works",
        "zen",
        "zoom-in",
        "zoom-out",
    }
)


def icon(name: str, color: str | None = None, size: int = 20) -> QIcon:
    """The icon of that name in `color` (else the text colour), drawn `size` px for the screens there are.

    Disabled it is faint. Raises KeyError for a name that is no icon.
    """
    tones = current_tones()
    out = QIcon()
    for ratio in _ratios():
        out.addPixmap(_pixmap(name, color or tones.text, size, ratio), QIcon.Mode.Normal)
        out.addPixmap(_pixmap(name, tones.faint, size, ratio), QIcon.Mode.Disabled)
    return out


def _ratios() -> set[float]:
    """The pixel ratios of the screens there are: each costs a drawing of every icon."""
    return {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}


def app_icon() -> QIcon:
    """The program's own mark, in colour."""
    out = QIcon()
    source = resource_path("icons", "app.svg").read_bytes()
    for size in (16, 32, 64, 256):
        out.addPixmap(_render(source, size, 1.0))
    return out


def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    if name not in ICON_NAMES:
        raise KeyError(name)
    kept, key = QPixmap(), f"atelier {name} {color} {size} {ratio}"
    if QPixmapCache.find(key, kept):
        return kept
    source = resource_path("icons", f"{name}.svg").read_bytes()
    drawn = _render(source.replace(b"currentColor", color.encode()), size, ratio)
    QPixmapCache.insert(key, drawn)
    return drawn


def _render(source: bytes, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class _Tinter(QObject):
    """Keeps the icon of its parent in the tones of the moment."""

    def __init__(self, target: QAction | QAbstractButton, name: str, role: str, size: int) -> None:
        super().__init__(target)
        self._target = target
        self._name = name
        self._role = role
        self._size = size
        follow_tones(self._tint)

    def change(self, name: str, role: str, size: int) -> None:
        """Show another icon from now on."""
        if (name, role, size) != (self._name, self._role, self._size):
            self._name, self._role, self._size = name, role, size
            self._tint(current_tones())

    def _tint(self, tones: Tones) -> None:
        self._target.setIcon(icon(self._name, tones.role(self._role), self._size))


def put_icon(target: QAction | QAbstractButton, name: str, role: str = "text", size: int = 20) -> None:
    """Give an action or button an icon that follows light and dark; `role` names a field of Tones."""
    for child in target.children():
        if isinstance(child, _Tinter):
            child.change(name, role, size)
            break
    else:
        _Tinter(target, name, role, size)
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(size, size))


class IconButton(QToolButton):
    """A flat button that is only an icon; its tip is also its accessible name."""

    def __init__(
        self, name: str, tip: str, parent: QWidget | None = None, *, role: str = "text", size: int = 18
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon(name, role)
        self.set_tip(tip)

    def set_icon(self, name: str, role: str = "text") -> None:
        """Show another icon."""
        put_icon(self, name, role, self._size)

    def set_tip(self, tip: str) -> None:
        """Change tooltip and accessible name."""
        self.setToolTip(tip)
        self.setAccessibleName(tip)
