"""From what was typed to a job: fields, `--set` and `--adapter`."""

import argparse
import secrets
from pathlib import Path
from typing import Any

import msgspec

from studio.cli.console import UsageError
from studio.cli.wrong import words_of
from studio.core.ids import new_id
from studio.core.jobs import Adapter, Sampling, TextJob

SEED_BITS = 32
FIXED = frozenset({"id", "work", "parent", "at", "prompt", "suffix", "model", "adapters", "sampling"})

JSON = {  # fields that hold more than one value, and how they are written
    "order": '["penalties", "dry", …]',
    "dry_breakers": '["\\n", "*"]',
    "banned_phrases": '["all at once"]',
    "logit_bias": '[["fox", -5]]',
    "parts": '[{"kind": "memory", "text": "It is winter."}]',
    "frame": '{"act": "rewrite", "title": "Rewrite", …}',
}


def text_job(options: argparse.Namespace, model: str, prompt: str, **fields: Any) -> TextJob:
    """The job that the options describe. Raises UsageError naming the field that is wrong."""
    seed = secrets.randbits(SEED_BITS) if options.seed is None else options.seed
    given = {"takes": options.takes, "tokens": getattr(options, "tokens", None)}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    values |= fields
    job_fields, sampling_fields = _settings(getattr(options, "set", []))
    try:
        sampling = msgspec.convert(sampling_fields, Sampling, strict=False)
        raw = {"id": new_id(), "prompt": prompt, "model": model, "seed": seed, **values, **job_fields}
        raw["adapters"] = [msgspec.to_builtins(_adapter(text)) for text in getattr(options, "adapter", [])]
        raw["sampling"] = msgspec.to_builtins(sampling)
        raw["type"] = "text"
        job: TextJob = msgspec.convert(raw, TextJob, strict=False)
        msgspec.json.encode(job)
    except msgspec.ValidationError as error:
        raise UsageError(f"The job is not right: {words_of(error)}.") from error
    except UnicodeEncodeError as error:  # bytes that the shell passed on and that are no text
        raise UsageError(f"What was typed is not UTF-8 text: {error.object[:40]!r}.") from error
    return job


def _settings(pairs: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    job_names = {field.name for field in msgspec.structs.fields(TextJob)} - FIXED
    sampling_names = {field.name for field in msgspec.structs.fields(Sampling)}
    job: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in job_names | sampling_names:
            known = ", ".join(sorted(job_names | sampling_names))
            raise UsageError(f"--set {pair} is not KEY=VALUE with one of these keys: {known}.")
        (sampling if key in sampling_names else job)[key] = _json(pair, value) if key in JSON else value
    return job, sampling


def _json(pair: str, value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UsageError(
            f"--set {pair}: the value is not JSON, like {JSON[pair.partition('=')[0]]}."
        ) from error


def _adapter(text: str) -> Adapter:
    path, equals, weight = ("", "", "") if Path(text).exists() else text.rpartition("=")
    try:
        if equals and not path:
            raise ValueError("it names no path")
        whole = str(Path(path or text).expanduser().resolve())  # the recipe is read from anywhere
        return Adapter(path=whole, weight=float(weight) if equals else 1.0)
    except (ValueError, msgspec.ValidationError) as error:
        raise UsageError(f"--adapter {text} is not PATH=WEIGHT: {error}.") from error
