"""What is chosen in a roll, in a few words."""

from studio.media.music.theory import key_at, key_name
from studio.widgets.roll.hearing import pitch_words
from studio.widgets.roll.looks import SURPRISE_WORDS, surprise_step
from studio.widgets.roll.view import RollView


def chosen_words(roll: RollView) -> str:
    """ "12 notes, C3 to G4"; of one note all there is to say, with its surprise while that shows."""
    state = roll.state
    count = int(state.chosen.sum())
    if count == 0:
        return ""
    if count == 1:
        state_at = int(state.chosen.argmax())
        note = state.table.notes[state_at]
        words = roll.caret_words()
        nats = state.surprise.get(note) if state.surprise is not None else None
        return words if nats is None else f"{words}; {surprise_words(nats)}"
    pitches = state.table.pitch[state.chosen]
    low, high = int(pitches.min()), int(pitches.max())
    first = int(state.table.start[state.chosen].min())
    drums, keys = state.track.drums, state.score.keys
    names = [pitch_words(pitch, keys, first, drums=drums) for pitch in (low, high)]
    between = names[0] if low == high else " to ".join(names)
    return f"{count:,} notes, {between}"


def surprise_words(nats: float) -> str:
    """ "unusual, 7.2 nats of surprise"."""
    return f"{SURPRISE_WORDS[surprise_step(nats)]}, {nats:.1f} nats of surprise"


def key_words(roll: RollView) -> str:
    """The key at what is chosen, else at the first bar in sight; "" without one."""
    state = roll.state
    tick = int(state.table.start[state.chosen].min()) if state.chosen.any() else state.sight.span[0]
    key = key_at(state.score.keys, tick)
    return key_name(key) if key is not None else ""
