"""Jobs become takes, the same ones each time."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.events import Delta, Event, JobEnd, Loading, Ready, Started, TakeEnd
from studio.core.jobs import Adapter, Sampling
from studio.worker.shelf import Shelf
from tests.tiny_models import FAMILIES, LINES
from tests.worker.conftest import GREEDY, Models, RunJob, job_for, never

LONG = " ".join(LINES)


def ends(events: list[Event]) -> list[TakeEnd]:
    """The ended takes by index."""
    return sorted((event for event in events if isinstance(event, TakeEnd)), key=lambda end: end.index)


def streamed(events: list[Event], index: int) -> str:
    """All that streamed of one take."""
    deltas = [event for event in events if isinstance(event, Delta)]
    return "".join(text for delta in deltas for number, text in delta.pieces if number == index)


def started(events: list[Event]) -> Started:
    """The job's start."""
    return next(event for event in events if isinstance(event, Started))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_makes_takes_and_makes_them_again(family: str, models: Models, run_job: RunJob) -> None:
    job = job_for(models[family], LONG)
    events = run_job(job)
    assert [type(event) for event in events if not isinstance(event, Delta | Loading)] == [
        Ready, Started, TakeEnd, TakeEnd, TakeEnd, JobEnd,
    ]  # fmt: skip
    takes = ends(events)
    assert [streamed(events, index) for index in range(3)] == [take.text for take in takes]
    assert len({take.text for take in takes}) == 3
    assert started(events).made.family == family
    again = run_job(job)
    assert [take.tokens for take in ends(again)] == [take.tokens for take in takes]
    assert started(again).made.reused_tokens == started(again).made.prompt_tokens


@pytest.mark.parametrize("family", FAMILIES)
def test_a_take_is_the_same_whether_its_prompt_was_kept_or_not(
    family: str, models: Models, run_job: RunJob
) -> None:
    job = job_for(models[family], LONG)
    cold = run_job(job)
    run_job(job.changed(prompt=LONG[:-40] + " Something else was there."))
    run_job(job.changed(prompt=LONG + " And more of it."))
    for _ in range(4):  # push the very prompt out, so that only its chunks are left
        run_job(job.changed(prompt=LONG + " Or not."))
    events = run_job(job.changed(prompt=LONG + " It ends."))
    made = started(events).made
    assert 0 < made.reused_tokens < made.prompt_tokens
    assert made.reused_tokens % made.chunk_tokens == 0
    assert made.reused_tokens + made.computed_tokens == made.prompt_tokens
    assert [take.tokens for take in ends(run_job(job))] == [take.tokens for take in ends(cold)]


@pytest.mark.parametrize("family", ["llama", "mistral"])
def test_a_fresh_shelf_says_the_same_as_kept_chunks(
    family: str, models: Models, run_job: RunJob, make_run: Callable[[], RunJob]
) -> None:
    run_job(job_for(models[family], LONG))
    longer = job_for(models[family], LONG + " It ends.")
    kept, cold = run_job(longer), make_run()(longer)
    assert started(kept).made.reused_tokens > 0 == started(cold).made.reused_tokens
    assert [take.tokens for take in ends(kept)] == [take.tokens for take in ends(cold)]


