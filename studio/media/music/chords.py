"""Chord symbols: read ("Dm7", "G7/B", "Cø7", "N"), printed, transposed, built on a key, written as progressions."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.music.score import Chord, Key
from studio.media.music.theory import (
    STEPS,
    Scale,
    class_of,
    fifths_of,
    key_classes,
    name_at,
    plain_scale,
    spell,
)

NO_CHORD: Final = "N"

# What a quality is made of: degree of the major scale above the root -> semitones. Thirteenths leave the eleventh
# out, as players do, but for minor ones. The order is that in which equal sets of notes are named.
_DEGREES: Final[dict[str, dict[int, int]]] = {
    "": {1: 0, 3: 4, 5: 7},
    "m": {1: 0, 3: 3, 5: 7},
    "7": {1: 0, 3: 4, 5: 7, 7: 10},
    "m7": {1: 0, 3: 3, 5: 7, 7: 10},
    "maj7": {1: 0, 3: 4, 5: 7, 7: 11},
    "dim": {1: 0, 3: 3, 5: 6},
    "dim7": {1: 0, 3: 3, 5: 6, 7: 9},
    "m7b5": {1: 0, 3: 3, 5: 6, 7: 10},
    "aug": {1: 0, 3: 4, 5: 8},
    "sus4": {1: 0, 4: 5, 5: 7},
    "sus2": {1: 0, 2: 2, 5: 7},
    "6": {1: 0, 3: 4, 5: 7, 6: 9},
    "m6": {1: 0, 3: 3, 5: 7, 6: 9},
    "7sus4": {1: 0, 4: 5, 5: 7, 7: 10},
    "mMaj7": {1: 0, 3: 3, 5: 7, 7: 11},
    "aug7": {1: 0, 3: 4, 5: 8, 7: 10},
    "augMaj7": {1: 0, 3: 4, 5: 8, 7: 11},
    "add9": {1: 0, 3: 4, 5: 7, 9: 14},
    "madd9": {1: 0, 3: 3, 5: 7, 9: 14},
    "69": {1: 0, 3: 4, 5: 7, 6: 9, 9: 14},
    "m69": {1: 0, 3: 3, 5: 7, 6: 9, 9: 14},
    "9": {1: 0, 3: 4, 5: 7, 7: 10, 9: 14},
    "m9": {1: 0, 3: 3, 5: 7, 7: 10, 9: 14},
    "maj9": {1: 0, 3: 4, 5: 7, 7: 11, 9: 14},
    "mMaj9": {1: 0, 3: 3, 5: 7, 7: 11, 9: 14},
    "9sus4": {1: 0, 4: 5, 5: 7, 7: 10, 9: 14},
    "11": {1: 0, 3: 4, 5: 7, 7: 10, 9: 14, 11: 17},
    "m11": {1: 0, 3: 3, 5: 7, 7: 10, 9: 14, 11: 17},
    "maj11": {1: 0, 3: 4, 5: 7, 7: 11, 9: 14, 11: 17},
    "13": {1: 0, 3: 4, 5: 7, 7: 10, 9: 14, 13: 21},
    "m13": {1: 0, 3: 3, 5: 7, 7: 10, 9: 14, 11: 17, 13: 21},
    "maj13": {1: 0, 3: 4, 5: 7, 7: 11, 9: 14, 13: 21},
    "5": {1: 0, 5: 7},
}
QUALITIES: Final = tuple(_DEGREES)
PLAIN: Final = QUALITIES[:14]  # enough for most music; `plain_quality` brings every other to one of these

# How else people write them, as the beginning of a quality is spelled out of parts.
_SPELLINGS: Final[dict[str, str]] = {
    **{name: name for name in QUALITIES},
    **dict.fromkeys(("maj", "M", "ma", "major"), ""),
    **dict.fromkeys(("min", "mi", "-", "minor"), "m"),
    **dict.fromkeys(("dom7", "dom"), "7"),
    **dict.fromkeys(("min7", "mi7", "-7"), "m7"),
    **dict.fromkeys(("M7", "ma7", "Maj7", "Δ", "Δ7", "△", "△7", "j7", "^7", "^"), "maj7"),
    **dict.fromkeys(("°", "o", "º", "mb5"), "dim"),
    **dict.fromkeys(("°7", "o7", "º7"), "dim7"),
    **dict.fromkeys(("ø", "ø7", "Ø", "Ø7", "min7b5", "-7b5", "m7-5", "h7", "hdim7"), "m7b5"),
    **dict.fromkeys(("+", "#5"), "aug"),
    **dict.fromkeys(("sus",), "sus4"),
    **dict.fromkeys(("maj6", "M6", "ma6"), "6"),
    **dict.fromkeys(("min6", "mi6", "-6"), "m6"),
    **dict.fromkeys(("7sus",), "7sus4"),
    **dict.fromkeys(("mmaj7", "mM7", "minmaj7", "minMaj7", "-maj7", "-Δ7", "-Δ", "mΔ7", "mΔ"), "mMaj7"),
    **dict.fromkeys(("+7", "7+", "7#5"), "aug7"),
    **dict.fromkeys(("+maj7", "augmaj7", "maj7#5", "+M7"), "augMaj7"),
    **dict.fromkeys(("add2", "2", "majadd9"), "add9"),
    **dict.fromkeys(("madd2", "minadd9"), "madd9"),
    **dict.fromkeys(("6/9", "6add9"), "69"),
    **dict.fromkeys(("m6/9", "min69", "m6add9", "-69"), "m69"),
    **dict.fromkeys(("min9", "mi9", "-9"), "m9"),
    **dict.fromkeys(("M9", "ma9", "Δ9", "Maj9", "^9"), "maj9"),
    **dict.fromkeys(("9sus",), "9sus4"),
    **dict.fromkeys(("min11", "-11"), "m11"),
    **dict.fromkeys(("M11",), "maj11"),
    **dict.fromkeys(("min13", "-13"), "m13"),
    **dict.fromkeys(("M13", "Δ13"), "maj13"),
}
_CHANGES: Final[dict[str, tuple[int, int]]] = {
    "b5": (5, 6),
    "#5": (5, 8),
    "b9": (9, 13),
    "#9": (10, 15),  # a degree of its own: b9 and #9 go together
    "add9": (9, 14),
    "#11": (11, 18),
    "add11": (11, 17),
    "add4": (11, 17),
    "b13": (13, 20),
    "add13": (13, 21),
    "sus4": (4, 5),
    "sus2": (2, 2),
    "no3": (3, -1),
    "no5": (5, -1),
}
_CHANGE: Final = re.compile("|".join(sorted(_CHANGES, key=len, reverse=True)))
_SYMBOL: Final = re.compile(r"([A-G])([#b]{0,2})(.*?)(?:/([A-G][#b]{0,2}))?", re.DOTALL)
_NONE: Final = frozenset(("N", "N.C.", "NC", "-"))
_LEADING: Final = frozenset(("dim", "dim7", "m7b5"))  # chords that lead a semitone up
_LONGEST: Final = 40  # characters of a symbol that are read
_WIDEST: Final = 4000  # and of a progression
_NINTH: Final = 14


class ChordParts(Struct, frozen=True):
    """A chord taken apart: pitch classes of root and bass, the quality as printed here, and all its pitch classes.

    Without a slash the bass is the root. `classes` holds the bass. "N" (no chord) has root and bass -1, quality "N"
    and no classes: it forbids nothing.
    """

    root: int
    quality: str
    bass: int
    classes: frozenset[int]


def parse_chord(symbol: str) -> ChordParts:
    """A chord symbol taken apart. Raises StudioError for what is none."""
    if symbol.strip() in _NONE:
        return ChordParts(-1, NO_CHORD, -1, frozenset())
    read = _read(symbol)
    root, bass = class_of(read.root), class_of(read.bass)
    notes = frozenset((root + semitones) % 12 for semitones in read.degrees.values())
    return ChordParts(root, read.quality, bass, notes | {bass})


def quality_classes(quality: str) -> frozenset[int]:
    """What a quality ("m7", "7#9") is made of, in semitones above the root, 0 to 11. Raises StudioError."""
    return parse_chord(f"C{quality}" if quality[:1] not in ("b", "#") else f"C({quality})").classes


def plain_quality(quality: str) -> str:
    """The nearest of PLAIN: the one with most of its notes, then fewest others ("m9" -> "m7", "7#9" -> "7")."""
    if quality in PLAIN or quality == NO_CHORD:
        return quality
    notes = quality_classes(quality)
    made = {plain: frozenset(_DEGREES[plain].values()) for plain in PLAIN}
    return max(PLAIN, key=lambda plain: len(made[plain] & notes) - 1.5 * len(made[plain] - notes))


def chord_symbol(root: int, quality: str, bass: int | None = None, key: Key | None = None) -> str:
    """The symbol of a chord with its notes named as in the key: (2, "m7", 0) -> "Dm7/C"; root -1: "N".

    Without a key they are named with few accidentals: Bbm, C#m, F#7.
    """
    if root < 0:
        return NO_CHORD
    if key is None:
        notes = quality_classes(quality)
        key = Key(0, root, "minor" if 3 in notes and 4 not in notes else "major")
    name = _leading(root, key) if quality in _LEADING and root not in key_classes(key) else spell(root, key)
    return _shown(name, quality, name if bass is None or bass in (root, -1) else spell(bass, key))


def normal_symbol(symbol: str) -> str:
    """The symbol as it is printed here, its notes named as they were: "D-7" -> "Dm7". Raises StudioError."""
    if symbol.strip() in _NONE:
        return NO_CHORD
    read = _read(symbol)
    return _shown(read.root, read.quality, read.bass)


def transposed_symbol(symbol: str, semitones: int, key: Key | None = None) -> str:
    """The chord so many semitones higher, named as in `key` (that of the new place). Raises StudioError."""
    parts = parse_chord(symbol)
    if parts.root < 0:
        return NO_CHORD
    return chord_symbol((parts.root + semitones) % 12, parts.quality, (parts.bass + semitones) % 12, key)


def diatonic_chords(key: Key, scale: Scale | None = None, sevenths: bool = False) -> tuple[str, ...]:
    """The chords a scale of seven notes carries, from the tonic up: triads, or with `sevenths` those.

    For a minor key with no scale named the dominant and the leading tone's chord of the harmonic minor follow:
    D minor has A and C#dim too. A scale of other size has none.
    """
    chords = _stacked(key, STEPS[scale or plain_scale(key)], sevenths)
    if key.mode == "minor" and scale is None:
        raised = _stacked(key, STEPS["harmonic minor"], sevenths)
        chords = (*chords, raised[4], raised[6])
    return chords


def chord_at(chords: Sequence[Chord], tick: int) -> Chord | None:
    """The chord that sounds at a tick; None where there is none."""
    at = bisect_right(chords, tick, key=lambda chord: chord.tick)
    return chords[at - 1] if at and tick < chords[at - 1].tick + chords[at - 1].duration else None


# -- progressions --------------------------------------------------------------------------------


def read_progression(words: str) -> tuple[tuple[str, ...], ...]:
    """The bars of "Dm Gm A7 Dm" (a chord a bar) or "| Dm Gm | A7 | % |" (bars by lines; % repeats the last bar).

    Commas and line ends part chords as spaces do. Raises StudioError for what is no chord, naming it, and for none.
    """
    if len(words) > _WIDEST:
        raise StudioError(
            f"A progression has at most {_WIDEST:,} characters.", do="Write a shorter one.", code="long"
        )
    words = words.replace("𝄀", "|").replace(",", " ").replace(" - ", " ")
    lined = (
        [part.split() for part in words.split("|")] if "|" in words else [[word] for word in words.split()]
    )
    bars: list[tuple[str, ...]] = []
    for bar in lined:
        if bar in (["%"], ["."]):
            if not bars:
                raise StudioError(
                    "% repeats a bar, but none comes before it.", do="Begin with a chord.", code="no_chord"
                )
            bars.append(bars[-1])
        elif bar:
            bars.append(tuple(normal_symbol(word) for word in bar))
    if not bars:
        raise StudioError("No chords were given.", do="Write some, as in “Dm Gm A7 Dm”.", code="no_chord")
    return tuple(bars)


def lay_progression(bars: Sequence[Sequence[str]], starts: Sequence[int]) -> tuple[Chord, ...]:
    """Chords for the bars that begin at `starts` (with one tick more: the end), the progression again and again.

    Two and more in a bar share it evenly. `starts` is a stretch of score.Bars.starts.
    """
    chords: list[Chord] = []
    for index in range(len(starts) - 1):
        bar = bars[index % len(bars)]
        begin, long = starts[index], starts[index + 1] - starts[index]
        ticks = [begin + long * part // len(bar) for part in range(len(bar) + 1)]
        chords += [Chord(ticks[at], ticks[at + 1] - ticks[at], symbol) for at, symbol in enumerate(bar)]
    return merged_chords(chords)


def merged_chords(chords: Sequence[Chord]) -> tuple[Chord, ...]:
    """The same, with equal chords that follow each other made one."""
    merged: list[Chord] = []
    for chord in chords:
        last = merged[-1] if merged else None
        if last is not None and last.symbol == chord.symbol and last.tick + last.duration == chord.tick:
            merged[-1] = Chord(last.tick, last.duration + chord.duration, last.symbol)
        else:
            merged.append(chord)
    return tuple(merged)


# -- reading a symbol ----------------------------------------------------------------------------


class _Read(Struct, frozen=True):
    root: str
    quality: str
    degrees: dict[int, int]
    bass: str


def _read(symbol: str) -> _Read:
    """A symbol's parts by name. "Ebb5" is Eb with a lowered fifth: a doubled sign is the last thing tried, but before
    a bracket: "Ebb(5)".
    """
    plain = (
        symbol.strip()
        .replace("♯", "#")
        .replace("♭", "b")
        .replace("−", "-")
        .replace("𝄪", "##")
        .replace("𝄫", "bb")
    )
    found = _SYMBOL.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found:
        letter, signs, rest, bass = found.groups()
        for many in sorted({len(signs)} if rest.startswith("(") else {min(1, len(signs)), len(signs)}):
            quality = _quality(signs[many:] + rest)
            if quality is not None:
                root = letter + signs[:many]
                return _Read(root, *quality, bass or root)
    raise StudioError(
        f"“{symbol.strip()[:_LONGEST]}” is not a chord that is known here.",
        do="Write a note and what it carries, as in Dm, G7, Fmaj7, Bm7b5, Csus4 or C/E; N means no chord.",
        code="no_chord",
    )


def _quality(words: str) -> tuple[str, dict[int, int]] | None:
    """The name and degrees of what stands behind a root: a quality and changes to it. None when it is not that."""
    words = re.sub(r"[(),\s]", "", words)
    for end in range(len(words), -1, -1):
        base = _SPELLINGS.get(words[:end])
        if base is None:
            continue
        rest = words[end:].replace("+", "#").replace("-", "b").replace("omit", "no")
        changes = _CHANGE.findall(rest)
        if "".join(changes) == rest:
            return _changed(base, changes)
    return None


def _changed(base: str, changes: list[str]) -> tuple[str, dict[int, int]]:
    degrees = dict(_DEGREES[base])
    for change in changes:
        degree, semitones = _CHANGES[change]
        if change.startswith("sus"):
            degrees.pop(3, None)
        if change == "#9" and degrees.get(9) == _NINTH:
            del degrees[9]
        if semitones < 0:
            degrees.pop(degree, None)
        else:
            degrees[degree] = semitones
    same = (quality for quality, parts in _DEGREES.items() if parts == degrees)
    return next(same, base + "".join(changes)), degrees


def _shown(root: str, quality: str, bass: str) -> str:
    """A symbol of its parts, in brackets where the root's signs and the quality's would be read as the other's."""
    apart = quality[:1] in ("b", "#") or (len(root) > 2 and quality[:1].isdigit())
    shown = f"({quality})" if apart else quality
    return f"{root}{shown}" + (f"/{bass}" if class_of(bass) != class_of(root) else "")


def _leading(root: int, key: Key) -> str:
    """A root named as the leading note it is: B, not Cb, under a diminished chord in Bb major."""
    return name_at(fifths_of(spell((root + 1) % 12, key)) + 5)


def _stacked(key: Key, steps: Sequence[int], sevenths: bool) -> tuple[str, ...]:
    """The thirds piled up on each step of a scale of seven; where they make no chord that has a name, none."""
    if len(steps) != 7:
        return ()
    named = {frozenset(parts.values()): name for name, parts in reversed(_DEGREES.items())}
    chords = []
    for at, root in enumerate(steps):
        notes = frozenset(
            (steps[(at + third) % 7] - root) % 12 for third in ((0, 2, 4, 6) if sevenths else (0, 2, 4))
        )
        if notes in named:
            chords.append(chord_symbol((key.tonic + root) % 12, named[notes], key=key))
    return tuple(chords)
