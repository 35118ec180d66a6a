"""Banned phrases never stand in a take, stops end it, the lead begins it, every token knows its rivals."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.events import Delta, Event
from studio.core.jobs import Frame, Sampling
from studio.worker.shelf import Shelf
from studio.worker.text import wave
from studio.worker.text.insight import best, thoughts
from tests.tiny_models import LINES
from tests.worker.conftest import Models, RunJob, job_for, never
from tests.worker.test_maker import ends, started, streamed

LONG = " ".join(LINES)
LOOSE = Sampling(temperature=1.3, top_p=1.0, min_p=0.0, repetition_penalty=1.0)


def banning(*phrases: str, **more: Any) -> Sampling:
    """Loose sampling that bans phrases."""
    return LOOSE.changed(banned_phrases=phrases, **more)


@pytest.mark.parametrize("family", ["llama", "mistral", "gpt2"])
def test_a_banned_phrase_never_stands_in_a_take_and_never_streams(
    family: str, models: Models, run_job: RunJob
) -> None:
    free = run_job(job_for(models[family], LONG, tokens=40, sampling=LOOSE))
    texts = [take.text for take in ends(free)]
    found = (text[at : at + 3].upper() for text in texts for at in range(2, len(text) - 3, 7))
    phrases = tuple(phrase for phrase in found if phrase.isascii())[:60]
    assert len(phrases) > 5
    job = job_for(models[family], LONG, tokens=40, sampling=banning(*phrases))
    events = run_job(job)
    for take in ends(events):
        assert not any(phrase.lower() in take.text.lower() for phrase in phrases)
        assert streamed(events, take.index) == take.text
        assert take.tokens[-1].end == len(take.text)
    assert [take.tokens for take in ends(run_job(job))] == [take.tokens for take in ends(events)]
    assert [take.text for take in ends(events)] != [take.text for take in ends(free)]


@pytest.mark.parametrize("sampling", [LOOSE, LOOSE.changed(mirostat=2), LOOSE.changed(dry_multiplier=0.5)])
def test_the_other_takes_are_the_same_as_without_the_ban(
    sampling: Sampling, models: Models, run_job: RunJob
) -> None:
    job = job_for(models["llama"], LONG, tokens=30, takes=4, sampling=sampling)
    free = ends(run_job(job))
    texts = [take.text.lower() for take in free]
    phrase = next(
        texts[0][at : at + 3]
        for at in range(5, len(texts[0]))
        if not any(texts[0][at : at + 3] in text for text in texts[1:])
    )
    banned = ends(run_job(job.changed(sampling=sampling.changed(banned_phrases=(phrase,)))))
    assert phrase not in banned[0].text.lower()
    assert [take.tokens for take in banned[1:]] == [take.tokens for take in free[1:]]
    begun = banned[0].text.lower()
    same = next(at for at in range(99) if begun[: at + 1] != texts[0][: at + 1])
    assert same >= 2


class Shaky:
    """A model that says something else whenever it was taken back."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._shake = False
        self.fed: list[list[int]] = []  # the tokens it stands after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def rewind(self, forked: Any, back: int) -> None:
        """As the model does it."""
        self._shake = True
        del self.fed[len(self.fed) - back :]
        self._model.rewind(forked, back)

    def step(self, forked: Any, ids: Any) -> torch.Tensor:
        """Logits upside down once it was taken back."""
        self.fed.append(ids.tolist())
        logits: torch.Tensor = self._model.step(forked, ids)
        return -logits if self._shake else logits


def test_what_a_take_has_said_stays_even_if_the_model_would_not_say_it_again(models: Models) -> None:
    heard: list[Event] = []
    runner = Shelf(heard.append).runner(str(models["llama"]), "", never)
    job = job_for(models["llama"], LONG, tokens=30, takes=4, sampling=LOOSE)
    runner.run(job, heard.append, never)
    free = ends(heard)
    text = free[0].text.lower()
    place = next(
        at
        for at in range(30, len(text))
        if not any(text[at : at + 9] in take.text.lower() for take in free[1:])
    )
    heard.clear()
    shaky = runner.model = Shaky(runner.model)
    runner.run(job.changed(sampling=banning(text[place : place + 9])), heard.append, never)
    back = next(at for at, token in enumerate(free[0].tokens) if token.end > place)
    assert back > 4
    for take, before in zip(ends(heard), free, strict=True):
        assert [token.id for token in take.tokens[:back]] == [token.id for token in before.tokens[:back]]
        fed = [row[take.index] for row in shaky.fed]
        assert fed[: len(take.tokens)] == [token.id for token in take.tokens[: len(fed)]]
    assert [take.tokens for take in ends(heard)[1:]] != [take.tokens for take in free[1:]]


