"""ComfyUI's two kinds of graphs as one: what was run (`prompt`), and what the person saw (`workflow`).

A `prompt` names every node's inputs; a `workflow` lists the values of its fields in their order, so the order of
the fields of the nodes that matter is kept here. Source: Comfy-Org/ComfyUI, nodes.py, comfy_extras.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from studio.media.picture.found import listed, mapping

NODES_MOST: Final = 5_000
STEPS_MOST: Final = 10_000
_CONTROL: Final = ("fixed", "increment", "decrement", "randomize")
_MUTED, _BYPASSED = 2, 4
_THROUGH: Final = ("reroute", "bypass")
_SCALARS: Final = ("value", "seed", "noise_seed", "int", "float", "number", "text", "string", "Value", "Number",
                   "String", "boolean")  # fmt: skip
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "KSampler": ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step",
                         "end_at_step", "return_with_leftover_noise"),
    "SamplerCustom": ("add_noise", "noise_seed", "cfg"),
    "RandomNoise": ("noise_seed",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSDXL": ("width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g",
                           "text_l"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "UnetLoaderGGUF": ("unet_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "EmptySD3LatentImage": ("width", "height", "batch_size"),
    "EmptyFlux2LatentImage": ("width", "height", "batch_size"),
    "EmptyQwenImageLayeredLatentImage": ("width", "height", "layers", "batch_size"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "LoadImage": ("image",),
    "LatentUpscale": ("upscale_method", "width", "height", "crop"),
    "LatentUpscaleBy": ("upscale_method", "scale_by"),
    "PrimitiveNode": ("value",),
    "PrimitiveInt": ("value",),
    "PrimitiveFloat": ("value",),
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
}  # fmt: skip


class Link(Struct, frozen=True):
    """An output of a node."""

    node: str
    slot: int


class Node(Struct, frozen=True):
    """A node: its class, its inputs by name (values or links), and which of its inputs are links."""

    kind: str
    inputs: Mapping[str, Any]

    @property
    def links(self) -> list[tuple[str, Link]]:
        """Its linked inputs, in order."""
        return [(name, value) for name, value in self.inputs.items() if isinstance(value, Link)]


class Graph:
    """Nodes by id, and ways to follow their links; every walk ends."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes

    def at(self, link: Any) -> tuple[str, Node] | None:
        """The node a link comes from, reroutes left out; None when it leads nowhere."""
        for _ in range(STEPS_MOST):
            node = self.nodes.get(link.node) if isinstance(link, Link) else None
            if node is None:
                return None
            if not node.kind.lower().startswith(_THROUGH):
                return link.node, node
            link = next((before for _name, before in node.links), None)
        return None

    def scalar(self, value: Any, name: str = "") -> Any:
        """A value, looked up where it is linked from; None when that is no plain value."""
        seen: set[str] = set()
        while isinstance(value, Link):
            found = self.at(value)
            if found is None or found[0] in seen:
                return None
            seen.add(found[0])
            inputs = found[1].inputs
            value = next((inputs[key] for key in (name, *_SCALARS) if key in inputs), None)
        return value if isinstance(value, str | int | float | bool) else None

    def above(self, link: Any) -> Iterator[tuple[str, Node]]:
        """All nodes that lead to a link, nearest first, each once."""
        waiting, seen = [link], set()
        for _ in range(STEPS_MOST):
            if not waiting:
                return
            found = self.at(waiting.pop(0))
            if found is None or found[0] in seen:
                continue
            seen.add(found[0])
            yield found
            waiting.extend(before for _name, before in found[1].links)


def of_prompt(data: Any) -> Graph | None:
    """The graph of a parsed `prompt`; None when it is none."""
    nodes: dict[str, Node] = {}
    for name, raw in list(mapping(data).items())[:NODES_MOST]:
        node = mapping(raw)
        kind = node.get("class_type")
        if isinstance(kind, str):
            inputs = {str(key): _value(value) for key, value in mapping(node.get("inputs")).items()}
            nodes[str(name)] = Node(kind[:200], inputs)
    return Graph(nodes) if nodes else None


def _value(value: Any) -> Any:
    """["4", 0] is a link; everything else is itself."""
    pair = isinstance(value, list) and len(value) == 2
    if (
        pair
        and isinstance(value[0], str | int)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    ):
        return Link(str(value[0]), value[1])
    return value


def of_workflow(data: Any) -> Graph | None:
    """The graph of a parsed `workflow`; None when it is none. Muted nodes are left out, bypassed ones let through."""
    whole = mapping(data)
    links: dict[Any, Link] = {}
    for raw in listed(whole.get("links"), NODES_MOST * 4):
        entry = mapping(raw)
        parts = [entry.get(key) for key in ("id", "origin_id", "origin_slot")] if entry else listed(raw)[:3]
        if len(parts) == 3 and isinstance(parts[0], int) and isinstance(parts[2], int):
            links[parts[0]] = Link(str(parts[1]), parts[2])
    nodes: dict[str, Node] = {}
    for raw in listed(whole.get("nodes"), NODES_MOST):
        node = mapping(raw)
        kind = node.get("type")
        if isinstance(kind, str) and node.get("mode") != _MUTED:
            name = "bypass" if node.get("mode") == _BYPASSED else kind[:200]
            nodes[str(node.get("id"))] = Node(name, _inputs(kind, node, links))
    return Graph(nodes) if nodes else None


def _inputs(kind: str, node: Mapping[str, Any], links: Mapping[Any, Link]) -> dict[str, Any]:
    slots = [mapping(slot) for slot in listed(node.get("inputs"))]
    values = node.get("widgets_values")
    inputs: dict[str, Any] = {}
    if isinstance(values, dict):
        inputs.update({str(key): value for key, value in values.items()})
    else:
        names = _FIELDS.get(kind) or tuple(str(slot.get("name")) for slot in slots if slot.get("widget"))
        inputs.update(_named(names, listed(values)))
    for slot in slots:
        link = slot.get("link")
        if isinstance(link, int) and link in links:
            inputs[str(slot.get("name"))] = links[link]
    return inputs


def _named(names: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
    """Values by the fields' names; what comes after a seed says how it changes and has no name."""
    inputs: dict[str, Any] = {}
    waiting = list(values)
    for name in names:
        if not waiting:
            break
        inputs[name] = waiting.pop(0)
        if waiting and name in ("seed", "noise_seed", "value") and waiting[0] in _CONTROL:
            waiting.pop(0)
    return inputs
