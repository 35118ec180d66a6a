"""A fine-tuning run on disk: a folder of its own, steered and read by files alone, by whoever has the folder.

settings.toml   what was asked for (core.tuning)
events.jsonl    what happened, append-only (core.tune_events)
control.json    what the person wants of it now
lock            held (by the system) by the runner that works on it
data/           what was made of the person's folder; settings.toml in it has nothing left to fill in
checkpoints/step-000100/    manifest.json comes last; a folder without one is not a checkpoint
samples/        pictures, texts, MIDI files
finished.json   what the run will tell when its result is published: from here on nothing is trained again
result/         the adapter or model, its card and report: a staged folder renamed when whole
tensorboard/, log.txt
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from studio.core.files import write_whole
from studio.core.ids import new_id, now_ms
from studio.core.tune_events import (
    Broke,
    Finished,
    Phase,
    RunEvent,
    Stepped,
    decode_event,
    encode_event,
)
from studio.core.tuning import TuneSettings, read_settings, write_settings

Want = Literal["run", "pause", "stop", "cancel"]  # stop: end now and keep what was learnt; cancel: end
RunState = Literal["waiting", "running", "paused", "interrupted", "done", "stopped", "failed", "cancelled"]
OVER: Final[frozenset[RunState]] = frozenset(("done", "stopped", "failed", "cancelled"))
TURN: Final = "lock"  # in the folder of runs: held (by the system) by the one runner at work
_TAIL_BYTES: Final = 65_536


class Control(Struct, frozen=True, kw_only=True):
    """What the person wants of a run."""

    want: Want = "run"


class RunFolder:
    """The paths of one run and the plain reading and writing of its files; holds no state."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, runs: Path, settings: TuneSettings) -> "RunFolder":
        """A new waiting run below `runs`. Raises OSError."""
        run = cls(runs / new_id())
        run.path.mkdir(parents=True)
        write_whole(run.control_file, msgspec.json.encode(Control()))
        write_whole(run.settings_file, write_settings(settings).encode())  # last: with it the run exists
        return run

    @property
    def id(self) -> str:
        """Sorts by the time it was asked for."""
        return self.path.name

    @property
    def settings_file(self) -> Path:
        """What was asked for."""
        return self.path / "settings.toml"

    @property
    def events_file(self) -> Path:
        """What happened."""
        return self.path / "events.jsonl"

    @property
    def control_file(self) -> Path:
        """What the person wants."""
        return self.path / "control.json"

    @property
    def lock_file(self) -> Path:
        """Held by the runner at work."""
        return self.path / "lock"

    @property
    def data(self) -> Path:
        """What was made of the person's folder."""
        return self.path / "data"

    @property
    def complete_file(self) -> Path:
        """The settings with nothing left to fill in: a run that goes on has the ones it began with."""
        return self.data / "settings.toml"

    @property
    def finished_file(self) -> Path:
        """What the run will tell in the end (core.tune_events.Finished)."""
        return self.path / "finished.json"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints by step."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """Samples by step."""
        return self.path / "samples"

    @property
    def result(self) -> Path:
        """The adapter or the model."""
        return self.path / "result"

    @property
    def log_file(self) -> Path:
        """The runner's stderr."""
        return self.path / "log.txt"

    def settings(self) -> TuneSettings:
        """Raises StudioError "config" for a damaged file, OSError when it is not there."""
        return read_settings(self.settings_file.read_text("utf-8"), str(self.settings_file))

    def want(self) -> Want:
        """What the person wants now; "run" where the file is unreadable."""
        try:
            return msgspec.json.decode(self.control_file.read_bytes(), type=Control).want
        except (OSError, msgspec.DecodeError):
            return "run"

    def set_want(self, want: Want) -> None:
        """Steer the run. Raises OSError."""
        write_whole(self.control_file, msgspec.json.encode(Control(want=want)))

    def append(self, event: RunEvent) -> RunEvent:
        """Tell an event, stamped with the run and the time; the stamped one. Raises OSError.

        A line that a crash tore stays behind as a line of its own, so that this one can be read.
        """
        stamped = replace(event, run=self.id, at_ms=now_ms())
        with self.events_file.open("a+b") as file:
            if size := file.seek(0, 2):
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(encode_event(stamped))
        return stamped

    def events(self, offset: int = 0) -> Iterator[tuple[RunEvent, int]]:
        """The whole lines from a byte on, each with the offset behind it; damaged lines are passed over."""
        try:
            stream = self.events_file.open("rb")
        except FileNotFoundError:
            return
        with stream:
            stream.seek(offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    return  # it is just being written
                offset += len(line)
                try:
                    yield decode_event(line), offset
                except msgspec.DecodeError:
                    continue

    def last_events(self) -> list[RunEvent]:
        """The last lines, oldest first: enough to tell how a run stands."""
        try:
            size = self.events_file.stat().st_size
        except FileNotFoundError:
            return []
        return [event for event, _ in self.events(max(0, size - _TAIL_BYTES))]


def state_of(run: RunFolder, held: bool) -> RunState:
    """How a run stands; `held`: whether a runner holds its lock now."""
    return state_told(run.last_events(), held)


def state_told(events: Sequence[RunEvent], held: bool) -> RunState:
    """The same from the last events of a run."""
    ends = [event for event in events if isinstance(event, Finished | Broke)]
    begun = [event for event in events if isinstance(event, Phase | Stepped)]
    last = events[-1] if events else None
    if held:
        return "paused" if isinstance(last, Phase) and last.name == "paused" else "running"
    if isinstance(last, Phase) and last.name == "waiting":
        return "waiting"  # it was put into the queue again
    if ends and (not begun or events.index(ends[-1]) > events.index(begun[-1])):
        end = ends[-1]
        if isinstance(end, Finished):
            return "stopped" if end.stopped else "done"
        return "cancelled" if end.code == "cancelled" else "failed"
    return "interrupted" if begun else "waiting"


def runs_in(folder: Path) -> list[RunFolder]:
    """The runs below a folder, oldest first."""
    if not folder.is_dir():
        return []
    shown = (
        path for path in sorted(folder.iterdir()) if not path.name.startswith(".")
    )  # others are being removed
    found = (RunFolder(path) for path in shown if path.is_dir())
    return [run for run in found if run.settings_file.is_file()]
