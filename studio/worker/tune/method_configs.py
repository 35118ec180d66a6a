"""What peft is told for each method: the shape of an adapter, for language models, picture cores and text encoders."""

from collections.abc import Sequence
from typing import Any, Final

import peft
from torch import nn
from transformers.pytorch_utils import Conv1D

from studio.catalog.tunable import ia3_places
from studio.core.errors import StudioError
from studio.core.tuning import Method, TuneSettings

KIND_OF: Final[dict[str, tuple[Method, ...]]] = {  # what adapter_config.json calls our methods
    "LORA": ("lora", "dora"), "ADALORA": ("adalora",), "IA3": ("ia3",), "PREFIX_TUNING": ("prefix",),
    "PROMPT_TUNING": ("prompt",),
}  # fmt: skip
# The layers of picture models that adapters lie over, by the ends of their names. Not the first and the last one: what
# reads and writes latents is no matter of style.
_CORE_PLACES: Final = (
    "to_q", "to_k", "to_v", "to_out.0", "add_q_proj", "add_k_proj", "add_v_proj", "to_add_out", "ff.net.0.proj",
    "ff.net.2", "ff_context.net.0.proj", "ff_context.net.2", "img_mlp.net.0.proj", "img_mlp.net.2",
    "txt_mlp.net.0.proj", "txt_mlp.net.2", "feed_forward.w1", "feed_forward.w2", "feed_forward.w3", "proj_mlp",
)  # fmt: skip
_CORE_IA3: Final = ("to_k", "to_v", "add_k_proj", "add_v_proj")
_CORE_IA3_OUT: Final = ("ff.net.2", "ff_context.net.2", "img_mlp.net.2", "txt_mlp.net.2", "feed_forward.w2")
_CLIP_PLACES: Final = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
_MLP_WAYS_OUT: Final = (
    "down_proj", "fc2", "c_proj", "mlp.c_proj", "dense_4h_to_h", "ffn.down_proj", "fc_out", "w2",
)  # fmt: skip
RANK: Final = 16  # where the settings leave it open
_RANK_ROOM: Final = 1.5  # AdaLoRA begins with so much more rank than it ends with


def causal_config(model: nn.Module, settings: TuneSettings, steps: int) -> peft.PeftConfig:
    """The peft config of a method for a language model; `steps` are the optimizer steps in all."""
    adapter = settings.adapter
    task = {"task_type": peft.TaskType.CAUSAL_LM}
    match settings.method:
        case "prefix":
            return peft.PrefixTuningConfig(num_virtual_tokens=adapter.virtual_tokens, **task)
        case "prompt":
            return peft.PromptTuningConfig(num_virtual_tokens=adapter.virtual_tokens, **task)
        case "ia3":
            places = adapter.targets or ia3_places(name for name, _ in model.named_parameters())
            if not places:
                raise _nowhere()
            ends = [place for place in places if place in _MLP_WAYS_OUT]
            return _ia3(model, places, ends, task)
        case _:
            return _low_rank(model, settings, steps, adapter.targets or "all-linear", task)


def core_config(core: nn.Module, settings: TuneSettings, steps: int) -> peft.PeftConfig:
    """The same for the UNet or transformer of a picture model."""
    if settings.method == "ia3":
        ends = _there(core, _CORE_IA3_OUT)
        return _ia3(core, settings.adapter.targets or [*_there(core, _CORE_IA3), *ends], ends, {})
    places = [*_there(core, _CORE_PLACES), *_in_and_out(core)]
    return _low_rank(core, settings, steps, settings.adapter.targets or places, {})


def encoder_config(encoder: nn.Module, settings: TuneSettings, steps: int) -> peft.PeftConfig:
    """The same for a CLIP text encoder."""
    if settings.method == "ia3":
        return _ia3(encoder, ["k_proj", "v_proj", "fc2"], ["fc2"], {})
    return _low_rank(encoder, settings, steps, _there(encoder, _CLIP_PLACES), {})


def budget(config: peft.AdaLoraConfig, steps: int) -> None:
    """AdaLoRA's schedule: a tenth of the steps with all ranks, then fewer and fewer, the last third as it is then."""
    config.total_step = max(steps, 2)
    config.tinit = steps // 10
    config.tfinal = steps // 3
    config.deltaT = max(1, steps // 100)


def _low_rank(
    model: nn.Module, settings: TuneSettings, steps: int, places: str | Sequence[str], task: dict[str, Any]
) -> peft.PeftConfig:
    if not places:
        raise _nowhere()
    adapter = settings.adapter
    rank = adapter.rank or RANK
    shared: dict[str, Any] = {
        "target_modules": places if isinstance(places, str) else list(places),
        "lora_dropout": adapter.dropout,
        "fan_in_fan_out": _turned(model),
        **task,
    }
    alpha = adapter.alpha or float(rank)
    if settings.method != "adalora":
        return peft.LoraConfig(r=rank, lora_alpha=_whole(alpha), use_dora=settings.method == "dora", **shared)
    first = max(rank + 1, round(rank * _RANK_ROOM))
    total = max(steps, 2)
    config = peft.AdaLoraConfig(
        init_r=first,
        target_r=rank,
        lora_alpha=_whole(alpha * first / rank),  # peft divides it by the first rank
        orth_reg_weight=0.1,
        total_step=total,
        **shared,
    )
    budget(config, steps)
    return config


def _ia3(
    model: nn.Module, places: Sequence[str], ends: Sequence[str], task: dict[str, Any]
) -> peft.PeftConfig:
    if not places:
        raise _nowhere()
    return peft.IA3Config(
        target_modules=list(places), feedforward_modules=list(ends), fan_in_fan_out=_turned(model), **task
    )


def _there(model: nn.Module, places: Sequence[str]) -> list[str]:
    """Those of these ends of names that a layer of the model has."""
    layers = [name for name, layer in model.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return [place for place in places if any(_ends(layer, place) for layer in layers)]


def _in_and_out(core: nn.Module) -> list[str]:
    """The ways into and out of a UNet's attention; a transformer's `proj_out` is its last layer and stays."""
    return _there(core, ("proj_in", "proj_out")) if hasattr(core, "down_blocks") else []


def _ends(layer: str, place: str) -> bool:
    return layer == place or layer.endswith(f".{place}")


def _turned(model: nn.Module) -> bool:
    """Whether its layers are GPT-2's Conv1D, whose weights stand the other way round."""
    return any(isinstance(layer, Conv1D) for layer in model.modules())


def _whole(number: float) -> Any:
    return int(number) if number == int(number) else number


def _nowhere() -> StudioError:
    return StudioError(
        "This model has no layer that an adapter of this kind could lie over.",
        kept="Nothing was changed.",
        do="Name the layers (adapter.targets), or choose another method.",
        code="method",
    )
