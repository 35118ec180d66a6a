"""What a diffusers folder is: its pipeline, the classes and weights of its components, all told without loading."""

from pathlib import Path
from typing import Any, Protocol

from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.headers import TensorInfo, Weights, damaged, read_header, shards_of
from studio.catalog.image_configs import MANY_TENSORS, checked_config
from studio.catalog.image_families import FAMILIES, FAMILY_OF_PIPELINE, FAMILY_TITLES, Family, Part
from studio.catalog.image_memory import memory_mib
from studio.core.errors import StudioError

INDEX = "model_index.json"
HINTS = "atelier.json"  # may say "steps", "guidance" and "size" that suit the model best
LEFT_OUT = frozenset({"safety_checker", "feature_extractor", "image_encoder"})
_STEMS = {"diffusers": "diffusion_pytorch_model", "transformers": "model"}
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_TOKENIZER_FILES = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("spiece.model",))
_FILLS_ONLY = "This model only fills masks: its UNet reads the masked picture too."


class Configs(Protocol):
    """Where a model's component configs are read from."""

    def config(self, component: str) -> dict[str, Any]:
        """A component's config. Raises StudioError."""


class FolderConfigs:
    """The configs of a pipeline folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def config(self, component: str) -> dict[str, Any]:
        """See `Configs`."""
        name = "scheduler_config.json" if component == "scheduler" else "config.json"
        return read_json(self._folder / component / name)


def inspect_pipeline(folder: Path, title: str) -> ModelCard:
    """The card of a folder with model_index.json.

    Raises StudioError saying which file or class stands in the way, why, and what to do.
    """
    index = read_json(folder / INDEX)
    family = _family(folder, index)
    weights: dict[str, Weights] = {}
    for name, part in family.parts.items():
        if name == "scheduler":
            _scheduler(folder, index, family)
        elif is_tokenizer(name):
            if check_class(folder, index, name, part):
                check_tokenizer(folder / name)
        elif check_class(folder, index, name, part):
            weights[name] = component_weights(folder / name, part.library)
            checked_config(folder / name / "config.json", len(weights[name].tensors))
    return image_card(folder, title, family, weights, FolderConfigs(folder))


def image_card(
    path: Path, title: str, family: Family, weights: dict[str, Weights], configs: Configs
) -> ModelCard:
    """The card of an image model of that family."""
    core, vae = configs.config(family.core), configs.config("vae")
    hints = read_json(path / HINTS) if (path / HINTS).is_file() else {}
    fills_only = core.get("in_channels") == 2 * latent_channels(vae) + 1
    parameters = sum(part.parameters for part in weights.values())
    size = _size(core, vae, family, hints)
    steps, guidance = _start(core, family, hints)
    return ModelCard(
        path=str(path),
        title=title,
        kind="image",
        family=family.name,
        parameters=parameters,
        size_bytes=sum(part.size_bytes for part in weights.values()),
        memory_mib=memory_mib(parameters, core, vae, size, 4),
        modes=modes_of(family, fills_only=fills_only),
        abilities=abilities_of(family, fills_only=fills_only),
        size=size,
        grid_px=family.grid_px,
        steps=steps,
        guidance=guidance,
        schedulers=_schedulers(configs, family),
    )


def modes_of(family: Family, *, fills_only: bool = False) -> dict[str, str]:
    """What this very model can do: a UNet that was made for masks does nothing else."""
    modes = family.modes
    if fills_only:
        return {mode: why or ("" if mode == "inpaint" else _FILLS_ONLY) for mode, why in modes.items()}
    return modes


def abilities_of(family: Family, *, fills_only: bool = False) -> dict[str, str]:
    """The family's abilities, less what this very model lacks."""
    abilities = family.abilities
    if fills_only and not abilities["control"]:
        abilities["control"] = _FILLS_ONLY
    return abilities


def latent_channels(vae: dict[str, Any]) -> int:
    """How many channels the latents of a VAE with that config have."""
    channels = vae.get("latent_channels", vae.get("z_dim", 4))
    return channels if isinstance(channels, int) and 1 <= channels <= 256 else 4


def weight_files(path: Path) -> tuple[Path, ...]:
    """Every weights file of an image model, in a fixed order: what its hash is made of."""
    if path.is_file():
        return (path,)
    return tuple(sorted(file for file in path.glob("*/*.safetensors") if file.parent.name not in LEFT_OUT))


def is_tokenizer(name: str) -> bool:
    """Whether a component of that name is a tokenizer."""
    return name.startswith("tokenizer")


def component_weights(folder: Path, library: str) -> Weights:
    """The checked safetensors headers of a component. Raises StudioError when there are none or only pickles."""
    if not folder.is_dir():
        raise _missing(f"The folder {folder.name} is missing from {folder.parent}.")
    files = component_files(folder, library)
    tensors: dict[str, TensorInfo] = {}
    for file in files:
        tensors.update(read_header(file))
    if tensors:
        return Weights(files, tensors, sum(file.stat().st_size for file in files))
    pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
    if pickles:
        raise StudioError(
            f"{pickles[0]} in {folder} is a pickle: opening it could run foreign code, so it is not opened.",
            do="Choose a version of the model with .safetensors weights, or convert it where it came from.",
            code="pickle_weights",
        )
    raise _missing(f"There are no weights (.safetensors) in {folder}.")


