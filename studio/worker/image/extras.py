"""Control nets and reference pictures beside an image model: loaded once, shared by its pipelines, taken off again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.image_folder import component_files
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.pictures import Control, Mode, Reference
from studio.worker.hashing import Stamp, stamp
from studio.worker.image.components import class_of
from studio.worker.image.loading import ImageModel, Reading, Tick, load_component

_SEVERAL = {
    "ControlNetModel": ("diffusers", "MultiControlNetModel"),
    "SD3ControlNetModel": ("diffusers", "SD3MultiControlNetModel"),
    "FluxControlNetModel": ("diffusers", "FluxMultiControlNetModel"),
    "QwenImageControlNetModel": ("diffusers", "QwenImageMultiControlNetModel"),
}
_ENCODER = "image_encoder"


@dataclass(frozen=True)
class LoadedControl:
    """A control net in memory, and which version of its files."""

    stamps: tuple[Stamp, ...]
    net: Any


@dataclass(frozen=True)
class LoadedReference:
    """A reference adapter that is built into the UNet: the processors it replaced stand here, to put them back."""

    stamps: tuple[Stamp, ...]
    encoder: Any
    extractor: Any
    processors: dict[str, Any]


def control_nets(model: ImageModel, controls: Sequence[Control], tick: Tick = lambda _done: None) -> None:
    """Have these control nets ready for `model.pipe(mode, control=True)`, in this order; others are let go of.

    Raises StudioError when one is not for this family, StoppedError through `tick`.
    """
    wanted = [_resolved(control) for control in controls]
    model.follow(None, 0)  # the memory of those that go must be free before others come
    kept = {path: loaded for path, loaded in model.loaded_controls.items() if path in wanted}
    model.loaded_controls = kept
    for path in wanted:
        card = _card(path, "control", model)
        stamps = _stamps(component_files(Path(card.path), "diffusers"))
        if path in kept and kept[path].stamps != stamps:
            del kept[path]
        if path not in kept:
            reading = Reading(card.size_bytes, tick)
            net = load_component(
                "diffusers", model.table.control_class, Path(path), model.device, model.dtype, reading
            )
            kept[path] = LoadedControl(stamps, net)
    nets = [kept[path].net for path in wanted]
    if len(nets) > 1:
        library, name = _SEVERAL[model.table.control_class]
        model.follow(class_of(library, name)(nets), len(nets))
    elif nets:
        model.follow(nets[0], 1)


def loaded_for(model: ImageModel, controls: Sequence[Control]) -> list[LoadedControl]:
    """The nets of these controls, one a control, in their order. They were made ready by `control_nets`."""
    return [model.loaded_controls[_resolved(control)] for control in controls]


def control_arguments(
    model: ImageModel, mode: Mode, controls: Sequence[Control], pictures: Sequence[Any]
) -> dict[str, Any]:
    """What the pipeline of `mode` is called with to follow these pictures (one a control, PIL, of the job's size)."""
    unet = model.table.core == "unet"
    name = "image" if unet and mode == "text" else "control_image"
    one = len(controls) == 1
    weights = [control.weight for control in controls]
    begins, ends = [control.begin for control in controls], [control.end for control in controls]
    return {
        name: pictures[0] if one else list(pictures),
        "controlnet_conditioning_scale": weights[0] if one else weights,
        "control_guidance_start": begins[0] if one else begins,
        "control_guidance_end": ends[0] if one else ends,
    }


def use_reference(model: ImageModel, reference: Reference | None, tick: Tick = lambda _done: None) -> None:
    """Have all pipelines follow a reference picture (given to the call as `ip_adapter_image`), or none any more.

    Another weight costs nothing. Without a reference the UNet computes bit for bit as before.
    Raises StudioError when the adapter is not for this family, StoppedError through `tick`.
    """
    if reference is None:
        _take_out(model)
        return
    why = model.card.abilities.get("reference", "")
    if why:
        raise StudioError(why, do="Choose another model, or take the reference off.", code="cannot")
    card = _card(reference.model, "reference", model)
    file = Path(card.path) if Path(card.path).is_file() else next(Path(card.path).glob("*.safetensors"))
    stamps = _stamps((file, *component_files(Path(card.parts[_ENCODER]), "transformers")))
    if model.reference is None or model.reference.stamps != stamps:
        _take_out(model)
        _put_in(model, card, file, stamps, tick)
    model.share_reference()
    model.any_pipe().set_ip_adapter_scale(reference.weight)


def _put_in(model: ImageModel, card: ModelCard, file: Path, stamps: tuple[Stamp, ...], tick: Tick) -> None:
    """Build an adapter's layers into the UNet."""
    folder = Path(card.parts[_ENCODER])
    reading = Reading(card.size_bytes, tick)
    encoder = load_component(
        "transformers", "CLIPVisionModelWithProjection", folder, model.device, model.dtype, reading
    )
    side = read_json(folder / "config.json").get("image_size", 224)
    extractor = class_of("transformers", "CLIPImageProcessorPil")(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
    tensors: dict[str, dict[str, torch.Tensor]] = {"image_proj": {}, "ip_adapter": {}}
    for name, tensor in load_file(file).items():
        group, _, rest = name.partition(".")
        tensors.setdefault(group, {})[rest] = tensor
    pipe = model.any_pipe()
    loaded = LoadedReference(stamps, encoder, extractor, dict(model.core.attn_processors))
    pipe.register_modules(image_encoder=encoder, feature_extractor=extractor)
    try:
        pipe.load_ip_adapter(tensors, subfolder="", weight_name="")
    except (ValueError, RuntimeError, KeyError, StopIteration) as error:
        _restore(model, loaded)
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise StudioError(
            f"The reference adapter {card.title} does not fit {model.card.title} ({model.table.title}): {first}",
            do="Choose a reference adapter that was made for this family of models.",
            code="adapter",
        ) from error
    model.core.to(model.device, model.dtype)
    model.reference = loaded


def _take_out(model: ImageModel) -> None:
    if model.reference is not None:
        loaded, model.reference = model.reference, None
        _restore(model, loaded)


def _restore(model: ImageModel, loaded: LoadedReference) -> None:
    """The UNet as it was before."""
    model.core.encoder_hid_proj = None
    model.core.config.encoder_hid_dim_type = None
    model.core.set_attn_processor(dict(loaded.processors))
    model.share_reference()


def _card(path: str, kind: str, model: ImageModel) -> ModelCard:
    """What an extra is. Raises StudioError when it is of another kind or family."""
    card = inspect_model(path)
    what = {"control": "control net", "reference": "reference adapter"}[kind]
    if card.kind != kind:
        raise StudioError(f"{card.title} is no {what}.", do=f"Choose a {what}.", code="wrong_kind")
    if card.family != model.family:
        raise StudioError(
            f"The {what} {card.title} is made for another family of models than {model.card.title} "
            f"({model.table.title}).",
            do=f"Choose a {what} for {model.table.title}.",
            code="adapter",
        )
    return card


def _resolved(control: Control) -> str:
    return str(Path(control.model).expanduser().resolve())


def _stamps(files: Sequence[Path]) -> tuple[Stamp, ...]:
    return tuple(stamp(file) for file in files)
