"""Prompts read lately are found again, whole or in chunks."""

from collections.abc import Iterator

import pytest
import torch

from studio.core.errors import StoppedError
from studio.worker.causal.kept import CHUNK_TOKENS, KeptPrompts, shared
from studio.worker.causal.llama import load_lean
from studio.worker.causal.llama_shape import lean_shape
from tests import tiny_models
from tests.worker.conftest import Models

LONG = [5 + n % 400 for n in range(3 * CHUNK_TOKENS)]


@pytest.fixture
def kept(models: Models) -> Iterator[KeptPrompts]:
    shape = lean_shape(tiny_models.config_on_disk(models["llama"]))
    assert shape is not None
    model = load_lean(models["llama"], shape, "cpu", torch.float32, lambda done: None)
    with torch.inference_mode():
        yield KeptPrompts(model)


def go_on() -> None:
    """Nobody stops."""


def test_an_identical_prompt_is_not_read_again(kept: KeptPrompts) -> None:
    first = kept.read(LONG, go_on)
    again = kept.read(list(LONG), go_on)
    assert (first.reused, again.reused) == (0, len(LONG))
    assert again.logits is first.logits


@pytest.mark.parametrize(
    ("ids", "reused"),
    [
        (LONG[: 2 * CHUNK_TOKENS], CHUNK_TOKENS),  # its logits must be computed, so its last chunk is
        (LONG[: 2 * CHUNK_TOKENS + 1], 2 * CHUNK_TOKENS),
        ([*LONG[: 2 * CHUNK_TOKENS - 1], 6, 6, 6], CHUNK_TOKENS),
        ([*LONG, 7], 3 * CHUNK_TOKENS),
        ([9, *LONG[1:]], 0),
    ],
)
def test_whole_chunks_up_to_the_first_difference_are_taken_over(
    kept: KeptPrompts, ids: list[int], reused: int
) -> None:
    kept.read(LONG, go_on)
    partly = kept.read(ids, go_on)
    kept.clear()
    afresh = kept.read(ids, go_on)
    assert (partly.reused, afresh.reused) == (reused, 0)
    assert torch.equal(partly.logits, afresh.logits)


def test_an_older_prompt_is_not_harmed_by_what_grew_from_it(kept: KeptPrompts) -> None:
    first = kept.read(LONG, go_on)
    filled = first.cache.tokens  # the room behind it holds whatever lay there
    before = [layer[:, :filled].clone() for layer in first.cache.layers]
    kept.read([*LONG, 7, 8], go_on)
    after = [layer[:, :filled] for layer in first.cache.layers]
    assert first.cache.tokens == filled
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_only_the_last_few_prompts_stay(kept: KeptPrompts) -> None:
    for number in range(5):
        kept.read([number + 10, 11], go_on)
    assert kept.read([10, 11], go_on).reused == 0
    assert kept.read([14, 11], go_on).reused == 2


def test_a_stop_is_heard_between_chunks(kept: KeptPrompts) -> None:
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise StoppedError()

    with pytest.raises(StoppedError):
        kept.read(LONG, check)
    assert kept.read(LONG, go_on).reused == 0


def test_shared_counts_the_common_beginning() -> None:
    assert shared([1, 2, 3], [1, 2, 4, 5]) == 2
    assert shared([1, 2], [1, 2, 4]) == 2
    assert shared([], [1]) == 0
