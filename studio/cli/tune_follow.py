"""Following a run from a terminal: its lines as they come, Ctrl+C, and what became of it."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import psutil

from studio.cli.console import CANCELLED, FAILED, OK, PARTLY, Report
from studio.cli.tune_lines import line_of, words_of_event
from studio.core.errors import StudioError
from studio.core.tune_events import Broke, Finished, Phase, RunEvent, Stepped
from studio.core.tune_run import OVER, RunFolder
from studio.engine.tune_runs import TuneRuns

Say = Callable[[str], None]
_POLL_S: Final = 0.1
_TEND_S: Final = 1.0
_WORDS_S: Final = 2.0  # between two lines about steps for people
_TAIL_BYTES: Final = 4_000


class Following:
    """One run, from a byte of its events on until its end. The run goes on without us, whatever becomes of us."""

    def __init__(self, runs: TuneRuns, run: RunFolder, say: Say, offset: int = 0) -> None:
        self._runs, self._run, self._say, self._offset = runs, run, say, offset
        self._known: dict[str, Any] = {}
        self._wished = ""
        self._pid: int | None = None
        self._tended_s = self._said_s = 0.0
        self._waits = False

    def until_over(self) -> Report:
        """Say everything; the last line as a report. Ctrl+C stops and keeps, a second one cancels, a third leaves."""
        while True:
            try:
                end = self._read()
                if end is not None:
                    return self._report(end)
                self._tend()
                time.sleep(_POLL_S)
            except KeyboardInterrupt:
                self._interrupted()

    def _read(self) -> Finished | Broke | None:
        """Say what is new; the end when there is one and the runner let go."""
        end: Finished | Broke | None = None
        for event, behind in self._run.events(self._offset):
            self._offset = behind
            if isinstance(event, Finished | Broke):
                end = event
                continue
            end = None  # it went on behind it
            if line := line_of(event, self._known):
                print_line(line)
            self._tell(event)
        return end

    def _tell(self, event: RunEvent) -> None:
        """Words for people, not faster than they read."""
        if words := words_of_event(event):
            now_s = time.monotonic()
            often = isinstance(event, Stepped) or (isinstance(event, Phase) and event.done > 0)
            if not often or now_s - self._said_s >= _WORDS_S:
                self._said_s = now_s if often else self._said_s
                self._say(words)

    def _tend(self) -> None:
        """See that somebody works on the queue. Raises StudioError when the run died or cannot be begun."""
        now_s = time.monotonic()
        if now_s - self._tended_s < _TEND_S:
            return
        self._tended_s = now_s
        state = self._runs.state(self._run)
        if state == "interrupted" and self._read() is None and self._runs.state(self._run) == "interrupted":
            raise self._died("The training ended without a word", "interrupted")
        if state in OVER:
            return  # its last line is about to be read
        if state != "waiting" or self._runs.at_work():
            if state == "waiting" and not self._waits:
                self._say("Another run is at work; this one waits for its end.")
                self._waits = True
            return
        if self._pid is not None and not _alive(self._pid) and self._runs.state(self._run) == "waiting":
            raise self._died("The training could not be started", "not_started")
        if self._pid is None or not _alive(self._pid):
            self._pid = self._runs.start()

    def _died(self, what: str, code: str) -> StudioError:
        error = StudioError(
            f"{what}.",
            kept="Its checkpoints are kept.",
            do=f"Go on with --resume. What it said last stands in {self._run.log_file}.",
            code=code,
        )
        with contextlib.suppress(OSError):
            error.add_note(self._run.log_file.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace"))
        return error

    def _interrupted(self) -> None:
        """Ctrl+C."""
        if not self._wished:
            self._wished = "stop"
            self._say("Stopping; what was learnt is kept. Ctrl+C again gives it up.")
            self._runs.stop(self._run)
        elif self._wished == "stop":
            self._wished = "cancel"
            self._say("Giving it up. Ctrl+C again leaves at once.")
            self._runs.cancel(self._run)
        else:
            raise KeyboardInterrupt

    def _report(self, end: Finished | Broke) -> Report:
        line = line_of(end, self._known) or {}
        self._tell(end)
        if isinstance(end, Finished):
            partly = end.stopped and self._run.want() == "stop"
            device = {"kind": end.device, "dtype": end.dtype, "threads": end.threads} if end.device else None
            return Report(body=line, status=PARTLY if partly else OK, device=device)
        error = StudioError(end.what, kept=end.kept, do=end.do, code=end.code)
        error.add_note(end.details)
        return Report(body=line, status=CANCELLED if end.code == "cancelled" else FAILED, error=error)


def print_line(line: dict[str, Any]) -> None:
    """One line of JSON on stdout, now. Raises StudioError "closed" when nobody reads it any more."""
    text = json.dumps(msgspec.to_builtins(line), ensure_ascii=False)
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where the last line goes too
        raise StudioError(
            "Nobody reads what this command says.",
            kept="The run goes on.",
            do="Follow it with --resume.",
            code="closed",
        ) from None


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
