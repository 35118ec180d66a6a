"""The colour a track is known by, the same wherever it is shown; light and dark have their own."""

from typing import Final

from PySide6.QtGui import QColor

from studio.widgets.tones import Tones

# of one lightness each, far apart in hue, and away from the accent of the person's notes and the model's violet
_LIGHT: Final = ("#b4552d", "#2b7f86", "#7a7a1f", "#a8456f", "#3f7d3f", "#5f6b8c", "#9a6b1a", "#8a5a44")
_DARK: Final = ("#e79a72", "#6cc4c9", "#c2c266", "#e690b3", "#8bcb8b", "#a6b3d6", "#e0b45c", "#cfa08a")
COUNT: Final = len(_LIGHT)


def track_colour(track_id: str, tones: Tones) -> QColor:
    """The colour of a track: it goes by the number in its id, so it stays when tracks are moved or removed."""
    digits = "".join(sign for sign in track_id if sign.isdecimal())
    at = int(digits[-9:]) - 1 if digits else sum(track_id.encode())
    return QColor((_DARK if tones.scheme == "dark" else _LIGHT)[at % COUNT])
