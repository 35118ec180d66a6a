"""Recipes as ComfyUI writes them: its graph, followed from the saved picture to sampler, prompts and models."""

from typing import Any, Final

from msgspec import Struct

from studio.media.picture.comfy_graph import Graph, Link, Node
from studio.media.picture.found import (
    OTHER_NOISE,
    FoundRecipe,
    Gathering,
    WantedModel,
    literal,
    text_of,
)
from studio.media.picture.schedulers import scheduler_of

_TEXTS: Final = ("text", "text_g", "text_l", "t5xxl", "clip_l", "prompt", "positive_prompt", "populated_text",
                 "wildcard_text", "string", "value", "text1", "text2", "string_a", "string_b", "text_positive",
                 "a", "b")  # fmt: skip
_CONDITIONS: Final = ("conditioning", "cond", "input", "", "any", "*")
_LATENTS: Final = (
    "samples",
    "latent_image",
    "latent",
    "pixels",
    "image",
    "images",
    "samples1",
    "",
    "*",
    "input",
)
_MODELS: Final = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name", "model_path")
_NO_PICTURE: Final = "It began from another picture, which is not in the file."


class _Sampler(Struct):
    """What a sampler reads, whichever nodes that is spread over."""

    id: str
    seed: Any = None
    steps: Any = None
    cfg: Any = None
    name: Any = None
    spacing: Any = None
    denoise: Any = None
    positive: Any = None
    negative: Any = None
    model: Any = None
    latent: Any = None


def read_comfyui(graph: Graph) -> FoundRecipe:
    """The recipe of a graph; where it has no sampler that is known, the found recipe says only that."""
    samplers = [sampler for id_, node in graph.nodes.items() if (sampler := _sampler(graph, id_, node))]
    got = Gathering()
    if not samplers:
        got.note("Its graph has no sampler that Atelier knows.")
        return FoundRecipe(source="comfyui", title="ComfyUI", missing=tuple(got.notes))
    got.note(OTHER_NOISE)
    first = _first(graph, samplers, got)
    prompt, guidance, clip = _texts(graph, first.positive)
    negative = _texts(graph, first.negative)[0]
    got.put("steps", graph.scalar(first.steps, "steps"))
    cfg = graph.scalar(first.cfg, "cfg")
    got.put("guidance", guidance if guidance is not None and cfg in (None, 1, 1.0) else cfg)
    got.put("seed", graph.scalar(first.seed, "seed"))
    name, spacing = graph.scalar(first.name, "sampler_name"), graph.scalar(first.spacing, "scheduler")
    scheduler, words = scheduler_of(text_of(name)[:60], text_of(spacing)[:60])
    got.note(*words)
    got.put("scheduler", scheduler)
    _latent(graph, first, got)
    skipped = _clip_skip(graph, clip)
    got.put("clip_skip", skipped)
    model, adapters = _models(graph, first.model)
    _note_rest(graph, got)
    return FoundRecipe(
        source="comfyui",
        title="ComfyUI",
        prompt=_prompt(prompt),
        negative=_prompt(negative),
        values=got.values | {"negative": _prompt(negative)},
        model=model,
        adapters=adapters,
        missing=tuple(got.notes),
    )


def _prompt(text: str) -> str:
    """Square brackets weigh nothing there."""
    return literal(text.replace("[", "\\[").replace("]", "\\]"))


def _sampler(graph: Graph, id_: str, node: Node) -> _Sampler | None:
    inputs = node.inputs
    if "guider" in inputs and "sigmas" in inputs:
        guider = graph.at(inputs["guider"])
        read = guider[1].inputs if guider else {}
        sampler = _Sampler(id=id_, seed=_noise(graph, inputs.get("noise")), cfg=read.get("cfg"))
        sampler.positive = read.get("positive", read.get("conditioning"))
        sampler.negative, sampler.model = read.get("negative"), read.get("model")
    elif {"positive", "latent_image"} <= set(inputs) and {"seed", "noise_seed", "noise"} & set(inputs):
        sampler = _Sampler(id=id_, seed=inputs.get("seed", inputs.get("noise_seed")), cfg=inputs.get("cfg"))
        sampler.positive, sampler.negative = inputs.get("positive"), inputs.get("negative")
        sampler.model, sampler.steps = inputs.get("model"), inputs.get("steps")
        sampler.name, sampler.spacing = inputs.get("sampler_name"), inputs.get("scheduler")
        sampler.denoise = inputs.get("denoise")
    else:
        return None
    sampler.latent = inputs.get("latent_image")
    chosen = graph.at(inputs.get("sampler"))
    if chosen is not None:
        own = chosen[1].kind.removeprefix("Sampler").lower()
        sampler.name = chosen[1].inputs.get("sampler_name", own)
    for _id, above in graph.above(inputs.get("sigmas")):
        if "steps" in above.inputs:
            sampler.steps, sampler.denoise = above.inputs["steps"], above.inputs.get("denoise")
            sampler.spacing = above.inputs.get("scheduler")
            break
    return sampler


def _noise(graph: Graph, link: Any) -> Any:
    found = graph.at(link)
    return found[1].inputs.get("noise_seed", found[1].inputs.get("seed")) if found else None


