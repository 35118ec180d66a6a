"""The grammar's inner step on plain integers and arrays: which tokens may come, and what one does to the state.

Written so that it can be compiled as it stands: the state is a row of integers (a list here), what is free a matrix
of bytes, and a mask row of constants per phase is filled in where it depends on more than the phase.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.media.music import vocabulary as v

Mask = npt.NDArray[np.bool_]
Free = npt.NDArray[np.uint8]

# phases: what may come
BETWEEN: Final = 0  # END, a later position, another pitch at this one
ONSET: Final = 1  # a pitch
STRUCK: Final = 2  # another velocity, HOLD or a duration
LASTING: Final = 3  # HOLD or a duration

# places in the state
PHASE: Final = 0
OFFSET: Final = 1  # the row of the bar's first step
LENGTH: Final = 2  # of the bar
AT: Final = 3  # position, -1 before the first
PITCH: Final = 4
VELOCITY: Final = 5  # -1 before the first in a bar
VOICES: Final = 6  # pitches at this position
HELD: Final = 7  # steps of HOLD so far
RUN: Final = 8  # steps the pitch is free from here
SPARE: Final = 9  # tokens left for notes when every bar to come is closed
MOST_VOICES: Final = 10
LEFT: Final = 11  # notes still to be written in this bar; -1 where that is free
STATE: Final = 12

NOTE_COST: Final = 4  # Position Pitch Velocity Duration
LONGEST_NOTE: Final = 32 * v.LONGEST_DURATION


def rows() -> Mask:
    """A mask row per phase, of what may come in it at the most."""
    table = np.zeros((4, v.SAMPLED), dtype=np.bool_)
    table[BETWEEN, v.END] = True
    table[STRUCK, v.VELOCITY : v.DURATION] = True
    return table


def fill_mask(state: Any, free: Free, open_: npt.NDArray[np.int16], table: Mask, mask: Mask) -> None:
    """Which tokens may come, into `mask` of vocabulary.SAMPLED.

    `free` is 1 at [step, pitch] where that pitch may sound, `open_` how many pitches are free at a step.
    """
    phase = state[PHASE]
    mask[:] = table[phase]
    offset, at = state[OFFSET], state[AT]
    if phase == BETWEEN:
        if state[SPARE] < NOTE_COST or state[LEFT] == 0:
            return
        first = at + 1
        mask[v.POSITION + first : v.POSITION + state[LENGTH]] = (
            open_[offset + first : offset + state[LENGTH]] > 0
        )
        if at >= 0 and state[VOICES] < state[MOST_VOICES]:
            above = state[PITCH] + 1
            mask[v.PITCH + above : v.VELOCITY] = free[offset + at, above:]
        if state[LEFT] > 0 and mask[v.POSITION : v.VELOCITY].any():
            mask[v.END] = False
    elif phase == ONSET:
        mask[v.PITCH : v.VELOCITY] = free[offset + at]
    else:
        if phase == STRUCK and state[VELOCITY] >= 0:
            mask[v.VELOCITY + state[VELOCITY]] = False
        if phase == LASTING or state[VELOCITY] >= 0:
            left = state[RUN] - state[HELD]
            mask[v.DURATION : v.DURATION + min(left, v.LONGEST_DURATION)] = True
            mask[v.HOLD] = left > v.LONGEST_DURATION and state[SPARE] > 1


def advance(state: Any, free: Free, open_: npt.NDArray[np.int16], token: int) -> bool:
    """Takes an allowed token but END; true when it finishes a note: AT, PITCH, VELOCITY and HELD (its duration)."""
    state[SPARE] -= 1
    if token >= v.DURATION:
        state[HELD] += token - v.DURATION + 1
        first = state[OFFSET] + state[AT]
        free[first : first + state[HELD], state[PITCH]] = 0
        open_[first : first + state[HELD]] -= 1
        state[PHASE] = BETWEEN
        state[VOICES] += 1
        state[LEFT] -= state[LEFT] > 0
        return True
    if token >= v.VELOCITY:
        state[VELOCITY] = token - v.VELOCITY
        state[PHASE] = LASTING
    elif token >= v.PITCH:
        state[PITCH] = token - v.PITCH
        state[HELD] = 0
        first = state[OFFSET] + state[AT]
        column = free[first : first + LONGEST_NOTE, state[PITCH]]
        stop = int(column.argmin())
        state[RUN] = stop if column[stop] == 0 else len(column)
        state[PHASE] = STRUCK
    elif token >= v.POSITION:
        state[AT] = token - v.POSITION
        state[PITCH] = -1
        state[VOICES] = 0
        state[PHASE] = ONSET
    else:  # HOLD
        state[HELD] += v.LONGEST_DURATION
        state[PHASE] = LASTING
    return False


def open_bar(state: Any, offset: int, length: int, notes: int = -1) -> None:
    """Begins a bar whose first step is row `offset`; with so many notes, unless `notes` is -1."""
    state[PHASE], state[OFFSET], state[LENGTH] = BETWEEN, offset, length
    state[AT] = state[PITCH] = state[VELOCITY] = -1
    state[VOICES] = state[HELD] = state[RUN] = 0
    state[LEFT] = notes
