"""The vocabulary of the music model: 732 tokens, of which only the first 338 can ever be sampled.

Laid out as MMM (Ens and Pasquier 2020, arXiv 2008.06048) and MIDI-GPT (2025, arXiv 2501.17011) have it: a track is
bars, a bar is positions with pitches, velocities and durations at 12 steps a quarter. Small on purpose: at 256
dimensions the embedding is 187,000 of three million weights, and a decoder need compute the first 338 logits alone.

MidiTok 3.1.0 was looked at and is not used: `Bar_Fill` stands in MMM's docstring only, notes longer than the longest
duration are cut, doubled notes are dropped, tracks of one program are merged, keys are read back from the first track
alone, and chords are guessed, not given. What this house needs of it (fills, held notes, what the person asks) is all
in what it lacks.
"""

from collections.abc import Iterable
from typing import Any, Final

from studio.core.errors import StudioError
from studio.media.music.chords import parse_chord, plain_quality

STEPS: Final = 12  # to a quarter note: sixteenths and triplets
LONGEST_BAR: Final = 144  # steps: twelve quarters
LONGEST_DURATION: Final = 48  # steps of one Duration token; HOLD adds as many again
VELOCITIES: Final = 16
MOST_BARS: Final = 64
MOST_TRACKS: Final = 16

# the metres that have a token: (beats, unit); any other is told by how long its bars are
METERS: Final = (
    *((beats, 2) for beats in range(1, 7)),
    *((beats, 4) for beats in range(1, 13)),
    *((beats, 8) for beats in range(1, 16)),
    *((beats, 16) for beats in (3, 4, 5, 6, 7, 9, 12)),
)
TEMPOS: Final = tuple(
    round(30 * 8 ** (index / 15)) for index in range(16)
)  # quarters a minute, from 30 to 240
# chords are told to the model as a root and one of chords.PLAIN; a quality it lacks is told as the nearest
QUALITIES: Final = (
    "",
    "m",
    "7",
    "m7",
    "maj7",
    "dim",
    "dim7",
    "m7b5",
    "aug",
    "sus4",
    "sus2",
    "6",
    "m6",
    "7sus4",
)
KINDS: Final = ("density", "polyphony", "register", "duration")
LEVELS: Final = {"density": 10, "polyphony": 6, "register": 8, "duration": 6}
PITCH_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

# what can be sampled
END: Final = 0
HOLD: Final = 1
POSITION: Final = 2
PITCH: Final = POSITION + LONGEST_BAR
VELOCITY: Final = PITCH + 128
DURATION: Final = VELOCITY + VELOCITIES  # DURATION + 0 lasts one step
SAMPLED: Final = DURATION + LONGEST_DURATION
# what is given
PAD: Final = SAMPLED
PIECE: Final = PAD + 1
STOP: Final = PAD + 2
FILLS: Final = PAD + 3
FILL: Final = PAD + 4
WRITE: Final = PAD + 5
LENGTH: Final = PAD + 6
DRUMS: Final = PAD + 7
TRACK: Final = PAD + 8
BAR: Final = TRACK + MOST_TRACKS
FAMILY: Final = BAR + MOST_BARS
VARIANT: Final = FAMILY + 16
METER: Final = VARIANT + 8  # the last is "another"
TEMPO: Final = METER + len(METERS) + 1  # the last is "not told", as with keys and chords
KEY: Final = TEMPO + len(TEMPOS) + 1
CHORD: Final = KEY + 25
DENSITY: Final = CHORD + 12 * len(QUALITIES) + 1
POLYPHONY: Final = DENSITY + LEVELS["density"]
REGISTER: Final = POLYPHONY + LEVELS["polyphony"]
NOTE_LENGTH: Final = REGISTER + LEVELS["register"]
SIZE: Final = NOTE_LENGTH + LEVELS["duration"]
KIND_AT: Final = {
    "density": DENSITY,
    "polyphony": POLYPHONY,
    "register": REGISTER,
    "duration": NOTE_LENGTH,
}


