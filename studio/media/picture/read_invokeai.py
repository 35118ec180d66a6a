"""Recipes as InvokeAI writes them: `invokeai_metadata` (3 and later), `sd-metadata` and `Dream` (2 and earlier).

Source: invoke-ai/InvokeAI, app/invocations/metadata.py; of version 2: ldm/invoke/args.py, metadata_dumps.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from studio.media.picture.found import (
    OTHER_NOISE,
    FoundRecipe,
    Gathering,
    WantedModel,
    listed,
    literal,
    mapping,
    text_of,
)
from studio.media.picture.schedulers import scheduler_of

_GROUP: Final = re.compile(r"\(([^()]{1,2000})\)(\+{1,8}|-{1,8}|\d{1,2}(?:\.\d{1,4})?)(?![\w(])")
_WORD: Final = re.compile(r"(?<![\w+-])(\w[\w'’]{0,60})(\+{1,8}|-{1,8})(?=$|[\s,.;:)])")
_NEGATIVE: Final = re.compile(r"\[([^\[\]]{1,4000})\]")
_DREAM: Final = {"-s": "steps", "-S": "seed", "-W": "width", "-H": "height", "-C": "guidance", "-A": "sampler",
                 "-f": "strength", "-I": "init"}  # fmt: skip
_UP: Final = 1.1
_DOWN: Final = 0.9


def read_metadata(data: Mapping[str, Any]) -> FoundRecipe | None:
    """The recipe in `invokeai_metadata`, as parsed JSON; None when it is none."""
    if not {"positive_prompt", "seed", "steps", "model"} & set(data):
        return None
    got = Gathering()
    got.note(OTHER_NOISE)
    for name, key in (("steps", "steps"), ("seed", "seed"), ("clip_skip", "clip_skip")):
        got.put(name, data.get(key))
    got.put(
        "guidance", data.get("guidance") if data.get("cfg_scale") in (None, 1, 1.0) else data.get("cfg_scale")
    )
    got.put_size(data.get("width"), data.get("height"))
    scheduler, words = scheduler_of(text_of(data.get("scheduler"))[:60])
    got.note(*words)
    got.put("scheduler", scheduler)
    got.put("tiling", _tiling(data.get("seamless_x"), data.get("seamless_y")))
    mode = text_of(data.get("generation_mode"))
    if data.get("init_image") or "img2img" in mode or "paint" in mode:
        got.put("strength", data.get("strength"))
        got.note("It began from another picture, which is not in the file.")
    _note_rest(data, got)
    negative = weights(text_of(data.get("negative_prompt")))
    version = text_of(data.get("app_version"))[:20]
    return FoundRecipe(
        source="invokeai",
        title=f"InvokeAI {version}".strip(),
        prompt=weights(text_of(data.get("positive_prompt"))),
        negative=negative,
        values=got.values | {"negative": negative},
        model=_model(mapping(data.get("model"))),
        adapters=_adapters(data),
        missing=tuple(got.notes),
    )


def read_sd_metadata(data: Mapping[str, Any]) -> FoundRecipe | None:
    """The recipe in `sd-metadata`, as parsed JSON; None when it is none."""
    image = mapping(data.get("image")) or mapping(next(iter(listed(data.get("images"))), None))
    if not image:
        return None
    got = Gathering()
    got.note(OTHER_NOISE)
    for name, key in (("steps", "steps"), ("seed", "seed"), ("guidance", "cfg_scale")):
        got.put(name, image.get(key))
    got.put_size(image.get("width"), image.get("height"))
    scheduler, words = scheduler_of(text_of(image.get("sampler"))[:60])
    got.note(*words)
    got.put("scheduler", scheduler)
    if image.get("seamless") is True:
        got.put("tiling", "both")
    if image.get("type") == "img2img":
        got.put("strength", image.get("strength_steps", image.get("strength")))
        got.note("It began from another picture, which is not in the file.")
    prompt, negative = _split(_old_prompt(image.get("prompt")))
    name = text_of(data.get("model_weights")) or text_of(data.get("model_id"))
    return FoundRecipe(
        source="invokeai",
        title=f"InvokeAI {text_of(data.get('app_version'))[:20]}".strip(),
        prompt=prompt,
        negative=negative,
        values=got.values | {"negative": negative},
        model=WantedModel(name=name[:200], sha256=text_of(data.get("model_hash"))[:64]) if name else None,
        variation=_variation(image),
        missing=tuple(got.notes),
    )


def read_dream(command: str) -> FoundRecipe | None:
    """The recipe in `Dream`: a command line like “a fox -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms”."""
    try:
        words = shlex.split(command[:40_000])
    except ValueError:
        words = command[:40_000].replace('"', " ").split()
    prompt: list[str] = []
    values: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        flag = word[:2]
        if flag in _DREAM and len(word) == 2:
            values[_DREAM[flag]] = next(rest, "")
        elif flag in _DREAM and re.fullmatch(r"[\d.]+|[a-z_]\w*", word[2:]):
            values[_DREAM[flag]] = word[2:]
        elif not (word.startswith("-") and len(word) > 1):
            prompt.append(word)
    if not values:
        return None
    image: dict[str, Any] = {"prompt": " ".join(prompt), "type": "img2img" if "init" in values else "txt2img"}
    image |= {"cfg_scale": values.get("guidance"), "sampler": values.get("sampler")}
    image |= {key: values.get(key) for key in ("steps", "seed", "width", "height", "strength")}
    return read_sd_metadata({"image": image})


def weights(prompt: str) -> str:
    """InvokeAI's weights as ours: (words)1.3 is (words:1.3), word++ is (word:1.21); bare brackets weigh nothing."""
    pieces: list[str] = []

    def keep(text: str, factor: str) -> str:
        power = _UP ** len(factor) if factor[0] == "+" else _DOWN ** len(factor)
        number = float(factor) if factor[0].isdigit() else power
        pieces.append(f"({_bare(text)}:{number:.4g})")
        return f"\x01{len(pieces) - 1}\x02"

    marked = prompt.replace("\x01", "").replace("\x02", "")
    marked = _GROUP.sub(lambda found: keep(found[1], found[2]), marked)
    marked = _WORD.sub(lambda found: keep(found[1], found[2]), marked)
    marked = _bare(marked)
    return re.sub("\x01(\\d+)\x02", lambda found: literal(pieces[int(found[1])]), marked)


