"""Fine-tuning runs as the window and the command line see them: asked for, started, steered, listed. No Qt.

The runner is a detached process that nobody here owns; it is steered by the files of its run (core.tune_run), and its
locks say whether it lives. So every window and every command line may do all of this, whoever began the run.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from msgspec.structs import replace

from studio.core.detached import start_detached
from studio.core.errors import StudioError
from studio.core.files import safe_name, told
from studio.core.ids import new_id
from studio.core.tune_events import Broke, Finished, Phase
from studio.core.tune_row import RunRow, row_of
from studio.core.tune_run import TURN, RunFolder, RunState, Want, runs_in, state_of
from studio.core.tuning import WHOLE, TuneSettings
from studio.media.dataset.found import Survey, keep

RUNNER: Final = (sys.executable, "-m", "studio.worker", "run")
_KEPT: Final = "The run is as it was."


class TuneRuns:
    """The runs in a folder. `adapters` is where results go when no other place is asked for, `models_file` the list
    of models that they are put into; `wait_s` how long a runner is given that just begins or ends."""

    def __init__(self, runs: Path, adapters: Path, models_file: Path, wait_s: float = 2.0) -> None:
        self.folder, self.adapters, self.models_file, self._wait_s = runs, adapters, models_file, wait_s

    def all(self) -> list[RunFolder]:
        """Every run, the oldest first."""
        with told(f"read {self.folder}"):
            return runs_in(self.folder)

    def rows(self) -> list[RunRow]:
        """How every run stands, the oldest first."""
        rows = []
        for run in self.all():
            try:
                row = row_of(run, held(run.lock_file))
                rows.append(row_of(run, held(run.lock_file)) if row.state == "interrupted" else row)
            except OSError:
                continue  # it was removed just now
        return rows

    def run(self, name: str) -> RunFolder:
        """A run by its id. Raises StudioError "no_run"."""
        found = next((run for run in self.all() if run.id == name), None)
        if found is None:
            raise StudioError(f"There is no run {name}.", do="Choose one of the list.", code="no_run")
        return found

    def state(self, run: RunFolder) -> RunState:
        """How a run stands now. A runner may have taken it between the look at the lock and that at its lines."""
        state = state_of(run, held(run.lock_file))
        return state_of(run, held(run.lock_file)) if state == "interrupted" else state

    def at_work(self) -> bool:
        """Whether a runner works on any of the runs."""
        return held(self.folder / TURN)

    def enqueue(self, settings: TuneSettings, survey: Survey | None = None) -> RunFolder:
        """A new run at the end of the queue; `survey` is used again when the folder was looked through already.

        Raises StudioError when it cannot be written.
        """
        if not settings.out:
            settings = replace(settings, out=str(self._free_out(settings)))
        with told("write the run", kept="Nothing was begun."):
            run = RunFolder.create(self.folder, settings)
            if survey is not None:
                keep(survey, run.data)
        return run

    def start(self) -> int | None:
        """Start a runner when a run waits and none is at work; its process id, else None.

        Safe to be called at any time, and to be called when a window opens and whenever runs wait with nobody at work:
        a runner starts the next run itself, but one that was killed cannot. Raises StudioError.
        """
        first = next((run for run in self.all() if run.want() != "pause" and self._waits(run)), None)
        if first is None or self.at_work():
            return None
        command = (*RUNNER, str(first.path), "--models", str(self.models_file))
        with told("start the fine-tuning", kept="The run waits in the queue."):
            return start_detached(command, first.log_file)

    def pause(self, run: RunFolder) -> None:
        """Stop in place with everything in memory; a run that waits is passed over by the queue."""
        self._want(run, "pause")

    def go_on(self, run: RunFolder) -> None:
        """End a pause; call `start` where nobody is at work."""
        self._want(run, "run")

    def stop(self, run: RunFolder) -> None:
        """End now and keep what was learnt. A run that has not begun has learnt nothing and is cancelled."""
        self._want(run, "stop")
        self._end_unbegun(run)

    def cancel(self, run: RunFolder) -> None:
        """End now, without a result; its checkpoints stay in its folder."""
        self._want(run, "cancel")
        self._end_unbegun(run)

    def resume(self, run: RunFolder) -> None:
        """Put a run that was interrupted, stopped, cancelled or broke back into the queue; call `start` behind it.

        It goes on from its newest whole checkpoint. What a stopped one had made stays in its folder (result-1 ...).
        Raises StudioError "busy" when it is at work, "done" when nothing is left to do.
        """
        with self._held(run), told("put the run into the queue again", kept=_KEPT):
            state = state_of(run, held=False)
            if state == "done":
                raise StudioError(
                    f"The run {run.id} is finished.",
                    kept="Its result is kept.",
                    do="Start a new one, with its result to go on from.",
                    code="done",
                )
            run.set_want("run")
            if state == "waiting":
                return
            if state == "stopped":
                _put_aside(run)
            run.append(Phase(name="waiting"))

    def again(self, run: RunFolder) -> TuneSettings:
        """Settings that go on from what a run made, on its folder with what was added since. Raises StudioError."""
        finished = next((event for event in reversed(run.last_events()) if isinstance(event, Finished)), None)
        if finished is None or not Path(finished.adapter).exists():
            raise StudioError(
                f"The run {run.id} has no result to go on from.",
                kept=_KEPT,
                do="Go on with the run itself, or begin a new one.",
                code="no_result",
            )
        asked = run.settings()
        whole = asked.method in WHOLE
        settings: TuneSettings = asked.changed(
            base=finished.adapter if whole else asked.base,
            from_adapter="" if whole else finished.adapter,
            out="",
            seed=(asked.seed + 1) % 2**63,
            data=asked.data.changed(since=str(run.path)),
        )
        return settings

    def remove(self, run: RunFolder) -> None:
        """Delete a run's folder; a result that was put elsewhere stays. Raises StudioError "busy" when at work."""
        aside = self.folder / f".removed-{new_id()}"
        with self._held(run), told("remove the run", kept=_KEPT):
            if os.name != "nt":  # an open lock keeps a folder from being moved there
                run.path.rename(aside)
        for left in (run.path, *self.folder.glob(".removed-*")):  # also of an earlier time that was killed
            shutil.rmtree(left, ignore_errors=True)

    def _waits(self, run: RunFolder) -> bool:
        return self.state(run) == "waiting"

    def _want(self, run: RunFolder, want: Want) -> None:
        with told("steer the run", kept=_KEPT):
            run.set_want(want)

    def _end_unbegun(self, run: RunFolder) -> None:
        """Say the end of a run that waits, or died, and that no runner will say it of."""
        try:
            with self._held(run, wait_s=0), told("end the run", kept=_KEPT):
                if state_of(run, held=False) in ("waiting", "interrupted"):
                    kept = "Its checkpoints are kept." if run.checkpoints.is_dir() else "Nothing was begun."
                    run.append(Broke(what="The run was cancelled.", kept=kept, code="cancelled"))
        except StudioError as error:
            if error.code != "busy":
                raise

    @contextmanager
    def _held(self, run: RunFolder, wait_s: float | None = None) -> Iterator[None]:
        """Keep runners off a run meanwhile. Raises StudioError "busy"."""
        lock = FileLock(run.lock_file, timeout=self._wait_s if wait_s is None else wait_s)
        with told("lock the run", kept=_KEPT):
            try:
                lock.acquire(poll_interval=0.02)
            except Timeout:  # which is an OSError too
                raise StudioError(
                    f"The run {run.id} is at work.",
                    kept=_KEPT,
                    do="Stop it first, or wait for its end.",
                    code="busy",
                ) from None
        try:
            yield
        finally:
            lock.release()

    def _free_out(self, settings: TuneSettings) -> Path:
        """A folder below `adapters` by the run's name, which neither exists nor is another run's."""
        plain = f"{Path(settings.folder).name} {settings.method}".strip()
        name = safe_name(settings.name or plain, settings.art)
        claimed = set()
        for run in self.all():
            try:
                claimed.add(run.settings().out)
            except (StudioError, OSError):
                continue
        number = 1
        while True:
            out = self.adapters / (f"{name} {number}" if number > 1 else name)
            if not out.exists() and str(out) not in claimed:
                return out
            number += 1


def held(lock_file: Path) -> bool:
    """Whether a process holds a lock. Asking keeps nobody from taking it, but for an instant on Windows."""
    try:
        if os.name == "nt":
            with FileLock(lock_file, timeout=0):
                return False
        import fcntl

        with lock_file.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except FileNotFoundError:
        return False
    except (Timeout, BlockingIOError):
        return True


def _put_aside(run: RunFolder) -> None:
    """Make room for another result."""
    number = 1
    while (aside := run.path / f"result-{number}").exists():
        number += 1
    run.finished_file.unlink(missing_ok=True)
    if run.result.exists():
        run.result.rename(aside)
