"""The colours of light and dark as one value, and the one place that says which holds now."""

from collections.abc import Callable
from typing import Literal

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Signal

from studio.core.resources import resource_path

Scheme = Literal["light", "dark"]


class Tones(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Colours as "#rrggbb". `background` < `surface` < `raised` are storeys of the window's paper.

    A `_wash` is a quiet background on which the colour of the same name (or `text`) is read.
    """

    scheme: Scheme
    background: str
    surface: str
    raised: str
    sunken: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_wash: str
    border: str
    border_strong: str
    focus: str
    model_text: str
    model_wash: str
    danger: str
    danger_wash: str
    success: str
    success_wash: str
    warning: str
    warning_wash: str
    selection: str
    flash: str
    heat_1: str  # how much a token surprised the model: calm ...
    heat_2: str
    heat_3: str
    heat_4: str
    heat_5: str  # ... to startling
    lock_wash: str
    lock_bar: str
    mark: str  # what a search found
    mark_current: str

    def role(self, name: str) -> str:
        """The colour of that name. Raises AttributeError for a name that is none."""
        colour: str = getattr(self, name)
        return colour


def load_tones(scheme: Scheme) -> Tones:
    """The tones of resources/themes/<scheme>.json. Raises msgspec.ValidationError for a damaged file."""
    return msgspec.json.decode(resource_path("themes", f"{scheme}.json").read_bytes(), type=Tones)


class ToneSource(QObject):
    """Holds the tones of the moment; owned by the application object."""

    changed = Signal(object)  # Tones

    def __init__(self, parent: QObject | None, tones: Tones) -> None:
        super().__init__(parent)
        self.setObjectName("tone_source")
        self._tones = tones

    def tones(self) -> Tones:
        """The colours that hold now."""
        return self._tones

    def set_tones(self, tones: Tones) -> None:
        """Change the colours of everything that follows them."""
        if tones != self._tones:
            self._tones = tones
            self.changed.emit(tones)


def tone_source() -> ToneSource:
    """The application's tone source; light until a theme is applied. Needs a running application object."""
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("tones need an application object")
    found = app.property("tone_source")
    if isinstance(found, ToneSource):
        return found
    source = ToneSource(app, load_tones("light"))
    app.setProperty("tone_source", source)
    return source


def current_tones() -> Tones:
    """The colours that hold now."""
    return tone_source().tones()


def follow_tones(slot: Callable[[Tones], None]) -> None:
    """Call `slot` with the tones now and at every change; a bound method of a QObject ends with its object."""
    source = tone_source()
    slot(source.tones())
    source.changed.connect(slot)
