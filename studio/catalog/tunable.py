"""Which ways of fine-tuning a model can take: "" or a sentence why not, told from headers and configs alone."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from studio.catalog.adapter_note import read_note
from studio.catalog.card import ModelCard
from studio.catalog.config import context_tokens, number, read_json
from studio.catalog.gguf import is_gguf
from studio.catalog.headers import TensorInfo, read_header, read_weights
from studio.catalog.image_families import FAMILIES
from studio.catalog.image_folder import component_weights
from studio.core.errors import StudioError
from studio.core.tuning import METHODS, SOFT, WHOLE, Art, Method, TuneSettings

TITLES: Final[dict[Method, str]] = {
    "lora": "LoRA",
    "dora": "DoRA",
    "adalora": "AdaLoRA",
    "ia3": "IA3",
    "prefix": "Prefix tuning",
    "prompt": "Prompt tuning",
    "bitfit": "BitFit",
    "last_layers": "Training the last layers",
    "full": "Full fine-tuning",
    "textual_inversion": "Textual inversion",
}
CLIP_PARTS: Final[
    dict[str, tuple[str, ...]]
] = {  # the text encoders of a family that can learn, all of them CLIP
    "sd1": ("text_encoder",),
    "sd2": ("text_encoder",),
    "sdxl": ("text_encoder", "text_encoder_2"),
    "sd3": ("text_encoder", "text_encoder_2"),
    "flux": ("text_encoder",),
}
WORD_FAMILIES: Final = ("sd1", "sd2", "sdxl")  # whose pipelines of diffusers read learnt words
IA3_PLACES: Final = (  # keys, values and the way out of the feed-forward part, by the names families give them
    ("k_proj", "v_proj", "down_proj"), ("k_proj", "v_proj", "fc2"), ("k_proj", "v_proj", "c_proj"),
    ("query_key_value", "dense_4h_to_h"), ("qkv_proj", "down_proj"), ("c_attn", "mlp.c_proj"),
    ("Wqkv", "ffn.down_proj"), ("k_proj", "v_proj", "fc_out"), ("qkv_proj", "fc_out"), ("k_proj", "v_proj", "w2"),
    ("k_proj", "v_proj"),
)  # fmt: skip
_KINDS: Final[dict[Art, str]] = {
    "text": "a language model", "image": "an image model", "music": "a model of notes",
}  # fmt: skip
_PEFT_KINDS: Final[dict[str, tuple[Method, ...]]] = {
    "LORA": ("lora", "dora"), "ADALORA": ("adalora",), "IA3": ("ia3",), "PREFIX_TUNING": ("prefix",),
    "PROMPT_TUNING": ("prompt",),
}  # fmt: skip
_LAYERS: Final = ("num_hidden_layers", "n_layer", "num_layers")
_WIDTH: Final = ("hidden_size", "n_embd", "d_model", "dim")
_HAS_LORA: Final = "Choose LoRA."


def why_not(card: ModelCard, settings: TuneSettings, *, gpu: bool = False) -> str:
    """Why a model can't be fine-tuned so, a sentence or two for people; "" when it can.

    `gpu`: an NVIDIA card is there. Reads headers and configs only; a damaged file is told in its own words.
    """
    try:
        return (
            _why_not_this_model(card, settings.art)
            or _why_not_method(card, settings)
            or _why_not_options(settings, gpu)
            or _why_not_from(settings)
        )
    except StudioError as error:
        return error.what
    except OSError as error:
        return f"{card.title} could not be read: {error.strerror or error}."


def methods_of(card: ModelCard, settings: TuneSettings, *, gpu: bool = False) -> dict[Method, str]:
    """What `why_not` says of each method, for a menu; the other settings stay (a learnt word is made up)."""
    found: dict[Method, str] = {}
    for method in METHODS:
        if method == "textual_inversion" and settings.art != "image":
            found[method] = "Textual inversion teaches a picture model a word."
            continue
        adapter = settings.adapter.changed(trigger=settings.adapter.trigger or "<word>")
        tried = settings.changed(method=method, adapter=adapter, from_adapter="")
        found[method] = why_not(card, tried, gpu=gpu)
    return found


def can_pack(settings: TuneSettings) -> bool:
    """Whether several documents can share a training row.

    Not behind learnt tokens: peft gives every row one beginning and lets go of the positions that tell them apart.
    """
    return settings.method not in SOFT


def why_no_8bit() -> str:
    """Why 8-bit optimisers and quantised bases are not to be had here; "" when bitsandbytes is installed."""
    if importlib.util.find_spec("bitsandbytes") is not None:
        return ""
    return "The package bitsandbytes is not installed: it comes with Atelier's extra “quantised”."


def why_no_bits(bits: int, gpu: bool) -> str:
    """Why a base model can't be kept in `bits` bits a number here; "" when it can (or is not: 0)."""
    if bits and not gpu:
        return f"A {bits}-bit base model needs an NVIDIA card, and there is none."
    return why_no_8bit() if bits else ""


def part_tensors(card: ModelCard, part: str) -> dict[str, TensorInfo]:
    """The tensors of a model's component (the whole of a language model). Raises StudioError, OSError."""
    path = Path(card.path)
    if card.kind != "image":
        return read_weights(path).tensors
    if path.is_file():
        return read_header(path)
    return component_weights(path / part, FAMILIES[card.family].parts[part].library).tensors


