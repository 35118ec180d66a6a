"""Which steps run, and where: over whole rows, or on the best candidates at the end."""

from dataclasses import dataclass
from typing import Any, Final

from studio.core.sampling import Sampling, Step
from studio.worker.text.sampling.few import ENDING

_OFF: Final[dict[Step, dict[str, Any]]] = {
    "top_k": {"top_k": 0},
    "typical": {"typical_p": 1.0},
    "top_p": {"top_p": 1.0},
    "min_p": {"min_p": 0.0},
}


@dataclass(frozen=True)
class Plan:
    """`steps` run over whole rows, in this order; then the filters of `ending`, then, when it is last, XTC."""

    steps: tuple[Step, ...]
    ending: Sampling  # filters that are no part of the ending are off in it
    xtc: bool
    xtc_last: bool


def plan(s: Sampling) -> Plan:
    """The plan for these knobs. Nothing after the temperature counts for mirostat, or at temperature 0."""
    steps = [step for step in s.order if is_on(step, s)]
    if s.mirostat or not s.temperature:
        steps = steps[: steps.index("temperature") + 1]
    xtc, xtc_last = "xtc" in steps, steps[-1] == "xtc"
    if xtc_last:
        steps.pop()
    first = len(steps)
    while first and steps[first - 1] in ENDING and steps[first - 1 :] == _usual(steps[first - 1 :]):
        first -= 1
    rest = [step for step in ENDING if step not in steps[first:]]
    off = {name: value for step in rest for name, value in _OFF[step].items()}
    return Plan(tuple(steps[:first]), s.changed(**off), xtc, xtc_last)


def is_on(step: Step, s: Sampling) -> bool:
    """Whether a step does anything."""
    match step:
        case "penalties":
            changes = s.repetition_penalty != 1.0 or s.presence_penalty or s.frequency_penalty
            return bool(changes) and s.penalty_tokens > 0
        case "dry":
            return s.dry_multiplier > 0.0
        case "temperature":
            return True
        case "top_n_sigma":
            return s.top_n_sigma > 0.0
        case "top_k":
            return s.top_k > 0
        case "typical":
            return s.typical_p < 1.0
        case "top_p":
            return s.top_p < 1.0
        case "min_p":
            return s.min_p > 0.0
        case "xtc":
            return s.xtc_probability > 0.0


def _usual(steps: list[Step]) -> list[Step]:
    """These steps as `shortlist` does them."""
    return [step for step in ENDING if step in steps]
