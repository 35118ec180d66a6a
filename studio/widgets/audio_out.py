"""Sound out of the computer: blocks are pulled and given to Qt in a thread of their own; with no device, to nobody."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QElapsedTimer, QIODevice, QObject, Qt, QThread, QTimer, Signal, Slot
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices, QtAudio

BUFFER_FRAMES: Final = 1024  # 23 ms at 44.1 kHz: a drawn note is heard within 30
READ_MOST_FRAMES: Final = 4096
SILENT_STEP_MS: Final = 20
BEHIND_MOST_MS: Final = 250  # a silent clock that was held up longer skips the rest
STOP_MS: Final = 5_000
LOOKING: Final = "Looking for a sound device."
NO_DEVICE: Final = "No sound device was found: playing is silent, the playhead moves, files can be written."
Pull = Callable[[int], Any]  # frames -> float32 array (frames, 2), within -1 to 1


class Device(NamedTuple):
    """A sound device: what names it to Qt, what names it to people."""

    id: str
    name: str
    default: bool


class Feed(QIODevice):
    """Pulled blocks as the bytes a sink reads; never ends. `wide`: 32-bit floats, else 16-bit numbers."""

    def __init__(self, pull: Pull, wide: bool = True, parent: QObject | None = None) -> None:
        super().__init__()
        self.setParent(parent)
        self._pull = pull
        self._wide = wide
        self._frame_bytes = 8 if wide else 4
        self.pulled = 0
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        return READ_MOST_FRAMES * self._frame_bytes + super().bytesAvailable()

    def readData(self, maxlen: int) -> bytes:
        frames = min(maxlen // self._frame_bytes, READ_MOST_FRAMES)
        if frames <= 0:
            return b""
        block = self._pull(frames)
        self.pulled += frames
        if self._wide:
            return bytes(block.tobytes())
        return bytes((block * 32767.0).round().astype("<i2").tobytes())

    def writeData(self, data: bytes, len: int) -> int:  # type: ignore[override]
        del data, len
        return -1


class _Outlet(QObject):
    """Lives in the sound's thread: finds devices, owns the sink or the silent clock."""

    found = Signal(object)  # tuple of Device
    started = Signal(float, bool)  # latency in ms, whether it is heard
    failed = Signal(str)
    underran = Signal()

    def __init__(self, pull: Pull, rate: int) -> None:
        super().__init__()
        self._pull = pull
        self._rate = rate
        self._watch: QMediaDevices | None = None
        self._sink: QAudioSink | None = None
        self._feed: Feed | None = None
        self._timer: QTimer | None = None
        self._clock = QElapsedTimer()
        self._silent_frames = 0
        self._running = b""

    @Slot()
    def look(self) -> None:
        """Tell which devices there are, now and whenever that changes."""
        if self._watch is None:
            self._watch = QMediaDevices(self)
            self._watch.audioOutputsChanged.connect(self._on_changed)
        self._tell()

    def _tell(self) -> tuple[QAudioDevice, ...]:
        devices = tuple(QMediaDevices.audioOutputs())
        self.found.emit(
            tuple(
                Device(
                    bytes(device.id().data()).decode("utf-8", "replace"),
                    device.description(),
                    device.isDefault(),
                )
                for device in devices
            )
        )
        return devices

    @Slot()
    def _on_changed(self) -> None:
        devices = self._tell()
        if self._sink is not None and all(bytes(device.id().data()) != self._running for device in devices):
            self.stop()
            self.failed.emit("The sound device is gone: playing goes on in silence.")
            self._tick_on()

    @Slot(str)
    def start(self, wanted: str) -> None:
        """Play on that device, or the system's own; with none: count time and throw the blocks away."""
        self.stop()
        devices = list(QMediaDevices.audioOutputs())
        device = next(
            (each for each in devices if bytes(each.id().data()).decode("utf-8", "replace") == wanted),
            QMediaDevices.defaultAudioOutput() if devices else None,
        )
        if device is None or device.isNull():
            self._tick_on()
            return
        wide = self._format(QAudioFormat.SampleFormat.Float)
        narrow = self._format(QAudioFormat.SampleFormat.Int16)
        style = wide if device.isFormatSupported(wide) else narrow
        if not device.isFormatSupported(style):
            self.failed.emit(
                f"{device.description()} does not take {self._rate:,} Hz in stereo: playing is silent."
            )
            self._tick_on()
            return
        self._running = bytes(device.id().data())
        self._feed = Feed(self._pull, style is wide, self)
        self._sink = QAudioSink(device, style, self)
        self._sink.setBufferFrameCount(BUFFER_FRAMES)
        self._sink.stateChanged.connect(self._on_state)
        self._sink.start(self._feed)
        if self._sink.error() != QtAudio.Error.NoError:
            self.stop()
            self.failed.emit(f"{device.description()} could not be opened: playing is silent.")
            self._tick_on()
            return
        self.started.emit(self._sink.bufferSize() / style.bytesPerFrame() / self._rate * 1000, True)

    @Slot()
    def stop(self) -> None:
        """No block is pulled any more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
        if self._sink is not None:
            self._sink.stateChanged.disconnect(self._on_state)
            self._sink.stop()
            self._sink.deleteLater()
        if self._feed is not None:
            self._feed.close()
            self._feed.deleteLater()
        self._timer, self._sink, self._feed, self._running = None, None, None, b""

    def _format(self, sample: QAudioFormat.SampleFormat) -> QAudioFormat:
        style = QAudioFormat()
        style.setSampleRate(self._rate)
        style.setChannelCount(2)
        style.setSampleFormat(sample)
        return style

    def _tick_on(self) -> None:
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(SILENT_STEP_MS)
        self._timer.timeout.connect(self._on_tick)
        self._clock.start()
        self._silent_frames = 0
        self._timer.start()
        self.started.emit(0.0, False)

    @Slot()
    def _on_tick(self) -> None:
        due = int(self._clock.nsecsElapsed() * self._rate // 1_000_000_000)
        behind = due - self._silent_frames
        self._silent_frames = due
        behind = min(behind, BEHIND_MOST_MS * self._rate // 1000)
        while behind > 0:
            count = min(behind, READ_MOST_FRAMES)
            self._pull(count)
            behind -= count

    @Slot(QtAudio.State)
    def _on_state(self, state: QtAudio.State) -> None:
        if self._sink is None:
            return
        error = self._sink.error()
        if error == QtAudio.Error.UnderrunError:
            self.underran.emit()
        elif error != QtAudio.Error.NoError and state == QtAudio.State.StoppedState:
            self.stop()
            self.failed.emit("The sound device stopped: playing goes on in silence.")
            self._tick_on()


class AudioOut(QObject):
    """Plays what `pull` gives, called in a thread of its own that this object ends (`close`).

    `available` says whether there is a device, `reason` in words why not. `start` works either way: with no device
    the blocks are pulled in time and not heard, so that a playhead moves. `started` tells the latency in ms and
    whether it is heard.
    """

    changed = Signal()  # available, reason, devices
    started = Signal(float, bool)
    failed = Signal(str)  # in words; playing goes on in silence
    underran = Signal()  # the blocks came too late
    _look = Signal()
    _start = Signal(str)
    _stop = Signal()

    def __init__(self, pull: Pull, rate: int = 44_100, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.devices: tuple[Device, ...] = ()
        self.reason = LOOKING
        self.latency_ms = 0.0
        self.running = False
        self._thread = QThread()
        self._thread.setObjectName("sound")
        self._outlet = _Outlet(pull, rate)
        self._outlet.moveToThread(self._thread)
        self._look.connect(self._outlet.look)
        self._start.connect(self._outlet.start)
        self._stop.connect(self._outlet.stop)
        self._outlet.found.connect(self._on_found)
        self._outlet.started.connect(self._on_started)
        self._outlet.failed.connect(self.failed)
        self._outlet.underran.connect(self.underran)
        self._thread.finished.connect(self._outlet.deleteLater)
        self._thread.start(QThread.Priority.TimeCriticalPriority)
        self._look.emit()

    @property
    def available(self) -> bool:
        """There is a device to play on (False until one was looked for: `changed`)."""
        return bool(self.devices)

    def look_again(self) -> None:
        """Ask the system for its devices anew: `changed` comes in any case."""
        self._look.emit()

    def start(self, device: str = "") -> None:
        """Play on the device of that id; "": on the system's own."""
        self.running = True
        self._start.emit(device)

    def stop(self) -> None:
        """Pull no more, soon."""
        self.running = False
        self.latency_ms = 0.0
        self._stop.emit()

    def close(self) -> bool:
        """Stop and end the thread; whether it ended in time. The object is of no use after."""
        self.running = False
        self._stop.emit()
        self._thread.quit()
        return self._thread.wait(STOP_MS)

    @Slot(object)
    def _on_found(self, devices: tuple[Device, ...]) -> None:
        self.devices = devices
        self.reason = "" if devices else NO_DEVICE
        self.changed.emit()

    @Slot(float, bool)
    def _on_started(self, latency_ms: float, heard: bool) -> None:
        if self.running:
            self.latency_ms = latency_ms
            self.started.emit(latency_ms, heard)
