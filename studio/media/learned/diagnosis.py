"""What a run's curves say, in plain words: too short, too fast, learnt by heart, too little to learn from."""

import math
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

Loss = tuple[int, float, float]  # step, training loss since the one before (nan at step 0), validation loss
_LITTLE: Final = {"text": 20_000, "image": 12, "music": 4_000}  # characters, pictures, notes
_DOCUMENTS: Final = 3
_FELL: Final = 0.005  # a validation loss that is this much lower has moved
_ROSE: Final = 0.02  # and this much above its best is overfitting
_JUMP: Final = 1.5  # a training loss of this many times the least one before
_DOUBLES: Final = 0.2
_ENDED: Final = {
    "stopped": "You stopped it before its end",
    "minutes": "Its time was up before its end",
    "patience": "It ended once it got no better",
}


class Course(Struct, frozen=True, kw_only=True):
    """How a run went. `why` as in the trainer's Trained; `units`: characters or notes of the training side."""

    art: str
    losses: Sequence[Loss]
    why: str = "done"
    rate: float
    usual_rate: float
    epochs: float
    documents: int
    units: int
    doubles: int = 0  # duplicates that were found
    memorised: int = 0
    samples: int = 0


def diagnose(course: Course) -> tuple[str, ...]:
    """Sentences for the person, the weightiest first. Never empty."""
    found = [*_broken(course), *_overfitted(course), *_still(course)]
    if not found:
        best = min(course.losses, key=_valid) if course.losses else None
        said = f": the held-out loss fell from {course.losses[0][2]:.3f} to {best[2]:.3f}" if best else ""
        how = _ENDED.get(course.why, "The run went well")
        found = [f"{how}{said}."]
    return (*found, *_data(course))


def _valid(loss: Loss) -> float:
    return loss[2] if math.isfinite(loss[2]) else math.inf


def _broken(course: Course) -> list[str]:
    lower = f"Try a learning rate of {course.rate / 4:.1g} (it was {course.rate:.1g})."
    if course.why in ("nan", "diverged"):
        return [f"The loss ran away: the learning rate was too high for this model and data. {lower}"]
    trained = [loss[1] for loss in course.losses if math.isfinite(loss[1])]
    least = math.inf
    for value in trained:
        if value > _JUMP * least:
            return [f"The training loss jumped up in the midst: the learning rate looks too high. {lower}"]
        least = min(least, value)
    return []


def _overfitted(course: Course) -> list[str]:
    if len(course.losses) < 3:
        return []
    best = min(course.losses, key=_valid)
    last = course.losses[-1]
    if best is last or not last[2] > best[2] * (1 + _ROSE):
        return []
    if best[0] == 0:
        return [
            "It never got better on what it did not train on: what it learnt does not carry over. Try a lower "
            "learning rate, a smaller rank, or more and more varied files."
        ]
    return [
        f"From step {best[0]} on it learnt the files by heart: the loss on held-out files rose from {best[2]:.3f} to "
        f"{last[2]:.3f}. The weights of step {best[0]} were kept. More files, or fewer steps, would help."
    ]


def _still(course: Course) -> list[str]:
    """Whether it was still learning when it ended, or had not begun."""
    if len(course.losses) < 2:
        return []
    first, last = course.losses[0][2], course.losses[-1][2]
    best = min(_valid(loss) for loss in course.losses)
    if best > first * (1 - _FELL):
        if course.rate < course.usual_rate / 3:
            return [
                f"Almost nothing was learnt: the learning rate of {course.rate:.1g} is low for this method "
                f"({course.usual_rate:.1g} is usual)."
            ]
        if course.epochs < 1:
            return [f"Almost nothing was learnt: it saw {course.epochs:.0%} of the files. Let it run longer."]
        return ["Almost nothing was learnt. Let it run longer, or try a higher learning rate."]
    tail = [_valid(loss) for loss in course.losses[-3:]]
    falling = len(tail) == 3 and tail[0] > tail[1] > tail[2] and tail[0] - tail[2] > _FELL * tail[2]
    if falling and last == best and course.why != "patience":
        return ["It was still getting better when it ended: more steps would help."]
    return []


def _data(course: Course) -> list[str]:
    found = []
    size = course.documents if course.art == "image" else course.units
    if course.documents < _DOCUMENTS or size < _LITTLE[course.art]:
        what = {"text": "characters", "image": "pictures", "music": "notes"}[course.art]
        amount = f"{size:,} {what}"
        found.append(
            f"There was little to learn from ({amount}): it takes up the manner at best, and copies easily."
        )
    if course.documents and course.doubles > _DOUBLES * course.documents:
        found.append(
            f"{course.doubles} files are the same as others, or nearly: what stands there often is learnt by heart."
        )
    if course.memorised:
        found.append(
            f"{course.memorised} of {course.samples} samples repeat a longer stretch of the files word for word. "
            "Train for fewer steps, or lower the adapter's weight, before you show what it makes."
        )
    return found
