"""What is asked of chosen notes: tried and done by the same values, that are kept as JSON."""

import msgspec
import pytest

from studio.media.music.score import Key, Note, Score, Tempo, Track
from studio.media.music.wishes import HumaniseWish, QuantiseWish, TransposeWish, VelocityWish

NOTES = (Note(10, 60, 200, 40), Note(500, 64, 200, 80), Note(970, 67, 200, 120))
PIECE = Score(tracks=(Track(id="a").with_notes(NOTES),), keys=(Key(0, 0),))


def test_quantise_draws_starts_by_its_strength() -> None:
    assert [note.start for note in QuantiseWish().of(PIECE, "a", NOTES).notes] == [0, 480, 960]
    half = QuantiseWish(strength=0.5).of(PIECE, "a", NOTES)
    assert [note.start for note in half.notes] == [5, 490, 965]
    ends = QuantiseWish(ends=True).of(PIECE, "a", NOTES)
    assert [note.end for note in ends.notes] == [240, 720, 1200]
    assert QuantiseWish(grid_ticks=240, strength=0.8, swing=0.6, ends=True).words == (
        "1/8, 80 %, swing 60 %, also ends"
    )
    assert QuantiseWish().words == "1/16, 100 %"


def test_milliseconds_are_ticks_at_the_tempo_of_the_place() -> None:
    score = Score(tracks=PIECE.tracks, tempos=(Tempo(0, 500_000), Tempo(480, 250_000)))
    wish = HumaniseWish(timing=10.0)
    assert (wish.ticks(score, 0), wish.ticks(score, 480)) == (10, 19)
    assert HumaniseWish(timing=10.0, unit="ticks").ticks(score, 480) == 10
    assert HumaniseWish(timing=120.0).ticks(Score(tempos=(Tempo(0, 1000),)), 0) == 120


def test_humanise_with_a_seed_is_the_same_twice_and_another_with_another() -> None:
    one, again, other = (HumaniseWish(seed=seed).of(PIECE, "a", NOTES).notes for seed in (1, 1, 2))
    assert one == again != other


def test_steps_of_the_key_and_semitones_without_one() -> None:
    in_key = TransposeWish(by=2, in_key=True)
    assert [note.pitch for note in in_key.of(PIECE, "a", NOTES).notes] == [64, 67, 71]
    bare = Score(tracks=PIECE.tracks)
    assert [note.pitch for note in in_key.of(bare, "a", NOTES).notes] == [62, 66, 69]
    assert [note.pitch for note in TransposeWish(by=-12).of(PIECE, "a", NOTES).notes] == [48, 52, 55]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (VelocityWish(how="set", value=70), [70, 70, 70]),
        (VelocityWish(how="change", by=20), [60, 100, 127]),
        (VelocityWish(how="scale", percent=50), [20, 40, 60]),
        (VelocityWish(how="ramp", first=10, last=100), [10, 56, 100]),
    ],
)
def test_velocities_are_set_changed_scaled_and_ramped(wish: VelocityWish, expected: list[int]) -> None:
    assert [note.velocity for note in wish.of(PIECE, "a", NOTES).notes] == expected


@pytest.mark.parametrize(
    "wish", [QuantiseWish(swing=2 / 3), HumaniseWish(unit="ticks"), TransposeWish(), VelocityWish()]
)
def test_wishes_are_kept_as_they_are(wish: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(wish), type=type(wish)) == wish