def test_greedy_takes_follow_transformers_own_choice(models: Models, run_job: RunJob) -> None:
    import torch
    import transformers

    for family in ("llama", "gemma", "mistral"):
        events = run_job(job_for(models[family], LONG, takes=1, tokens=20, sampling=GREEDY))
        model = transformers.AutoModelForCausalLM.from_pretrained(models[family], dtype=torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(models[family])
        ids = torch.tensor([[0, *tokenizer(LONG, add_special_tokens=False)["input_ids"]]])
        barred = [[number] for number in range(5)] + [[n] for n in range(len(tokenizer), 420)]
        theirs = model.generate(ids, max_new_tokens=20, do_sample=False, bad_words_ids=barred, pad_token_id=0)
        assert [token.id for token in ends(events)[0].tokens] == theirs[0, ids.shape[1] :].tolist()


def test_token_records_say_where_each_token_ends_and_how_likely_it_was(
    models: Models, run_job: RunJob
) -> None:
    events = run_job(job_for(models["llama"], LONG, tokens=40))
    for take in ends(events):
        places = [token.end for token in take.tokens]
        assert places == sorted(places)
        assert places[-1] == len(take.text)
        assert all(math.isfinite(token.logprob) and token.logprob < 0 for token in take.tokens)


def test_a_space_before_the_caret_is_not_doubled(models: Models, run_job: RunJob) -> None:
    takes = ends(run_job(job_for(models["llama"], "The little ", takes=8)))
    assert all(take.text[0] != " " for take in takes)
    assert [take.text for take in ends(run_job(job_for(models["llama"], "The little ", takes=8)))] == [
        take.text for take in takes
    ]


def test_first_text_goes_out_at_once_and_later_text_in_groups(models: Models, run_job: RunJob) -> None:
    events = run_job(job_for(models["llama"], "A fox", tokens=100))
    deltas = [event for event in events if isinstance(event, Delta)]
    assert isinstance(events[events.index(deltas[0]) - 1], Started)
    assert len(deltas) < 60


def test_stop_keeps_what_there_is(models: Models, run_job: RunJob) -> None:
    asked = iter(range(10_000))
    events = run_job(job_for(models["llama"], "A fox", tokens=150), lambda: next(asked) > 20)
    takes = ends(events)
    assert [take.status for take in takes] == ["stopped"] * 3
    assert all(0 < len(take.tokens) < 30 for take in takes)
    assert [take.text for take in takes] == [streamed(events, index) for index in range(3)]
    assert isinstance(events[-1], JobEnd)
    assert events[-1].status == "stopped"


def test_stop_during_prefill_ends_the_job_without_takes(models: Models, run_job: RunJob) -> None:
    run_job(job_for(models["llama"], "A fox"))
    events = run_job(job_for(models["llama"], LONG), lambda: True)
    assert [type(event) for event in events] == [JobEnd]


def test_trim_leaves_whole_sentences_and_their_tokens(models: Models, run_job: RunJob) -> None:
    sampling = Sampling(temperature=1.5, top_p=1.0, min_p=0.0)
    job = job_for(models["llama"], LONG, takes=8, tokens=60, sampling=sampling)
    whole, trimmed = ends(run_job(job)), ends(run_job(job.changed(trim="sentence")))
    assert all(long.text.startswith(short.text) for long, short in zip(whole, trimmed, strict=True))
    cut = [short for long, short in zip(whole, trimmed, strict=True) if len(short.text) < len(long.text)]
    assert cut
    assert all(short.tokens[-1].end == len(short.text) for short in cut)


def test_a_take_ends_at_the_end_token_and_others_go_on(models: Models, run_job: RunJob) -> None:
    sampling = Sampling(temperature=5.0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)
    job = job_for(models["llama"], "A fox", takes=8, tokens=150, sampling=sampling)
    lengths = [len(take.tokens) for take in ends(run_job(job))]
    assert 0 < min(lengths) < 150 == max(lengths)


def test_a_take_says_something_before_it_may_end(models: Models) -> None:
    heard: list[Event] = []
    runner = Shelf(heard.append).runner(str(models["llama"]), "", never)
    runner.tokens.ends = frozenset(range(420)) - {300, 301}  # nearly every token ends a text here
    runner.run(job_for(models["llama"], LONG), heard.append, never)
    assert all(take.tokens[0].id in (300, 301) for take in ends(heard))


def test_a_full_context_still_leaves_room_for_the_take(models: Models, run_job: RunJob) -> None:
    events = run_job(job_for(models["gpt2"], LONG * 20, tokens=50))
    assert max(len(take.tokens) for take in ends(events)) == 50
    assert started(events).made.prompt_cut_chars > 0


def test_a_model_whose_numbers_overflow_is_told(models: Models, tmp_path: Path, run_job: RunJob) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(models["llama"], tmp_path / "overflowing"))
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][:] = math.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(StudioError, match="overflowed"):
        run_job(job_for(folder))


def test_an_adapter_that_is_not_there_is_named(models: Models, run_job: RunJob) -> None:
    with pytest.raises(StudioError, match="The adapter x can't be used"):
        run_job(job_for(models["llama"], adapters=(Adapter(path="x"),)))