def _first(graph: Graph, samplers: list[_Sampler], got: Gathering) -> _Sampler:
    """The sampler that begins the picture that was saved; what later ones did is told."""
    by_id = {sampler.id: sampler for sampler in samplers}
    saved = [
        Link(id_, 0) for id_, node in graph.nodes.items() if node.kind.lower().startswith(("save", "preview"))
    ]
    shown: dict[str, _Sampler] = {}
    for link in saved:
        shown |= {id_: by_id[id_] for id_, _node in graph.above(link) if id_ in by_id}
    shown = shown or by_id
    begins = [
        sampler
        for sampler in shown.values()
        if not any(id_ in by_id for id_, _node in graph.above(sampler.latent))
    ]
    first = (begins or list(shown.values()))[0]
    if len(begins) > 1:
        got.note(f"The graph begins {len(begins)} pictures; the first one's recipe was taken.")
    for later in shown.values():
        if later not in begins and len(shown) > 1:
            steps, share = graph.scalar(later.steps, "steps"), graph.scalar(later.denoise, "denoise")
            how = f" at strength {share}" if isinstance(share, int | float) else ""
            got.note(f"A second sampler drew it over ({str(steps)[:10]} steps{how}); that was left out.")
    return first


def _texts(graph: Graph, link: Any) -> tuple[str, Any, Any]:
    """The words that lead to a conditioning, a guidance on the way, and the link to the text encoder."""
    words: list[str] = []
    guidance: Any = None
    clip: Any = None
    waiting = [link]
    seen: set[tuple[str, int]] = set()
    while waiting and len(seen) < 1_000:
        here = waiting.pop(0)
        found = graph.at(here)
        if found is None or (found[0], here.slot) in seen:
            continue
        seen.add((found[0], here.slot))
        node = found[1]
        inputs = node.inputs
        if node.kind == "ConditioningZeroOut":
            continue
        if guidance is None and "guidance" in inputs:
            guidance = graph.scalar(inputs["guidance"], "guidance")
        clip = clip or inputs.get("clip")
        if isinstance(inputs.get("positive"), Link) and isinstance(inputs.get("negative"), Link):
            waiting.insert(0, inputs["negative" if here.slot == 1 else "positive"])
            continue
        texts = [inputs[name] for name in _TEXTS if name in inputs]
        words += [text for text in texts if isinstance(text, str) and text.strip() and text not in words]
        further = [text for text in texts if isinstance(text, Link)]
        if not texts:
            further = [before for name, before in node.links if name.lower().startswith(_CONDITIONS[:2])]
            further = further or [before for name, before in node.links if name in _CONDITIONS]
        waiting[:0] = further
    return text_of(", ".join(word.strip().rstrip(",") for word in words)), guidance, clip


def _latent(graph: Graph, sampler: _Sampler, got: Gathering) -> None:
    """The size and, where it began from a picture, the strength."""
    link = sampler.latent
    seen: set[str] = set()
    while (found := graph.at(link)) is not None and found[0] not in seen:
        seen.add(found[0])
        inputs = found[1].inputs
        if "LoadImage" in found[1].kind:
            got.note(_NO_PICTURE)
            got.put("strength", graph.scalar(sampler.denoise, "denoise"))
            return
        onward = next((inputs[name] for name in _LATENTS if isinstance(inputs.get(name), Link)), None)
        if onward is None and "width" in inputs and "height" in inputs:
            got.put_size(graph.scalar(inputs["width"], "width"), graph.scalar(inputs["height"], "height"))
            return
        link = onward


def _models(graph: Graph, link: Any) -> tuple[WantedModel | None, tuple[WantedModel, ...]]:
    """The checkpoint and the LoRAs between it and the sampler, in the order they are laid over it."""
    adapters: list[WantedModel] = []
    seen: set[str] = set()
    while (found := graph.at(link)) is not None and found[0] not in seen:
        seen.add(found[0])
        inputs = found[1].inputs
        name = graph.scalar(inputs.get("lora_name"), "lora_name")
        if isinstance(name, str):
            adapters.append(_adapter(name, graph.scalar(inputs.get("strength_model"), "strength_model")))
        for value in inputs.values():  # rgthree's stack: {"on", "lora", "strength"}
            if isinstance(value, dict) and value.get("on") is True and isinstance(value.get("lora"), str):
                adapters.append(_adapter(value["lora"], value.get("strength")))
        for key in _MODELS:
            model = graph.scalar(inputs.get(key), key)
            if isinstance(model, str) and model:
                return WantedModel(name=_file(model)), tuple(reversed(adapters))[:16]
        link = inputs.get("model") or next((value for _name, value in found[1].links), None)
    return None, tuple(reversed(adapters))[:16]


def _adapter(name: str, weight: Any) -> WantedModel:
    right = isinstance(weight, int | float) and -4 <= weight <= 4
    return WantedModel(name=_file(name), weight=float(weight) if right else 1.0)


def _file(name: str) -> str:
    """A file's name without its folders, which are another computer's."""
    return name.replace("\\", "/").rpartition("/")[2][:200]


def _clip_skip(graph: Graph, clip: Any) -> int | None:
    """There -1 is the last layer, here 0 is."""
    for _id, node in graph.above(clip):
        layer = graph.scalar(node.inputs.get("stop_at_clip_layer"), "stop_at_clip_layer")
        if isinstance(layer, int) and -24 <= layer < 0:
            return -layer - 1
    return None


def _note_rest(graph: Graph, got: Gathering) -> None:
    kinds = {node.kind.lower() for node in graph.nodes.values()}
    for part, sentence in (
        ("controlnetapply", "A ControlNet guided it; choose the guiding picture anew."),
        ("ipadapter", "It followed a reference picture; choose it anew."),
        ("imageupscalewithmodel", "It was enlarged by a model afterwards; use Upscale."),
        ("facedetailer", "Details were drawn anew afterwards (FaceDetailer)."),
    ):
        got.note(sentence if any(kind.startswith(part) for kind in kinds) else "")
