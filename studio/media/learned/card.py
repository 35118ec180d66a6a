"""The model card of a fine-tuning: what it learnt from, how, what came of it, as README.md."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from studio.core.tune_events import Interval
from studio.core.tuning import TuneSettings, write_settings
from studio.media.dataset.found import SIDES, Survey

_UNIT: Final = {"text": "characters", "image": "pixels", "music": "notes"}
_LOSS: Final = {
    "text": "nats a token",
    "image": "mean squared error of what the network foresees",
    "music": "nats a token",
}
_PIPELINE: Final = {"text": "text-generation", "image": "text-to-image"}


class Beside(Struct, frozen=True, kw_only=True):
    """A sample of the base model and of the tuned one, same prompt and seed: texts, or names of files."""

    prompt: str
    before: str
    after: str


class CardFacts(Struct, frozen=True, kw_only=True):
    """Everything a card states. Intervals are means with bounds; `test` and `forgetting`: "before", "after", "gain"."""

    settings: TuneSettings
    survey: Survey
    base_title: str
    step: int
    best_step: int
    trainable: int
    parameters: int
    units_seen: int
    seconds: float
    precision: str
    test: Mapping[str, Interval] = {}
    documents: int = 0
    forgetting: Mapping[str, Interval] = {}
    memorised: int = 0
    longest: int = 0
    samples: int = 0
    diagnosis: Sequence[str] = ()
    versions: Mapping[str, str] = {}
    beside: Sequence[Beside] = ()


def card_text(facts: CardFacts) -> str:
    """The whole README.md."""
    parts = [_head(facts), _figures(facts), _how(facts), _data(facts), _samples(facts), _settings(facts)]
    return "\n".join(part for part in parts if part)


def _head(facts: CardFacts) -> str:
    settings = facts.settings
    matter = ["---", f"base_model: {facts.base_title}"]
    if settings.licence:
        matter.append(f"license: other\nlicense_name: {_line(settings.licence)}")
    if settings.art in _PIPELINE:
        matter.append(f"pipeline_tag: {_PIPELINE[settings.art]}")
    said = "\n".join(f"- {sentence}" for sentence in facts.diagnosis)
    return "\n".join([*matter, "---", "", f"# {settings.name or 'Fine-tuned'}", "", said, ""])


def _figures(facts: CardFacts) -> str:
    unit = _LOSS[facts.settings.art]
    rows = [
        _row(f"{facts.documents} held-out files of the folder", facts.test),
        _row("what the base model makes by itself (forgetting)", facts.forgetting),
    ]
    if not any(rows):
        return ""
    long = f"\n{facts.memorised} of {facts.samples} samples repeat a longer stretch of the folder"
    long += f" (the longest: {facts.longest} {'notes' if facts.settings.art == 'music' else 'words'})."
    if facts.settings.art == "image":
        long = f"\n{facts.memorised} of {facts.samples} samples look like a picture of the folder."
    head = f"## Before and after\n\nLoss in {unit}, with 95 % intervals over files.\n\n"
    return (
        head
        + "| on | before | after | lower by |\n|---|---|---|---|\n"
        + "".join(rows)
        + (f"{long}\n" if facts.samples else "")
    )


def _row(what: str, found: Mapping[str, Interval]) -> str:
    if not found:
        return ""
    before, after, gain = found["before"], found["after"], found["gain"]
    bounds = [f"{one.mean:.4f} ({one.low:.4f} to {one.high:.4f})" for one in (before, after)]
    share = f"{gain.mean:+.1%} ({gain.low:+.1%} to {gain.high:+.1%})"
    return f"| {what} | {bounds[0]} | {bounds[1]} | {share} |\n"


def _how(facts: CardFacts) -> str:
    settings = facts.settings
    share = f" of {facts.parameters:,}" if facts.parameters else ""
    return (
        f"## How\n\n{settings.method} on `{facts.base_title}`: {facts.trainable:,} parameters{share} trained for "
        f"{facts.step:,} steps ({facts.units_seen:,} units in {facts.seconds / 60:.1f} minutes, {facts.precision}); "
        f"the weights of step {facts.best_step:,} are these. Made with "
        + ", ".join(f"{name} {version}" for name, version in facts.versions.items())
        + ".\n"
    )


def _data(facts: CardFacts) -> str:
    unit = _UNIT[facts.settings.art]
    rows = [f"| {side} | {len(facts.survey.on(side)):,} | {facts.survey.units(side):,} |\n" for side in SIDES]
    out = sum(problem.left_out for problem in facts.survey.problems)
    licence = facts.settings.licence or "not said"
    return (
        f"## Data\n\nLicence, as the person who trained it says: {_line(licence)}.\n\n| side | files | {unit} |\n"
        f"|---|---|---|\n{''.join(rows)}\n{out} files were left out.\n"
    )


def _samples(facts: CardFacts) -> str:
    if not facts.beside:
        return ""
    shown = ["## Samples, not selected\n\nThe same prompt and seed before and after.\n"]
    for one in facts.beside:
        words = _line(one.prompt)[:300]
        shown.append(f"**{words}**\n\nBefore: {_line(one.before)}\n\nAfter: {_line(one.after)}\n")
    return "\n".join(shown)


def _settings(facts: CardFacts) -> str:
    return f"## Settings\n\n```toml\n{write_settings(facts.settings)}```\n"


def _line(text: str) -> str:
    return " ".join(text.split())
