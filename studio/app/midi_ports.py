"""MIDI ports of this computer, by python-rtmidi through mido: an optional extra; all else works without it."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol

from studio.core.errors import StudioError

BACKEND: Final = "mido.backends.rtmidi"
MISSING: Final = "MIDI ports need python-rtmidi: pip install 'atelier-studio[midi]'"
NONE_FOUND: Final = "No MIDI port was found: plug the device in and open this menu again."
LISTEN_S: Final = 0.003  # how often a keyboard is asked for what was played
STOP_S: Final = 5.0
Direction = Literal["in", "out"]


class InPort(Protocol):
    """What is used of mido's input ports."""

    def iter_pending(self) -> Any:
        """Messages that have come since."""

    def close(self) -> None:
        """Let go of the device."""


class OutPort(Protocol):
    """What is used of mido's output ports."""

    def send(self, msg: Any) -> None:
        """Send one message."""

    def close(self) -> None:
        """Let go of the device."""


def why_no_ports() -> str:
    """Why there can be no ports at all, in words; "" when the extra is installed."""
    try:
        import rtmidi  # noqa: F401
    except ImportError:
        return MISSING
    return ""


def port_names(direction: Direction) -> tuple[str, ...]:
    """The ports there are now; () without the extra, or where the system has no MIDI."""
    if why_no_ports():
        return ()
    backend = _backend()
    try:
        names = backend.get_input_names() if direction == "in" else backend.get_output_names()
    except OSError:  # no ALSA sequencer, no CoreMIDI
        return ()
    return tuple(dict.fromkeys(names))


def open_in(name: str) -> InPort:
    """A keyboard. Raises StudioError "no_port"."""
    return _opened(name, "in")  # type: ignore[no-any-return]


def open_out(name: str) -> OutPort:
    """An instrument. Raises StudioError "no_port"."""
    return _opened(name, "out")  # type: ignore[no-any-return]


def _opened(name: str, direction: Direction) -> Any:
    missing = why_no_ports()
    try:
        if not missing:
            backend = _backend()
            return backend.open_input(name) if direction == "in" else backend.open_output(name)
    except OSError as error:
        missing = str(error)
    raise StudioError(
        f"The MIDI port {name} could not be opened: {missing}.",
        kept="Everything else works.",
        do="See that it is plugged in and that no other program holds it, then choose it again.",
        code="no_port",
    )


def _backend() -> Any:
    import mido

    return mido.Backend(BACKEND)


class Listener:
    """Asks a port for what was played, in a thread of its own that `close` ends.

    `heard(message, when_s)` comes in that thread, `lost(words)` once when the port fails.
    """

    def __init__(
        self, port: InPort, heard: Callable[[Any, float], object], lost: Callable[[str], object]
    ) -> None:
        self._port = port
        self._heard = heard
        self._lost = lost
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi in", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.wait(LISTEN_S):
            try:
                for message in self._port.iter_pending():
                    self._heard(message, time.perf_counter())
            except OSError as error:
                self._lost(f"The MIDI keyboard is gone: {error}.")
                return

    def close(self) -> bool:
        """End the thread and let go of the port; whether it ended in time."""
        self._ending.set()
        self._thread.join(STOP_S)
        if ended := not self._thread.is_alive():
            self._port.close()
        return ended
