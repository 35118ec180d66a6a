"""Each step against its plain reference: exactly the same tokens are left, and their scores are untouched."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.core.sampling import Sampling
from studio.worker.text.sampling import filters
from studio.worker.text.sampling.dry import Dry
from studio.worker.text.sampling.penalties import penalise
from tests.worker import reference_samplers as reference

OUT = -math.inf
CLEAR = 1e-4  # a decision closer than this may fall either way in float32

fine = st.floats(-9, 9, width=32, allow_subnormal=False)
coarse = st.integers(-16, 16).map(lambda number: number / 4)  # many equal ones
some_out = st.one_of(fine, coarse, st.just(OUT))
rows = st.one_of(
    st.lists(fine, min_size=1, max_size=40),
    st.lists(coarse, min_size=1, max_size=40),
    st.lists(some_out, min_size=1),
).filter(lambda row: max(row) > OUT)


def ours(step: Callable[[torch.Tensor], torch.Tensor], row: list[float]) -> list[float]:
    """What our step makes of a row, beside another row that must not matter."""
    other = [float(i % 3) for i in range(len(row))]
    return step(torch.tensor([other, row]))[1].tolist()  # type: ignore[no-any-return]


def kept(row: list[float]) -> set[int]:
    """The ids that are left."""
    return {i for i, score in enumerate(row) if score > OUT}


def same(found: list[float], expected: list[float], row: list[float]) -> None:
    """The same ids are left and their scores are the row's own."""
    assert kept(found) == kept(expected)
    assert all(found[i] == torch.tensor(row[i]).item() for i in kept(found))


@given(row=rows, k=st.integers(1, 45))
def test_top_k_leaves_exactly_k(row: list[float], k: int) -> None:
    same(ours(lambda work: filters.top_k(work, k), row), reference.top_k(row, k), row)


@given(row=rows, mass=st.floats(0.01, 1.0))
def test_top_p_leaves_the_references_set(row: list[float], mass: float) -> None:
    expected, margin = reference.top_p(row, mass)
    assume(margin > CLEAR)
    same(ours(lambda work: filters.top_p(work, mass), row), expected, row)


@given(row=rows, part=st.floats(0.001, 1.0))
def test_min_p_leaves_the_references_set(row: list[float], part: float) -> None:
    expected, margin = reference.min_p(row, part)
    assume(margin > CLEAR)
    same(ours(lambda work: filters.min_p(work, part), row), expected, row)


@given(row=rows, mass=st.floats(0.01, 0.99))
def test_typical_leaves_the_references_set(row: list[float], mass: float) -> None:
    expected, margin = reference.typical(row, mass)
    assume(margin > CLEAR)

    def step(work: torch.Tensor) -> torch.Tensor:
        return work.masked_fill(~filters.typical(work, mass), OUT)

    same(ours(step, row), expected, row)


@given(row=rows, n=st.floats(0.01, 10.0))
def test_top_n_sigma_leaves_the_references_set(row: list[float], n: float) -> None:
    expected, margin = reference.top_n_sigma(row, n)
    assume(margin > CLEAR)
    same(ours(lambda work: filters.top_n_sigma(work, n), row), expected, row)


@given(row=rows, threshold=st.floats(0.0, 0.5), spared=st.sets(st.integers(0, 39), max_size=3))
def test_xtc_leaves_the_references_set(row: list[float], threshold: float, spared: set[int]) -> None:
    expected, margin = reference.xtc(row, threshold, spared)
    assume(margin > CLEAR)
    acts, ids = torch.tensor([False, True]), torch.tensor(sorted(spared), dtype=torch.int64)
    same(ours(lambda work: filters.xtc(work, threshold, acts, ids), row), expected, row)


@given(row=rows)
def test_xtc_does_nothing_where_its_coin_says_so(row: list[float]) -> None:
    acts, ids = torch.tensor([True, False]), torch.tensor([], dtype=torch.int64)
    assert ours(lambda work: filters.xtc(work, 0.01, acts, ids), row) == torch.tensor(row).tolist()


@given(row=rows, limit=st.floats(0.01, 12.0))
def test_mirostat_leaves_the_references_set(row: list[float], limit: float) -> None:
    expected, margin = reference.mirostat(row, limit)
    assume(margin > CLEAR)

    def step(work: torch.Tensor) -> torch.Tensor:
        return filters.mirostat(work, filters.surprises(work), torch.tensor([1.0, limit]))

    same(ours(step, row), expected, row)


@given(row=rows, t=st.floats(0.05, 5.0), reach=st.floats(0.0, 5.0), exponent=st.floats(0.1, 5.0))
def test_temperatures_are_the_references(row: list[float], t: float, reach: float, exponent: float) -> None:
    expected = reference.temperature(row, t, reach, exponent)
    spread = max(row) - min(score for score in row if score > OUT)
    assume(
        not reach or t - reach > 0.05 or spread == 0.0 or len(kept(row)) == 1
    )  # no division by nearly nothing
    found = ours(lambda work: filters.cool(work, t, reach, exponent), row)
    assert found == pytest.approx(expected, rel=2e-3, abs=1e-3)


