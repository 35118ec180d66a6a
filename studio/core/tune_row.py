"""One run as a row of the queue: how it stands, from the last lines it told."""

from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.tune_events import Broke, Evaluated, Finished, Phase, Stepped
from studio.core.tune_run import RunFolder, RunState, Want, state_told
from studio.core.tuning import Art, Method


class RunRow(Struct, frozen=True, kw_only=True):
    """What the queue shows of a run. Losses and `left_s` are negative where they are not known (yet).

    `phase` is what a run at work does besides steps, `done` how far that is (0..1). `what` and `do` say why a run broke
    or why its settings cannot be read; `adapter` is where its result lies. `at_ms` is when it last told something.
    """

    id: str
    path: str
    state: RunState
    want: Want = "run"
    art: Art = "text"
    name: str = ""
    method: Method = "lora"
    base: str = ""
    folder: str = ""
    phase: str = ""
    done: float = -1.0
    step: int = 0
    steps: int = 0
    train_loss: float = -1.0
    val_loss: float = -1.0
    rate: float = 0.0
    left_s: float = -1.0
    adapter: str = ""
    what: str = ""
    do: str = ""
    at_ms: int = 0


def row_of(run: RunFolder, held: bool) -> RunRow:
    """A run's row; `held`: whether a runner holds its lock now. Raises OSError when the run is gone."""
    events = run.last_events()
    told: dict[str, object] = {}
    for event in events:
        told["at_ms"] = event.at_ms
        match event:
            case Stepped():
                told |= {"step": event.step, "steps": event.steps, "train_loss": event.train_loss}
                told |= {"rate": event.rate, "left_s": event.left_s, "phase": "training", "done": -1.0}
            case Evaluated():
                told |= {"step": event.step, "steps": event.steps, "val_loss": event.val_loss}
            case Phase():
                told |= {"phase": event.name, "done": event.done, "what": "", "do": "", "adapter": ""}
            case Finished():
                told |= {"step": event.step, "steps": event.steps, "adapter": event.adapter, "phase": ""}
            case Broke():
                told |= {"what": event.what, "do": event.do, "phase": ""}
            case _:
                pass
    try:
        asked = run.settings()
        told |= {
            "art": asked.art, "name": asked.name, "method": asked.method, "base": asked.base, "folder": asked.folder,
        }  # fmt: skip
    except StudioError as error:
        told |= {"what": error.what, "do": error.do}
    state = state_told(events, held)
    return RunRow(id=run.id, path=str(run.path), state=state, want=run.want(), **told)  # type: ignore[arg-type]
