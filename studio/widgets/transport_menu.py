"""The transport's "more" menu: which soundfont, sound device and MIDI ports, each one of a list."""

from typing import Final, Literal

from msgspec import Struct
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

ChoiceKind = Literal["font", "device", "midi_in", "midi_out"]
CHOICE_TITLES: Final[dict[ChoiceKind, str]] = {
    "font": "Soundfont",
    "device": "Sound device",
    "midi_in": "MIDI keyboard",
    "midi_out": "MIDI out",
}


class Choice(Struct, frozen=True, kw_only=True):
    """One of a list: what names it to the desk, what to the person."""

    id: str
    title: str
    tip: str = ""


class Choices(Struct, frozen=True, kw_only=True):
    """What may be chosen, which is, and `note`, a line below: why the list is empty, what to do."""

    offered: tuple[Choice, ...] = ()
    chosen: str = ""
    note: str = ""
    more: str = ""  # the title of an entry that asks for something not in the list; "": there is none


class ChoiceMenu(QMenu):
    """One list as a submenu: `picked` holds the entries by their id, "…" is the one for something else."""

    def __init__(self, kind: ChoiceKind, choices: Choices, parent: QMenu) -> None:
        super().__init__(CHOICE_TITLES[kind], parent)
        self.picked: dict[str, QAction] = {}
        self.setToolTipsVisible(True)
        group = QActionGroup(self)
        for choice in choices.offered:
            action = self.addAction(choice.title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(choice.id == choices.chosen)
            action.setToolTip(choice.tip or choice.title)
            group.addAction(action)
            self.picked[choice.id] = action
        if choices.note:
            if choices.offered:
                self.addSeparator()
            note = self.addAction(choices.note.replace("&", "&&"))
            note.setEnabled(False)
        if choices.more:
            self.addSeparator()
            self.picked["…"] = self.addAction(choices.more)
