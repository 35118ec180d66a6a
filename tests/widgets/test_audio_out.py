"""Sound out: blocks as a device reads them, and a machine with no device at all."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QIODevice
from PySide6.QtMultimedia import QMediaDevices
from pytestqt.qtbot import QtBot

from studio.widgets.audio_out import NO_DEVICE, READ_MOST_FRAMES, AudioOut, Feed


class Source:
    """A ramp, so that every frame says which one it is."""

    def __init__(self) -> None:
        self.frames = 0
        self.threads: set[int] = set()
        self.sizes: list[int] = []

    def pull(self, frames: int) -> np.ndarray:
        self.threads.add(threading.get_ident())
        self.sizes.append(frames)
        ramp = (np.arange(self.frames, self.frames + frames, dtype=np.float32) / 100_000)[:, None]
        self.frames += frames
        return np.concatenate([ramp, -ramp], axis=1)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def out(qtbot: QtBot, source: Source) -> Iterator[AudioOut]:
    made = AudioOut(source.pull)
    yield made
    assert made.close()


def test_a_feed_gives_a_sink_its_floats_in_order(source: Source) -> None:
    feed = Feed(source.pull)
    assert feed.isSequential()
    assert feed.isOpen()
    assert feed.openMode() & QIODevice.OpenModeFlag.ReadOnly
    assert feed.bytesAvailable() > 0
    read = np.concatenate([np.frombuffer(feed.read(size).data(), np.float32) for size in (8, 800, 4_096)])
    frames = np.arange(613, dtype=np.float32) / 100_000
    assert (read.reshape(-1, 2) == np.stack([frames, -frames], axis=1)).all()
    assert feed.pulled == 613


def test_a_feed_gives_16_bit_numbers_to_a_device_that_wants_them(source: Source) -> None:
    source.frames = 50_000
    feed = Feed(source.pull, wide=False)
    read = np.frombuffer(feed.read(8).data(), np.dtype("<i2"))
    assert list(read) == [16_384, -16_384, 16_384, -16_384]


def test_a_feed_reads_whole_frames_and_not_too_many_at_once(source: Source) -> None:
    feed = Feed(source.pull)
    assert feed.read(7).size() == 0
    assert feed.read(15).size() == 8
    feed.read(10**6)
    assert max(source.sizes) <= READ_MOST_FRAMES


def test_full_scale_does_not_wrap_around() -> None:
    feed = Feed(lambda frames: np.array([[1.0, -1.0]] * frames, np.float32), wide=False)
    assert list(np.frombuffer(feed.read(4).data(), np.dtype("<i2"))) == [32_767, -32_767]


def test_nothing_can_be_written_to_a_feed(source: Source) -> None:
    assert Feed(source.pull).writeData(b"1234", 4) == -1


def needs_no_device() -> None:
    if QMediaDevices.audioOutputs():
        pytest.skip("this machine has a sound device")


def test_with_no_device_it_says_so_in_words(qtbot: QtBot, out: AudioOut) -> None:
    needs_no_device()
    if out.reason != NO_DEVICE:
        with qtbot.waitSignal(out.changed):
            pass
    assert not out.available
    assert out.devices == ()
    assert out.reason == NO_DEVICE


def test_with_no_device_blocks_are_pulled_in_time_and_not_in_this_thread(
    qtbot: QtBot, out: AudioOut, source: Source
) -> None:
    needs_no_device()
    told: list[tuple[float, bool]] = []
    out.started.connect(lambda latency_ms, heard: told.append((latency_ms, heard)))
    out.start()
    assert out.running
    qtbot.waitUntil(lambda: source.frames > 22_050)
    assert told == [(0.0, False)]
    assert threading.get_ident() not in source.threads
    assert len(source.threads) == 1


def test_stopping_ends_the_pulling_and_starting_goes_on(qtbot: QtBot, out: AudioOut, source: Source) -> None:
    needs_no_device()
    out.start()
    qtbot.waitUntil(lambda: source.frames > 0)
    out.stop()
    assert not out.running
    with qtbot.waitSignal(out.changed):
        out.look_again()  # comes after the stop in the sound's thread
    at = source.frames
    with qtbot.waitSignal(out.changed):
        out.look_again()
    assert source.frames == at
    out.start("no such device")
    qtbot.waitUntil(lambda: source.frames > at)


def test_a_latency_told_after_stopping_is_not_believed(qtbot: QtBot, out: AudioOut) -> None:
    out._on_started(20.0, True)
    assert out.latency_ms == 0.0


def test_closing_ends_the_thread_while_it_plays(qtbot: QtBot, source: Source) -> None:
    made = AudioOut(source.pull)
    made.start()
    assert made.close()
    at = source.frames
    qtbot.wait(1)
    assert source.frames == at


def test_found_devices_make_it_available(qtbot: QtBot, out: AudioOut) -> None:
    from studio.widgets.audio_out import Device

    qtbot.waitUntil(lambda: out.reason != "Looking for a sound device.")
    with qtbot.waitSignal(out.changed):
        out._on_found((Device("a", "Speakers", True),))
    assert out.available
    assert out.reason == ""
