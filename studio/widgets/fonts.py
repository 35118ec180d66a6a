"""Fonts chosen among those installed: a serif to read in, the system's own for the controls."""

from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

READING: Final = (
    "Literata",
    "Source Serif 4",
    "Source Serif Pro",
    "Iowan Old Style",
    "Charter",
    "Georgia",
    "Noto Serif",
    "Liberation Serif",
    "DejaVu Serif",
)
READING_CJK: Final = ("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun")
INTERFACE: Final = (
    "Inter",
    "Segoe UI Variable",
    "Segoe UI",
    "SF Pro Text",
    "Cantarell",
    "Ubuntu",
    "Noto Sans",
    "Liberation Sans",
    "DejaVu Sans",
)
READING_PT: Final = 13.5
INTERFACE_PT: Final = 10.0


def _chosen(families: tuple[str, ...], extra: tuple[str, ...] = ()) -> list[str]:
    installed = set(QFontDatabase.families())
    return [family for family in (*families, *extra) if family in installed]


def reading_font(size_pt: float = READING_PT) -> QFont:
    """The serif font texts are written and read in."""
    font = QFont()
    if families := _chosen(READING, READING_CJK):
        font.setFamilies(families)
    else:
        font.setStyleHint(QFont.StyleHint.Serif)
        font.setFamily("serif")
    font.setPointSizeF(size_pt)
    return font


def interface_font(size_pt: float = INTERFACE_PT) -> QFont:
    """The font of menus, buttons and labels."""
    font = QFont()
    if families := _chosen(INTERFACE):
        font.setFamilies(families)
    font.setPointSizeF(size_pt)
    return font


def mono_font(size_pt: float = INTERFACE_PT) -> QFont:
    """The system's fixed-width font: for details of errors."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(size_pt)
    return font
