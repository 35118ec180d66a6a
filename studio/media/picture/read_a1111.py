"""Recipes as AUTOMATIC1111, Forge, SD.Next and their like write them: the text `parameters`.

Source: AUTOMATIC1111, modules/infotext_utils.py (reading) and modules/processing.py, create_infotext (writing).
"""

import json
import re
from typing import Final

from studio.media.picture.found import (
    OTHER_NOISE,
    FoundRecipe,
    Gathering,
    WantedModel,
    literal,
    text_of,
)
from studio.media.picture.schedulers import scheduler_of

_PAIR: Final = re.compile(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_SIZE: Final = re.compile(r"^(\d{1,6})x(\d{1,6})$")
_TAG: Final = re.compile(r"<(lora|lyco|hypernet):([^:<>]{1,200})(?::([^<>]{0,40}))?[^<>]{0,100}>")
_NEGATIVE: Final = "Negative prompt:"
_PAIRS_LEAST: Final = 3
_LINE_MOST: Final = 100_000
_KNOWN: Final = ("Steps", "CFG scale", "Seed", "Sampler", "Size")
_LEFT: Final = {
    "Hires upscale": "It was enlarged while it was made (hires fix); use Upscale afterwards.",
    "Hires resize": "It was enlarged while it was made (hires fix); use Upscale afterwards.",
    "Refiner": "A second model (refiner) finished it; that is not done here.",
    "Face restoration": "Faces were repaired afterwards.",
    "ControlNet 0": "A ControlNet guided it; choose the guiding picture anew.",
    "ControlNet Enabled": "A ControlNet guided it; choose the guiding picture anew.",
    "ADetailer model": "Details were drawn anew afterwards (ADetailer).",
    "Mask blur": "Only a part of it was drawn, under a mask that is not in the file.",
    "Dynamic thresholding enabled": "Dynamic thresholding was on; that is not done here.",
    "TI hashes": "It used text embeddings (textual inversion), which are not read here.",
    "Seed resize from": "Its noise was made for another size.",
}


def looks_like_a1111(text: str) -> bool:
    """Whether a text is such a recipe: at least two of the fields that all of them have."""
    return sum(f"{name}:" in text[-_LINE_MOST:] for name in _KNOWN) >= 2


def read_a1111(text: str) -> FoundRecipe | None:
    """The recipe in a text `parameters`; None when it is none."""
    prompt, negative, fields = _parts(text)
    if not fields and not negative:
        return None
    got = Gathering()
    got.note(OTHER_NOISE)
    prompt, adapters = _tags(prompt, fields, got)
    got.put("steps", fields.get("Steps"))
    got.put("guidance", fields.get("Distilled CFG Scale") or fields.get("CFG scale"))
    got.put("seed", fields.get("Seed"))
    if (size := _SIZE.match(fields.get("Size", ""))) is not None:
        got.put_size(size[1], size[2])
    scheduler, words = scheduler_of(fields.get("Sampler", ""), fields.get("Schedule type", ""))
    got.note(*words)
    got.put("scheduler", scheduler)
    _clip_skip(fields, got)
    if fields.get("Tiling") == "True":
        got.put("tiling", "both")
    hires = "Hires upscale" in fields or "Hires resize" in fields
    if "Denoising strength" in fields and not hires:
        got.put("strength", fields["Denoising strength"])
        got.note("It began from another picture, which is not in the file.")
    for name, sentence in _LEFT.items():
        got.note(sentence if name in fields else "")
    if fields.get("VAE", "None") not in ("None", "Automatic", ""):
        got.note(f"It was decoded by the VAE “{fields['VAE'][:80]}”; the model's own is used here.")
    version = fields.get("Version", "")
    return FoundRecipe(
        source="a1111",
        title=f"AUTOMATIC1111 {version}".strip()[:60]
        if not version.startswith("f")
        else f"Forge {version}"[:60],
        prompt=literal(prompt),
        negative=literal(negative),
        values=got.values | {"negative": literal(negative)},
        model=_model(fields),
        adapters=adapters,
        variation=_variation(fields),
        missing=tuple(got.notes),
    )


def _parts(text: str) -> tuple[str, str, dict[str, str]]:
    """Prompt, negative prompt and the fields of the last line."""
    *lines, last = text.replace("\0", "").strip().split("\n")
    pairs = _PAIR.findall(last[:_LINE_MOST])
    if len(pairs) < _PAIRS_LEAST and not last.startswith("Steps:"):
        lines.append(last)
        pairs = []
    words: dict[bool, list[str]] = {False: [], True: []}
    in_negative = False
    for line in lines:
        line = line.strip()
        if line.startswith(_NEGATIVE):
            in_negative = True
            line = line.removeprefix(_NEGATIVE).strip()
        words[in_negative].append(line)
    fields = {key: _unquoted(value.strip()) for key, value in pairs}
    return text_of("\n".join(words[False])), text_of("\n".join(words[True])), fields


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return value


def _tags(prompt: str, fields: dict[str, str], got: Gathering) -> tuple[str, tuple[WantedModel, ...]]:
    """The prompt without its <lora:name:weight> tags, and the adapters they name."""
    hashes = dict(_PAIR.findall(fields.get("Lora hashes", "")[:_LINE_MOST]))
    adapters: dict[str, WantedModel] = {}
    for kind, name, weight in _TAG.findall(prompt):
        if kind == "hypernet":
            got.note(f"It used the hypernetwork “{name}”, which is not read here.")
            continue
        try:
            strength = max(-4.0, min(4.0, float(weight.split(":")[0] or 1.0)))
        except ValueError:
            strength = 1.0
        adapters[name] = WantedModel(name=name, sha256=hashes.get(name, "").strip(), weight=strength)
    bare = _without_gaps(_TAG.sub("", prompt)) if _TAG.search(prompt) else prompt
    return bare, tuple(adapters.values())[:16]


def _without_gaps(prompt: str) -> str:
    """Where tags were taken out, their spaces and commas go too."""
    single = re.sub(r"[ \t]{2,}", " ", prompt)
    return re.sub(r"[ \t]*,(?:[ \t]*,)*", ",", single).strip(" ,\n")


def _clip_skip(fields: dict[str, str], got: Gathering) -> None:
    """There 1 is the last layer, here 0 is."""
    value = fields.get("Clip skip", "")
    if value.isdecimal() and int(value[:6]) > 0:
        got.put("clip_skip", int(value[:6]) - 1)


def _variation(fields: dict[str, str]) -> tuple[int, float] | None:
    try:
        seed, strength = int(fields["Variation seed"][:30]), float(fields["Variation seed strength"][:30])
    except (KeyError, ValueError):
        return None
    return (seed, strength) if 0 <= seed < 2**63 and 0 < strength <= 1 else None


def _model(fields: dict[str, str]) -> WantedModel | None:
    name, short_hash = fields.get("Model", "")[:200], fields.get("Model hash", "")[:64]
    return WantedModel(name=name or short_hash, sha256=short_hash) if name or short_hash else None
