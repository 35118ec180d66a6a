"""Sides: by content alone, doubles together, every side where there are enough documents."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import hypothesis.strategies as st
from hypothesis import example, given

from studio.core.tuning import DataSettings
from studio.media.dataset.found import Document, Problem, Side
from studio.media.dataset.split import sides


def document(name: str, content: str = "", units: int = 100) -> Document:
    return Document(
        file=name, side="train", sha256=hashlib.sha256((content or name).encode()).hexdigest(), units=units
    )


def many(count: int) -> list[Document]:
    return [document(f"{n}.txt") for n in range(count)]


def by_file(documents: Sequence[Document]) -> dict[str, Side]:
    return {each.file: each.side for each in documents}


def test_a_new_name_or_order_changes_no_side() -> None:
    found = many(50)
    split = {each.sha256: each.side for each in sides(found, [], DataSettings(), {})}
    renamed = [document(f"x/{n}.md", f"{n}.txt") for n in reversed(range(50))]
    assert {each.sha256: each.side for each in sides(renamed, [], DataSettings(), {})} == split


def test_another_seed_makes_other_sides() -> None:
    found = many(50)
    one, other = (by_file(sides(found, [], DataSettings(seed=seed), {})) for seed in (0, 1))
    assert one != other


@example(2, 0.1, 0.1)
@example(3, 0.1, 0.1)
@given(st.integers(1, 60), st.floats(0.01, 0.45), st.floats(0.01, 0.45))
def test_there_is_a_training_side_and_others_where_there_are_enough(
    count: int, validation: float, test: float
) -> None:
    split = sides(many(count), [], DataSettings(validation=validation, test=test), {})
    counts = Counter(each.side for each in split)
    assert counts["train"] >= 1
    assert (counts["validation"] >= 1) == (count >= 2)
    assert (counts["test"] >= 1) == (count >= 3)


def test_small_folders_have_the_shares_to_the_document() -> None:
    counts = Counter(each.side for each in sides(many(10), [], DataSettings(validation=0.2, test=0.1), {}))
    assert counts == {"train": 7, "validation": 2, "test": 1}


def test_shares_of_nothing_make_no_side() -> None:
    split = sides(many(30), [], DataSettings(validation=0.0, test=0.0), {})
    assert {each.side for each in split} == {"train"}


def test_a_folder_that_grows_keeps_nearly_all_sides() -> None:
    before = by_file(sides(many(200), [], DataSettings(), {}))
    after = by_file(sides(many(220), [], DataSettings(), {}))
    assert sum(before[file] != after[file] for file in before) <= 2


def test_known_sides_stay() -> None:
    found = many(12)
    known = {each.sha256: side for each, side in zip(found, ("test", "validation", "train"), strict=False)}
    split = by_file(sides(found, [], DataSettings(), known))
    assert [split[f"{n}.txt"] for n in range(3)] == ["test", "validation", "train"]


def test_the_last_that_can_be_learnt_from_is_never_taken() -> None:
    found = many(4)
    known: dict[str, Side] = {each.sha256: "test" for each in found[:3]}
    assert by_file(sides(found, [], DataSettings(), known))["3.txt"] == "train"


@given(st.integers(0, 1000))
def test_doubles_fall_on_one_side(seed: int) -> None:
    found = [*many(30), document("copy.txt", "3.txt")]
    near = [Problem(file="4.txt", finding="near_duplicate", words="", other="5.txt", left_out=False),
            Problem(file="5.txt", finding="near_duplicate", words="", other="6.txt", left_out=False)]  # fmt: skip
    split = by_file(sides(found, near, DataSettings(validation=0.3, test=0.3, seed=seed), {}))
    assert split["copy.txt"] == split["3.txt"]
    assert split["4.txt"] == split["5.txt"] == split["6.txt"]


@given(st.lists(st.integers(1, 10_000), min_size=3, max_size=8))
def test_all_sides_are_there_however_long_the_documents_are(units: list[int]) -> None:
    found = [document(f"{n}.txt", units=each) for n, each in enumerate(units)]
    split = sides(found, [], DataSettings(), {})
    assert {each.side for each in split} == {"train", "validation", "test"}


@given(st.integers(0, 200))
def test_the_largest_document_is_learnt_from(seed: int) -> None:
    found = [document("novel.txt", units=5_000), *many(9)]
    assert by_file(sides(found, [], DataSettings(seed=seed), {}))["novel.txt"] == "train"
    assert by_file(sides(found[:2], [], DataSettings(seed=seed), {}))["novel.txt"] == "train"
