"""One note's sound from a soundfont, any stretch of it: recording, pitch, filter, envelope, release."""

from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np

from studio.media.music.curves import (
    HOP,
    Bends,
    Curve,
    Sound,
    cents_at,
    fade_s,
    filtered,
    loudness_at,
    release_curve,
    release_s,
)
from studio.media.music.fonts import SoundFont
from studio.media.music.zones import Region

PART: Final = 16_384  # frames that are made and kept at a time; a multiple of HOP
WAVES_MOST_BYTES: Final = 64 * 2**20
PHASES_MOST: Final = 50_000
LENGTHS_MOST: Final = 50_000
LOUD: Final = 0.75  # the level of a full velocity, so that eight tracks have room


class Voice(NamedTuple):
    """A note as it sounds: frames from the start of the piece, when its key (or the pedal) lets it go."""

    start: int
    off: int
    pitch: int
    velocity: int
    bends: Bends = ()
    cut: int = -1  # the frame at which another of its group stops it short (a hi-hat's foot); -1: none


class Instrument(NamedTuple):
    """What a track plays on."""

    program: int
    drums: bool = False
    bank: int = 0


class _Part(NamedTuple):
    wave: Sound  # as the filter leaves it
    body: Sound  # with the envelope of a held key


class Voices:
    """Makes notes' sounds in float32 at one rate, and keeps what it made up to `budget_bytes`.

    One thread at a time. Everything adds up: a track's sound is the sum of its voices', to the last bit whichever
    stretch is asked for.
    """

    def __init__(self, font: SoundFont, rate: int = 44_100, budget_bytes: int = WAVES_MOST_BYTES) -> None:
        self.font = font
        self.rate = rate
        self._budget = budget_bytes
        self.kept_bytes = 0
        self._parts: OrderedDict[tuple[Region, int, int, Bends], _Part] = OrderedDict()
        self._phases: dict[tuple[Region, int, int, Bends], float] = {}
        self._lasting: dict[tuple[Region, int], tuple[float, int, float]] = {}
        self._lengths: dict[tuple[Instrument, int, int, int, int, Bends], int] = {}
        self._chosen: dict[tuple[Instrument, int, int], tuple[Region, ...]] = {}
        self._raw: OrderedDict[Region, tuple[Sound, int, int]] = OrderedDict()

    def regions(self, instrument: Instrument, pitch: int, velocity: int) -> tuple[Region, ...]:
        """The regions that sound for a key and a velocity."""
        key = (instrument, pitch, velocity)
        if key not in self._chosen:
            self._chosen[key] = tuple(
                region
                for region in self.font.regions(
                    instrument.program, drums=instrument.drums, bank=instrument.bank
                )
                if region.keys[0] <= pitch <= region.keys[1]
                and region.velocities[0] <= velocity <= region.velocities[1]
            )
        return self._chosen[key]

    def end(self, instrument: Instrument, voice: Voice) -> int:
        """The frame at which the last of it has faded."""
        cut = voice.cut - voice.start if voice.cut >= 0 else -1
        key = (instrument, voice.pitch, voice.velocity, voice.off - voice.start, cut, voice.bends)
        length = self._lengths.get(key)
        if length is None:
            regions = self.regions(instrument, voice.pitch, voice.velocity)
            length = max((self._length(region, voice) for region in regions), default=0)
            if len(self._lengths) > LENGTHS_MOST:
                self._lengths.clear()
            self._lengths[key] = length
        return voice.start + length

    def add(self, out: Sound, first: int, instrument: Instrument, voice: Voice) -> None:
        """Add what of a voice lies in `out`, float32 (2, frames), which begins at frame `first` of the piece."""
        for region in self.regions(instrument, voice.pitch, voice.velocity):
            begin = max(first, voice.start)
            end = min(first + out.shape[1], voice.start + self._length(region, voice))
            velocity = voice.velocity if region.fixed_velocity < 0 else region.fixed_velocity
            level = LOUD * (velocity / 127) ** 2 * 10 ** (region.quiet_db / -20)
            turn = (region.pan + 1) * np.pi / 4
            left, right = np.float32(level * np.cos(turn)), np.float32(level * np.sin(turn))
            while begin < end:
                here = begin - voice.start
                stop = min(end, voice.start + (here // PART + 1) * PART)
                sound = self._stretch(region, voice, here, stop - voice.start)
                if len(sound) == 0:
                    break
                at = begin - first
                out[0, at : at + len(sound)] += sound * left
                out[1, at : at + len(sound)] += sound * right
                begin = stop

    def _length(self, region: Region, voice: Voice) -> int:
        """How many frames from its start until it is silent."""
        key = (region, voice.pitch)
        if key not in self._lasting:
            whole = float("inf")
            if region.mode == 0:
                slowest = self._step(region, voice.pitch) * 2 ** (-_lowered_most(region) / 1200)
                whole = self._recording(region)[1] / slowest + 1
            self._lasting[key] = (
                fade_s(region, voice.pitch) * self.rate,
                int(release_s(region) * self.rate),
                whole,
            )
        fade, release, whole = self._lasting[key]
        length = int(min(voice.off - voice.start, fade)) + release
        if voice.cut >= 0:
            length = min(length, voice.cut - voice.start + HOP)
        if whole < length:
            lowered = max((-cents for _, cents in voice.bends), default=0)
            length = min(length, int(whole * 2 ** (max(0, lowered) / 1200)) + 1)
        return max(length, 1)

    def _stretch(self, region: Region, voice: Voice, first: int, end: int) -> Sound:
        """Frames of one part of a voice, counted from its start."""
        index = first // PART
        part = self._part(region, voice.pitch, index, voice.bends)
        inside = slice(first - index * PART, end - index * PART)
        held = voice.off - voice.start
        if end <= held:
            sound = part.body[inside]
        else:
            sound = part.wave[inside].copy()
            split = max(0, min(held - first, len(sound)))
            sound[:split] = part.body[inside][:split]
            level = float(loudness_at(region, voice.pitch, np.array([held / self.rate]))[0])
            fall = release_curve(region, first + split - held, first + len(sound) - held, self.rate)
            sound[split:] *= fall * np.float32(level)
        if voice.cut >= 0 and end > voice.cut - voice.start:
            cut = voice.cut - voice.start
            fade = np.clip(1 - (np.arange(first, first + len(sound)) - cut) / HOP, 0, 1).astype(np.float32)
            sound = sound * fade
        return sound

    def _part(self, region: Region, pitch: int, index: int, bends: Bends) -> _Part:
        key = (region, pitch, index, bends)
        if key in self._parts:
            self._parts.move_to_end(key)
            return self._parts[key]
        raw = self._wave(region, pitch, index, bends)
        first = index * PART
        wave = filtered(region, raw, first, self.rate)
        seconds = np.arange(first, first + PART) / self.rate
        body = wave * loudness_at(region, pitch, seconds)
        part = self._parts[key] = _Part(np.ascontiguousarray(wave), body)
        self.kept_bytes += 2 * body.nbytes
        while self.kept_bytes > self._budget and len(self._parts) > 1:
            self.kept_bytes -= 2 * self._parts.popitem(last=False)[1].body.nbytes
        return part

    def _step(self, region: Region, pitch: int) -> float:
        """Samples of the recording a frame."""
        return region.rate_hz / self.rate * 2 ** (region.cents(pitch) / 1200)

    def _wave(self, region: Region, pitch: int, index: int, bends: Bends) -> Sound:
        """The recording at its pitch: PART frames of it and HOP more on both sides, by cubic interpolation."""
        samples, last, loop = self._recording(region)
        at = self._positions(region, pitch, index, bends)
        silent = at < 0 if index == 0 else None
        if at[-1] >= last:
            if loop:
                past = at >= last
                at[past] = last - loop + (at[past] - last) % loop
            else:
                silent = (at < 0) | (at >= last)
        if silent is not None:
            at[silent] = 0.0
        low = at.astype(np.intp)
        part = (at - low).astype(np.float32)
        before, here, after, later = (np.take(samples, low + step) for step in range(4))
        slope, next_slope = (after - before) * np.float32(0.5), (later - here) * np.float32(0.5)
        after -= here  # the rise, from here on
        both = slope + next_slope
        wave = here + part * (slope + part * (3 * after - slope - both + part * (both - 2 * after)))
        if silent is not None:
            wave[silent] = 0.0
        return np.asarray(wave, np.float32)

    def _recording(self, region: Region) -> tuple[Sound, int, int]:
        """The samples with one before and three after, where they end (or turn back), and how long the loop is."""
        if region in self._raw:
            self._raw.move_to_end(region)
            return self._raw[region]
        samples = self.font.samples(region)
        start, end = region.loop_start, min(region.loop_end, len(samples))
        loop = end - start if region.mode and 0 <= start < end - 1 else 0
        if loop:
            tail = np.resize(samples[start:end], 3)
            samples = samples[:end]
        else:
            tail = np.zeros(3, np.float32)
        joined = np.concatenate([samples[:1], samples, tail]) if len(samples) else np.zeros(4, np.float32)
        self._raw[region] = (joined, len(samples), loop)
        while len(self._raw) > 64:
            self._raw.popitem(last=False)
        return self._raw[region]

    def _positions(self, region: Region, pitch: int, index: int, bends: Bends) -> Curve:
        """Where in the recording the frames of a part lie; -1 before its first."""
        first = index * PART - HOP
        count = PART + 2 * HOP
        step = self._step(region, pitch)
        frames = np.arange(first, first + count)
        cents = cents_at(region, bends, np.maximum(frames, 0) / self.rate, self.rate)
        if cents is None:
            return np.asarray(frames * step, np.float64)
        steps = step * np.power(2.0, cents / 1200)
        steps[frames < 0] = 0.0
        begin = self._phase(region, pitch, index, bends)
        moved = np.concatenate([[0.0], np.cumsum(steps)])
        self._remember((region, pitch, index + 1, bends), begin + float(moved[PART]))
        return np.where(frames < 0, -1.0, begin + moved[:-1])

    def _phase(self, region: Region, pitch: int, index: int, bends: Bends) -> float:
        """Where in the recording a part begins, when its pitch moves: the parts before it were walked through."""
        known = index
        while known and (region, pitch, known, bends) not in self._phases:
            known -= 1
        phase = self._phases.get((region, pitch, known, bends), 0.0)
        step = self._step(region, pitch)
        for each in range(known, index):
            frames = np.arange(each * PART - HOP, (each + 1) * PART - HOP)
            cents = cents_at(region, bends, np.maximum(frames, 0) / self.rate, self.rate)
            if cents is not None:
                phase += float((step * np.power(2.0, cents[frames >= 0] / 1200)).sum())
            self._remember((region, pitch, each + 1, bends), phase)
        return phase

    def _remember(self, key: tuple[Region, int, int, Bends], phase: float) -> None:
        if len(self._phases) > PHASES_MOST:
            self._phases.clear()
        self._phases[key] = phase


def _lowered_most(region: Region) -> float:
    """Cents by which its own curves may lower its pitch."""
    moves = (region.swell_pitch_cents, region.sway.pitch_cents, region.vibrato.pitch_cents)
    return sum(map(abs, moves))
