"""The vocabulary of the music model: small, stable, every name once."""

import doctest

import pytest

from studio.core.errors import StudioError
from studio.media.music import attributes, vocabulary
from studio.media.music.chords import PLAIN, QUALITIES
from studio.media.music.vocabulary import (
    CHORD,
    IDS,
    NAMES,
    PITCH_NAMES,
    SAMPLED,
    SIZE,
    TEMPOS,
    check_description,
    chord_class,
    description,
    ids_of,
    tempo_class,
    velocity_bin,
    velocity_of,
    words_of,
)


def test_its_examples_hold() -> None:
    for module in (vocabulary, attributes):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed


def test_every_token_has_one_name_and_the_embedding_stays_small() -> None:
    assert len(NAMES) == SIZE == len(set(NAMES))
    assert SIZE * 256 < 3_000_000 * 0.07
    assert words_of(ids_of(" ".join(NAMES))) == " ".join(NAMES)


def test_the_layout_is_the_one_that_models_were_trained_with() -> None:
    places = {
        "END": 0,
        "Position_0": 2,
        "Pitch_0": 146,
        "Velocity_0": 274,
        "Duration_1": 290,
        "PAD": 338,
        "Track_0": 346,
        "Bar_0": 362,
        "Family_0": 426,
        "Meter_1/2": 450,
        "Tempo_30": 491,
        "Key_C:major": 508,
        "Chord_C": 533,
        "Density_0": 702,
        "NoteLength_5": 731,
    }
    assert {name: IDS[name] for name in places} == places
    assert SAMPLED == 338 and SIZE == 732


def test_a_velocity_in_the_middle_of_its_bin_is_kept_and_none_is_far_from_it() -> None:
    assert [velocity_bin(velocity_of(bin_)) for bin_ in range(16)] == list(range(16))
    assert all(abs(velocity_of(velocity_bin(velocity)) - velocity) <= 4 for velocity in range(128))


def test_tempo_classes_are_nearest_by_ratio() -> None:
    assert [tempo_class(tempo) for tempo in TEMPOS] == list(range(16))
    assert tempo_class(10) == 0 and tempo_class(400) == 15
    assert TEMPOS[tempo_class(121.5)] == 120


def test_every_chord_quality_has_a_token_and_its_own_root() -> None:
    assert vocabulary.QUALITIES == PLAIN  # tokens are by place: a change there would break trained models
    for root, name in enumerate(PITCH_NAMES):
        for quality in QUALITIES:
            token = NAMES[CHORD + chord_class(name + quality)]
            assert token.removeprefix("Chord_").startswith(name)
            assert chord_class(name + quality) // len(PLAIN) == root
        for quality in PLAIN:
            assert NAMES[CHORD + chord_class(name + quality)] == f"Chord_{name}{quality}"


@pytest.mark.parametrize("symbol", ["N", "", "what", "H7"])
def test_no_chord_and_what_is_none_have_no_class(symbol: str) -> None:
    assert chord_class(symbol) == -1


def test_a_model_with_other_tokens_is_refused() -> None:
    check_description(description())
    for found in ({**description(), "tokens": ["END"]}, {**description(), "version": 2}, {}, [], None):
        with pytest.raises(StudioError) as caught:
            check_description(found)
        assert caught.value.code == "music_vocabulary"
