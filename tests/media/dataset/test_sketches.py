"""Sketches find copies, versions and parts of texts among many, and only those."""

import random

import numpy as np

from studio.media.dataset.duplicates import Doubled, copies, spanning, spared
from studio.media.dataset.sketches import HASHES_MOST, contained, hashes_each, near_pairs, sketch

WORDS = [f"w{n}" for n in range(5_000)]


def text(seed: int, words: int = 600) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def edited(words: list[str], share: float, seed: int = 0) -> list[str]:
    """With that share of words replaced."""
    dice = random.Random(seed)
    return [f"x{dice.random()}" if dice.random() < share else word for word in words]


def hashes(words: list[str], most: int = 256) -> "np.ndarray":
    return sketch([" ".join(words)], most)


def pairs_of(texts: list[list[str]], most: int = 256) -> set[tuple[int, int]]:
    found = near_pairs(
        [hashes(each, most) for each in texts], [len(each) for each in texts], 0.5, lambda: False
    )
    assert found is not None
    return {(pair.lesser, pair.greater) for pair in found}


def test_a_sketch_does_not_depend_on_how_the_text_is_cut_in_blocks() -> None:
    words = text(0)
    at_once = hashes(words)
    cut = sketch([" ".join(words[:100]) + " ", " ".join(words[100:101]) + " ", " ".join(words[101:])], 256)
    assert np.array_equal(at_once, cut)
    assert len(at_once) == 256
    assert np.all(np.diff(at_once) > 0)


def test_case_and_punctuation_do_not_matter() -> None:
    assert np.array_equal(
        sketch(["One two, three four FIVE."], 64), sketch(["one “two” three — Four\nfive"], 64)
    )


def test_scripts_without_spaces_are_read_sign_by_sign() -> None:
    assert len(sketch(["吾輩は猫である。名前はまだ無い。"], 64)) > 8


def test_containment_is_estimated() -> None:
    whole = text(1, 20_000)
    assert contained(hashes(whole[3_000:6_000], 2_048), hashes(whole, 2_048)) > 0.95
    assert abs(contained(hashes(edited(whole, 0.1), 2_048), hashes(whole, 2_048)) - 0.9**4) < 0.06
    assert contained(hashes(text(2), 2_048), hashes(whole, 2_048)) < 0.05


def test_versions_copies_and_parts_are_found_and_strangers_are_not() -> None:
    texts = [text(seed) for seed in range(40)]
    texts[7] = edited(texts[3], 0.1)
    texts[12] = texts[5][:400]
    texts[20] = list(texts[19])
    assert pairs_of(texts) == {(7, 3), (12, 5), (20, 19)}


def test_parts_of_one_text_that_share_all_with_it_are_found_too() -> None:
    whole = text(5)
    assert pairs_of([whole, whole[:400], whole[:350]], 1_000) == {(1, 0), (2, 0), (2, 1)}


def test_a_shared_head_makes_no_duplicates() -> None:
    licence = text(99, 80)
    assert pairs_of([licence + text(seed) for seed in range(60)]) == set()


def test_a_crowd_of_versions_is_reduced_to_one() -> None:
    base = text(0, 400)
    texts = [edited(base, 0.02, seed) for seed in range(50)]
    found = near_pairs([hashes(each) for each in texts], [len(each) for each in texts], 0.5, lambda: False)
    assert found is not None
    gone = spared(Doubled(pair.lesser, pair.greater, pair.share) for pair in found)
    assert len(gone) == 49


def test_looking_for_pairs_can_be_stopped() -> None:
    assert near_pairs([hashes(text(0))] * 3, [1, 1, 1], 0.5, lambda: True) is None


def test_many_texts_have_smaller_sketches() -> None:
    assert hashes_each(10) == HASHES_MOST
    assert hashes_each(100_000) * 100_000 * 8 <= 70_000_000


def test_nothing_goes_that_is_not_in_something_that_stays() -> None:
    chain = [Doubled(2, 1, 0.6), Doubled(1, 0, 0.6)]  # 2 in 1, 1 in 0, but 2 not in 0
    assert [(each.lesser, each.greater) for each in spared(chain)] == [(1, 0)]
    assert [(each.lesser, each.greater) for each in spared([*chain, Doubled(2, 0, 0.5)])] == [(1, 0), (2, 0)]


def test_spanning_pairs_hold_all_together() -> None:
    pairs = [Doubled(1, 0, 0.9), Doubled(2, 0, 0.6), Doubled(2, 1, 0.8), Doubled(4, 3, 0.7)]
    assert [(each.lesser, each.greater) for each in spanning(pairs)] == [(1, 0), (2, 1), (4, 3)]


def test_the_first_of_equal_ones_is_kept() -> None:
    assert [(each.lesser, each.greater) for each in copies(["a", "b", "a", "a"])] == [(2, 0), (3, 0)]
