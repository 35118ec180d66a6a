"""What menus and keys do with chosen notes: each one step, told as such."""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

from studio.media.music import edits, edits_clip, groove, holds
from studio.media.music.edits_clip import Clip
from studio.media.music.edits_placing import Done
from studio.media.music.score import TICKS, Note, Score
from studio.media.music.theory import key_at, key_classes
from studio.widgets.roll.drag_notes import counted
from studio.widgets.roll.kinds import LOCKED_TRACK, RollKind
from studio.widgets.roll.state import RollState

_NOTHING: Final = "Choose notes first."


class Taker(Protocol):
    """Takes the steps."""

    def take(self, done: Done, title: str, kind: RollKind) -> None:
        """A step is done."""

    def refuse(self, why: str) -> None:
        """Something cannot be done."""


class RollCommands:
    """Commands on the chosen notes; `or_all`: on all notes of the track when none is chosen."""

    def __init__(self, state: RollState, taker: Taker) -> None:
        self._state = state
        self._taker = taker
        self.clip = Clip()

    def notes(self, *, or_all: bool = False) -> tuple[Note, ...]:
        """The chosen notes."""
        state = self._state
        if or_all and not state.chosen.any():
            return state.table.notes
        return state.table.chosen(state.chosen)

    def _do(
        self,
        words: str,
        change: Callable[[Score, str, tuple[Note, ...]], Done],
        kind: RollKind = "drawn",
        *,
        or_all: bool = False,
    ) -> None:
        """`words` with {} for how many notes."""
        notes, track = self.notes(or_all=or_all), self._state.track
        if not notes:
            self._taker.refuse(_NOTHING)
        elif track.locked and kind not in ("locked", "unlocked"):
            self._taker.refuse(LOCKED_TRACK)
        else:
            done = change(self._state.score, track.id, notes)
            self._taker.take(done, words.format(counted(len(notes))), kind)

    # -- where they are and how long -----------------------------------------------------------------

    def move(self, ticks: int, semitones: int = 0) -> None:
        """Earlier or later, lower or higher."""
        words = "Move {}" if ticks else "Transpose {}"
        self._do(words, lambda score, track, notes: edits.move(score, track, notes, ticks, semitones))

    def transpose(self, semitones: int) -> None:
        """Higher or lower, by semitones."""
        self._do("Transpose {}", lambda score, track, notes: edits.transpose(score, track, notes, semitones))

    def transpose_in_key(self, steps: int) -> None:
        """Higher or lower by steps of the key's scale; without a key by semitones."""
        classes = self._classes()
        if classes is None:
            self.transpose(steps)
        else:
            self._do(
                "Transpose {} in the key",
                lambda score, track, notes: edits.transpose_in_scale(score, track, notes, steps, classes),
            )

    def resize(self, ticks: int, *, from_start: bool = False) -> None:
        """Longer or shorter."""
        self._do(
            "Resize {}",
            lambda score, track, notes: edits.resize(score, track, notes, ticks, from_start=from_start),
        )

    def legato(self) -> None:
        """Each note until the next."""
        self._do("Legato for {}", edits.legato)

    def split(self, tick: int | None = None) -> None:
        """Cut the chosen notes at a tick (else the playhead, else each in its middle)."""
        if tick is None and self._state.playhead >= 0:
            tick = self._state.playhead
        if tick is not None:
            at = tick
            self._do("Split {}", lambda score, track, notes: edits.split(score, track, notes, at))
        else:
            self._do("Split {}", _halved)

    def join(self) -> None:
        """Make one of those that follow each other at the same pitch."""
        self._do("Join {}", edits.join)

    def reverse(self) -> None:
        """Back to front."""
        self._do("Reverse {}", edits.reverse)

    def invert(self, *, in_key: bool = False) -> None:
        """Upside down, in semitones or in steps of the key."""
        classes = self._classes() if in_key else None
        self._do("Invert {}", lambda score, track, notes: edits.invert(score, track, notes, classes))

    def duplicate(self, ticks: int | None = None) -> None:
        """Copies behind them: at the next line of the grid (of a bar's length: at the next bar)."""
        notes = self.notes()
        if not notes:
            self._taker.refuse(_NOTHING)
            return
        by = self._behind(notes) if ticks is None else ticks
        self._do("Duplicate {}", lambda score, track, some: edits.duplicate(score, track, some, by))

    def _behind(self, notes: tuple[Note, ...]) -> int:
        first, last = min(note.start for note in notes), max(note.end for note in notes)
        bars = self._state.bars
        start = bars.starts[bars.at(first)]
        bar = bars.starts[bars.at(first) + 1] - start
        step = max(1, self._state.snap.step)
        unit = bar if last - first > bar // 2 else min(step, bar)
        return max(1, -(-(last - first) // unit)) * unit

    def _classes(self) -> frozenset[int] | None:
        notes = self.notes(or_all=True)
        key = key_at(self._state.score.keys, notes[0].start if notes else 0)
        return key_classes(key) if key is not None else None

    # -- in time -------------------------------------------------------------------------------------

    def quantise(
        self, grid_ticks: int, strength: float = 1.0, swing: float = 0.5, *, ends: bool = False
    ) -> None:
        """Onto the grid, as far as `strength` says; swing 0.5 is straight."""
        self._do(
            "Quantise {}",
            lambda score, track, notes: groove.quantise(
                score, track, notes, grid_ticks, strength, swing, ends=ends
            ),
            "adjusted",
            or_all=True,
        )

    def humanise(self, seed: int, ticks: int = 12, velocity: int = 8) -> None:
        """A little off the grid, a little uneven."""
        self._do(
            "Humanise {}",
            lambda score, track, notes: groove.humanise(score, track, notes, seed, ticks, velocity),
            "adjusted",
            or_all=True,
        )

    # -- copies --------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Keep the chosen notes to be put down elsewhere, also in another track."""
        notes, bars = self.notes(), self._state.bars
        if notes:
            self.clip = edits_clip.copy({self._state.track.id: notes}, bars.starts[bars.at(notes[0].start)])

    def cut(self) -> None:
        """Keep them and take them away."""
        self.copy()
        self.delete()

    def paste(self, tick: int | None = None) -> None:
        """Put them down from a tick on, else from the playhead's bar, else from the next bar after what is chosen."""
        state, track = self._state, self._state.track
        if not self.clip.count:
            self._taker.refuse("There is nothing to paste. Copy some notes first.")
        elif track.locked:
            self._taker.refuse(LOCKED_TRACK)
        else:
            at = self._paste_place() if tick is None else tick
            pasted = edits_clip.paste(state.score, self.clip, at, track.id)
            self._taker.take(pasted.tracks[track.id], f"Paste {counted(self.clip.count)}", "drawn")

    def _paste_place(self) -> int:
        state = self._state
        bars, notes = state.bars, self.notes()
        if state.playhead >= 0:
            return bars.starts[bars.at(state.playhead)]
        if notes:
            return bars.starts[bars.at(max(note.end for note in notes) - 1) + 1]
        return bars.starts[bars.at(state.sight.span[0])]

    # -- how strong, whether held --------------------------------------------------------------------

    def set_velocity(self, velocity: int) -> None:
        """All as strong."""
        self._do(
            "Velocity of {}",
            lambda score, track, notes: edits.set_velocities(score, track, dict.fromkeys(notes, velocity)),
            "adjusted",
        )

    def change_velocity(self, by: int) -> None:
        """Stronger or softer."""
        self._do(
            "Velocity of {}",
            lambda score, track, notes: edits.set_velocities(
                score, track, {note: min(127, max(1, note.velocity + by)) for note in notes}
            ),
            "adjusted",
        )

    def ramp(self, first: int, last: int) -> None:
        """A crescendo or diminuendo."""
        self._do(
            "Velocity of {}",
            lambda score, track, notes: edits.ramp_velocities(score, track, notes, first, last),
            "adjusted",
        )

    def lock(self, locked: bool = True) -> None:
        """Hold them as they are, or let them go."""
        self._do(
            "Lock {}" if locked else "Unlock {}",
            lambda score, track, notes: edits.lock(score, track, notes, locked),
            "locked" if locked else "unlocked",
        )

    def lock_bars(self, first: int, last: int, locked: bool = True) -> None:
        """Hold all that sounds in bars of the track (from 0, both included) as it is, or let it go."""
        score = holds.lock_bars(self._state.score, (self._state.track.id,), first, last, locked)
        title = holds.words(first, last, locked)
        self._taker.take(Done(score, self.notes()), title, "locked" if locked else "unlocked")

    def delete(self) -> None:
        """Take them away."""
        self._do("Delete {}", edits.remove)

    # -- what is chosen ------------------------------------------------------------------------------

    def select_all(self) -> None:
        """All notes of the track."""
        self._state.choose(~self._state.table.none())

    def select_none(self) -> None:
        """None of them."""
        self._state.choose(self._state.table.none())

    def select_inverse(self) -> None:
        """Those that are not chosen."""
        self._state.choose(~self._state.chosen)

    def select_pitch(self, pitch: int) -> None:
        """All notes of a pitch."""
        self._state.choose(np.asarray(self._state.table.pitch == pitch, dtype=np.bool_))

    def insert(self, pitch: int, start: int, duration: int, velocity: int) -> None:
        """A new note, without a mouse."""
        track, note = self._state.track, Note(start, pitch, max(duration, edits.SHORTEST), velocity)
        if track.locked:
            self._taker.refuse(LOCKED_TRACK)
            return
        self._taker.take(edits.draw(self._state.score, track.id, (note,)), "Draw a note", "drawn")


def _halved(score: Score, track: str, notes: tuple[Note, ...]) -> Done:
    """Each note cut in its middle, on a sixteenth when there is one near."""
    out: list[Note] = []
    for note in notes:
        grid = TICKS // 4 if note.duration % (TICKS // 2) == 0 else 1
        tick = note.start + max(1, round(note.duration / 2 / grid)) * grid
        done = edits.split(score, track, (note,), tick)
        score = done.score
        out += done.notes
    return Done(score, tuple(out))
