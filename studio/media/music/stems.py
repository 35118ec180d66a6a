"""Stems: each track's sound in chunks, made in a thread of their own, kept by what they are made of.

A stem of float32 in stereo takes 20.2 MiB a minute at 44.1 kHz where it sounds, and nothing where it is silent. Voices
add up exactly, so an edit makes anew only the chunks that its notes reach into; no pre-roll is needed.
"""

import threading
import time
from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from studio.media.music.curves import Sound
from studio.media.music.fonts import SoundFont
from studio.media.music.score import Score, Track
from studio.media.music.transport import RATE, TimeMap
from studio.media.music.voices import Instrument, Voice, Voices
from studio.media.music.voicing import VOLUME, Part, part_of

CHUNK: Final = 32_768  # frames; 0.74 s at 44.1 kHz, 256 KiB
CHUNK_BYTES: Final = CHUNK * 8
BUDGET_MIB: Final = 320
RAMP: Final = 220  # frames in which a change of expression is reached
TELL_S: Final = 0.05  # between two stages that are given while a piece is made
NOTE_FADE_S: Final = 0.25  # a drawn note is short: what is not made needs no waiting for
STOP_S: Final = 5.0


class Stem(Struct, frozen=True, kw_only=True):
    """A track's chunks, float32 (2, CHUNK); None is silence. `missing`: which are not made yet."""

    track: str
    chunks: tuple[Sound | None, ...]
    missing: frozenset[int] = frozenset()