def _why_not_this_model(card: ModelCard, art: Art) -> str:
    if not card.usable:
        return card.why_not
    if card.kind == "text" and is_gguf(Path(card.path)):
        return (
            f"{card.title} is a GGUF file, which is made for running only. "
            "Choose the folder it was made from (safetensors)."
        )
    if card.kind != art:
        return f"{card.title} is not {_KINDS[art]}. Choose one."
    return ""


def _why_not_method(card: ModelCard, settings: TuneSettings) -> str:
    if settings.art == "image":
        return _why_not_image(card, settings)
    tensors = part_tensors(card, "")
    config = read_json(Path(card.path) / "config.json")
    adapter = settings.adapter
    width, layers = number(config, _WIDTH), number(config, _LAYERS)
    match settings.method:
        case "lora" | "dora" | "adalora":
            return _why_not_rank(card, adapter.rank, width)
        case "bitfit":
            return _why_not_bitfit(card, tensors)
        case "ia3":
            return "" if adapter.targets or ia3_places(tensors) else _no_ia3(card)
        case "last_layers":
            return _why_not_layers(card, adapter.layers, layers)
        case "prefix" | "prompt":
            return _why_not_soft(card, settings, context_tokens(config), config)
        case _:
            return ""


def _why_not_image(card: ModelCard, settings: TuneSettings) -> str:
    family, adapter, method = FAMILIES[card.family], settings.adapter, settings.method
    if method in SOFT:
        return f"{TITLES[method]} learns tokens before a text: it is for writing and music. {_HAS_LORA}"
    if method == "textual_inversion":
        if card.family not in WORD_FAMILIES:
            return f"{family.title} reads prompts in a way that no single learnt word fits into. {_HAS_LORA}"
        if not adapter.trigger:
            return "Textual inversion learns a word: say which."
    if adapter.text_encoder and card.family not in CLIP_PARTS:
        return (
            f"{family.title} reads prompts with a language model, which can't be trained along. Leave it out."
        )
    if method == "bitfit":
        return _why_not_bitfit(card, part_tensors(card, family.core))
    return ""


def _why_not_rank(card: ModelCard, rank: int, width: int) -> str:
    if 0 < width < rank:
        return f"A rank of {rank} is more than {card.title} is wide ({width}). Choose a smaller one."
    return ""


def _why_not_bitfit(card: ModelCard, tensors: Iterable[str]) -> str:
    if any(name.endswith(".bias") for name in tensors):
        return ""
    return f"{card.title} has no bias terms, and BitFit trains nothing else. {_HAS_LORA}"


def _why_not_layers(card: ModelCard, wanted: int, layers: int) -> str:
    if wanted <= layers:
        return ""
    return f"{card.title} has {layers} layers; {wanted} can't be trained. Choose fewer."


def _why_not_soft(card: ModelCard, settings: TuneSettings, context: int, config: dict[str, Any]) -> str:
    tokens = settings.adapter.virtual_tokens
    if tokens > context // 2:
        return f"{tokens} learnt tokens leave too little of the {context} that {card.title} looks back over."
    if settings.method == "prefix" and settings.optimizer.checkpointing:
        return (
            "Prefix tuning can't be done with gradient checkpointing. Turn it off, or choose prompt tuning."
        )
    if settings.method == "prefix" and config.get("alibi"):
        return f"{card.title} tells places apart by distance alone (ALiBi), which prefix tuning upsets. {_HAS_LORA}"
    return ""


def _why_not_options(settings: TuneSettings, gpu: bool) -> str:
    bits, method = settings.optimizer.base_bits, settings.method
    if bits and settings.art == "image":
        return "The base of a picture model can't be kept quantised while it learns. Choose 0 bits."
    if bits and method in WHOLE:
        return f"{TITLES[method]} changes the base model itself, which can't be quantised then. {_HAS_LORA}"
    if why := why_no_bits(bits, gpu):
        return why
    return why_no_8bit() if settings.optimizer.optimizer == "adamw_8bit" else ""


def _why_not_from(settings: TuneSettings) -> str:
    """An adapter to go on from must be of the same method."""
    if not settings.from_adapter:
        return ""
    folder = Path(settings.from_adapter)
    note = read_note(folder)
    if note is not None:
        was = note.method
    elif (folder / "adapter_config.json").is_file():
        config = read_json(folder / "adapter_config.json")
        kinds = _PEFT_KINDS.get(str(config.get("peft_type")), ())
        if not kinds:
            return f"The adapter {folder.name} is of a kind this version can't train ({config.get('peft_type')})."
        was = "dora" if config.get("use_dora") else kinds[0]
    else:
        return f"There is no adapter in {folder}."
    if was != settings.method:
        return f"The adapter {folder.name} was trained with {TITLES[was]}. Choose {TITLES[was]} to go on from it."
    return ""


def ia3_places(tensors: Iterable[str]) -> tuple[str, ...]:
    """The layers of a language model that IA3 scales, by the ends of their names; () when none are known."""
    layers = {name.rsplit(".", 1)[0] for name in tensors}
    for places in IA3_PLACES:
        if all(any(layer.endswith(f".{place}") for layer in layers) for place in places):
            return places
    return ()


def _no_ia3(card: ModelCard) -> str:
    return f"{card.title} names its layers in a way IA3 does not know. {_HAS_LORA}"
