"""Guesses from the prompt make a rewrite quicker and never another one."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.core.events import Event, TakeEnd
from studio.core.jobs import Frame, Sampling
from studio.worker.causal import compiled
from studio.worker.causal.llama import LeanLlama, load_lean
from studio.worker.causal.llama_shape import lean_shape
from studio.worker.text import maker
from studio.worker.text.lookup import Drafting, Lookup, with_lookup
from tests import tiny_models
from tests.worker.conftest import GREEDY, RunJob, job_for

TEXT = "Once upon a time there was a little fox who lived near the old mill. " * 3
FRAME = Frame(act="rewrite", title="Rewrite", shots="{selection}\n{selection}\n")
WARM = Sampling(temperature=0.7, repetition_penalty=1.0)
BANNED = Sampling(temperature=0.7, repetition_penalty=1.0, banned_phrases=("e", "fox"))


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    assert compiled.build_kernels("float32")


def test_the_latest_place_is_gone_on_from() -> None:
    lookup = Lookup([1, 2, 3, 4, 9, 1, 2, 3, 5, 6, 7, 1, 2, 3])
    assert lookup.guess(2) == [5, 6]
    assert lookup.guess(9) == [5, 6, 7, 1, 2, 3]
    lookup.add(8)
    assert lookup.guess(2) == []
    lookup.take_back(1)
    assert lookup.guess(1) == [5]


def test_nothing_is_guessed_of_a_short_text() -> None:
    assert Lookup([]).guess(3) == Lookup([1]).guess(3) == Lookup([1, 1]).guess(3) == []
    assert Lookup([1, 1, 1]).guess(3) == [1]


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=12))
def test_taking_back_leaves_no_trace(before: list[int], added: list[int]) -> None:
    plain, lookup = Lookup(before), Lookup(before)
    for number in added:
        lookup.add(number)
    if added:
        lookup.take_back(len(added))
    assert lookup.guess(5) == plain.guess(5)
    assert Lookup(before + added).guess(5) == grown(before, added).guess(5)


def grown(before: list[int], added: list[int]) -> Lookup:
    lookup = Lookup(before)
    for number in added:
        lookup.add(number)
    return lookup


def native(folder: Path) -> LeanLlama:
    shape = lean_shape(tiny_models.config_on_disk(folder))
    assert shape is not None
    return load_lean(folder, shape, "cpu", torch.float32, lambda done: None)


def test_right_and_wrong_guesses_give_the_same_bits(models: dict[str, Path]) -> None:
    model = native(models["llama"])
    prompt = [5, 6, 7, 8, 9, 10, 11, 12] * 4
    said = [
        5,
        6,
        7,
        8,
        9,
        30,
        31,
        5,
        6,
        7,
        8,
        40,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        5,
        6,
        7,
    ]
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, prompt)
        plain = model.fork(cache, 1, 40)
        wanted = [model.step(plain, torch.tensor([number])) for number in said]
        drafting = Drafting(model, Lookup(prompt))
        forked = drafting.fork(cache, 1, 40)
        found = [drafting.step(forked, torch.tensor([number])) for number in said]
        drafting.rewind(forked, 6)
        found[-6:] = [drafting.step(forked, torch.tensor([number])) for number in said[-6:]]
    assert drafting.checked > drafting.right > 5
    for one, other in zip(wanted, found, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("sampling", [GREEDY, WARM, BANNED], ids=["greedy", "sampled", "taken back"])
def test_a_rewrite_is_the_same_with_and_without_guesses(
    sampling: Sampling, models: dict[str, Path], run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers: list[Drafting] = []

    def watched(*given: object) -> object:
        model = with_lookup(*given)  # type: ignore[arg-type]
        assert isinstance(model, Drafting)
        helpers.append(model)
        return model

    wanted = {"act": "rewrite", "selection": TEXT, "frame": FRAME, "takes": 1, "tokens": 60}
    job = job_for(models["llama"], "", sampling=sampling, **wanted)
    monkeypatch.setattr(maker, "with_lookup", watched)
    quick = run_job(job)
    monkeypatch.setattr(maker, "with_lookup", lambda model, *_: model)
    slow = run_job(job)
    assert take_of(quick) == take_of(slow)
    assert take_of(quick)[0]
    if sampling is GREEDY:
        assert helpers[0].right > 0


def take_of(events: list[Event]) -> tuple[str, object]:
    [end] = [event for event in events if isinstance(event, TakeEnd)]
    return end.text, end.tokens


def test_guesses_are_for_single_exact_rewrites(models: dict[str, Path]) -> None:
    model = native(models["llama"])

    def used(kernel: str = "native", **changes: object) -> bool:
        job = job_for(models["llama"], **{"act": "rewrite", "selection": "a", "takes": 1, **changes})
        return isinstance(with_lookup(model, job, [5, 6], kernel), Drafting)

    assert used()
    assert used(act="shorten")
    assert used(act="tone")
    assert not used(act="continue")
    assert not used(takes=2)
    assert not used(kernel="torch")
    with pytest.raises(ValueError, match="single take"):
        Drafting(model, Lookup([])).fork(model.empty(), 2, 4)
