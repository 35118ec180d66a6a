"""What stands above a page's staves, from music21: tempo, metre, key, chord symbols, rehearsal marks.

Imports music21: only the child process does.
"""

from collections.abc import Iterator
from typing import Any

from music21 import expressions, harmony, meter, tempo
from music21 import key as keys

from studio.core.errors import StudioError
from studio.media.music.checks import BEATS_MOST, MICROS_MOST, UNITS
from studio.media.music.chords import NO_CHORD, normal_symbol
from studio.media.music.score import MICROS_PER_MINUTE, TICKS, Chord, Key, Meter, Mode, Tempo, Word


def tick_of(quarters: Any) -> int:
    ticks: int = round(quarters * TICKS)
    return ticks


def tempos_of(flats: list[Any], upbeat: int) -> Iterator[Tempo]:
    for flat in flats:
        for mark in flat.getElementsByClass(tempo.MetronomeMark):
            quarters = mark.getQuarterBPM()
            if quarters and 1 <= MICROS_PER_MINUTE / quarters <= MICROS_MOST:
                yield Tempo(
                    tick_of(mark.offset) + upbeat * (mark.offset > 0), round(MICROS_PER_MINUTE / quarters)
                )


def meters_of(flats: list[Any], upbeat: int) -> Iterator[Meter]:
    for flat in flats[:1]:
        for sign in flat.getElementsByClass(meter.TimeSignature):
            if sign.denominator in UNITS and 1 <= sign.numerator <= BEATS_MOST:
                yield Meter(
                    tick_of(sign.offset) + upbeat * (sign.offset > 0), sign.numerator, sign.denominator
                )


def keys_of(flats: list[Any], upbeat: int) -> Iterator[Key]:
    for flat in flats[:1]:
        for sign in flat.getElementsByClass(keys.KeySignature):
            told = sign if isinstance(sign, keys.Key) else sign.asKey()
            mode: Mode = "minor" if told.mode == "minor" else "major"
            tonic = (sign.sharps * 7 + (9 if mode == "minor" else 0)) % 12
            yield Key(tick_of(sign.offset) + upbeat * (sign.offset > 0), tonic, mode)


def markers_of(flats: list[Any], upbeat: int) -> tuple[Word, ...]:
    found = {
        Word(tick_of(mark.offset) + upbeat, str(mark.content))
        for flat in flats
        for mark in flat.getElementsByClass(expressions.RehearsalMark)
    }
    return tuple(sorted(found))


def chords_of(flats: list[Any], upbeat: int, end: int) -> tuple[Chord, ...]:
    """Each lasts until the next one."""
    said: dict[int, str] = {}
    for flat in flats:
        for symbol in flat.getElementsByClass(harmony.ChordSymbol):
            said.setdefault(tick_of(symbol.offset) + upbeat, _symbol(symbol))
    ticks = sorted(said)
    ends = [*ticks[1:], *(max(end, tick + 1) for tick in ticks[-1:])]
    return tuple(Chord(tick, until - tick, said[tick]) for tick, until in zip(ticks, ends, strict=True))


def _symbol(symbol: Any) -> str:
    """The symbol in our spelling: by the words on the page, else by what music21 calls it, else as it is."""
    if isinstance(symbol, harmony.NoChord) or symbol.chordKind == "none":
        return NO_CHORD
    root = symbol.root().name.replace("-", "b")
    bass = symbol.bass().name.replace("-", "b") if symbol.bass() is not None else root
    under = "" if bass == root else f"/{bass}"
    kinds = harmony.CHORD_TYPES.get(symbol.chordKind, ["", [""]])[1]
    figure = symbol.figure.replace(symbol.root().name, root, 1).partition("/")[0]
    for quality in (root + (symbol.chordKindStr or "?"), figure, *(root + kind for kind in kinds)):
        try:
            return normal_symbol(quality + under)
        except StudioError:
            continue
    return str(figure) + under
