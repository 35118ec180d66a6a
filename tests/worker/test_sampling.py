"""The samplers against straight reference implementations."""

import math
import random

import pytest
import torch

from studio.core.jobs import Sampling
from studio.worker.text.sampling import Sampler, candidates, kept_count, take_seeds, uniforms

OFF = Sampling(temperature=1.0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)


def softmax(scores: dict[int, float]) -> dict[int, float]:
    """Probabilities of the scores, by id."""
    top = max(scores.values())
    parts = {i: math.exp(score - top) for i, score in scores.items()}
    total = math.fsum(parts.values())
    return {i: part / total for i, part in parts.items()}


def filled(order: list[int], chances: dict[int, float], mass: float) -> set[int]:
    """The shortest beginning of `order` that holds `mass`."""
    kept: set[int] = set()
    gathered = 0.0
    for i in order:
        if kept and gathered >= mass:
            break
        kept.add(i)
        gathered += chances[i]
    return kept


def reference(row: list[float], sampling: Sampling) -> set[int]:
    """The ids that survive, step by step as the docstring of `Sampling` lists them."""
    scores = dict(enumerate(row))
    if sampling.top_k:
        best = sorted(scores, key=lambda i: -scores[i])[: sampling.top_k]
        scores = {i: scores[i] for i in best}
    if sampling.typical_p < 1.0:
        chances = softmax(scores)
        entropy = -math.fsum(p * math.log(p) for p in chances.values())
        order = sorted(scores, key=lambda i: abs(-math.log(chances[i]) - entropy))
        scores = {i: scores[i] for i in filled(order, chances, sampling.typical_p)}
    if sampling.top_p < 1.0:
        chances = softmax(scores)
        order = sorted(scores, key=lambda i: -scores[i])
        scores = {i: scores[i] for i in filled(order, chances, sampling.top_p)}
    if sampling.min_p > 0.0:
        chances = softmax(scores)
        floor = sampling.min_p * max(chances.values())
        scores = {i: scores[i] for i in scores if chances[i] >= floor}
    return set(scores)


def survivors(rows: list[list[float]], sampling: Sampling, few: int = 0) -> list[set[int]]:
    """What our filters leave of each row."""
    values, order, whole = candidates(torch.tensor(rows), sampling, few)
    counts = kept_count(values, sampling, whole).tolist()
    return [set(ids[:count]) for ids, count in zip(order.tolist(), counts, strict=True)]


SETTINGS = [
    {"top_k": 5},
    {"top_p": 0.9},
    {"top_p": 0.3},
    {"min_p": 0.1},
    {"typical_p": 0.7},
    {"typical_p": 0.2, "top_p": 0.9},
    {"top_k": 12, "typical_p": 0.8, "top_p": 0.7, "min_p": 0.05},
    {"top_p": 0.95, "min_p": 0.05},
    {},
]


@pytest.mark.parametrize("knobs", SETTINGS)
@pytest.mark.parametrize("spread", [0.3, 1.0, 4.0])
def test_filters_keep_exactly_the_references_sets(knobs: dict[str, float], spread: float) -> None:
    chance = random.Random(str(knobs) + str(spread))
    rows = [[chance.gauss(0.0, spread) for _ in range(60)] for _ in range(40)]
    sampling = OFF.changed(**knobs)
    assert survivors(rows, sampling) == [reference(row, sampling) for row in rows]


def test_looking_at_few_candidates_gives_the_same_draws_as_sorting_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logits = torch.randn(4, 1000, generator=torch.Generator().manual_seed(2)) * torch.tensor(
        [[0.2], [1], [3], [9]]
    )

    def draws(few: int) -> list[list[int]]:
        monkeypatch.setattr("studio.worker.text.sampling._FEW", few)
        sampler = make(Sampling(temperature=1.0), tokens=20, takes=4, vocab=1000)
        return [sampler.draw(logits)[0].tolist() for _ in range(20)]

    assert draws(128) == draws(0) == draws(4)


def make(sampling: Sampling, *, tokens: int = 4, takes: int = 2, vocab: int = 60, **more: object) -> Sampler:
    """A sampler for a few takes."""
    given = {"before": [], "never": [], **more}
    return Sampler(sampling, seeds=take_seeds(1, takes), tokens=tokens, vocab=vocab, **given)  # type: ignore[arg-type]


def test_draws_follow_the_distribution() -> None:
    wanted = torch.tensor([0.5, 0.25, 0.15, 0.1])
    sampler = make(OFF, tokens=4000, takes=5, vocab=4)
    logits = wanted.log().expand(5, 4)
    drawn = torch.stack([sampler.draw(logits)[0] for _ in range(4000)]).flatten()
    share = torch.bincount(drawn, minlength=4) / drawn.numel()
    torch.testing.assert_close(share, wanted, atol=0.015, rtol=0)


def test_temperature_zero_takes_the_likeliest_token() -> None:
    logits = torch.randn(2, 60, generator=torch.Generator().manual_seed(3))
    ids, _ = make(Sampling(temperature=0.0, repetition_penalty=1.0)).draw(logits)
    assert ids.tolist() == logits.argmax(-1).tolist()


def test_penalty_looks_back_over_its_window_only() -> None:
    sampling = Sampling(temperature=0.0, repetition_penalty=2.0, penalty_tokens=2)
    sampler = make(sampling, takes=1, tokens=6, vocab=3, before=[0, 0, 1])
    logits = torch.tensor([[3.0, 2.9, 1.6]])
    drawn = [int(sampler.draw(logits)[0]) for _ in range(6)]
    expected, history = [], [0, 0, 1]
    for _ in range(6):
        scores = [score / 2 if i in history[-2:] else score for i, score in enumerate([3.0, 2.9, 1.6])]
        history.append(scores.index(max(scores)))
        expected.append(history[-1])
    assert drawn == expected == [2, 0, 1, 2, 0, 1]


def test_negative_scores_are_multiplied_by_the_penalty() -> None:
    sampler = make(Sampling(temperature=0.0, repetition_penalty=1.5), takes=1, vocab=2, before=[0])
    assert int(sampler.draw(torch.tensor([[-1.0, -1.2]]))[0]) == 1


def test_banned_tokens_are_never_drawn_and_allowed_ones_only() -> None:
    logits = torch.zeros(2, 8)
    logits[:, 3] = 50.0
    sampler = make(OFF, vocab=8, tokens=50, never=[3, 100])
    assert all(3 not in sampler.draw(logits)[0].tolist() for _ in range(48))
    assert sampler.draw(logits, only=torch.tensor([5]))[0].tolist() == [5, 5]
    logits[:, 6] = 40.0
    assert 6 not in sampler.draw(logits, without=torch.tensor([6]))[0].tolist()


def test_logprob_is_of_the_models_own_distribution() -> None:
    logits = torch.randn(2, 60, generator=torch.Generator().manual_seed(4))
    ids, logprobs = make(Sampling(temperature=0.5, top_k=1), before=[1, 2, 3]).draw(logits)
    expected = logits.log_softmax(-1).gather(1, ids[:, None])[:, 0]
    torch.testing.assert_close(logprobs, expected)


def test_a_takes_random_numbers_do_not_depend_on_how_many_takes_there_are() -> None:
    assert take_seeds(9, 8)[:2] == take_seeds(9, 2)
    assert torch.equal(uniforms(take_seeds(9, 4), 10)[:, 1], uniforms(take_seeds(9, 2), 10)[:, 1])
    assert len(set(take_seeds(9, 8) + take_seeds(10, 8))) == 16
