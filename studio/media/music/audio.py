"""Scores written out as sound: the whole, some tracks, a range of bars, or a file a track; WAV, FLAC or OGG."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from msgspec import Meta, Struct
from msgspec.structs import replace

from studio.core.checked import Checked
from studio.core.errors import StoppedError, StudioError
from studio.core.files import sync_folder, told
from studio.core.ids import new_id
from studio.media.music.curves import Sound
from studio.media.music.fonts import SoundFont
from studio.media.music.mix import gains
from studio.media.music.score import Score, Track
from studio.media.music.stems import CHUNK, Layout, layout, render
from studio.media.music.transport import SCALE_LEAST, SCALE_MOST, TimeMap
from studio.media.music.voices import Voices
from studio.media.music.voicing import part_of

if TYPE_CHECKING:
    import soundfile

AudioFormat = Literal["wav", "flac", "ogg"]
RATES_HZ: Final = (22_050, 32_000, 44_100, 48_000, 88_200, 96_000)
CEILING: Final = 0.97  # -0.26 dB: what is louder is turned down as a whole; nothing is bent or cut off
TAIL_MOST_S: Final = 15.0  # a sound that rings longer after the last note fades out
TAIL_FADE_S: Final = 1.0
WAV_MOST_BYTES: Final = 4 * 2**30 - 4096
KEPT: Final = "The project is as it was."


class AudioWish(Checked, frozen=True, kw_only=True):
    """What the person wants written.

    `bits` is for WAV and FLAC, `quality` (0 to 1) for OGG. Bars count from 0, None: from the start, to the end.
    `tracks`: their ids, muted or not; () is what is heard (mute and solo count). `stems`: one file a track, all with
    the same gain, so that they add up to the mix. `scale` 2.0 is twice as fast.
    """

    format: AudioFormat = "wav"
    rate: Literal[22050, 32000, 44100, 48000, 88200, 96000] = 44100
    bits: Literal[16, 24] = 16
    quality: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.6
    first_bar: Annotated[int, Meta(ge=0)] | None = None
    last_bar: Annotated[int, Meta(ge=0)] | None = None
    tracks: tuple[str, ...] = ()
    stems: bool = False
    scale: Annotated[float, Meta(ge=SCALE_LEAST, le=SCALE_MOST)] = 1.0

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return f".{self.format}"


class AudioWritten(Struct, frozen=True, kw_only=True):
    """What was written. `peak_db`: the loudest sample of all files, 0 is full; `down_db`: by how much all was turned
    down so that nothing is cut off (0: not at all)."""

    paths: tuple[Path, ...]
    seconds: float
    peak_db: float
    down_db: float

    @property
    def words(self) -> str:
        """For the person."""
        files = f"{len(self.paths)} files" if len(self.paths) > 1 else self.paths[0].name
        minutes, seconds = divmod(round(self.seconds), 60)
        down = (
            f", turned down by {self.down_db:.1f} dB so that nothing is cut off" if self.down_db > 0 else ""
        )
        return f"{files}: {minutes}:{seconds:02}, peak {self.peak_db:.1f} dB{down}."


class _Plan(Struct, frozen=True):
    """Which layouts sound in which file, with which gains, over which frames."""

    begin: int
    end: int
    fade: bool
    files: tuple[tuple[Path, tuple[tuple[Layout, float, float], ...]], ...]


def write_audio(
    score: Score,
    target: Path,
    wish: AudioWish,
    font: SoundFont,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda _: None,
) -> AudioWritten:
    """Write a score's sound to `target`, or each track's beside it (“name 1 Violin.wav”).

    Each file is written whole or not at all. `progress` is told the share done; it begins again when the piece must
    be turned down. Raises StudioError: "empty", "too_long", "full", "read_only", "io"; StoppedError.
    """
    sounds = Voices(font, wish.rate)
    plan = _planned(score, target, wish, sounds)
    frames = plan.end - plan.begin
    if wish.format == "wav" and frames * 2 * wish.bits // 8 > WAV_MOST_BYTES:
        raise StudioError(
            "A WAV file holds at most 4 GiB, and this would be longer.",
            kept=KEPT,
            do="Choose FLAC or OGG, a lower rate, or fewer bars.",
            code="too_long",
        )
    temporary = [path.with_name(f".{path.name[:80]}.{new_id()}.tmp") for path, _ in plan.files]
    try:
        with told(f"write {target}", kept=KEPT):
            peak = _pass(plan, sounds, wish, temporary, 1.0, stopped, progress)
            gain = CEILING / peak if peak > CEILING else 1.0
            if gain < 1:
                _pass(plan, sounds, wish, temporary, gain, stopped, progress)
            for path in temporary:
                _flushed(path)
            for path, (final, _) in zip(temporary, plan.files, strict=True):
                path.replace(final)
            sync_folder(target.parent)
    finally:
        for path in temporary:
            with suppress(OSError):
                path.unlink()
    return AudioWritten(
        paths=tuple(path for path, _ in plan.files),
        seconds=frames / wish.rate,
        peak_db=_decibels(peak * gain),
        down_db=-_decibels(gain),
    )


def _decibels(level: float) -> float:
    return float(20 * np.log10(max(level, 1e-6))) if level != 1 else 0.0


def _planned(score: Score, target: Path, wish: AudioWish, sounds: Voices) -> _Plan:
    time = TimeMap(score.tempos, wish.rate, wish.scale)
    bars = score.bars()
    last_bar = len(bars) - 1 if wish.last_bar is None else min(wish.last_bar, len(bars) - 1)
    first_bar = min(wish.first_bar or 0, last_bar)
    first, end = (time.frame_at(tick) for tick in bars.span(first_bar, last_bar))
    soloed = any(track.solo for track in score.tracks)
    chosen: list[tuple[Track, Layout, float, float]] = []
    for track in score.tracks:
        if wish.tracks and track.id not in wish.tracks:
            continue
        heard = replace(track, mute=False) if wish.tracks else track
        left, right = gains(heard, soloed and not wish.tracks)
        part = part_of(track, time, sounds)
        part = part._replace(voices=tuple(voice for voice in part.voices if voice.start < end))
        laid = layout(part, sounds)
        if laid.end > first and (left or right):
            chosen.append((track, laid, left, right))
    if not chosen:
        raise StudioError(
            "Nothing sounds there: no note, or every track is muted.",
            kept=KEPT,
            do="Choose other bars or tracks.",
            code="empty",
        )
    ring = end + round(TAIL_MOST_S * wish.rate)
    last = max(laid.end for _, laid, _, _ in chosen)
    files = [(target, tuple((laid, left, right) for _, laid, left, right in chosen))]
    if wish.stems:
        files = [
            (_beside(target, number, track), ((laid, left, right),))
            for number, (track, laid, left, right) in enumerate(chosen, 1)
        ]
    return _Plan(first, min(last, ring), last > ring, tuple(files))


def _beside(target: Path, number: int, track: Track) -> Path:
    """The name of a track's own file."""
    name = "".join(letter if letter.isalnum() or letter in " -_()" else " " for letter in track.name)
    label = " ".join(name.split())[:60] or "track"
    return target.with_name(f"{target.stem} {number} {label}{target.suffix}")


