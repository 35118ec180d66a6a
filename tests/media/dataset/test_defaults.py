"""What is left open is filled in sensibly, whatever the folder's and the model's size; what is given stays."""

from typing import Any, get_args

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.tuning import (
    METHODS,
    AdapterSettings,
    Art,
    OptimizerSettings,
    RunSettings,
    TextSettings,
    TuneSettings,
    read_settings,
    write_settings,
)
from studio.media.dataset.defaults import (
    MINUTES_MOST,
    PASSES_MOST,
    STEPS_LEAST,
    STEPS_WISHED,
    Model,
    complete,
    tokens_of,
)
from studio.media.dataset.found import Document, Survey


class Card(Struct, frozen=True):
    """A model's card, as far as it counts here."""

    parameters: int = 5_500_000
    context_tokens: int = 1_024
    size: tuple[int, int] = (0, 0)


STORY: Model = Card()
PICTURE = Card(parameters=6_000_000, context_tokens=0, size=(128, 128))


def folder(documents: int, units: int, art: Art = "text", held_out: int = 1) -> Survey:
    """So many documents to learn from, each so long, and `held_out` on both other sides."""
    sides = ["train"] * documents + ["validation", "test"] * held_out
    found = [
        Document(file=f"{n}", side=side, sha256=str(n), units=units, words=units // 6)  # type: ignore[arg-type]
        for n, side in enumerate(sides)
    ]
    return Survey(art=art, folder="/home/a/My tales", documents=tuple(found))


def filled(survey: Survey, card: Model = STORY, **given: Any) -> TuneSettings:
    settings = TuneSettings(art=survey.art, base="/m", folder=survey.folder, **given)
    return complete(settings, survey, card, cores=2)


@example("text", 3_000, 2_000_000, 100_000_000, "lora", 0, 0, False)  # not a thousandth of a pass
@given(
    st.sampled_from(get_args(Art)),
    st.integers(1, 3_000),
    st.integers(20, 2_000_000),
    st.integers(100_000, 30_000_000_000),
    st.sampled_from(METHODS),
    st.sampled_from([0, 256, 1_024, 131_072]),
    st.integers(0, 100),
    st.booleans(),
)
def test_nothing_is_left_open_and_all_of_it_is_allowed(
    art: Art,
    documents: int,
    units: int,
    parameters: int,
    method: Any,
    context: int,
    batch: int,
    accelerated: bool,
) -> None:
    if method == "textual_inversion" and art != "image":
        method = "lora"
    asked = TuneSettings(
        art=art, base="/m", folder="/f", method=method, optimizer=OptimizerSettings(batch=batch)
    )
    card = Card(parameters, context, (512, 768) if art == "image" else (0, 0))
    whole = complete(asked, folder(documents, units, art), card, accelerated=accelerated)
    assert read_settings(write_settings(whole)) == whole
    open_now = [
        name
        for group, names in {
            whole: ("steps", "epochs", "name"),
            whole.adapter: ("rank", "alpha"),
            whole.optimizer: ("rate", "batch", "micro_batch"),
            whole.run: ("validate_every", "checkpoint_every", "sample_every"),
            whole.text: ("window",),
            whole.music: ("window",),
            whole.image: ("size",),
        }.items()
        for name in names
        if not getattr(group, name)
    ]
    assert open_now == []
    assert whole.optimizer.batch % whole.optimizer.micro_batch == 0
    assert 1 <= whole.run.validate_every <= whole.steps


def test_what_is_given_stays() -> None:
    given = {
        "name": "mine",
        "steps": 17,
        "adapter": AdapterSettings(rank=3, alpha=5.0),
        "optimizer": OptimizerSettings(rate=0.5, batch=6, micro_batch=3),
        "text": TextSettings(window=100),
        "run": RunSettings(validate_every=-1, checkpoint_every=4, sample_every=-1),
    }
    whole = filled(folder(10, 10_000), **given)
    assert {name: getattr(whole, name) for name in given} == given


def test_it_is_the_same_each_time_and_filling_in_again_changes_nothing() -> None:
    found = folder(10, 30_000)
    whole = filled(found)
    assert whole == filled(found)
    assert complete(whole, found, STORY, cores=2) == whole


def test_epochs_are_reckoned_in_steps() -> None:
    found = folder(100, 38_912)  # 10 windows of 1,024 tokens each
    assert filled(found, epochs=2.0).steps == 2 * 100 * 10 / 8
    assert filled(found, epochs=2.0, steps=5).epochs == 2.0


@pytest.mark.parametrize(
    ("documents", "units", "passes_least", "passes_most"),
    [(1, 2_000, 15, 50), (5, 200_000, 3, 5), (40, 400_000, 0.5, 3)],
)
def test_small_folders_are_seen_more_often(
    documents: int, units: int, passes_least: float, passes_most: float
) -> None:
    assert passes_least <= filled(folder(documents, units)).epochs <= passes_most


def test_no_folder_is_seen_more_often_than_the_rules_say_but_for_the_least_steps() -> None:
    whole = filled(folder(20, 3_600))
    assert whole.epochs <= PASSES_MOST["text"] or whole.steps == STEPS_LEAST


def test_a_default_run_ends_in_reasonable_time_on_a_processor() -> None:
    """By what the story model was trained at: 1,900 tokens a second and core, so at least 600 for any such machine."""
    whole = filled(folder(1_000, 500_000))
    tokens = whole.steps * whole.optimizer.batch * whole.text.window
    assert tokens / (600 * 2) < 2 * MINUTES_MOST * 60
    assert filled(folder(1_000, 500_000), Card(parameters=7_000_000_000)).steps == STEPS_LEAST
    assert filled(folder(1_000, 500_000), run=RunSettings(minutes=10)).steps == pytest.approx(
        whole.steps / 3, abs=1
    )


def test_slow_methods_get_more_steps() -> None:
    found = folder(10, 100_000)
    assert filled(found, method="prompt").steps == 2 * filled(found).steps
    assert filled(found).steps >= STEPS_WISHED


def test_rank_follows_the_size_of_the_folder() -> None:
    ranks = [filled(folder(count, 50_000)).adapter.rank for count in (1, 20, 500, 3_000)]
    assert ranks == [8, 16, 32, 64]


def test_pictures_are_seen_some_two_thousand_times() -> None:
    for count, views in ((20, 2_000), (1_000, 10_000), (5, 500)):
        whole = filled(folder(count, 16_384, "image"), PICTURE)
        assert whole.steps * whole.optimizer.batch == pytest.approx(views, rel=0.1)
        assert whole.image.size == 128


def test_without_a_validation_side_nothing_is_validated() -> None:
    assert filled(folder(3, 10_000, held_out=0)).run.validate_every == -1


def test_validations_are_ten_to_twenty_a_run() -> None:
    for count in (1, 10, 100, 1_000):
        whole = filled(folder(count, 50_000))
        assert 10 <= whole.steps / whole.run.validate_every <= 20


def test_plain_sgd_has_a_larger_rate() -> None:
    found = folder(10, 50_000)
    plain = filled(found, optimizer=OptimizerSettings(optimizer="sgd"))
    assert plain.optimizer.rate == pytest.approx(100 * filled(found).optimizer.rate)


def test_tokens_are_estimated() -> None:
    assert tokens_of(folder(2, 3_800), "train") == 2_000
    chinese = Document(file="a", side="train", sha256="", units=500, words=3)
    assert tokens_of(Survey(art="text", folder="", documents=(chinese,)), "train") == 500
    piece = Document(file="a", side="train", sha256="", units=500, bars=40)
    assert tokens_of(Survey(art="music", folder="", documents=(piece,)), "train") == 1_540
    assert tokens_of(folder(7, 10_000, "image"), "train") == 7


def test_an_empty_folder_is_an_error() -> None:
    with pytest.raises(StudioError) as caught:
        filled(folder(0, 0))
    assert caught.value.code == "no_data"
