"""The button that holds the notes of takes in a key: the piece's own, the one found in its notes, or a chosen one."""

from typing import Final

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from studio.media.music.score import Key, Mode
from studio.media.music.theory import SCALES, key_name
from studio.widgets.labels import button

_ASKS: Final = "Notes outside the held key cannot be written"
_MODES: Final[tuple[tuple[Mode, str], ...]] = (("major", "Major"), ("minor", "Minor"))
_NONE: Final = "The piece has no key at these bars: choose one below, or set it in the Music menu"


class Holding(Struct, frozen=True):
    """Whether a key is held, which ("" the piece's own) and what scale of it ("" all that belongs to the key)."""

    on: bool = False
    key: str = ""
    scale: str = ""


class KeyFacts(Struct, frozen=True):
    """The piece's key at the bars in question, and the one its notes are in; "" for none."""

    own: str = ""
    found: str = ""


class KeyButton(QPushButton):
    """Says “Key: D minor”; pressed it offers the others. `opening` is told before the menu shows."""

    changed = Signal()
    opening = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(button("", _ASKS).toolTip())
        self.setAutoDefault(False)
        self.setCheckable(True)
        self._held, self._facts = Holding(), KeyFacts()
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self._show()

    def value(self) -> Holding:
        """What is held."""
        return self._held

    def set_value(self, held: Holding) -> None:
        """Show it."""
        self._held = held
        self._show()

    def show_facts(self, facts: KeyFacts) -> None:
        """What the piece says of its key."""
        self._facts = facts
        self._show()

    def offered(self) -> dict[str, str]:
        """The menu's first lines, filled as when it opens: title -> "" or why it is grey."""
        self._fill()
        return {
            line.text(): "" if line.isEnabled() else line.toolTip()
            for line in self._menu.actions()
            if line.text() and line.menu() is None
        }

    def _show(self) -> None:
        held = self._held
        key = held.key or self._facts.own or "none yet"
        self.setText(f"Key: {key}" if held.on else "Key: free")
        scale = f", {held.scale}" if held.on and held.scale else ""
        words = f"held in {key}{scale}" if held.on else "free"
        self.setAccessibleName(f"Key of the takes: {words}")
        self.setToolTip(f"{_ASKS}. Now: {words}")
        self.setChecked(held.on)

    def _fill(self) -> None:
        self.opening.emit()
        menu, held, facts = self._menu, self._held, self._facts
        menu.clear()
        group = QActionGroup(menu)
        self._line(menu, group, "Free: any note", Holding(False, held.key, held.scale), not held.on)
        own = self._line(
            menu,
            group,
            f"The piece's key: {facts.own}" if facts.own else "The piece's key",
            Holding(True, "", held.scale),
            held.on and not held.key,
        )
        if not facts.own:
            own.setEnabled(False)
            own.setToolTip(_NONE)
        if facts.found and facts.found != facts.own:
            line = f"As its notes are: {facts.found}"
            self._line(menu, group, line, Holding(True, facts.found, held.scale), held.key == facts.found)
        menu.addSeparator()
        for mode, title in _MODES:
            keys = menu.addMenu(title)
            for tonic in range(12):
                name = key_name(Key(0, tonic, mode))
                self._line(keys, group, name, Holding(True, name, held.scale), held.on and held.key == name)
        scales, which = menu.addMenu("Scale"), QActionGroup(menu)
        self._line(scales, which, "All that belongs to the key", self._in_scale(""), not held.scale)
        scales.addSeparator()
        for scale in SCALES:
            self._line(
                scales, which, scale[0].upper() + scale[1:], self._in_scale(scale), held.scale == scale
            )

    def _in_scale(self, scale: str) -> Holding:
        """A scale is held in the key that is; without one: in the piece's own, or the found one."""
        key = self._held.key or ("" if self._facts.own else self._facts.found)
        return Holding(True, key, scale)

    def _line(self, menu: QMenu, group: QActionGroup, title: str, held: Holding, on: bool) -> QAction:
        line = menu.addAction(title, lambda: self._on_chosen(held))
        line.setCheckable(True)
        line.setChecked(on)
        group.addAction(line)
        return line

    def _on_chosen(self, held: Holding) -> None:
        self.set_value(held)
        self.changed.emit()
