"""What moves while a note sounds: envelopes, slow waves, the pitch wheel and the filter they open and close."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.media.music.zones import Region, Sway, Swell

FLOOR_DB: Final = 90.0  # below full: a voice this quiet has ended
FALL_DB: Final = 100.0  # what an envelope's decay and release times count to
RELEASE_LEAST_S: Final = 0.012  # a font may ask for 1 ms: that clicks
HOP: Final = 512  # frames between the filter's windows, which are twice as long
OPEN_HZ: Final = 18_000.0  # a filter above this changes nothing that is heard
LN_10: Final = 2.302585093
BENT_MOST: Final = 256  # turns of the pitch wheel in one note that are followed
Curve = NDArray[np.float64]
Sound = NDArray[np.float32]
Bends = tuple[tuple[int, int], ...]  # (frame after the note began, cents) in order


def swell_at(swell: Swell, seconds: Curve) -> Curve:
    """A modulation envelope, 0 to 1."""
    top = swell.delay_s + max(swell.attack_s, 1e-6)
    held = top + swell.hold_s
    low = held + max(swell.decay_s * (1 - swell.sustain), 1e-6)
    return np.interp(seconds, (swell.delay_s, top, held, low), (0.0, 1.0, 1.0, swell.sustain))


def sway_at(sway: Sway, seconds: Curve) -> Curve:
    """A triangle from -1 to 1 that begins at 0 after its delay."""
    turns = np.maximum(seconds - sway.delay_s, 0.0) * sway.speed_hz
    return 1 - 4 * np.abs((turns + 0.25) % 1 - 0.5)


def _held(region: Region, pitch: int) -> tuple[float, float, float]:
    """When the attack ends, when the decay begins, and how many decibels a second it falls."""
    volume = region.volume
    top = volume.delay_s + volume.attack_s
    hold = volume.hold_s * 2 ** (region.hold_per_key * (60 - pitch) / 1200)
    decay = volume.decay_s * 2 ** (region.decay_per_key * (60 - pitch) / 1200)
    return top, top + min(hold, 100.0), FALL_DB / max(decay, 1e-3)


def loudness_at(region: Region, pitch: int, seconds: Curve) -> Sound:
    """The volume envelope while the key is held, 0 to 1 (a swaying volume may pass 1), at rising times.

    The attack rises evenly, the decay falls by so many decibels a second (SoundFont 2.04, section 9.1.7).
    """
    top, held, fall = _held(region, pitch)
    quiet = region.volume.sustain > FLOOR_DB
    below_db = np.clip((seconds - held) * fall, 0.0, FLOOR_DB if quiet else region.volume.sustain)
    level: Sound = np.exp(below_db.astype(np.float32) * np.float32(-LN_10 / 20))
    if quiet:
        level[below_db >= FLOOR_DB] = 0.0
    if seconds[0] < top:
        level *= np.clip((seconds - region.volume.delay_s) / max(region.volume.attack_s, 1e-6), 0.0, 1.0)
    if region.sway.volume_db:
        level *= np.power(10.0, sway_at(region.sway, seconds) * region.sway.volume_db / 20)
    return level


def fade_s(region: Region, pitch: int) -> float:
    """After how long a held key is silent of itself; infinity when its sustain is heard."""
    _, held, fall = _held(region, pitch)
    return held + FLOOR_DB / fall if region.volume.sustain > FLOOR_DB else float("inf")


def release_s(region: Region) -> float:
    """After how long a key let go is silent."""
    return max(region.volume.release_s, RELEASE_LEAST_S) * FLOOR_DB / FALL_DB


def release_curve(region: Region, first: int, end: int, rate: int) -> Sound:
    """The fall after the key was let go, from frame to frame counted from then; its last 2 ms reach 0."""
    frames = np.arange(first, end, dtype=np.float32)
    fall = FALL_DB / max(region.volume.release_s, RELEASE_LEAST_S) / 20 * LN_10 / rate
    curve: Sound = np.exp(frames * np.float32(-fall))
    return curve


def cents_at(region: Region, bends: Bends, seconds: Curve, rate: int) -> Curve | None:
    """How far its pitch is moved; None: not at all."""
    cents: Curve | None = None
    if region.swell_pitch_cents:
        cents = swell_at(region.swell, seconds) * region.swell_pitch_cents
    for sway in (region.sway, region.vibrato):
        if sway.pitch_cents:
            moved = sway_at(sway, seconds) * sway.pitch_cents
            cents = moved if cents is None else cents + moved
    if bends:
        frames = np.array([frame for frame, _ in bends])
        steps = np.array([0, *(value for _, value in bends)], dtype=np.float64)
        moved = steps[np.searchsorted(frames, seconds * rate + 0.5, side="right")]
        cents = moved if cents is None else cents + moved
    return cents


def filtered(region: Region, sound: Sound, first: int, rate: int) -> Sound:
    """A low pass that opens and closes, over windows of 2 x HOP frames that overlap by half.

    `sound` begins HOP frames before frame `first` of the note and ends HOP after the part that comes back; both are
    multiples of HOP, so that neighbouring parts meet without a seam. Two poles, as SoundFont has it.
    """
    count = len(sound) // HOP - 1
    seconds = (first + HOP * np.arange(count)) / rate
    cents = swell_at(region.swell, seconds) * region.swell_filter_cents
    if region.sway.filter_cents:
        cents = cents + sway_at(region.sway, seconds) * region.sway.filter_cents
    cut_hz = region.filter_hz * np.power(2.0, cents / 1200)
    if cut_hz.min() >= OPEN_HZ and region.filter_q_db < 1:
        return sound[HOP:-HOP]
    window = np.sqrt(0.5 - 0.5 * np.cos(np.arange(2 * HOP) * (np.pi / HOP))).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(sound, 2 * HOP)[::HOP] * window
    resonance = 10 ** ((region.filter_q_db - 3.01) / 20)
    ratio = (np.arange(HOP + 1) * (rate / (2 * HOP)))[None] / np.minimum(cut_hz, 20_000.0)[:, None]
    gain = 10 ** (-region.filter_q_db / 40)
    response = (gain / ((1 - ratio * ratio) + 1j * ratio / resonance)).astype(np.complex64)
    parts = np.fft.irfft(np.fft.rfft(windows, axis=1) * response, axis=1).astype(np.float32) * window
    joined: Sound = (parts[1:, :HOP] + parts[:-1, HOP:]).reshape(-1)
    return joined
