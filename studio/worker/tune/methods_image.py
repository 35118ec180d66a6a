"""The methods of fine-tuning a picture model: its UNet or transformer, and its CLIP text encoders where wanted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from studio.catalog.adapter_note import write_note
from studio.catalog.image_adapters import PEFT_FOLDER
from studio.catalog.tunable import CLIP_PARTS
from studio.core.errors import StudioError
from studio.core.tuning import WHOLE, TuneSettings
from studio.worker.image.loading import ImageModel
from studio.worker.tune import freezing
from studio.worker.tune.diffusers_files import LORA_FILE, save_inversion_file, save_lora_file
from studio.worker.tune.method_configs import core_config, encoder_config
from studio.worker.tune.methods import check_numbers, trained_numbers
from studio.worker.tune.notes import note_of
from studio.worker.tune.peft_folders import laid, resumed, save_adapter, seeded, wrapped
from studio.worker.tune.whole_image import lay_parts, save_pipeline

Tuned = dict[str, Any]  # component -> what is trained of it: a PeftModel around it, or itself


def apply_image(model: ImageModel, settings: TuneSettings, *, steps: int) -> Tuned:
    """Prepare a picture model for training by a method; all else in it is frozen.

    Gives a PeftModel around each component that learns, or for WHOLE the component itself (then in float32). The
    model's own parts are changed in place, so its pipelines draw with what is learnt. Textual inversion trains no
    component: ValueError. Raises StudioError "method" when the model can't take it.
    """
    if settings.method == "textual_inversion":
        raise ValueError("textual inversion trains no component, but vectors: see inversion")
    _freeze(model)
    tuned: Tuned = {}
    with seeded(settings.seed):
        for name in parts_of(model, settings):
            part = model.parts[name]
            if settings.method in WHOLE:
                freezing.thaw(part, settings)
                tuned[name] = part
            else:
                make = core_config if name == model.table.core else encoder_config
                tuned[name] = wrapped(part, make(part, settings, steps))
    return tuned


def load_image_for_training(model: ImageModel, adapter: Path, settings: TuneSettings, *, steps: int) -> Tuned:
    """The same, going on from what was trained by that method. Raises StudioError "adapter"."""
    _freeze(model)
    if settings.method in WHOLE:
        lay_parts(model, adapter, parts_of(model, settings))
        return apply_image(model, settings, steps=steps)
    tuned = {
        name: resumed(model.parts[name], folder, settings, steps)
        for name, folder in _kept(model, adapter).items()
    }
    for name in set(parts_of(model, settings)) - tuned.keys():  # a text encoder that joins in now
        with seeded(settings.seed):
            tuned[name] = wrapped(model.parts[name], encoder_config(model.parts[name], settings, steps))
    return tuned


def load_image_adapter(model: ImageModel, adapter: Path) -> Tuned:
    """A picture model as an adapter (of ours) or a whole model of the same make changes it, to weigh it; frozen.

    Raises StudioError "adapter".
    """
    if (adapter / "model_index.json").is_file():
        lay_parts(model, adapter, [name for name, part in model.parts.items() if isinstance(part, nn.Module)])
        return {}
    tuned = {name: laid(model.parts[name], folder).eval() for name, folder in _kept(model, adapter).items()}
    _freeze(model)
    return tuned


def save_image(
    model: ImageModel,
    tuned: Mapping[str, Any],
    folder: Path,
    settings: TuneSettings,
    *,
    base_sha256: str = "",
) -> None:
    """Write what was learnt into a folder that is there (staged by the caller).

    An adapter: `peft/<component>/` in PEFT's layout, and for LoRA and its kin `pytorch_lora_weights.safetensors`, which
    diffusers' `load_lora_weights` reads. For WHOLE a pipeline folder. The model is left as it was. Raises OSError,
    StudioError "numbers" when a weight is not a number.
    """
    for part in tuned.values():
        check_numbers(part)
    if settings.method in WHOLE:
        save_pipeline(model, tuple(tuned), folder)
    else:
        for name, part in tuned.items():
            own = folder / PEFT_FOLDER / name
            own.mkdir(parents=True, exist_ok=True)
            save_adapter(part, own, _base_of(model, name))
        if settings.method != "ia3":
            save_lora_file(tuned, folder / LORA_FILE, model.family)
    numbers = sum(trained_numbers(part) for part in tuned.values())
    write_note(folder, note_of(settings, model.card, numbers, base_sha256=base_sha256, parts=tuned))


def save_inversion(
    model: ImageModel,
    vectors: Mapping[str, Tensor],
    folder: Path,
    settings: TuneSettings,
    *,
    base_sha256: str = "",
) -> None:
    """Write a learnt word's vectors, float (tokens, width) by text encoder, as diffusers reads them. Raises OSError."""
    for name, values in vectors.items():
        if not values.isfinite().all():
            raise StudioError(
                f"The training went astray: the word's vectors in {name} are no numbers.",
                kept="The last good checkpoint is kept.",
                do="Train again with a lower learning rate.",
                code="numbers",
            )
    save_inversion_file(vectors, folder, settings.adapter.trigger)
    numbers = sum(values.numel() for values in vectors.values())
    write_note(folder, note_of(settings, model.card, numbers, base_sha256=base_sha256, parts=vectors))


def parts_of(model: ImageModel, settings: TuneSettings) -> tuple[str, ...]:
    """The components that learn: the core, and the CLIP text encoders when they are wanted. Raises StudioError."""
    core = model.table.core
    if not settings.adapter.text_encoder:
        return (core,)
    encoders = [name for name in CLIP_PARTS.get(model.family, ()) if model.parts.get(name) is not None]
    if not encoders:
        raise StudioError(
            f"{model.card.title} has no text encoder that could learn along.",
            kept="Nothing was changed.",
            do="Leave the text encoder out.",
            code="method",
        )
    return (core, *encoders)


def _freeze(model: ImageModel) -> None:
    for part in model.parts.values():
        if isinstance(part, nn.Module):
            part.requires_grad_(False)


def _kept(model: ImageModel, adapter: Path) -> dict[str, Path]:
    """The components an adapter of ours has, and where. Raises StudioError."""
    root = adapter / PEFT_FOLDER
    found = {folder.name: folder for folder in sorted(root.iterdir())} if root.is_dir() else {}
    foreign = sorted(name for name in found if not isinstance(model.parts.get(name), nn.Module))
    if not found or foreign:
        why = (
            f"it has a {foreign[0]}, which the model has not" if foreign else "it was not made by this studio"
        )
        raise StudioError(
            f"{adapter.name} can't be gone on with: {why}.",
            kept="Nothing was changed.",
            do="Choose an adapter that was trained here on this model, or begin anew.",
            code="adapter",
        )
    core = model.table.core
    return {name: found[name] for name in sorted(found, key=lambda name: (name != core, name))}


def _base_of(model: ImageModel, part: str) -> str:
    """Where the component it was trained on lies: its folder, or the checkpoint file."""
    path = Path(model.card.path)
    return str(path / part) if path.is_dir() else str(path)
