"""The lines that `atelier tune` says: what a run told, in the form that scripts may count on."""

from typing import Any, Final, assert_never

from studio.core.errors import StudioError
from studio.core.tune_events import (
    Broke,
    Evaluated,
    Finished,
    Interval,
    Noted,
    Phase,
    RunEvent,
    Sampled,
    Saved,
    Stepped,
    Surveyed,
)
from studio.core.tuning import read_settings

_FIELDS: Final = ("step", "steps", "train_loss", "val_loss", "lr", "rate", "memory_mib")


def line_of(event: RunEvent, known: dict[str, Any]) -> dict[str, Any] | None:
    """The line of an event, None for one that is for people alone. `known` keeps what the lines said before.

    Every line has all of the fields: null what it is not about, but for the last line, which says them as they stand.
    """
    match event:
        case Surveyed():
            told = {
                "event": "found",
                "documents": event.documents,
                "units": event.units,
                "left_out": event.left_out,
            }
            known |= {"step": 0, "steps": _steps(event.settings)}
        case Stepped():
            told = {"event": "step", "train_loss": event.train_loss, "lr": event.lr, "rate": event.rate}
            told |= {"memory_mib": event.memory_mib, "step": event.step, "steps": event.steps}
        case Evaluated():
            told = {"event": "eval", "val_loss": event.val_loss, "best": event.best}
            told |= {"step": event.step, "steps": event.steps}
        case Sampled():
            told = {"event": "sample", "step": event.step, "index": event.index, "prompt": event.prompt}
            told |= {"file": event.file, "seed": event.seed}
        case Saved():
            told = {"event": "checkpoint", "step": event.step, "steps": event.steps, "folder": event.folder}
        case Finished():
            told = {**known, **_done(event)}
        case Broke():
            told = {**known, "event": "failed"}
        case Phase() | Noted():
            return None
        case _:
            assert_never(event)
    known |= {name: told[name] for name in _FIELDS if told.get(name) is not None}
    counted = {"step": known.get("step", 0), "steps": known.get("steps")}
    first = {"event": told.pop("event"), "run": event.run}
    return {**first, **dict.fromkeys(_FIELDS), **counted, **told}


def words_of_event(event: RunEvent) -> str:
    """The same for people; "" for what they need not hear."""
    match event:
        case Surveyed():
            sides = ", ".join(f"{count} for {side}" for side, count in event.documents.items())
            left = f"; {event.left_out} left out" if event.left_out else ""
            return f"Found documents: {sides}{left}."
        case Phase():
            done = f" {event.done:.0%}" if event.done >= 0 else ""
            return f"{event.name}{done} {event.words}".strip()
        case Stepped():
            left = f", {event.left_s / 60:.0f} min left" if event.left_s >= 0 else ""
            return f"step {event.step}/{event.steps}: loss {event.train_loss:.4f} ({event.rate:.0f}/s{left})"
        case Evaluated():
            return f"step {event.step}: validation {event.val_loss:.4f}{' (the best)' if event.best else ''}"
        case Noted():
            return " ".join(part for part in (event.what, event.do) if part)
        case Finished():
            return "\n".join((f"Done: {event.adapter}", *event.diagnosis))
        case Sampled() | Saved() | Broke():
            return ""
        case _:
            assert_never(event)


def _steps(settings: str) -> int | None:
    """How many steps the complete settings ask for."""
    try:
        return read_settings(settings).steps or None
    except StudioError:
        return None


def _done(event: Finished) -> dict[str, Any]:
    return {
        "event": "done", "step": event.step, "steps": event.steps, "stopped": event.stopped,
        "adapter": event.adapter, "card": event.card,
        "test": {**_compared(event.test), "documents": event.documents} if event.test else None,
        "forgetting": _compared(event.forgetting) if event.forgetting else None,
        "memorised": event.memorised, "longest": event.longest, "diagnosis": list(event.diagnosis),
    }  # fmt: skip


def _compared(weighed: dict[str, Interval]) -> dict[str, Any]:
    """Before, after, and how much was gained, each as a mean; `ci95` has the bounds of the gain, else of after."""
    means = {name: interval.mean for name, interval in weighed.items()}
    told = weighed.get("gain") or weighed.get("after")
    bounds = {name: [interval.low, interval.high] for name, interval in weighed.items()}
    return {**means, "ci95": [told.low, told.high] if told else None, "bounds": bounds}
