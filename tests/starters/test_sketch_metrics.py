"""The music figures: values known by hand, distances of sets, copied runs found in any key."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sketch_metrics import distance, groove_consistency, pitch_class_entropy, scale_consistency, spread

from studio.media.learned.copied import FLAG_NOTES, MOST, longest_notes, steps_of

VALUES = st.lists(st.floats(-10, 10), min_size=1, max_size=20)


def test_entropy_of_pitch_classes() -> None:
    assert pitch_class_entropy(np.array([60, 72, 48])) == 0.0  # octaves are one class
    assert pitch_class_entropy(np.array([60, 62, 64, 65])) == pytest.approx(2.0)
    assert pitch_class_entropy(np.arange(60, 72)) == pytest.approx(math.log2(12))
    assert math.isnan(pitch_class_entropy(np.array([], int)))


@pytest.mark.parametrize("tonic", range(12))
def test_scales_hold_their_own_notes(tonic: int) -> None:
    major = tonic + 60 + np.array([0, 2, 4, 5, 7, 9, 11])
    assert scale_consistency(major) == 1.0
    assert scale_consistency(tonic + 60 + np.array([0, 2, 3, 5, 7, 8, 10])) == 1.0
    assert scale_consistency(np.append(major, tonic + 61)) == pytest.approx(7 / 8)
    assert scale_consistency(np.arange(12)) == pytest.approx(7 / 12)


def test_no_notes_have_no_scale() -> None:
    assert math.isnan(scale_consistency(np.array([], int)))


def test_groove_of_equal_bars_and_of_different_ones() -> None:
    same = np.array([0, 12, 24, 36, 48, 60, 72, 84])
    assert groove_consistency(same, 95, 48) == 1.0
    assert groove_consistency(np.array([0, 12, 48, 54]), 95, 48) == pytest.approx(1 - 2 / 48)
    assert groove_consistency(np.array([0, 0, 48]), 95, 48) == 1.0  # a chord is one onset
    assert groove_consistency(same, 96, 48) == pytest.approx(
        1 - 4 / (48 * 2)
    )  # a full last bar opens another
    assert math.isnan(groove_consistency(np.array([0]), 12, 48))


@given(VALUES, VALUES, st.floats(-5, 5))
def test_distance_is_one_and_moves_with_the_values(one: list[float], other: list[float], far: float) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, one) == pytest.approx(0.0, abs=1e-9)
    assert distance(one, [value + far for value in one]) == pytest.approx(abs(far), abs=1e-9)
    assert distance(one, other) >= abs(np.mean(one) - np.mean(other)) - 1e-9


def test_halves_of_like_values_lie_close() -> None:
    chance = np.random.default_rng(3)
    values = chance.normal(size=100).tolist()
    assert 0 < spread(values) < 0.5
    assert spread([1.0] * 10) == 0.0
    assert spread(values) == spread(values)
    assert spread(values) < spread(values[:10])


def line(chance: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A line of chance: starts, pitches."""
    return np.cumsum(chance.integers(1, 12, count)), chance.integers(40, 90, count)


@pytest.mark.parametrize("rise", [-5, 0, 7])
def test_a_run_is_found_in_any_key_and_place(rise: int) -> None:
    chance = np.random.default_rng(1)
    lines = [line(chance, 300) for _ in range(4)]
    starts, pitches = line(chance, 60)
    known, at = lines[2], 100
    starts[20:41] = known[0][at : at + 21] - known[0][at] + 700
    starts[41:] += starts[40]
    pitches[20:41] = known[1][at : at + 21] + rise
    training = [steps_of(*one) for one in lines]
    assert longest_notes([[steps_of(starts, pitches)], [training[0]]], training) == [21, MOST]
    assert (
        longest_notes([[steps_of(starts * 2, pitches)]], training)[0] < FLAG_NOTES
    )  # another rhythm is another tune


def test_runs_do_not_reach_over_the_end_of_a_line() -> None:
    starts, pitches = line(np.random.default_rng(2), 30)
    whole = steps_of(starts, pitches)
    halves = [steps_of(starts[:15], pitches[:15]), steps_of(starts[15:], pitches[15:])]
    assert longest_notes([[whole]], halves) == [15]
    assert longest_notes([halves], [whole]) == [15]
    assert longest_notes([halves[::-1]], [whole]) == [15]


def test_chords_are_read_from_below_and_empty_tracks_are_borne() -> None:
    up = steps_of(np.array([0, 0, 0, 12]), np.array([60, 64, 67, 72]))
    down = steps_of(np.array([0, 0, 0, 12]), np.array([67, 64, 60, 72]))
    assert np.array_equal(up, down)
    assert longest_notes([[], [steps_of(np.array([3]), np.array([60]))], [up]], [up]) == [0, 0, 4]
    assert longest_notes([[up]], []) == [0]


def test_a_minor_scale_is_the_natural_one() -> None:
    assert scale_consistency(60 + np.array([0, 2, 3, 5, 7, 9, 11])) == pytest.approx(6 / 7)  # melodic


def test_a_run_is_the_same_steps_in_the_same_order() -> None:
    a, b, c, x = (np.uint64(step) for step in (11, 22, 33, 44))
    training = [np.array([a, b]), np.array([x, c])]
    assert longest_notes([[np.array([a, c]), np.array([x])]], training) == [2]
    assert longest_notes([[np.array([a, b]), np.array([x])]], training) == [3]
