"""What a trainer is given (a run: folder, settings, documents, ways to speak) and what it gives back."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os import SEEK_END
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from studio.core.errors import StoppedError
from studio.core.tune_events import Noted, Phase, RunEvent, encode_event
from studio.core.tune_run import RunFolder, Want
from studio.core.tuning import TuneSettings
from studio.media.dataset.found import Survey

Listener = Callable[[RunEvent], None]
OnSample = Callable[[int, Any], None]  # step, the model as it stands (in evaluation mode, gradients off)
Loss = tuple[int, float, float]  # step, training loss since the one before (nan at step 0), validation loss
_POLL_S = 0.2


def no_sample(step: int, model: Any) -> None:
    """Makes no sample."""
    del step, model


@dataclass
class Run:
    """One run at work. `settings` are complete: nothing in them is left to fill in.

    `on_sample(step, model)` is called at step 0 (the base alone: the adapter does nothing yet) and every
    `settings.run.sample_every` steps; random states are put back behind it.
    """

    folder: RunFolder
    settings: TuneSettings
    survey: Survey
    listeners: Sequence[Listener] = ()
    on_sample: OnSample = no_sample
    _told: bool = field(default=False, init=False)
    _read: tuple[int, int] = field(default=(-1, -1), init=False)
    _want: Want = field(default="run", init=False)

    @property
    def staged(self) -> Path:
        """Where a trainer leaves what it made, until it is published."""
        return self.folder.path / "staged"

    def tell(self, event: RunEvent) -> None:
        """Stamp an event with the run and the time, append it to events.jsonl, tell the listeners. Raises OSError."""
        stamped = replace(event, run=self.folder.id, at_ms=time.time_ns() // 1_000_000)
        with self.folder.events_file.open("ab+") as file:
            if not self._told and file.tell():
                file.seek(-1, SEEK_END)
                torn = file.read(1) != b"\n"  # the last line of a run that lost power
                file.write(b"\n" if torn else b"")
            file.write(encode_event(stamped))
        self._told = True
        for listener in self.listeners:
            listener(stamped)

    def note(self, what: str, do: str = "", code: str = "", step: int = 0) -> None:
        """Tell the person something."""
        self.tell(Noted(what=what, do=do, code=code, step=step))

    def phase(self, name: str, done: float = -1.0, words: str = "") -> None:
        """Tell what goes on now."""
        self.tell(Phase(name=name, done=done, words=words))

    def want(self) -> Want:
        """What the person wants now; cheap enough to ask for at every step."""
        try:
            state = self.folder.control_file.stat()
        except OSError:
            return self._want
        version = (
            state.st_ino,
            state.st_mtime_ns,
        )  # each writing is another file; a clock's tick may hold two
        if version != self._read:
            self._want, self._read = self.folder.want(), version
        return self._want

    def check(self) -> None:
        """Raises StoppedError when the run is to be cancelled."""
        if self.want() == "cancel":
            raise StoppedError("The run was cancelled.", kept="Its checkpoints are kept.")

    def wait_while_paused(self) -> Want:
        """Wait in place while the person wants a pause; what they want then. Everything stays in memory."""
        if self.want() != "pause":
            return self._want
        self.phase("paused")
        while (want := self.want()) == "pause":
            time.sleep(_POLL_S)
        if want == "run":
            self.phase("training")
        return want


@dataclass(frozen=True)
class Trained:
    """What a trainer made: `adapter` is a folder inside the run (PEFT's or diffusers' layout, or a whole model).

    `step` is the last one made, `best_step` the one whose weights were kept. `stopped`: it ended before `steps`, by the
    person's wish, the time or patience. `why` says in a word why it ended: "done", "stopped", "patience", "minutes",
    "nan", "diverged". `losses` begin at step 0: the base model's own.
    """

    step: int
    steps: int
    stopped: bool
    best_step: int
    best_val: float
    losses: tuple[Loss, ...]
    adapter: Path
    why: str = "done"
    trainable: int = 0  # parameters that were trained
    parameters: int = 0  # of the model
    seconds: float = 0.0  # of training, in all lives of the run
    units: int = 0  # tokens, pictures or notes trained on
    micro_batch: int = 0  # what was computed at once in the end
    precision: str = "fp32"
