"""Intervals over documents, runs found again, what a run's curves say, the card of a model."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.tune_events import Interval
from studio.core.tuning import TuneSettings, read_settings
from studio.media.dataset.found import Document, Problem, Survey
from studio.media.learned.card import Beside, CardFacts, card_text
from studio.media.learned.copied import MOST, longest_runs, words_of
from studio.media.learned.diagnosis import Course, diagnose
from studio.media.learned.intervals import gain_interval, ratio_interval

STORY = "Once upon a time a fox found a small red door in the hill and went in to see who lived there"


# -- intervals -------------------------------------------------------------------------------------


def test_the_mean_is_over_all_tokens_and_lies_within_its_bounds() -> None:
    found = ratio_interval([10.0, 90.0, 5.0], [10, 30, 5])
    assert found.mean == pytest.approx(105 / 45)
    assert 1.0 <= found.low < found.mean < found.high <= 3.0
    assert found == ratio_interval([10.0, 90.0, 5.0], [10, 30, 5])  # the same figures, the same interval


def test_one_document_has_no_interval_and_none_is_an_error() -> None:
    assert ratio_interval([3.0], [2]) == Interval(mean=1.5, low=1.5, high=1.5)
    with pytest.raises(ValueError, match="0 figures"):
        ratio_interval([], [])


def test_many_like_documents_have_a_narrow_interval() -> None:
    dice = np.random.default_rng(0)
    few, many = dice.normal(2, 0.5, 10), dice.normal(2, 0.5, 1000)
    wide, narrow = ratio_interval(few, np.ones(10)), ratio_interval(many, np.ones(1000))
    assert narrow.high - narrow.low < 0.08 < wide.high - wide.low
    assert narrow.low < 2 < narrow.high


def test_a_gain_pairs_documents() -> None:
    before = np.array([1.0, 5.0, 9.0])
    gain = gain_interval(before, before * 0.9)
    assert (
        gain.low == pytest.approx(0.1) == pytest.approx(gain.high)
    )  # each fell alike, however unlike they are
    mixed = gain_interval([1.0, 1.0, 1.0, 1.0], [0.5, 1.5, 0.6, 1.2])
    assert mixed.low < 0 < mixed.mean < mixed.high


# -- copied ----------------------------------------------------------------------------------------


def test_words_count_whatever_their_case_and_the_signs_between_them() -> None:
    training = [words_of(STORY), words_of("Nothing of it stands here.")]
    assert longest_runs([[words_of("He said: “ONCE upon a time, a fox found” — and left.")]], training) == [7]
    assert longest_runs([[words_of("It’s")]], [words_of("it's")]) == [1]
    assert longest_runs([[words_of("quite other things")], []], training) == [0, 0]


@given(st.integers(0, 15), st.integers(1, 21))
def test_a_copied_stretch_is_found_to_the_word(start: int, length: int) -> None:
    words = STORY.split()
    part = words[start : start + length]
    sample = words_of("zebra " + " ".join(part) + " quokka")
    assert longest_runs([[sample]], [words_of(STORY)]) == [len(part)]


def test_a_run_does_not_go_over_the_end_of_a_document() -> None:
    halves = [words_of("one two three"), words_of("four five six")]
    assert longest_runs([[words_of("one two three four five six")]], halves) == [3]
    long = words_of(" ".join(f"word{number}" for number in range(400)))
    assert longest_runs([[long]], [long]) == [MOST]


# -- diagnosis -------------------------------------------------------------------------------------


def course(*valid: float, trained: list[float] | None = None, **fields: object) -> Course:
    train = [math.nan, *(trained or [value - 0.1 for value in valid[1:]])][: len(valid)]
    losses = [(100 * at, loss, value) for at, (loss, value) in enumerate(zip(train, valid, strict=True))]
    usual: dict = {"rate": 1e-3, "usual_rate": 1e-3, "epochs": 3.0, "documents": 40, "units": 400_000}
    return Course(**{"art": "text", "losses": losses, **usual, **fields})


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (course(3.0, 2.5, 2.4, 2.39, 2.392), "The run went well: the held-out loss fell from 3.000 to 2.390"),
        (course(3.0, 2.5, 2.2, 1.9), "still getting better"),
        (
            course(3.0, 2.5, 2.2, 1.9, why="patience"),
            "It ended once it got no better: the held-out loss fell",
        ),
        (
            course(3.0, 2.5, 2.4, 2.39, 2.392, why="stopped"),
            "You stopped it before its end: the held-out loss fell",
        ),
        (course(3.0, 2.5, 2.7, 2.9), "From step 100 on it learnt the files by heart"),
        (course(3.0, 3.1, 3.4, 3.9), "does not carry over"),
        (course(3.0, 2.999, 2.998), "Almost nothing was learnt. Let it run longer"),
        (course(3.0, 2.999, 2.998, rate=1e-5), "the learning rate of 1e-05 is low"),
        (course(3.0, 2.999, 2.998, epochs=0.2), "it saw 20% of the files"),
        (course(3.0, 2.6, 2.5, trained=[2.5, 9.0]), "jumped up in the midst"),
        (course(3.0, 2.6, why="nan"), "The loss ran away"),
        (course(3.0, 2.5, 2.4, documents=2), "little to learn from (400,000 characters)"),
        (course(3.0, 2.5, 2.4, art="image", documents=5, units=0), "little to learn from (5 pictures)"),
        (course(3.0, 2.5, 2.4, doubles=20), "20 files are the same as others"),
        (course(3.0, 2.5, 2.4, memorised=2, samples=8), "2 of 8 samples repeat"),
    ],
)
def test_what_the_curves_say(run: Course, says: str) -> None:
    assert any(says in sentence for sentence in diagnose(run)), diagnose(run)


def test_a_sound_run_is_not_blamed() -> None:
    assert len(diagnose(course(3.0, 2.5, 2.4, 2.39, 2.392))) == 1
    assert diagnose(course())[0].startswith("The run went well")


# -- card ------------------------------------------------------------------------------------------


def test_a_card_says_what_was_measured_and_its_settings_can_be_read_back() -> None:
    settings = TuneSettings(art="text", base="/m", folder="/f", name="Oz", licence="public\ndomain")
    both = {
        "before": Interval(mean=3.0, low=2.9, high=3.1),
        "after": Interval(mean=2.7, low=2.6, high=2.8),
        "gain": Interval(mean=0.1, low=0.08, high=0.12),
    }
    documents = (Document(file="a.txt", side="train", sha256="1", units=1200),)
    problems = (Problem(file="b.txt", finding="empty", words="holds no words"),)
    text = card_text(
        CardFacts(
            settings=settings,
            survey=Survey(art="text", folder="/f", documents=documents, problems=problems),
            base_title="Story",
            step=200,
            best_step=180,
            trainable=1000,
            parameters=5000,
            units_seen=90_000,
            seconds=90,
            precision="bf16",
            test=both,
            documents=4,
            memorised=1,
            longest=23,
            samples=8,
            diagnosis=("It went well.",),
            versions={"torch": "2"},
            beside=(Beside(prompt="A fox", before="ran", after="flew\naway"),),
        )
    )
    for said in (
        "# Oz",
        "- It went well.",
        "3.0000 (2.9000 to 3.1000)",
        "+10.0% (+8.0% to +12.0%)",
        "1 of 8 samples repeat a longer stretch of the folder (the longest: 23 words)",
        "| train | 1 | 1,200 |",
        "1 files were left out",
        "public domain",
        "After: flew away",
    ):
        assert said in text, said
    block = text.split("```toml\n")[1].split("```")[0]
    assert read_settings(block) == settings