def component_files(folder: Path, library: str) -> tuple[Path, ...]:
    """The weights files of a component: one, or the shards an index names; the full version before the fp16 one."""
    for variant in ("", ".fp16"):
        single = folder / f"{_STEMS[library]}{variant}.safetensors"
        index = folder / f"{_STEMS[library]}.safetensors.index{variant}.json"
        if index.is_file() and not single.is_file():
            return tuple(shards_of(index))
        if single.is_file():
            return (single,)
    return tuple(sorted(folder.glob("*.safetensors")))[:1]


def check_class(folder: Path, index: dict[str, Any], name: str, part: Part) -> bool:
    """Whether a component is there and of a class we know. Raises StudioError."""
    entry = index.get(name)
    if not (isinstance(entry, list) and len(entry) == 2):
        entry = [None, None]
    library, of = entry
    if of is None:
        if part.optional:
            return False
        raise _missing(f"{INDEX} in {folder} names no {name}, which the model needs.")
    if library not in ("diffusers", "transformers"):
        raise _remote_code(f"{INDEX} in {folder} takes its {name} from {library!r}: it")
    if part.classes and of not in part.classes:
        raise StudioError(
            f"The {name} of {folder.name} is a {of}; this studio knows {', '.join(part.classes)} there.",
            do="Choose a model whose components are the usual ones of its family.",
            code="unknown_architecture",
        )
    return True


def _family(folder: Path, index: dict[str, Any]) -> Family:
    pipeline = index.get("_class_name")
    if pipeline is None:
        raise damaged(folder / INDEX, "it names no pipeline")
    if not isinstance(pipeline, str):
        raise _remote_code(f"{INDEX} in {folder}")
    name = FAMILY_OF_PIPELINE.get(pipeline)
    if name is None:
        raise StudioError(
            f"{INDEX} in {folder} is of a {pipeline}, which this studio can't draw with.",
            do=f"Choose a model of one of these families: {FAMILY_TITLES}.",
            code="unknown_architecture",
        )
    family = FAMILIES[name]
    core = read_json(folder / family.core / "config.json")
    refuse_odd_core(folder.name, family, core, read_json(folder / "vae" / "config.json"))
    return FAMILIES["sd2"] if name == "sd1" and core.get("cross_attention_dim") == 1024 else family


def refuse_odd_core(title: str, family: Family, core: dict[str, Any], vae: dict[str, Any]) -> None:
    """Raises StudioError for siblings of a family that need a picture of their own as well."""
    channels, latents = core.get("in_channels", 4), latent_channels(vae)
    plain = {"unet": (latents, 2 * latents + 1), "flux": (4 * latents,)}
    if channels not in plain.get(family.name, plain["unet"] if family.core == "unet" else (channels,)):
        raise StudioError(
            f"{title} is a special make of {family.title}: it reads {channels} channels of pictures, not plain noise.",
            do=f"Choose a plain {family.title} model; masks and edits work with that.",
            code="unknown_architecture",
        )


def _scheduler(folder: Path, index: dict[str, Any], family: Family) -> None:
    check_class(folder, index, "scheduler", family.parts["scheduler"])
    checked_config(folder / "scheduler" / "scheduler_config.json", MANY_TENSORS)


def _schedulers(configs: Configs, family: Family) -> tuple[str, ...]:
    """The family's schedulers, the model's own first (an unknown one of its own is not offered)."""
    own = configs.config("scheduler").get("_class_name")
    known = family.schedulers
    return (own, *(name for name in known if name != own)) if own in known else known


def check_tokenizer(folder: Path) -> None:
    """Raises StudioError when a tokenizer's files are not there, or ask to run code."""
    if not any(all((folder / name).is_file() for name in names) for names in _TOKENIZER_FILES):
        raise _missing(
            f"The tokenizer's files (tokenizer.json, or vocab.json and merges.txt) are missing from {folder}."
        )
    settings = folder / "tokenizer_config.json"
    if settings.is_file() and "auto_map" in read_json(settings):
        raise _remote_code(f"tokenizer_config.json in {folder}")


def _size(
    core: dict[str, Any], vae: dict[str, Any], family: Family, hints: dict[str, Any]
) -> tuple[int, int]:
    """Native width and height, from the hints, the core's latents or the VAE's own size."""
    hint = hints.get("size")
    if isinstance(hint, int) and 16 <= hint <= 8192:
        return hint, hint
    sides = (_pixels(core.get("sample_size"), 8), _pixels(vae.get("sample_size"), 1))
    side = next((side for side in sides if side), family.size)
    return side, side


def _pixels(value: Any, factor: int) -> int:
    return value * factor if isinstance(value, int) and 2 <= value * factor <= 8192 else 0


def _start(core: dict[str, Any], family: Family, hints: dict[str, Any]) -> tuple[int, float]:
    """Steps and guidance to begin with."""
    steps, guidance = family.steps, family.guidance
    if family.name == "flux" and core.get("guidance_embeds") is False:  # schnell: made for few steps
        steps, guidance = 4, 0.0
    if isinstance(hints.get("steps"), int) and 1 <= hints["steps"] <= 150:
        steps = hints["steps"]
    if isinstance(hints.get("guidance"), (int, float)) and 0 <= hints["guidance"] <= 50:
        guidance = float(hints["guidance"])
    return steps, guidance


def _missing(what: str) -> StudioError:
    return StudioError(
        what, do="Copy or download the missing files into the folder, then try again.", code="missing_file"
    )


def _remote_code(what: str) -> StudioError:
    return StudioError(
        f"{what} asks to run code that came with the model; that is never done.",
        do="Choose a model whose pipeline diffusers knows by itself.",
        code="remote_code",
    )
