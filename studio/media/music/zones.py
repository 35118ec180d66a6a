"""A SoundFont's zones: which sample sounds for a key and a velocity, and how it is to be played."""

import math
from typing import Final

from msgspec import Struct

from studio.media.music.soundfont_file import INSTRUMENT, ROM, SAMPLE, VORBIS, FontTables, Table

_DEFAULTS: Final = {  # generators whose default is not 0 (SoundFont 2.04, section 8.1.3)
    8: 13_500, 21: -12_000, 23: -12_000, 25: -12_000, 26: -12_000, 27: -12_000, 28: -12_000, 30: -12_000,
    33: -12_000, 34: -12_000, 35: -12_000, 36: -12_000, 38: -12_000, 43: 127 << 8, 44: 127 << 8,
    46: -1, 47: -1, 56: 100, 58: -1,
}  # fmt: skip
_OF_INSTRUMENTS: Final = frozenset((0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58))  # not added to by presets
_RANGES: Final = (43, 44)  # of keys, of velocities: low and high byte
QUIET_SHARE: Final = 0.4  # of a zone's attenuation counts, as the EMU8000 had it and all players since
RATE_LEAST_HZ: Final = 400
RATE_MOST_HZ: Final = 192_000


class Swell(Struct, frozen=True):
    """An envelope: seconds of each part; `sustain` is decibels below full (volume) or a level 0 to 1 (modulation)."""

    delay_s: float
    attack_s: float
    hold_s: float
    decay_s: float
    sustain: float
    release_s: float


class Sway(Struct, frozen=True):
    """A slow wave: when it begins, how fast, and what it moves (cents, cents of the filter, decibels)."""

    delay_s: float
    speed_hz: float
    pitch_cents: float
    filter_cents: float = 0.0
    volume_db: float = 0.0


class Region(Struct, frozen=True, kw_only=True):
    """One sample over a range of keys and velocities. Places are in samples of the font's table (sf3: of the clip)."""

    keys: tuple[int, int]
    velocities: tuple[int, int]
    sample: int
    start: int
    end: int
    loop_start: int
    loop_end: int
    mode: int  # 0 plays once, 1 loops on, 3 loops until the key is let go
    rate_hz: int
    root: int
    tune_cents: float
    key_cents: float
    quiet_db: float
    pan: float
    volume: Swell
    swell: Swell
    swell_pitch_cents: float
    swell_filter_cents: float
    sway: Sway
    vibrato: Sway
    filter_hz: float
    filter_q_db: float
    group: int
    fixed_key: int
    fixed_velocity: int
    compressed: bool
    hold_per_key: float
    decay_per_key: float

    def cents(self, pitch: int) -> float:
        """How far from its root it plays for that key."""
        key = pitch if self.fixed_key < 0 else self.fixed_key
        return (key - self.root) * self.key_cents + self.tune_cents


def regions_of(tables: FontTables, preset: int) -> tuple[Region, ...]:
    """All regions of the preset in that row of `phdr`."""
    found = []
    for gens, instrument in _zones(tables.phdr, preset, tables.pbag, tables.pgen, INSTRUMENT, {}):
        for inner, sample in _zones(tables.inst, instrument, tables.ibag, tables.igen, SAMPLE, _DEFAULTS):
            region = _region(tables, _sum(inner, gens), sample)
            if region is not None:
                found.append(region)
    return tuple(found)


def _zones(
    heads: Table, row: int, bags: Table, gens: Table, last: int, defaults: dict[int, int]
) -> list[tuple[dict[int, int], int]]:
    """The zones of a row with what they point at; the first that points at nothing is for all of them."""
    zones: list[tuple[dict[int, int], int]] = []
    common = dict(defaults)
    first, end = int(heads["bag"][row]), int(heads["bag"][row + 1])
    for bag in range(first, end):
        zone = dict(common)
        target = -1
        for gen in gens[int(bags["gen"][bag]) : int(bags["gen"][bag + 1])]:
            zone[int(gen["oper"])] = int(gen["amount"])
            if gen["oper"] == last:
                target = int(gen["amount"]) & 0xFFFF
                break
        if target >= 0:
            zones.append((zone, target))
        elif bag == first:
            common = zone
    return zones


