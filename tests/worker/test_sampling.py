"""The sampler as a whole: the order of the steps, its memory, its random numbers, going back."""

import math
import random
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.core.sampling import STEPS, Sampling
from studio.core.seeds import take_seeds
from studio.worker.text.sampling import Marks, Sampler, few
from studio.worker.text.sampling.few import candidates, kept_count
from studio.worker.text.sampling.seeds import stream, uniforms
from tests.worker import reference_samplers as reference

OFF = Sampling(temperature=1.0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)
CLEAR = 1e-4


def make(sampling: Sampling, *, tokens: int = 4, takes: int = 2, vocab: int = 60, **more: Any) -> Sampler:
    """A sampler for a few takes."""
    given: dict[str, Any] = {"before": [], "never": [], **more}
    return Sampler(sampling, seeds=take_seeds(1, takes), tokens=tokens, vocab=vocab, **given)


def survivors(sampler: Sampler, logits: torch.Tensor) -> list[set[int]]:
    """The ids that may be drawn in each row."""
    work = logits.clone()
    for change in sampler._changes:
        work = change(work)
    values, order, start, count = sampler._left(work)
    return [
        {i for i, value in list(zip(ids, row, strict=True))[first[0] : end[0]] if value > -math.inf}
        for ids, row, first, end in zip(
            order.tolist(), values.tolist(), start.tolist(), count.tolist(), strict=True
        )
    ]


knobs = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0.3, 0.8, 1.0, 2.0]),
        "order": st.permutations(STEPS).map(tuple),
    },
    optional={
        "dynamic_range": st.just(0.2),
        "top_k": st.integers(1, 30),
        "top_p": st.sampled_from([0.3, 0.7, 0.95]),
        "min_p": st.sampled_from([0.01, 0.1, 0.5]),
        "typical_p": st.sampled_from([0.3, 0.9]),
        "top_n_sigma": st.sampled_from([0.5, 1.0, 2.0]),
        "repetition_penalty": st.just(1.3),
        "presence_penalty": st.just(0.5),
        "frequency_penalty": st.just(0.25),
        "penalty_tokens": st.sampled_from([0, 3, 64]),
        "dry_multiplier": st.just(0.8),
        "dry_allowed_length": st.just(1),
        "xtc_probability": st.just(1.0),
        "xtc_threshold": st.sampled_from([0.05, 0.2]),
    },
)


@settings(max_examples=250, deadline=None)
@given(
    knobs=knobs,
    row=st.lists(st.floats(-9, 9, width=32, allow_subnormal=False), min_size=20, max_size=20, unique=True),
    history=st.lists(st.integers(0, 5), max_size=40),
    usual=st.booleans(),
)
def test_all_steps_in_any_order_leave_the_references_set(
    knobs: dict[str, Any], row: list[float], history: list[int], usual: bool
) -> None:
    sampling = OFF.changed(**(knobs | {"order": STEPS} if usual else knobs))
    marks = Marks(breakers=frozenset({2}), spared=frozenset({7}))
    expected, margin = reference.left(
        row, sampling, history, breakers=marks.breakers, spared=marks.spared, acts=True
    )
    assume(margin > CLEAR)
    sampler = make(sampling, vocab=20, before=history, marks=marks)
    wanted = {i for i, score in enumerate(expected) if score > -math.inf}
    assert survivors(sampler, torch.tensor([row, row])) == [wanted, wanted]


@pytest.mark.parametrize(
    "last",
    [("top_p", "top_k"), ("min_p", "top_p"), ("typical", "top_k"), ("top_p", "typical"), ("xtc", "top_p")],
)
def test_filters_in_an_unusual_order_see_what_the_one_before_left(last: tuple[Any, ...]) -> None:
    knobs: dict[str, Any] = {"top_k": 6, "top_p": 0.7, "min_p": 0.2, "typical_p": 0.6, "xtc_probability": 1.0}
    order = (*(step for step in STEPS if step not in last), *last)
    sampling, changed = OFF.changed(order=order, **knobs), 0
    usual = sampling.changed(order=STEPS)
    for seed in range(40):
        row = (torch.randn(20, generator=torch.Generator().manual_seed(seed)) * 1.5).tolist()
        expected, margin = reference.left(row, sampling, [], breakers=(), spared=(), acts=True)
        if margin > CLEAR:
            wanted = {i for i, score in enumerate(expected) if score > -math.inf}
            assert survivors(make(sampling, vocab=20, takes=1), torch.tensor([row])) == [wanted]
            changed += survivors(make(usual, vocab=20, takes=1), torch.tensor([row])) != [wanted]
    assert changed