def test_a_dynamic_temperature_of_nothing_takes_the_likeliest() -> None:
    work = torch.tensor([[100.0, 0.0, 1.0], [5.0, 5.0, 5.0]])
    found = filters.cool(work, 0.5, 0.5, 1.0)
    assert kept(found[0].tolist()) == {0}
    assert found[1].tolist() == pytest.approx([5.0, 5.0, 5.0])


@given(
    row=st.lists(fine, min_size=12, max_size=12),
    window=st.lists(st.integers(0, 11), max_size=30),
    repetition=st.floats(1.0, 2.0),
    presence=st.floats(-2.0, 2.0),
    frequency=st.floats(-2.0, 2.0),
)
def test_penalties_are_the_references(
    row: list[float], window: list[int], repetition: float, presence: float, frequency: float
) -> None:
    s = Sampling(repetition_penalty=repetition, presence_penalty=presence, frequency_penalty=frequency)
    seen = torch.tensor([window[::-1], window], dtype=torch.int64)
    found = ours(lambda work: penalise(work, seen, s), row)
    expected = reference.penalties(row, window, repetition, presence, frequency)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


histories = st.one_of(
    st.lists(st.integers(0, 4), min_size=1, max_size=90),
    st.lists(st.integers(0, 1), min_size=1, max_size=130),
)


@settings(max_examples=150)
@given(
    history=histories,
    more=st.lists(st.integers(0, 4), max_size=8),
    breakers=st.sets(st.integers(0, 4), max_size=2),
    allowed=st.integers(1, 5),
    reach=st.sampled_from([0, 3, 20]),
    base=st.sampled_from([1.0, 1.2, 1.75]),
)
def test_dry_is_the_references_from_the_start_and_token_by_token(
    history: list[int], more: list[int], breakers: set[int], allowed: int, reach: int, base: float
) -> None:
    s = Sampling(dry_multiplier=0.8, dry_base=base, dry_allowed_length=allowed, dry_tokens=reach)
    row = [1.0, -2.0, 3.0, 0.0, 0.5]
    ours = Dry(s, frozenset(breakers), 5, "cpu")
    ours.start(torch.tensor([history, history]), len(more))
    for end in range(len(history), len(history) + len(more) + 1):
        so_far = (history + more)[:end]
        found = ours.penalise(torch.tensor([row, row]), torch.tensor([so_far, so_far]))
        expected = reference.dry(row, so_far, s, breakers)
        assert found[0].tolist() == found[1].tolist() == pytest.approx(expected, rel=1e-4)
        if end < len(history) + len(more):
            ours.follow(torch.tensor([(history + more)[: end + 1]] * 2))


def test_dry_counts_long_repetitions_as_fifty() -> None:
    s = Sampling(dry_multiplier=10.0, dry_base=4.0, dry_allowed_length=1)
    ours = Dry(s, frozenset(), 2, "cpu")
    history = torch.zeros(1, 300, dtype=torch.int64)
    ours.start(history, 0)
    assert ours.penalise(torch.zeros(1, 2), history).tolist() == [[pytest.approx(-10.0 * 4.0**49), 0.0]]


@pytest.mark.parametrize("seed", range(5))
def test_transformers_own_warpers_leave_the_same(seed: int) -> None:
    import transformers as t

    scores = torch.randn(6, 500, generator=torch.Generator().manual_seed(seed)) * 3
    ids = torch.randint(0, 500, (6, 40), generator=torch.Generator().manual_seed(seed))
    none = torch.zeros(6, 0, dtype=torch.int64)

    def agree(found: torch.Tensor, theirs: torch.Tensor) -> None:
        torch.testing.assert_close(found, theirs)

    agree(filters.top_k(scores.clone(), 7), t.TopKLogitsWarper(7)(none, scores.clone()))
    agree(filters.top_p(scores.clone(), 0.9), t.TopPLogitsWarper(0.9)(none, scores.clone()))
    agree(filters.min_p(scores.clone(), 0.05), t.MinPLogitsWarper(0.05)(none, scores.clone()))
    mask = filters.typical(scores, 0.8)
    agree(scores.masked_fill(~mask, OUT), t.TypicalLogitsWarper(0.8)(none, scores.clone()))
    theirs = t.RepetitionPenaltyLogitsProcessor(1.3)(ids, scores.clone())
    agree(penalise(scores.clone(), ids, Sampling(repetition_penalty=1.3)), theirs)


@pytest.mark.parametrize(
    "step",
    [
        lambda work: filters.top_k(work, 1),
        lambda work: filters.top_p(work, 0.01),
        lambda work: filters.min_p(work, 1.0),
        lambda work: filters.top_n_sigma(work, 0.01),
        lambda work: work.masked_fill(~filters.typical(work, 0.01), OUT),
        lambda work: filters.xtc(work, 0.0, torch.tensor([True]), torch.tensor([], dtype=torch.int64)),
        lambda work: filters.mirostat(work, filters.surprises(work), torch.tensor([0.001])),
        lambda work: filters.cool(work, 1.0, 1.0, 1.0),
    ],
)
@pytest.mark.parametrize("row", [[OUT, 3.0, OUT], [2.0], [0.0, 0.0, 0.0, 0.0], [1e30, -1e30, 0.0]])
def test_no_step_leaves_nothing(step: Callable[[torch.Tensor], torch.Tensor], row: list[float]) -> None:
    left = step(torch.tensor([row]))
    assert kept(left[0].tolist())
    assert kept(left[0].tolist()) <= kept(row)
