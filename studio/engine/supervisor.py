"""Keeps one worker alive: starts it, hears it, restarts it when it dies, gives up when it can't start."""

import time
from collections.abc import Callable
from pathlib import Path

from studio.core.events import Beat, Command, Event, Hello, Loading, Ready, Warm
from studio.engine.views import Limits, WorkerView
from studio.engine.worker_link import Listener, WorkerLink


class Supervisor:
    """The engine's one worker. Everything but the listener runs on the engine thread."""

    def __init__(
        self,
        command: tuple[str, ...],
        log_path: Path,
        limits: Limits,
        listener: Listener,
        changed: Callable[[WorkerView], None],
    ) -> None:
        self.view = WorkerView(phase="off")
        self.rss_mib = 0.0
        self.replaced: Callable[[], None] = lambda: (
            None
        )  # called when a fresh worker stands in for an ended one
        self._command = command
        self._log_path = log_path
        self._limits = limits
        self._listener = listener
        self._changed = changed
        self._link: WorkerLink | None = None
        self._heard_s = 0.0
        self._early_deaths = 0
        self._warm = ""

    @property
    def pid(self) -> int | None:
        """The worker's process id, None without one."""
        return self._link.pid if self._link else None

    def start(self) -> None:
        """Start a worker unless one runs; one that can't be launched at all shows as broken."""
        if self._link is not None:
            return
        self._heard_s = time.monotonic()
        self._show(WorkerView(phase="starting", detail="Starting the model's process…"))
        try:
            self._link = WorkerLink(self._command, self._log_path, self._listener)
        except OSError as error:
            self._show(WorkerView(phase="broken", detail=f"The model's process can't be started: {error}."))
            return
        if self._warm:
            self._link.send(Warm(model=self._warm))

    def restart(self) -> None:
        """End the worker at once and start another."""
        link, self._link = self._link, None
        if link is not None:
            link.kill()
            link.close(0)
        self.start()
        self.replaced()

    def warm(self, model: str) -> None:
        """Load this model now, and after every restart."""
        self._warm = model
        if self._link is not None:
            self._link.send(Warm(model=model))

    def send(self, command: Command) -> bool:
        """Start a worker when there is none, and tell it; False when it could not be told."""
        if self.view.phase == "broken":
            self._early_deaths = 0
        self.start()
        return self._link is not None and self._link.send(command)

    def is_current(self, link: WorkerLink) -> bool:
        """False for the last words of a worker that was replaced."""
        return link is self._link

    def heard(self, event: Event) -> None:
        """Any frame shows life; some say how the worker is."""
        self._heard_s = time.monotonic()
        match event:
            case Hello():
                self._show(WorkerView(phase="starting", detail="Starting the model's process…"))
            case Beat(rss_mib=rss_mib):
                self.rss_mib = rss_mib
            case Loading(model=model, done=done):
                name = Path(model).name
                self._show(
                    WorkerView(phase="loading", model=model, done=done, detail=f"Loading the model “{name}”…")
                )
            case Ready():
                self._early_deaths = 0
                self._show(
                    WorkerView(
                        phase="ready",
                        model=event.model,
                        done=1.0,
                        detail=f"{Path(event.model).name}: {event.parameters / 1e6:.1f} M parameters, "
                        f"{event.device} {event.dtype}",
                        fill_in=event.fill_in,
                        context_tokens=event.context_tokens,
                    )
                )
            case _:
                pass

    def load_failed(self, what: str) -> None:
        """The model that was being read, or was to be read first, can't be used; the process itself is well."""
        if self.view.phase in ("starting", "loading"):
            self._show(WorkerView(phase="failed", model=self.view.model or self._warm, detail=what))

    def died(self, reason: str) -> str:
        """Clear up after a dead worker and start the next; returns the log's tail for the details."""
        link, self._link = self._link, None
        if link is None:
            return ""
        early = (time.monotonic() - link.started_s) * 1000 < self._limits.early_death_ms
        self._early_deaths = self._early_deaths + 1 if early else 0
        link.close(0)
        if self._early_deaths >= self._limits.early_deaths:
            self._show(WorkerView(phase="broken", detail=f"The model's process does not start: {reason}."))
        else:
            self.start()
        return link.log_tail()

    def log_tail(self) -> str:
        """The last words of the worker's log."""
        return self._link.log_tail() if self._link is not None else ""

    def kill(self) -> None:
        """End the worker now; its death is reported like any other."""
        if self._link is not None:
            self._link.kill()

    def check_silence(self) -> bool:
        """Kill a worker that has not been heard for too long; True when it was."""
        if self._link is None or self.silent_in_ms() > 0:
            return False
        self._heard_s = time.monotonic()
        self._link.kill()
        return True

    def silent_in_ms(self) -> float:
        """Milliseconds until the worker counts as dead for its silence."""
        return self._limits.silent_kill_ms - (time.monotonic() - self._heard_s) * 1000

    def close(self) -> None:
        """End worker and reading thread."""
        link, self._link = self._link, None
        if link is not None:
            link.close(self._limits.quit_ms)
        self._show(WorkerView(phase="off"))

    def _show(self, view: WorkerView) -> None:
        if view != self.view:
            self.view = view
            self._changed(view)