def _names() -> tuple[str, ...]:
    """What each token is called, in order."""
    roots = [f"Chord_{root}{quality}" for root in PITCH_NAMES for quality in QUALITIES]
    names = [
        "END",
        "HOLD",
        *(f"Position_{step}" for step in range(LONGEST_BAR)),
        *(f"Pitch_{pitch}" for pitch in range(128)),
        *(f"Velocity_{bin_}" for bin_ in range(VELOCITIES)),
        *(f"Duration_{steps}" for steps in range(1, LONGEST_DURATION + 1)),
        *("PAD", "PIECE", "STOP", "FILLS", "FILL", "WRITE", "LENGTH", "DRUMS"),
        *(f"Track_{index}" for index in range(MOST_TRACKS)),
        *(f"Bar_{index}" for index in range(MOST_BARS)),
        *(f"Family_{index}" for index in range(16)),
        *(f"Variant_{index}" for index in range(8)),
        *(f"Meter_{beats}/{unit}" for beats, unit in METERS),
        *("Meter_other", *(f"Tempo_{tempo}" for tempo in TEMPOS), "Tempo_N"),
        *(f"Key_{root}:{mode}" for root in PITCH_NAMES for mode in ("major", "minor")),
        *("Key_N", *roots, "Chord_N"),
        *(f"Density_{level}" for level in range(LEVELS["density"])),
        *(f"Polyphony_{level}" for level in range(LEVELS["polyphony"])),
        *(f"Register_{level}" for level in range(LEVELS["register"])),
        *(f"NoteLength_{level}" for level in range(LEVELS["duration"])),
    ]
    return tuple(names)


NAMES: Final = _names()
IDS: Final = {name: index for index, name in enumerate(NAMES)}
METER_IDS: Final = {meter: METER + index for index, meter in enumerate(METERS)}


def ids_of(words: str) -> list[int]:
    """Tokens by their names, split at white space. Raises KeyError."""
    return [IDS[word] for word in words.split()]


def words_of(ids: Iterable[int]) -> str:
    """The names of tokens, a space between.

    >>> words_of([2, 206, 283, 301, 0])
    'Position_0 Pitch_60 Velocity_9 Duration_12 END'
    """
    return " ".join(NAMES[token] for token in ids)


def tempo_class(per_minute: float) -> int:
    """The nearest of TEMPOS, by ratio."""
    return min(
        range(len(TEMPOS)), key=lambda index: abs(TEMPOS[index] / per_minute - per_minute / TEMPOS[index])
    )


def velocity_bin(velocity: int) -> int:
    """The bin of a MIDI velocity: eight each."""
    return min(VELOCITIES - 1, max(0, velocity // 8))


def velocity_of(bin_: int) -> int:
    """The MIDI velocity in the middle of a bin."""
    return bin_ * 8 + 4


def chord_class(symbol: str) -> int:
    """Which chord token a symbol is told as: root * 14 + quality; -1 for none and for what is no chord.

    >>> [NAMES[CHORD + chord_class(symbol)] for symbol in ("Dm9", "Bb13", "F/A")]
    ['Chord_Dm7', 'Chord_A#7', 'Chord_F']
    """
    try:
        parts = parse_chord(symbol)
    except StudioError:
        return -1
    return (
        -1 if parts.root < 0 else parts.root * len(QUALITIES) + QUALITIES.index(plain_quality(parts.quality))
    )


def description() -> dict[str, Any]:
    """What stands beside the weights, as JSON: enough for another program to read the tokens."""
    return {
        "format": "atelier-music",
        "version": 1,
        "steps_per_quarter": STEPS,
        "sampled": SAMPLED,
        "pad": PAD,
        "stop": STOP,
        "hold_steps": LONGEST_DURATION,
        "velocity_of_bin": [velocity_of(bin_) for bin_ in range(VELOCITIES)],
        "tokens": list(NAMES),
    }


def check_description(found: Any) -> None:
    """Raises StudioError when a model was trained with other tokens than ours."""
    ours = description()
    if not isinstance(found, dict) or any(found.get(key) != value for key, value in ours.items()):
        raise StudioError(
            "This music model was trained with other tokens than this version of Atelier speaks.",
            kept="Nothing was changed.",
            do="Choose another music model, or train it again.",
            code="music_vocabulary",
        )
