"""From options to a job: every field can be set, every mistake is named."""

import json
from pathlib import Path

import msgspec
import pytest

from studio.cli.console import UsageError
from studio.cli.jobs import FIXED, text_job
from studio.cli.parser import build_parser
from studio.core.jobs import Adapter, ContextPart, Frame, Sampling, TextJob
from studio.core.sampling import STEPS


def job_of(*arguments: str, **fields: object) -> TextJob:
    options = build_parser().parse_args(["make", "text", "--prompt", "-", *arguments])
    return text_job(options, "/models/wolf", "Once", **fields)


def test_without_wishes_the_defaults_are_the_jobs_own() -> None:
    job = job_of(suffix="end", note="n")
    plain = TextJob(id="x", prompt="p", model="m", seed=0)
    assert (job.prompt, job.suffix, job.note, job.model) == ("Once", "end", "n", "/models/wolf")
    assert (job.takes, job.tokens, job.sampling, job.trim) == (
        plain.takes,
        plain.tokens,
        plain.sampling,
        plain.trim,
    )
    assert job.adapters == ()


def test_a_seed_is_kept_and_without_one_each_job_has_its_own() -> None:
    assert job_of("--seed", "0").seed == 0
    assert len({job_of().seed for _ in range(4)}) == 4
    assert job_of().id != job_of().id


def test_set_reaches_fields_of_the_job_and_of_its_sampling() -> None:
    job = job_of(
        "--set", "temperature=0", "--set", "top_k=40", "--set", "trim=none", "--set", "tokens=7", "--set", "note=a=b"
    )  # fmt: skip
    assert job.sampling == Sampling(temperature=0.0, top_k=40)
    assert (job.trim, job.tokens, job.note) == ("none", 7, "a=b")


def test_set_wins_over_the_option_and_the_last_over_the_first() -> None:
    assert job_of("--takes", "2", "--set", "takes=4", "--set", "takes=5").takes == 5


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        ("colour=red", "colour=red"),
        ("temperature", "temperature"),
        ("=1", "=1"),
        ("note", "KEY=VALUE"),
        ("", "KEY=VALUE"),
        ("temperature=hot", "temperature"),
        ("temperature=nan", "temperature"),
        ("temperature=", "temperature"),
        ("temperature=6", "temperature"),
        ("top_p=0", "top_p"),
        ("takes=0", "takes"),
        ("takes=9", "takes"),
        ("tokens=1.5", "tokens"),
        ("seed=-1", "seed"),
        ("trim=words", "trim"),
    ],
)
def test_a_wrong_setting_is_named(pair: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        job_of("--set", pair)
    assert named in caught.value.what and caught.value.do


@pytest.mark.parametrize("key", ["id", "work", "parent", "at", "model", "adapters", "sampling"])
def test_what_the_command_decides_cannot_be_set(key: str) -> None:
    with pytest.raises(UsageError, match="keys"):
        job_of("--set", f"{key}=1")


def test_fields_of_more_than_one_value_are_set_as_json() -> None:
    order = [*STEPS[1:], STEPS[0]]
    job = job_of(
        "--set", 'banned_phrases=["all at once", "suddenly"]', "--set", 'logit_bias=[["fox", -5]]',
        "--set", 'dry_breakers=["\\n"]', "--set", f"order={json.dumps(order)}",
        "--set", 'parts=[{"kind": "memory", "text": "It is winter."}]',
    )  # fmt: skip
    assert job.sampling == Sampling(
        banned_phrases=("all at once", "suddenly"),
        logit_bias=(("fox", -5.0),),
        dry_breakers=("\n",),
        order=tuple(order),
    )
    assert job.parts == (ContextPart(kind="memory", text="It is winter."),)


def test_every_field_can_be_set_as_it_stands_in_a_recipe() -> None:
    """A field that is added later and holds more than one value must be read as JSON too."""
    frame = Frame(act="rewrite", title="Rewrite", user="{selection}")
    whole = TextJob(id="j", prompt="p", model="m", seed=3, parts=(ContextPart(kind="note", text="x"),))
    for struct in (whole.changed(frame=frame), Sampling(banned_phrases=("a",), logit_bias=(("b", 1.0),))):
        for name, value in msgspec.to_builtins(struct).items():
            if name in FIXED | {"type"}:
                continue
            told = value if isinstance(value, str) else json.dumps(value)
            job = job_of("--set", f"{name}={told}")
            assert getattr(job.sampling if isinstance(struct, Sampling) else job, name) == getattr(
                struct, name
            )


@pytest.mark.parametrize("pair", ["order=penalties", "banned_phrases=[", "parts="])
def test_what_is_not_json_is_named_with_an_example(pair: str) -> None:
    with pytest.raises(UsageError) as caught:
        job_of("--set", pair)
    assert pair in caught.value.what and "JSON, like" in caught.value.what


@pytest.mark.parametrize("field", ["note", "suffix"])
def test_bytes_that_are_no_text_are_refused(field: str) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        job_of(**{field: "a\udcff"})


def test_the_list_of_keys_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        job_of("--set", "colour=red")
    assert {"temperature", "tokens", "min_p"} <= set(caught.value.what.replace(",", " ").split())


@pytest.mark.parametrize(
    ("text", "path", "weight"),
    [("lora", "lora", 1.0), ("lora=0.5", "lora", 0.5), ("C:\\a=b\\lora=-1", "C:\\a=b\\lora", -1.0)],
)
def test_adapters_have_a_whole_path_and_perhaps_a_weight(text: str, path: str, weight: float) -> None:
    other = Adapter(path=str(Path("other").resolve()))
    given = Adapter(path=str(Path(path).resolve()), weight=weight)
    assert job_of("--adapter", text, "--adapter", "other").adapters == (given, other)


@pytest.mark.parametrize("text", ["lora=heavy", "lora=", "lora=5", "lora=-4.1", "a=b/lora"])
def test_a_wrong_adapter_is_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        job_of("--adapter", text)
    assert text in caught.value.what and "PATH=WEIGHT" in caught.value.what


@pytest.mark.parametrize(
    "arguments", [("--takes", "9"), ("--tokens", "0"), ("--seed", "-1"), ("--seed", str(2**63))]
)
def test_an_option_out_of_bounds_is_named(arguments: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        job_of(*arguments)
    assert arguments[0].lstrip("-") in caught.value.what
