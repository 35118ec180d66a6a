"""Why an action on notes makes no sense now: what its entry says while it is grey."""

from collections.abc import Callable, Collection
from typing import Final

from msgspec import Struct

from studio.media.music.score import Note
from studio.widgets.roll.kinds import LOCKED_TRACK
from studio.widgets.roll.view import RollView

DAMAGED: Final = "This piece cannot be read, so nothing can be changed in it."
NONE_CHOSEN: Final = "Choose notes first."
NO_NOTES: Final = "There are no notes in this track yet."
NO_KEY: Final = "The piece has no key here. Choose one first."
NO_BARS: Final = "Choose bars in the ruler first."
ONE_NOTE: Final = "Choose two notes or more first."


class Standing(Struct, frozen=True, kw_only=True):
    """How things stand in the roll."""

    damaged: bool
    locked: bool
    notes: int
    chosen: int
    has_key: bool
    has_bars: bool
    odd: int


def _changes(now: Standing) -> str:
    if now.damaged:
        return DAMAGED
    return LOCKED_TRACK if now.locked else ""


def _chosen(now: Standing) -> str:
    return _changes(now) or ("" if now.chosen else NONE_CHOSEN)


def _any(now: Standing) -> str:
    return _changes(now) or ("" if now.notes else NO_NOTES)


def _several(now: Standing) -> str:
    return _chosen(now) or ("" if now.chosen > 1 else ONE_NOTE)


def _in_key(now: Standing) -> str:
    return _chosen(now) or ("" if now.has_key else NO_KEY)


def _looked_at(now: Standing) -> str:
    return "" if now.notes else NO_NOTES


_OF: Final[dict[str, Callable[[Standing], str]]] = {
    **dict.fromkeys(("cut", "delete", "duplicate", "velocity", "legato", "split", "redo_notes"), _chosen),
    **dict.fromkeys(("transpose", "transpose_up", "transpose_down", "octave_up", "octave_down"), _chosen),
    **dict.fromkeys(("invert", "reverse", "join"), _several),
    **dict.fromkeys(("step_up", "step_down", "invert_key"), _in_key),
    **dict.fromkeys(("quantise", "quantise_how", "humanise"), _any),
    **dict.fromkeys(("select_all", "select_inverse"), _looked_at),
    **dict.fromkeys(("copy", "select_pitch"), lambda now: "" if now.chosen else NONE_CHOSEN),
    "paste": _changes,
    "select_bars": lambda now: _looked_at(now) or ("" if now.has_bars else NO_BARS),
    "redo_odd": lambda now: _changes(now) or ("" if now.odd else "Show the surprise first (O)."),
}


def reasons(now: Standing) -> dict[str, str]:
    """For each action of the roll why it is grey, "" when it is not; by its id."""
    return {f"roll.{name}": why(now) for name, why in _OF.items()}


def standing(roll: RollView, has_bars: bool, damaged: bool, odd: Collection[Note]) -> Standing:
    """How things stand now; cheap: it is asked at every change of what is chosen."""
    state = roll.state
    chosen = int(state.chosen.sum())
    return Standing(
        damaged=damaged,
        locked=state.track.locked,
        notes=len(state.table),
        chosen=chosen,
        has_key=bool(state.score.keys),
        has_bars=has_bars,
        odd=len(odd),
    )