SETTINGS: list[dict[str, Any]] = [
    {"top_k": 5},
    {"top_p": 0.9},
    {"min_p": 0.1},
    {"top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.2},
    {"top_k": 12, "top_p": 0.7, "min_p": 0.05},
    {"top_k": 30, "min_p": 0.3},
    {"top_p": 0.95, "xtc_probability": 0.5, "xtc_threshold": 0.05},
    {"temperature": 0.0, "repetition_penalty": 1.4},
]


@pytest.mark.parametrize("knobs", SETTINGS)
def test_the_quick_way_draws_what_the_other_draws(knobs: dict[str, Any]) -> None:
    sampling, marks = OFF.changed(**knobs), Marks(spared=frozenset({3}))
    given: dict[str, Any] = {
        "tokens": 60,
        "takes": 4,
        "vocab": 500,
        "before": list(range(90)),
        "never": [7, 8],
    }
    plain = make(sampling, marks=marks, **given)
    quick = make(sampling, marks=marks, quick=True, **given)
    assert quick._quick is not None
    for seed in range(60):
        logits = torch.randn(4, 500, generator=torch.Generator().manual_seed(seed)) * (0.5 + seed % 5)
        assert quick.draw(logits).tolist() == plain.draw(logits).tolist()


def test_the_quick_way_leaves_other_knobs_to_the_other_one() -> None:
    for knobs in (
        {},
        {"top_k": 5000},
        {"top_p": 0.9, "typical_p": 0.5},
        {"min_p": 0.1, "mirostat": 2},
        {"min_p": 0.1, "dynamic_range": 0.1},
        {"min_p": 0.1, "dry_multiplier": 1.0},
        {"min_p": 0.1, "presence_penalty": 1.0},
    ):
        assert make(OFF.changed(**knobs), quick=True)._quick is None
    assert make(OFF.changed(top_p=0.5, min_p=0.1, order=STEPS[::-1]), quick=True)._quick is None


@pytest.mark.parametrize("spread", [0.3, 1.0, 4.0])
def test_earlier_recipes_draw_the_same_tokens_to_the_last_bit(spread: float) -> None:
    """The way the default knobs were drawn from the first version on, written out."""
    sampling = Sampling()
    sampler = make(sampling, tokens=30, takes=3, vocab=1000, before=[5, 6, 7], never=[0])
    randoms = uniforms(take_seeds(1, 3), 30)
    history = [[5, 6, 7] for _ in range(3)]
    for step in range(30):
        logits = torch.randn(3, 1000, generator=torch.Generator().manual_seed(step)) * spread
        work = logits.clone()
        work[:, 0] = -torch.inf
        seen = torch.tensor(history)
        score = work.gather(1, seen)
        work.scatter_(1, seen, torch.where(score < 0, score * 1.05, score / 1.05))
        work.div_(0.8)
        values, order, whole = candidates(work, sampling, 128)
        count = kept_count(values, sampling, whole)
        if int(count.max()) >= 128:
            values, order, whole = candidates(work, sampling, 0)
            count = kept_count(values, sampling, whole)
        share = (values - values[:, :1]).exp_().cumsum_(-1)
        aim = randoms[step][:, None] * share.gather(1, (count - 1)[:, None])
        place = torch.minimum(torch.searchsorted(share, aim, right=True), (count - 1)[:, None])
        ids = order.gather(1, place)[:, 0].tolist()
        assert sampler.draw(logits).tolist() == ids
        for row, number in zip(history, ids, strict=True):
            row.append(number)


def test_looking_at_few_candidates_gives_the_same_draws_as_sorting_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logits = torch.randn(4, 1000, generator=torch.Generator().manual_seed(2)) * torch.tensor(
        [[0.2], [1], [3], [9]]
    )

    def draws(count: int) -> list[list[int]]:
        monkeypatch.setattr("studio.worker.text.sampling.sampler.FEW", count)
        sampler = make(Sampling(temperature=1.0), tokens=20, takes=4, vocab=1000)
        return [sampler.draw(logits).tolist() for _ in range(20)]

    assert draws(few.FEW) == draws(0) == draws(4)


@pytest.mark.parametrize("quick", [False, True])
def test_draws_follow_the_distribution(quick: bool) -> None:
    wanted = torch.tensor([0.5, 0.25, 0.15, 0.1])
    sampler = make(OFF, tokens=4000, takes=5, vocab=4, quick=quick)
    logits = wanted.log().expand(5, 4)
    drawn = torch.stack([sampler.draw(logits) for _ in range(4000)]).flatten()
    share = torch.bincount(drawn, minlength=4) / drawn.numel()
    torch.testing.assert_close(share, wanted, atol=0.015, rtol=0)


def test_xtc_acts_as_often_as_it_is_told() -> None:
    sampler = make(OFF.changed(xtc_probability=0.3, xtc_threshold=0.1), tokens=1500, takes=4, vocab=3)
    logits = torch.tensor([0.8, 0.15, 0.05]).log().expand(4, 3)
    drawn = torch.stack([sampler.draw(logits) for _ in range(1500)]).flatten()
    assert int((drawn == 0).sum()) / drawn.numel() == pytest.approx(0.7 * 0.8, abs=0.02)


def test_temperature_zero_takes_the_likeliest_token() -> None:
    logits = torch.randn(2, 60, generator=torch.Generator().manual_seed(3))
    for more in ({}, {"mirostat": 2}, {"dynamic_range": 1.0}, {"xtc_probability": 1.0}, {"typical_p": 0.2}):
        ids = make(Sampling(temperature=0.0, repetition_penalty=1.0, **more)).draw(logits)
        assert ids.tolist() == logits.argmax(-1).tolist()


def test_steps_after_temperature_zero_do_not_count() -> None:
    order = (*(step for step in STEPS if step not in ("xtc", "min_p")), "xtc", "min_p")
    sampling = OFF.changed(temperature=0.0, xtc_probability=1.0, xtc_threshold=0.1, min_p=0.01, order=order)
    sampler = make(sampling, takes=1, vocab=3)
    assert sampler.draw(torch.tensor([[0.5, 0.3, 0.2]]).log()).tolist() == [0]


def test_a_step_before_temperature_zero_still_counts() -> None:
    order = ("xtc", *(step for step in STEPS if step != "xtc"))
    sampling = OFF.changed(temperature=0.0, xtc_probability=1.0, xtc_threshold=0.1, order=order)
    sampler = make(sampling, takes=1, vocab=3)
    assert sampler.draw(torch.tensor([[0.5, 0.3, 0.2]]).log()).tolist() == [2]


def test_mirostat_follows_its_definition_take_by_take() -> None:
    tau, eta = 2.5, 0.3
    sampler = make(OFF.changed(mirostat=2, mirostat_tau=tau, mirostat_eta=eta), tokens=40, takes=3, vocab=80)
    limits = [2 * tau] * 3
    for step in range(40):
        logits = torch.randn(3, 80, generator=torch.Generator().manual_seed(step)) * 2
        drawn = sampler.draw(logits).tolist()
        for take, number in enumerate(drawn):
            row = logits[take].tolist()
            left, margin = reference.mirostat(row, limits[take])
            assert left[number] > -math.inf or margin < CLEAR
            limits[take] -= eta * (reference.surprise(row)[number] - tau)
        assert sampler._limits[step + 1].tolist() == pytest.approx(limits, abs=1e-3)
    assert len({round(limit, 3) for limit in limits}) == 3


def test_penalty_looks_back_over_its_window_only() -> None:
    sampling = Sampling(temperature=0.0, repetition_penalty=2.0, penalty_tokens=2)
    for quick in (False, True):
        sampler = make(sampling, takes=1, tokens=6, vocab=3, before=[0, 0, 1], quick=quick)
        logits = torch.tensor([[3.0, 2.9, 1.6]])
        drawn = [int(sampler.draw(logits)) for _ in range(6)]
        assert drawn == [2, 0, 1, 2, 0, 1]


def test_dry_keeps_a_take_from_going_round_and_leaves_breakers_alone() -> None:
    sampling = OFF.changed(temperature=0.0, dry_multiplier=5.0, dry_allowed_length=2)
    logits = torch.tensor([[0.0, 1.0, 2.0, 0.5]])
    history = [0, 1, 2, 0, 1]
    assert int(make(sampling, takes=1, vocab=4, before=history).draw(logits)) == 1
    marks = Marks(breakers=frozenset({1}))
    assert int(make(sampling, takes=1, vocab=4, before=history, marks=marks).draw(logits)) == 2


def test_biases_count_on_single_tokens_always_and_on_longer_texts_at_their_end() -> None:
    marks = Marks(biases=(((3,), 2.0), ((1, 2, 4), -100.0), ((2, 5), 1.5), ((3,), 0.5)))
    sampler = make(OFF.changed(temperature=0.0), takes=2, vocab=8, before=[0, 1], marks=marks, tokens=3)
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0, 9.0, 2.6, 0.0, 0.0]] * 2)
    sampler.draw(logits, forced=torch.tensor([2, 6]))
    work = sampler._biases.add(logits.clone(), sampler._so_far())
    assert work[:, 3].tolist() == [2.5, 2.5]
    assert work[:, 4].tolist() == [-math.inf, 9.0]
    assert work[0, 5].item() == pytest.approx(4.1)
    assert sampler.draw(logits).tolist() == [5, 4]