def _sum(inner: dict[int, int], outer: dict[int, int]) -> dict[int, int]:
    """An instrument's zone with its preset's added, ranges met."""
    total = dict(inner)
    for oper, amount in outer.items():
        if oper in _RANGES:
            (low, high), (low_2, high_2) = _range(total.get(oper, 127 << 8)), _range(amount)
            total[oper] = max(low, low_2) | min(high, high_2) << 8
        elif oper not in _OF_INSTRUMENTS and oper != INSTRUMENT:
            total[oper] = total.get(oper, 0) + amount
    return total


def _range(amount: int) -> tuple[int, int]:
    return amount & 0xFF, (amount >> 8) & 0xFF


def _swell(gens: dict[int, int], first: int, sustain: float) -> Swell:
    """An envelope whose delay, attack, hold and decay are generators from `first` on, its release the sixth."""
    delay, attack, hold, decay = (_seconds(gens[number]) for number in range(first, first + 4))
    return Swell(delay, attack, hold, decay, sustain, _seconds(gens[first + 5]))


def _region(tables: FontTables, gens: dict[int, int], sample: int) -> Region | None:
    """None when nothing can sound: an empty range, a sample of a ROM, hardly any samples."""
    head = tables.shdr[sample]
    keys, velocities = _range(gens.get(43, 127 << 8)), _range(gens.get(44, 127 << 8))
    kind, rate = int(head["type"]), int(head["rate"])
    if keys[0] > keys[1] or velocities[0] > velocities[1] or kind & ROM:
        return None
    if not RATE_LEAST_HZ <= rate <= RATE_MOST_HZ:
        return None
    compressed = bool(kind & VORBIS)
    start, end, loop = int(head["start"]), int(head["end"]), (int(head["loop_start"]), int(head["loop_end"]))
    if not compressed:
        limit = len(tables.samples)
        start = min(max(0, start + gens.get(0, 0) + 32_768 * gens.get(4, 0)), limit)
        end = min(max(start, end + gens.get(1, 0) + 32_768 * gens.get(12, 0)), limit)
        loop = (
            loop[0] + gens.get(2, 0) + 32_768 * gens.get(45, 0) - start,
            loop[1] + gens.get(3, 0) + 32_768 * gens.get(50, 0) - start,
        )
        if end - start < 4:
            return None
    root = gens[58] if 0 <= gens[58] <= 127 else int(head["root"])
    mode = gens.get(54, 0) & 3
    return Region(
        keys=keys,
        velocities=velocities,
        sample=sample,
        start=start,
        end=end,
        loop_start=loop[0],
        loop_end=loop[1],
        mode=0 if mode == 2 else mode,
        rate_hz=rate,
        root=60 if root > 127 else root,
        tune_cents=float(head["correction"]) + gens.get(51, 0) * 100 + gens.get(52, 0),
        key_cents=float(gens[56]),
        quiet_db=QUIET_SHARE * max(0, min(1440, gens.get(48, 0))) / 10,
        pan=max(-500, min(500, gens.get(17, 0))) / 500,
        volume=_swell(gens, 33, max(0, min(1440, gens.get(37, 0))) / 10),
        swell=_swell(gens, 25, 1 - max(0, min(1000, gens.get(29, 0))) / 1000),
        swell_pitch_cents=float(gens.get(7, 0)),
        swell_filter_cents=float(gens.get(11, 0)),
        sway=Sway(
            _seconds(gens[21]), _hertz(gens.get(22, 0)), gens.get(5, 0), gens.get(10, 0), gens.get(13, 0) / 10
        ),
        vibrato=Sway(_seconds(gens[23]), _hertz(gens.get(24, 0)), gens.get(6, 0)),
        filter_hz=_hertz(max(1500, min(13_500, gens[8]))),
        filter_q_db=max(0, min(960, gens.get(9, 0))) / 10,
        group=gens.get(57, 0),
        fixed_key=gens[46],
        fixed_velocity=gens[47],
        compressed=compressed,
        hold_per_key=float(gens.get(39, 0)),
        decay_per_key=float(gens.get(40, 0)),
    )


def _seconds(timecents: int) -> float:
    """0 for -12,000 and less, at most 100 s."""
    return 0.0 if timecents <= -12_000 else min(100.0, math.pow(2, timecents / 1200))


def _hertz(cents: int) -> float:
    return 8.176 * math.pow(2, max(-16_000, min(16_000, cents)) / 1200)
