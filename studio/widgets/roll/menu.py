"""The menu over the notes: for the chosen ones, for the place under the pointer, and what the model is asked."""

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from studio.widgets.icons import icon

PlaceWish = Literal["ask_bars", "marker", "chord"]
_EDITS: Final = ("roll.cut", "roll.copy", "roll.paste", "roll.delete", "roll.duplicate")
_PITCH: Final = (
    "roll.transpose", "", "roll.transpose_up", "roll.transpose_down", "roll.octave_up", "roll.octave_down", "",
    "roll.step_up", "roll.step_down", "", "roll.invert", "roll.invert_key",
)  # fmt: skip
_TIME: Final = (
    "roll.quantise", "roll.quantise_how", "roll.humanise", "", "roll.legato", "roll.split", "roll.join",
    "roll.reverse",
)  # fmt: skip
_SELECT: Final = ("roll.select_all", "roll.select_inverse", "roll.select_pitch", "roll.select_bars")
_MODEL: Final = ("roll.redo_notes", "roll.redo_odd")


def fill_roll_menu(
    menu: QMenu, action: Callable[[str], QAction], bars: str, say: Callable[[PlaceWish], object]
) -> None:
    """`action` gives the window's actions by id; `bars` names those that can be asked for ("bars 3 to 4").

    `say` hears what is wished for the place under the pointer.
    """

    def add(to: QMenu, ids: tuple[str, ...]) -> None:
        for action_id in ids:
            if action_id:
                to.addAction(action(action_id))
            else:
                to.addSeparator()

    def part(title: str, ids: tuple[str, ...]) -> None:
        below = menu.addMenu(title)
        below.setToolTipsVisible(True)
        add(below, ids)

    def place(title: str, tip: str, wish: PlaceWish, name: str = "") -> None:
        one = menu.addAction(icon(name), title) if name else menu.addAction(title)
        one.setToolTip(tip)
        one.triggered.connect(lambda _on=False: say(wish))

    menu.setToolTipsVisible(True)
    place(f"Ask for {bars}", "The next takes are about these bars", "ask_bars", "spark")
    add(menu, _MODEL)
    menu.addSeparator()
    add(menu, _EDITS)
    add(menu, ("", "edit.lock"))
    menu.addSeparator()
    part("Pitch", _PITCH)
    part("Time", _TIME)
    add(menu, ("roll.velocity", "edit.tidy"))
    part("Choose", _SELECT)
    menu.addSeparator()
    place("Chord here…", "Put a chord into the chord track", "chord")
    place("Marker here…", "Name this place", "marker")