def test_biases_agree_with_transformers_sequence_bias() -> None:
    import transformers

    forms = (((3,), 2.0), ((1, 2, 4), -4.0), ((2, 5), 1.5))
    history = torch.tensor([[0, 1, 2], [1, 2, 2], [2, 1, 0]])
    scores = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    theirs = transformers.SequenceBiasLogitsProcessor(dict(forms))(history, scores.clone())
    ours = make(OFF, takes=3, vocab=8, marks=Marks(biases=forms))._biases.add(scores.clone(), history)
    torch.testing.assert_close(ours, theirs)


def test_banned_tokens_are_never_drawn_and_allowed_ones_only() -> None:
    logits = torch.zeros(2, 8)
    logits[:, 3] = 50.0
    for quick in (False, True):
        sampler = make(OFF, vocab=8, tokens=60, never=[3, 100], quick=quick)
        assert all(3 not in sampler.draw(logits).tolist() for _ in range(48))
        assert sampler.draw(logits, only=torch.tensor([5])).tolist() == [5, 5]
        logits[:, 6] = 40.0
        assert 6 not in sampler.draw(logits, without=torch.tensor([6])).tolist()
        assert sampler.draw(logits, forbidden=[(1, 6)]).tolist()[0] == 6
        logits[:, 6] = 0.0


