"""What can be asked of a music model, and what it is held to, as actions: part of piece_action_specs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from studio.app.action_spec import ActionSpec
from studio.core.pieces import TASKS, Task

if TYPE_CHECKING:
    from studio.app.piece_place import PiecePlace

_TITLES: Final[dict[Task, tuple[str, str]]] = {
    "continue": (
        "Continue the piece",
        "Takes go on behind the last note, or in the chosen bars where they are free",
    ),
    "infill": ("Infill the bars", "Takes write the chosen bars of the chosen tracks anew"),
    "vary": ("Vary the notes", "Takes write some of the notes anew, the others stay"),
    "harmonise": ("Harmonise the melody", "Takes are a new track that goes with the chosen ones"),
    "add": ("Add a track by the model", "Takes are a new track; the knobs say which instrument and role"),
    "drums": ("Add drums by the model", "Takes are a new drum track"),
}
PIECE_ASK_SPECS: Final = (
    *(
        ActionSpec(id=f"ask.{task}", title=title, icon="spark", tip=tip)
        for task, (title, tip) in _TITLES.items()
    ),
    ActionSpec(
        id="ask.hold_key", title="Hold the key", tip="Notes outside the key cannot be written, or can again"
    ),
    ActionSpec(
        id="ask.hold_chords",
        title="Hold the chords",
        tip="Notes outside the chord track's chords cannot be written, or can again",
    ),
)
PIECE_ASK_MENU: Final = (*(f"ask.{task}" for task in TASKS), "", "ask.hold_key", "ask.hold_chords")


def piece_ask_commands(place: "PiecePlace") -> dict[str, Callable[[], object]]:
    """What they do; nothing of the music pane is imported for this table."""

    def ask(task: Task) -> None:
        place.parts.proposals.ask(task)

    def hold_key() -> None:
        place.parts.knobs.toggle_key()

    def hold_chords() -> None:
        place.parts.knobs.toggle_chords()

    asking: dict[str, Callable[[], object]] = {f"ask.{task}": partial(ask, task) for task in TASKS}
    return asking | {"ask.hold_key": hold_key, "ask.hold_chords": hold_chords}