def _pass(
    plan: _Plan,
    sounds: Voices,
    wish: AudioWish,
    paths: list[Path],
    gain: float,
    stopped: Callable[[], bool],
    progress: Callable[[float], None],
) -> float:
    """Write all files once at a gain; the loudest sample of all before it. Raises OSError, StoppedError."""
    import soundfile

    peak = 0.0
    files: list[soundfile.SoundFile] = []
    try:
        for path in paths:
            path.touch(exist_ok=True)
            files.append(_opened(path, wish))
        for share, blocks in _blocks(plan, sounds, wish.rate):
            if stopped():
                raise StoppedError("The export was stopped.", kept=KEPT)
            for file, block in zip(files, blocks, strict=True):
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                file.write(_numbers(block * np.float32(gain), wish))
            progress(share)
        for file in files:
            file.close()
    except (soundfile.SoundFileError, AssertionError) as error:
        full = shutil.disk_usage(paths[0].parent).free < 4 * 2**20
        number = errno.ENOSPC if full else errno.EIO
        raise OSError(number, os.strerror(number)) from error
    finally:
        for file in files:
            with suppress(soundfile.SoundFileError):
                file.close()
    return peak


def _numbers(block: Sound, wish: AudioWish) -> "np.ndarray[Any, Any]":
    """(frames, 2): rounded to the file's bits (libsndfile would cut them off), floats for OGG."""
    if wish.format == "ogg":
        return block.T
    top = 2 ** (wish.bits - 1) - 1
    whole = (block.T.astype(np.float64) * top).round().astype(np.int32)
    return np.asarray(whole << (32 - wish.bits))


def _opened(path: Path, wish: AudioWish) -> "soundfile.SoundFile":
    import soundfile

    kind: dict[str, Any] = {"format": wish.format.upper(), "subtype": f"PCM_{wish.bits}"}
    if wish.format == "ogg":
        kind |= {"subtype": "VORBIS", "compression_level": 1 - wish.quality}
    return soundfile.SoundFile(path, "w", samplerate=wish.rate, channels=2, **kind)


def _blocks(plan: _Plan, sounds: Voices, rate: int) -> Iterator[tuple[float, list[Sound]]]:
    """Each file's next block, float32 (2, frames), with the share that is done behind it."""
    for index in range(plan.begin // CHUNK, -(-plan.end // CHUNK)):
        first = max(plan.begin, index * CHUNK)
        end = min(plan.end, (index + 1) * CHUNK)
        made: dict[int, Sound | None] = {}
        blocks = []
        for _, parts in plan.files:
            block = np.zeros((2, end - first), np.float32)
            for laid, left, right in parts:
                if id(laid) not in made:
                    key = laid.keys[index] if index < len(laid.keys) else None
                    made[id(laid)] = render(sounds, key) if key else None
                chunk = made[id(laid)]
                if chunk is not None:
                    part = chunk[:, first - index * CHUNK : end - index * CHUNK]
                    block += part * np.array([[left], [right]], np.float32)
            if plan.fade and end > plan.end - TAIL_FADE_S * rate:
                fall = (plan.end - np.arange(first, end)) / (TAIL_FADE_S * rate)
                block *= np.clip(fall, 0, 1).astype(np.float32)
            blocks.append(block)
        yield (end - plan.begin) / (plan.end - plan.begin), blocks


def _flushed(path: Path) -> None:
    """On the disk, not only in its cache."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