def test_a_row_of_which_nothing_is_left_is_stuck_and_the_others_are_not() -> None:
    for sampling in (OFF, OFF.changed(mirostat=2), Sampling(typical_p=0.5, dynamic_range=0.5), Sampling()):
        sampler = make(sampling, vocab=3, never=[0])
        sampler.draw(torch.zeros(2, 3), forbidden=[(1, 1), (1, 2)])
        assert sampler.stuck == (False, True)
        sampler.draw(torch.zeros(2, 3))
        assert sampler.stuck == (False, False)


@pytest.mark.parametrize(
    "more", [{}, {"dry_multiplier": 1.0}, {"mirostat": 2}, {"xtc_probability": 0.5, "xtc_threshold": 0.02}]
)
def test_going_back_brings_the_forced_rows_to_the_same_place(more: dict[str, Any]) -> None:
    sampling = Sampling(temperature=1.2, **more)
    straight, back = (make(sampling, tokens=12, takes=2, vocab=50, before=[1, 2, 1]) for _ in range(2))
    rows = [torch.randn(2, 50, generator=torch.Generator().manual_seed(step)) for step in range(12)]
    drawn = [straight.draw(row).tolist() for row in rows]
    for row in rows[:8]:
        back.draw(row)
    back.rewind(3)
    back.renew(1, 3)
    other = []
    for step in range(3, 12):
        forced = torch.tensor([drawn[step][0] if step < 8 else -1, -1])
        other.append(back.draw(rows[step], forced=forced).tolist())
    assert [row[0] for row in other] == [row[0] for row in drawn[3:]]
    assert [row[1] for row in other] != [row[1] for row in drawn[3:]]


def test_going_back_forgets_repetitions_that_were_not_written_after_all() -> None:
    sampling = OFF.changed(dry_multiplier=1.0, dry_allowed_length=1)
    straight, back = (make(sampling, tokens=9, takes=1, vocab=4, before=[0, 1, 2]) for _ in range(2))
    logits = torch.zeros(1, 4)
    for number in (0, 1, 3, 3):
        back.draw(logits, forced=torch.tensor([number]))
    back.rewind(2)
    for sampler, numbers in ((straight, (0, 1, 2)), (back, (2,))):
        for number in numbers:
            sampler.draw(logits, forced=torch.tensor([number]))
    assert straight._dry is not None
    assert back._dry is not None
    found = back._dry.penalise(logits.clone(), back._so_far())
    assert torch.equal(found, straight._dry.penalise(logits.clone(), straight._so_far()))
    assert (found != 0).any()


def test_a_takes_random_numbers_do_not_depend_on_the_other_takes() -> None:
    assert take_seeds(9, 8)[:2] == take_seeds(9, 2)
    assert torch.equal(uniforms(take_seeds(9, 4), 10)[:, 1], uniforms(take_seeds(9, 2), 10)[:, 1])
    assert len(set(take_seeds(9, 8) + take_seeds(10, 8))) == 16
    logits = torch.randn(1, 60, generator=torch.Generator().manual_seed(1)).expand(4, 60)
    sampling = Sampling(temperature=1.5, xtc_probability=0.5, mirostat=0)
    four = make(sampling, takes=4, tokens=20)
    one = make(sampling, takes=1, tokens=20)
    four.renew(1, 5)
    for _ in range(20):
        assert four.draw(logits)[0] == one.draw(logits[:1])[0]


def test_streams_of_a_take_are_its_own() -> None:
    seeds = {stream(seed, name).initial_seed() for seed in range(20) for name in ("xtc", "again")}
    assert len(seeds) == 40
    random.seed(1)
    before = random.random()
    random.seed(1)
    make(Sampling(xtc_probability=0.5)).draw(torch.zeros(2, 60))
    assert random.random() == before