def test_a_phrase_across_tokens_sends_the_take_back_to_its_first_token(
    models: Models, run_job: RunJob
) -> None:
    free = ends(run_job(job_for(models["llama"], LONG, tokens=40, takes=1, sampling=LOOSE)))[0]
    starts = [0, *(token.end for token in free.tokens)]
    first = next(
        at
        for at in range(3, 30)
        if all(starts[n] < starts[n + 1] for n in (at, at + 1)) and starts[at + 1] - starts[at] > 1
    )
    phrase = free.text[starts[first] + 1 : starts[first + 2]]  # begins within a token and ends with the next
    again = ends(run_job(job_for(models["llama"], LONG, tokens=40, takes=1, sampling=banning(phrase))))[0]
    assert phrase.lower() not in again.text.lower()
    assert again.tokens[:first] == free.tokens[:first]
    assert again.tokens[first].id != free.tokens[first].id
    assert again.tokens[first].others == free.tokens[first].others  # the model's own, whatever is banned


def test_a_take_that_cannot_avoid_its_phrases_ends_cleanly(
    models: Models, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave, "_TRIES_A_PLACE", 3)
    job = job_for(models["llama"], LONG, sampling=banning(*"abcdefghijklmnopqrstuvwxyz"), takes=2)
    for take in ends(run_job(job)):
        assert take.status == "done"
        assert not any("a" <= char <= "z" for char in take.text.lower())


def test_takes_end_at_once_when_nothing_is_left_to_draw(models: Models) -> None:
    heard: list[Event] = []
    runner = Shelf(heard.append).runner(str(models["llama"]), "", never)
    word = runner.tokens.encode(" fox").ids
    assert len(word) == 1
    runner.tokens.ends = frozenset({7})
    runner.tokens.never = frozenset(range(runner.tokens.size)) - {*word, 7}
    biased = LOOSE.changed(logit_bias=(("fox", -100.0),))
    runner.run(job_for(models["llama"], LONG, takes=2), heard.append, never)
    assert all(take.text.startswith(" fox") for take in ends(heard))
    heard.clear()
    runner.run(job_for(models["llama"], LONG, takes=2, sampling=biased), heard.append, never)
    assert [(take.text, take.tokens, take.status) for take in ends(heard)] == [("", (), "done")] * 2


def test_a_forbidden_word_does_not_come_and_a_wanted_one_does(models: Models, run_job: RunJob) -> None:
    job = job_for(models["llama"], LONG, tokens=30, sampling=LOOSE.changed(logit_bias=(("fox", 60.0),)))
    assert all(take.text.startswith((" fox", "fox")) for take in ends(run_job(job)))
    greedy = Sampling(temperature=0.0, repetition_penalty=1.0, logit_bias=(("fox", 60.0), ("fox", -100.0)))
    assert all("fox" not in take.text for take in ends(run_job(job.changed(sampling=greedy))))


# stops and answers


def frame(*stops: str) -> Frame:
    """A few-shot frame."""
    return Frame(act="rewrite", title="Rewrite", shots="A: {selection}\nB:", stops=stops)


def act_job(model: Path, *stops: str, **more: Any) -> Any:
    """A rewrite of a sentence by few-shot frame."""
    given = {
        "act": "rewrite",
        "frame": frame(*stops),
        "selection": "The fox sang.",
        "sampling": LOOSE,
        **more,
    }
    return job_for(model, LONG, tokens=40, **given)


def test_a_take_ends_before_its_stop_which_never_streams(models: Models, run_job: RunJob) -> None:
    whole = ends(run_job(act_job(models["llama"])))
    stop = whole[0].text[12:15]
    events = run_job(act_job(models["llama"], stop, "\x00never"))
    for take, free in zip(ends(events), whole, strict=True):
        assert stop not in take.text
        assert stop not in streamed(events, take.index)
        assert free.text.startswith(take.text)
        assert take.status == "done"
        assert not take.tokens or take.tokens[-1].end <= len(take.text)
    first = ends(events)[0]
    assert first.text == whole[0].text[: whole[0].text.find(stop)].rstrip()


def test_an_answer_has_no_white_around_it(models: Models, run_job: RunJob) -> None:
    for take in ends(run_job(act_job(models["llama"], takes=8))):
        assert take.text == take.text.strip()


# the lead


