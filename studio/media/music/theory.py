"""Pitch names, keys and scales: read, spelled as a musician would in the key, and as sets of pitch classes.

A pitch is a MIDI number (60 is middle C, "C4"); a pitch class is 0 (C) to 11 (B). A note name is a place on the line
of fifths (… Bb -2, F -1, C 0, G 1, D 2 …): that one number holds letter and accidentals, and a key is a stretch of it.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, Literal, get_args

from studio.core.errors import StudioError
from studio.media.music.score import Key, Mode

Scale = Literal[
    "major",
    "natural minor",
    "harmonic minor",
    "melodic minor",
    "full minor",
    "dorian",
    "phrygian",
    "lydian",
    "mixolydian",
    "locrian",
    "major pentatonic",
    "minor pentatonic",
    "major blues",
    "minor blues",
    "chromatic",
]
SCALES: Final[tuple[Scale, ...]] = get_args(Scale)
STEPS: Final[dict[Scale, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "natural minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),  # as it rises
    "full minor": (0, 2, 3, 5, 7, 8, 9, 10, 11),  # the three together: what pieces in minor use
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "major blues": (0, 2, 3, 4, 7, 9),
    "minor blues": (0, 3, 5, 6, 7, 10),
    "chromatic": tuple(range(12)),
}
_OTHER_NAMES: Final[dict[str, Scale]] = {
    "": "major",
    "maj": "major",
    "ionian": "major",
    "minor": "natural minor",
    "min": "natural minor",
    "m": "natural minor",
    "aeolian": "natural minor",
    "pentatonic": "major pentatonic",
    "blues": "minor blues",
}
_MODES: Final[dict[str, Mode]] = {
    "": "major",
    "maj": "major",
    "major": "major",
    "m": "minor",
    "min": "minor",
    "minor": "minor",
}

_LETTERS: Final = "FCGDAEB"  # along the line of fifths, from -1
_ACCIDENTALS: Final = r"(?:##|𝄪|x|♯♯|#|♯|bb|♭♭|𝄫|b|♭)?"
_NOTE: Final = re.compile(rf"([A-Ga-g])({_ACCIDENTALS})")
_ALTER: Final = {
    "": 0,
    "#": 1,
    "♯": 1,
    "##": 2,
    "♯♯": 2,
    "x": 2,
    "𝄪": 2,
    "b": -1,
    "♭": -1,
    "bb": -2,
    "♭♭": -2,
    "𝄫": -2,
}
# the tonics' usual names: no key has more than six accidentals; six: F# major, Eb minor
_MAJOR_TONICS: Final = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
_MINOR_TONICS: Final = (0, 7, 2, -3, 4, -1, 6, 1, 8, 3, -2, 5)
_NO_KEY: Final = Key(0, 0)


# -- note names ----------------------------------------------------------------------------------


def fifths_of(name: str) -> int:
    """Where a note name ("F#", "Bb", "C♯", "Ebb") stands on the line of fifths. Raises StudioError."""
    found = _NOTE.fullmatch(name.strip())
    if found is None:
        raise StudioError(
            f"“{name}” is not the name of a note.",
            do="Write a letter from A to G with # or b, as in F# or Bb.",
            code="no_note",
        )
    return _LETTERS.index(found[1].upper()) - 1 + 7 * _ALTER[found[2]]


def name_at(fifths: int) -> str:
    """The note name at a place on the line of fifths: 6 is "F#", -2 is "Bb"."""
    alter, letter = divmod(fifths + 1, 7)
    return _LETTERS[letter] + ("#" * alter if alter > 0 else "b" * -alter)


def class_of(name: str) -> int:
    """The pitch class of a note name. Raises StudioError."""
    return fifths_of(name) * 7 % 12


def spell(pitch_class: int, key: Key | None = None) -> str:
    """A pitch class' name as it is written in this key (without one: in C): C# in D minor, Db in F minor.

    Notes of the key as its signature has them, the others as the harmonic chromatic scale on the tonic has them: with
    a lowered second, a raised fourth, and third, sixth and seventh lowered and raised.
    """
    tonic = tonic_fifths(key or _NO_KEY)
    up = (pitch_class * 7 - tonic) % 12  # fifths above the tonic
    return name_at(tonic + (up if up <= 6 else up - 12))


def pitch_name(pitch: int, key: Key | None = None) -> str:
    """A pitch as "F#3"; 60 is "C4"."""
    name = spell(pitch % 12, key)
    alter = name.count("#") - name.count("b")
    return f"{name}{(pitch - alter) // 12 - 1}"


def parse_pitch(words: str) -> int:
    """The pitch of "F#3", "Bb-1" or a MIDI number; "C4" is 60. Raises StudioError when it is none of 0 to 127."""
    words = words.strip()
    found = re.fullmatch(rf"([A-Ga-g]{_ACCIDENTALS})\s*(-?\d{{1,2}})", words)
    if found:
        fifths = fifths_of(found[1])
        letter, alter = fifths_of(found[1][0]) * 7 % 12, (fifths + 1) // 7
        pitch = letter + alter + 12 * (int(found[2]) + 1)
    else:
        pitch = int(words) if re.fullmatch(r"\d{1,3}", words) else -1
    if not 0 <= pitch <= 127:
        raise StudioError(
            f"“{words}” is not a pitch.",
            do="Write one from C-1 to G9, as in C4 for middle C.",
            code="no_pitch",
        )
    return pitch


# -- keys ----------------------------------------------------------------------------------------


def parse_key(words: str, tick: int = 0) -> Key:
    """The key of "D minor", "F# major", "Eb", "Am" or "c♯ min", from `tick` on. Raises StudioError."""
    found = re.fullmatch(rf"([A-Ga-g])({_ACCIDENTALS})[\s-]*([A-Za-z]*)", words.strip())
    named = found[3] if found else "?"
    mode = _MODES.get("major" if named == "M" else named.casefold())
    if found is None or mode is None:
        raise StudioError(
            f"“{words}” is not a key.",
            do="Write a note and major or minor, as in “D minor”, “F# major” or “Eb”.",
            code="no_key",
        )
    return Key(tick, class_of(found[1] + found[2]), mode)


def tonic_fifths(key: Key) -> int:
    """The place of the tonic on the line of fifths, by its usual name: -5 (Db) for the major key on 1."""
    return (_MAJOR_TONICS if key.mode == "major" else _MINOR_TONICS)[key.tonic]


def tonic_name(key: Key) -> str:
    """ "Eb" for E flat major."""
    return name_at(tonic_fifths(key))


def key_name(key: Key) -> str:
    """ "D minor"."""
    return f"{tonic_name(key)} {key.mode}"


def sharps(key: Key) -> int:
    """Its signature: how many sharps, below 0 flats; -6 to 6."""
    return tonic_fifths(key) - (0 if key.mode == "major" else 3)


def key_of(signature: int, mode: Mode, tick: int = 0) -> Key:
    """The key with so many sharps (below 0: flats), as MIDI and MusicXML have it."""
    return Key(tick, (signature + (0 if mode == "major" else 3)) * 7 % 12, mode)


def key_at(keys: Sequence[Key], tick: int) -> Key | None:
    """The key that holds at a tick; None before the first."""
    at = bisect_right(keys, tick, key=lambda key: key.tick)
    return keys[at - 1] if at else None


def transposed_key(key: Key, semitones: int) -> Key:
    """The same key so many semitones higher."""
    return Key(key.tick, (key.tonic + semitones) % 12, key.mode)


# -- scales --------------------------------------------------------------------------------------


def parse_scale(words: str) -> Scale:
    """The scale of that name ("dorian", "Harmonic minor", "blues"; "minor" is the natural). Raises StudioError."""
    name = " ".join(words.replace("-", " ").casefold().split()).removesuffix(" scale")
    for scale in SCALES:
        if scale == name:
            return scale
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    raise StudioError(
        f"There is no scale “{words}” here.", do=f"Choose one of: {', '.join(SCALES)}.", code="no_scale"
    )


def plain_scale(key: Key) -> Scale:
    """The scale a key stands for when none is named: major or natural minor."""
    return "major" if key.mode == "major" else "natural minor"


def scale_classes(key: Key, scale: Scale | None = None) -> frozenset[int]:
    """The pitch classes of a scale on the key's tonic; without one: the key's plain scale."""
    return frozenset((key.tonic + step) % 12 for step in STEPS[scale or plain_scale(key)])


def key_classes(key: Key) -> frozenset[int]:
    """The pitch classes that belong to a key: in minor the sixth and seventh may be raised (C# in D minor)."""
    return scale_classes(key, "major" if key.mode == "major" else "full minor")


def scale_names(key: Key, scale: Scale | None = None) -> tuple[str, ...]:
    """The notes of a scale, upward from the tonic, as they are written in the key; of seven notes a letter each."""
    steps = STEPS[scale or plain_scale(key)]
    if len(steps) != 7:
        return tuple(spell((key.tonic + step) % 12, key) for step in steps)
    tonic = tonic_fifths(key)
    # a step up the alphabet is two fifths up, less seven for each sharp that comes with it
    return tuple(name_at(_written((key.tonic + step) % 12, tonic + 2 * at)) for at, step in enumerate(steps))


def _written(pitch_class: int, letter_at: int) -> int:
    """The place on the line of fifths of this pitch class under the letter that stands at a place."""
    return letter_at + 7 * ((pitch_class - letter_at * 7 + 6) % 12 - 6)


def nearest_in(pitch: int, classes: frozenset[int], way: Literal["nearest", "up", "down"] = "nearest") -> int:
    """The pitch of 0 to 127 nearest to this one whose class is among `classes` (of two as near: the lower).

    "up" and "down" go that way only; where no such pitch is left there, the other way. No classes: it stays.
    """
    if pitch % 12 in classes or not classes:
        return pitch
    higher = (high for high in range(pitch + 1, 128) if high % 12 in classes)
    lower = (low for low in range(pitch - 1, -1, -1) if low % 12 in classes)
    up, down = next(higher, None), next(lower, None)
    if up is None or (
        down is not None and (way == "down" or (way == "nearest" and pitch - down <= up - pitch))
    ):
        return pitch if down is None else down
    return up


def scale_step(pitch: int, steps: int, classes: frozenset[int]) -> int:
    """The pitch so many notes of the scale higher (below 0: lower); it may lie outside 0 to 127.

    A pitch between two notes of the scale keeps its distance to the one below (C# in C major, a step up: D#).
    """
    ladder = sorted(classes)
    if not ladder:
        return pitch
    off = next(low for low in range(12) if (pitch - low) % 12 in classes)
    octave, place = divmod(pitch - off, 12)
    more, index = divmod(ladder.index(place) + steps, len(ladder))
    return (octave + more) * 12 + ladder[index] + off