class Stage(Struct, frozen=True, kw_only=True):
    """All stems of a score under a time map, as far as they are made. `end`: the frame behind the last sound."""

    score: Score
    time: TimeMap
    stems: tuple[Stem, ...]
    end: int

    @property
    def missing(self) -> int:
        """How many chunks are not made yet."""
        return sum(len(stem.missing) for stem in self.stems)

    def ready_at(self, frame: int) -> bool:
        """All tracks' sound at that frame is made."""
        return all(frame // CHUNK not in stem.missing for stem in self.stems)


Key = tuple[Instrument, int, tuple[Voice, ...], tuple[tuple[int, float], ...]]


class Layout(NamedTuple):
    """A part by chunks: what each is made of (None: silence), and the frame behind its last sound."""

    part: Part
    keys: tuple[Key | None, ...]
    end: int


def layout(part: Part, sounds: Voices) -> Layout:
    """Which voices reach into which chunk."""
    buckets: dict[int, list[Voice]] = {}
    last = 0
    for voice in part.voices:
        end = sounds.end(part.instrument, voice)
        last = max(last, end)
        for index in range(voice.start // CHUNK, (end - 1) // CHUNK + 1 if end > voice.start else 0):
            buckets.setdefault(index, []).append(voice)
    keys = []
    for index in range(-(-last // CHUNK)):
        voices = buckets.get(index)
        keys.append(
            (part.instrument, index, tuple(voices), _near(part.loudness, index * CHUNK)) if voices else None
        )
    return Layout(part, tuple(keys), last)


def _near(points: tuple[tuple[int, float], ...], first: int) -> tuple[tuple[int, float], ...]:
    """The changes of expression that a chunk hears."""
    begin = bisect_right(points, first, key=lambda point: point[0]) - 1
    end = bisect_left(points, first + CHUNK + RAMP, key=lambda point: point[0])
    return points[max(0, begin) : end]


def render(sounds: Voices, key: Key, between: Callable[[], object] = lambda: None) -> Sound:
    """One chunk, float32 (2, CHUNK): pure, whatever else `sounds` has made. `between` is called before each voice."""
    instrument, index, voices, points = key
    out = np.zeros((2, CHUNK), np.float32)
    for voice in voices:
        between()
        sounds.add(out, index * CHUNK, instrument, voice)
    if points:
        out *= _loudness(points, index * CHUNK)
    return out


def _loudness(points: tuple[tuple[int, float], ...], first: int) -> Sound:
    """The factor of each frame of a chunk: every change is reached by its frame, RAMP frames long."""
    frames, factors = [-1.0], [1.0]
    for frame, factor in points:
        if frame - RAMP > frames[-1]:
            frames.append(frame - RAMP)
            factors.append(factors[-1])
        if frame <= frames[-1]:
            factors[-1] = factor
        else:
            frames.append(frame)
            factors.append(factor)
    return np.interp(np.arange(first, first + CHUNK), frames, factors).astype(np.float32)


class Shelf:
    """Rendered chunks by what they are made of; the least recently wanted go when `budget_bytes` is passed."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._kept: OrderedDict[Key, Sound] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Sound | None:
        """The chunk, if it is kept; it counts as wanted now."""
        chunk = self._kept.get(key)
        if chunk is not None:
            self._kept.move_to_end(key)
        return chunk

    def put(self, key: Key, chunk: Sound) -> None:
        """Keep a chunk, which nobody changes any more."""
        chunk.flags.writeable = False
        self._kept[key] = chunk
        while len(self._kept) * CHUNK_BYTES > self.budget_bytes and len(self._kept) > 1:
            self._kept.popitem(last=False)


class _Asked(NamedTuple):
    """A note to be heard at once."""

    instrument: Instrument
    pitch: int
    velocity: int
    seconds: float
    done: Callable[[Sound], None]


class Stems:
    """Owns the thread that makes stems. `show` and `near` return at once; `ready` is called in that thread.

    The stage it is given is immutable: hand it on as it is. Chunks are made from `near` on to the end, then from the
    start; when the budget does not hold the piece, as many as it holds, and the rest as `near` moves on.
    """

    def __init__(
        self,
        font: SoundFont,
        ready: Callable[[Stage], None],
        rate: int = RATE,
        budget_mib: int = BUDGET_MIB,
    ) -> None:
        self.rate = rate
        self._ready = ready
        self._sounds = Voices(font, rate)
        self._shelf = Shelf(budget_mib * 2**20)
        self._layouts: dict[str, tuple[tuple[object, ...], Layout]] = {}
        self._wake = threading.Condition()
        self._wanted: tuple[Score, TimeMap] | None = None
        self._near = 0
        self._moved = False
        self._asked: deque[_Asked] = deque()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="stems", daemon=True)
        self._thread.start()

    def show(self, score: Score, scale: float = 1.0) -> None:
        """Make this score's stems; what is made already is kept."""
        with self._wake:
            self._wanted = (score, TimeMap(score.tempos, self.rate, scale))
            self._wake.notify()

    def near(self, frame: int) -> None:
        """Chunks from here on are wanted first."""
        with self._wake:
            if frame // CHUNK != self._near:
                self._near = max(0, frame // CHUNK)
                self._moved = True
                self._wake.notify()

    def note(
        self,
        instrument: Instrument,
        pitch: int,
        velocity: int,
        done: Callable[[Sound], None],
        seconds: float = 0.4,
    ) -> None:
        """Make one note before all else and give it, float32 (2, frames), to `done` (in the stems' thread)."""
        with self._wake:
            self._asked.append(_Asked(instrument, pitch, velocity, seconds, done))
            self._wake.notify()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """End the thread; whether it ended in time."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        work: _Work | None = None
        while True:
            with self._wake:
                idle = work is None or work.done
                self._wake.wait_for(lambda: not idle or self._stopping or self._called())  # noqa: B023
                if self._stopping:
                    return
                asked = self._asked.popleft() if self._asked else None
                wanted, self._wanted = self._wanted, None
                moved, self._moved = self._moved, False
                near = self._near
            if asked is not None:
                self._sound(asked)
            if wanted is not None:
                work = _Work(*wanted, self._laid(*wanted), self._shelf, near, work)
            elif moved and work is not None and (work.partial or not work.done):
                work = _Work(work.score, work.time, work.layouts, self._shelf, near, work)
            if work is not None and not work.done:
                stage = work.step(self._sounds, self._serve)
                if stage is not None:
                    self._ready(stage)

    def _called(self) -> bool:
        return self._wanted is not None or self._moved or bool(self._asked)

    def _serve(self) -> None:
        """A note that is to be heard at once does not wait for a whole chunk."""
        while self._asked:
            with self._wake:
                asked = self._asked.popleft()
            self._sound(asked)

    def _sound(self, asked: _Asked) -> None:
        voice = Voice(0, max(1, round(asked.seconds * self.rate)), asked.pitch, asked.velocity)
        fade = round(NOTE_FADE_S * self.rate)
        out = np.zeros((2, min(self._sounds.end(asked.instrument, voice), voice.off + fade)), np.float32)
        self._sounds.add(out, 0, asked.instrument, voice)
        tail = min(fade, out.shape[1])
        out[:, out.shape[1] - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
        asked.done(out)

    def _laid(self, score: Score, time: TimeMap) -> dict[str, Layout]:
        """The tracks' layouts; those of tracks that did not change are taken again."""
        kept: dict[str, tuple[tuple[object, ...], Layout]] = {}
        for track in score.tracks:
            of = made_of(track, time)
            old = self._layouts.get(track.id)
            if old is not None and old[0] == of:
                kept[track.id] = old
            else:
                kept[track.id] = (of, layout(part_of(track, time, self._sounds), self._sounds))
        self._layouts = kept
        return {track: found for track, (_, found) in kept.items()}


def made_of(track: Track, time: TimeMap) -> tuple[object, ...]:
    """What a track's sound depends on: all but the mixer's values, its name and its locks.

    Volumes on the way are absolute, as in MIDI: with any of them the track's own counts too.
    """
    volume = track.volume if any(control.number == VOLUME for control in track.controls) else 0
    return track.program, track.drums, track.controls, track.bends, volume, time, track.notes


class _Work:
    """Making one score's chunks, one at a time, in the order they are needed."""

    def __init__(
        self,
        score: Score,
        time: TimeMap,
        layouts: dict[str, Layout],
        shelf: Shelf,
        near: int,
        before: "_Work | None",
    ) -> None:
        self.score, self.time, self.layouts = score, time, layouts
        self.partial = False  # the budget does not hold the piece
        self._shelf = shelf
        self._near = near
        self._before = before.placed() if before is not None and before.time == time else {}
        self._found: dict[Key, Sound] = {}
        self._left: deque[Key] = deque()
        self._last_s = 0.0
        self._told = False
        longest = max((len(found.keys) for found in layouts.values()), default=0)
        room = max(1, shelf.budget_bytes // CHUNK_BYTES)
        for index in (*range(min(near, longest), longest), *range(min(near, longest))):
            for found in layouts.values():
                key = found.keys[index] if index < len(found.keys) else None
                if key is None:
                    continue
                if room == 0:
                    self.partial = True
                    continue
                room -= 1
                chunk = shelf.get(key)
                if chunk is None:
                    self._left.append(key)
                else:
                    self._found[key] = chunk

    @property
    def done(self) -> bool:
        """Nothing is left to be made or told."""
        return self._told and not self._left

    def step(self, sounds: Voices, between: Callable[[], object]) -> Stage | None:
        """Make the next chunk; a stage when it is time to tell (at once, every TELL_S, at the end)."""
        if self._left and self._told:
            key = self._left.popleft()
            chunk = render(sounds, key, between)
            self._shelf.put(key, chunk)
            self._found[key] = chunk
            if key[1] - self._near in (0, 1):
                self._last_s = 0.0  # what is about to be heard is told at once
        now_s = time.monotonic()
        if self._told and self._left and now_s - self._last_s < TELL_S:
            return None
        self._last_s, self._told = now_s, True
        return self._stage()

    def placed(self) -> dict[tuple[str, int], Sound]:
        """What is made, by track and chunk: until an edited chunk is made, what it was is heard, not a hole."""
        return {
            (track, key[1]): self._found[key]
            for track, found in self.layouts.items()
            for key in found.keys
            if key is not None and key in self._found
        }

    def _stage(self) -> Stage:
        if not self._left:
            self._before = {}
        stems = []
        for track, found in self.layouts.items():
            made = [self._found.get(key) if key is not None else None for key in found.keys]
            missing = frozenset(
                index for index, key in enumerate(found.keys) if key is not None and made[index] is None
            )
            chunks = tuple(
                self._before.get((track, index)) if index in missing else chunk
                for index, chunk in enumerate(made)
            )
            stems.append(Stem(track=track, chunks=chunks, missing=missing))
        end = max((found.end for found in self.layouts.values()), default=0)
        return Stage(score=self.score, time=self.time, stems=tuple(stems), end=end)