@pytest.mark.parametrize("family", ["llama", "mistral", "gemma"])
def test_every_take_begins_with_the_lead(family: str, models: Models, run_job: RunJob) -> None:
    lead = " The fox ran to the"
    events = run_job(job_for(models[family], LONG, lead=lead, tokens=12))
    assert started(events).made.prompt_tokens == sum(part.tokens for part in started(events).made.parts)
    for take in ends(events):
        assert take.text.startswith(lead)
        assert streamed(events, take.index) == take.text
        given = [token for token in take.tokens if token.rank == 0]
        assert given == list(take.tokens[: len(given)])
        assert given[-1].end == len(lead)
        assert len(take.tokens) == len(given) + 12
        assert all(math.isfinite(token.logprob) and len(token.others) == 10 for token in given)
    first = next(event for event in events if isinstance(event, Delta))
    assert {text[: len(lead)] for _, text in first.pieces} == {lead}


def test_what_follows_a_lead_is_what_would_have_followed_it(models: Models, run_job: RunJob) -> None:
    greedy = Sampling(temperature=0.0, repetition_penalty=1.0)
    free = ends(run_job(job_for(models["llama"], LONG, takes=1, tokens=16, sampling=greedy)))[0]
    lead = free.text[: free.tokens[5].end]
    led = ends(run_job(job_for(models["llama"], LONG, takes=1, tokens=10, sampling=greedy, lead=lead)))[0]
    if [token.id for token in led.tokens[:6]] == [token.id for token in free.tokens[:6]]:
        assert [token.id for token in led.tokens] == [token.id for token in free.tokens]
        ours = [token.logprob for token in led.tokens]
        assert ours == pytest.approx([token.logprob for token in free.tokens], abs=1e-4)


def test_a_lead_after_a_space_and_with_a_space_at_its_end(models: Models, run_job: RunJob) -> None:
    takes = ends(run_job(job_for(models["llama"], "The little ", lead="fox ran ", takes=8)))
    for take in takes:
        assert take.text.startswith("fox ran ")
        assert take.text[8:9].strip()


def test_a_short_sentence_in_the_lead_is_not_where_a_take_is_cut(models: Models, run_job: RunJob) -> None:
    lead = " It was. And then the"
    for take in ends(run_job(job_for(models["llama"], LONG, lead=lead, trim="sentence", takes=8))):
        assert take.text.startswith(lead)


# alternatives


def test_every_token_knows_its_rank_and_the_ten_likeliest(models: Models, run_job: RunJob) -> None:
    events = run_job(job_for(models["llama"], LONG, tokens=40, sampling=LOOSE))
    for take in ends(events):
        for token in take.tokens:
            chances = [other.logprob for other in token.others]
            assert len(chances) == 10
            assert chances == sorted(chances, reverse=True)
            ids = [other.id for other in token.others]
            assert (token.id in ids) == (token.rank <= 10)
            if token.rank <= 10:
                assert ids[token.rank - 1] == token.id
                assert token.others[token.rank - 1].logprob == pytest.approx(token.logprob, abs=1e-6)
        assert any(other.text.startswith(" ") for token in take.tokens for other in token.others)


def test_alternatives_are_the_same_when_another_take_went_back(models: Models, run_job: RunJob) -> None:
    job = job_for(models["llama"], LONG, tokens=40, takes=3, sampling=LOOSE)
    free = ends(run_job(job))
    held = ends(run_job(job.changed(sampling=banning(free[0].text[20:24]))))
    if free[0].text[20:24].lower() not in free[1].text.lower():
        assert held[1].tokens == free[1].tokens
    assert held[0].tokens[:2] == free[0].tokens[:2]


@pytest.mark.parametrize("vocab", [7, 300, 640, 4099])
def test_the_best_of_blocks_are_the_best_of_all(vocab: int) -> None:
    logits = torch.randn(5, vocab, generator=torch.Generator().manual_seed(vocab))
    values, ids = best(logits, 10)
    expected = logits.topk(min(10, vocab), dim=-1)
    assert torch.equal(values, expected.values)
    assert torch.equal(ids, expected.indices)
    found = thoughts(logits, torch.full((5,), 3))
    ranks = [(logits[row] > logits[row, 3]).sum().item() + 1 for row in range(5)]
    assert [thought.rank for thought in found] == ranks


def test_a_piece_of_text_reads_as_it_would_in_place(models: Models) -> None:
    heard: list[Event] = []
    tokens = Shelf(heard.append).runner(str(models["llama"]), "", never).tokens
    ids = tokens.encode("a fox").ids
    assert "".join(tokens.piece(number) for number in ids) == "a fox"
    assert tokens.pieces == [tokens.piece(number) for number in range(tokens.size)]
    assert tokens.following(" fox") == tokens.encode(" fox").ids