def _bare(text: str) -> str:
    """Signs that mean something here and nothing there."""
    return literal(re.sub(r"(?<!\\)([()\[\]])", r"\\\1", text))


def _split(prompt: str) -> tuple[str, str]:
    """Version 2 wrote the negative prompt into square brackets."""
    negative = ", ".join(_NEGATIVE.findall(prompt))
    bare = re.sub(r"\s{2,}", " ", _NEGATIVE.sub("", prompt)).strip(" ,")
    return weights(bare), weights(negative)


def _old_prompt(value: Any) -> str:
    """A text, or a list of {"prompt", "weight"}."""
    if isinstance(value, str):
        return text_of(value)
    return ", ".join(filter(None, (text_of(mapping(part).get("prompt")) for part in listed(value))))


def _variation(image: Mapping[str, Any]) -> tuple[int, float] | None:
    first = mapping(next(iter(listed(image.get("variations"))), None))
    seed, weight = first.get("seed"), first.get("weight")
    whole = isinstance(seed, int) and isinstance(weight, int | float) and not isinstance(seed, bool)
    return (seed, float(weight)) if whole and 0 <= seed < 2**63 and 0 < weight <= 1 else None  # type: ignore[operator, return-value, arg-type]


def _tiling(across: Any, down: Any) -> str:
    if across is True:
        return "both" if down is True else "x"
    return "y" if down is True else ""


def _model(data: Mapping[str, Any]) -> WantedModel | None:
    name = text_of(data.get("name")) or text_of(data.get("model_name"))
    return WantedModel(name=name[:200], sha256=_hash(data.get("hash"))) if name else None


def _adapters(data: Mapping[str, Any]) -> tuple[WantedModel, ...]:
    found = []
    for entry in map(mapping, listed(data.get("loras"), 16)):
        named = mapping(entry.get("model")) or mapping(entry.get("lora"))
        name = text_of(named.get("name")) or text_of(named.get("model_name"))
        weight = entry.get("weight")
        if name:
            strength = max(-4.0, min(4.0, float(weight))) if isinstance(weight, int | float) else 1.0
            found.append(WantedModel(name=name[:200], sha256=_hash(named.get("hash")), weight=strength))
    return tuple(found)


def _hash(value: Any) -> str:
    """ "sha256:…" without its mark; other kinds of hashes cannot be compared."""
    text = text_of(value)[:80]
    return text.removeprefix("sha256:") if text.startswith("sha256:") or ":" not in text else ""


def _note_rest(data: Mapping[str, Any], got: Gathering) -> None:
    sentences = {
        "controlnets": "A ControlNet guided it; choose the guiding picture anew.",
        "t2iAdapters": "A T2I adapter guided it; that is not done here.",
        "ipAdapters": "It followed a reference picture; choose it anew.",
        "refiner_model": "A second model (refiner) finished it; that is not done here.",
        "hrf_enabled": "It was enlarged while it was made; use Upscale afterwards.",
        "positive_style_prompt": "Its style prompt was left out.",
        "canvas_v2_metadata": "",
    }
    for key, sentence in sentences.items():
        got.note(sentence if data.get(key) else "")
    vae = mapping(data.get("vae"))
    name = text_of(vae.get("name")) or text_of(vae.get("model_name"))
    got.note(f"It was decoded by the VAE “{name[:80]}”; the model's own is used here." if name else "")
