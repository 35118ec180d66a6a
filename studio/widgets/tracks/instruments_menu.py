"""The menu of what a track can sound with: a drum kit, then General MIDI's sixteen families."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from studio.media.music.instruments import FAMILIES

PER_FAMILY: Final = 8


def fill_instruments(
    menu: QMenu,
    chosen: Callable[[int, bool], object],
    program: int = -1,
    drums: bool = False,
    *,
    with_drums: bool = True,
) -> None:
    """Put all instruments into a menu; `chosen(program, drums)` is called. What sounds now is marked."""
    if with_drums:
        kit = menu.addAction("Drum kit")
        kit.triggered.connect(partial(_choose, chosen, max(0, program), True))
        _mark(kit, drums)
        menu.addSeparator()
    for place, (family, names) in enumerate(FAMILIES.items()):
        part = menu.addMenu(family)
        first = place * PER_FAMILY
        here = not drums and first <= program < first + PER_FAMILY
        _mark(part.menuAction(), here)
        for number, name in enumerate(names, start=first):
            action = part.addAction(name)
            action.triggered.connect(partial(_choose, chosen, number, False))
            _mark(action, here and number == program)


def instruments_menu(
    parent: QWidget, chosen: Callable[[int, bool], object], program: int = -1, drums: bool = False
) -> QMenu:
    """A menu of all instruments, to be popped up; it goes when it closes."""
    menu = QMenu("Instrument", parent)
    fill_instruments(menu, chosen, program, drums)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _mark(action: QAction, on: bool) -> None:
    """What sounds now: a tick and heavier letters (an entry that opens others shows no tick)."""
    action.setCheckable(on)
    action.setChecked(on)
    font = action.font()
    font.setBold(on)
    action.setFont(font)


def _choose(chosen: Callable[[int, bool], object], program: int, drums: bool, _checked: bool = False) -> None:
    chosen(program, drums)
