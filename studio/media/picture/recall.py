"""Found recipes brought together with the models on this computer: what can be used, and what is missing."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from studio.core.adapter import Adapter
from studio.core.pictures import ImageJob, Variation
from studio.core.seeds import take_seeds
from studio.media.picture.found import FoundRecipe, WantedModel, What, taken
from studio.media.picture.own_recipe import NO_GUIDES
from studio.media.picture.settings import PictureSettings

_FLOW: Final = "FlowMatchEulerDiscreteScheduler"
_EULERS: Final = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler")
HASH_LEAST: Final = 8


class Known(Struct, frozen=True, kw_only=True):
    """A model or an adapter on this computer; `sha256` where it is known, `schedulers` that work with a model."""

    path: str
    title: str = ""
    sha256: str = ""
    family: str = ""
    schedulers: tuple[str, ...] = ()


class Towards(Struct, frozen=True, kw_only=True):
    """A variation of a recipe: of one seed's noise, towards another's. `base_seed` None: of the recipe's own seed."""

    seed: int
    strength: float
    base_seed: int | None = None

    def variation(self, seed: int) -> Variation:
        """The same of a job of this seed."""
        base_seed = take_seeds(seed, 1)[0] if self.base_seed is None else self.base_seed
        return Variation(seed=self.seed, base_seed=base_seed, strength=self.strength)


class Recalled(Struct, frozen=True, kw_only=True):
    """What is to be set: `model` is a path, "" to leave the chosen one. `notes`: what could not be taken over."""

    settings: PictureSettings
    prompt: str | None = None
    model: str = ""
    variation: Towards | None = None
    notes: tuple[str, ...] = ()


def recall(
    base: PictureSettings,
    found: FoundRecipe,
    what: What,
    models: Sequence[Known] = (),
    adapters: Sequence[Known] = (),
) -> Recalled:
    """The knobs with all, or only the prompt, the seed or the size, of what was found."""
    settings = taken(base, found, what)
    prompt = found.prompt if what in ("all", "prompt") else None
    if what != "all":
        return Recalled(settings=settings, prompt=prompt)
    notes = list(found.missing)
    model = _match(found.model, models) if found.model else None
    if found.model is not None and model is None:
        notes.append(
            f"The checkpoint “{_shown(found.model.name)}” is not on this computer; the chosen one stays."
        )
    used = []
    for wanted in found.adapters:
        known = _match(wanted, adapters)
        if known is None:
            notes.append(f"The adapter “{_shown(wanted.name)}” is not on this computer.")
        else:
            used.append(Adapter(path=known.path, weight=wanted.weight))
    towards = _towards(found)
    settings = settings.changed(
        adapters=tuple(used),
        scheduler=_scheduler(settings.scheduler, model),
        variation=towards.strength if towards else settings.variation,
        controls=(),
        reference=None,
    )
    return Recalled(
        settings=settings,
        prompt=prompt,
        model=model.path if model else "",
        variation=towards,
        notes=tuple(dict.fromkeys(notes)),
    )


def _towards(found: FoundRecipe) -> Towards | None:
    if found.variation is None:
        return None
    seed, strength = found.variation
    own = towards_of(found.recipe.drawing) if found.recipe else None
    return own or Towards(seed=seed, strength=strength)


def towards_of(job: ImageJob) -> Towards | None:
    """The variation that a job is."""
    own = job.variation
    return Towards(seed=own.seed, strength=own.strength, base_seed=own.base_seed) if own else None


def with_guides(recalled: Recalled, job: ImageJob, path_of: Callable[[str], Path]) -> Recalled:
    """The controls and the reference too, where the project that is open holds their pictures."""
    controls = tuple(control for control in job.controls if path_of(control.picture).is_file())
    shown = job.reference
    reference = shown if shown is not None and path_of(shown.picture).is_file() else None
    whole = len(controls) == len(job.controls) and (reference is None) == (shown is None)
    return msgspec.structs.replace(
        recalled,
        settings=recalled.settings.changed(controls=controls, reference=reference),
        notes=tuple(note for note in recalled.notes if note != NO_GUIDES or not whole),
    )


def _scheduler(name: str, model: Known | None) -> str:
    """Models of flows call their Euler by another name."""
    known = model.schedulers if model else ()
    return _FLOW if name in _EULERS and name not in known and _FLOW in known else name


def _match(wanted: WantedModel, known: Sequence[Known]) -> Known | None:
    """By path, by hash (also a shortened one), then by name."""
    for entry in known:
        if entry.path == wanted.name:
            return entry
    digest = wanted.sha256.lower()
    for entry in known:
        if len(digest) >= HASH_LEAST and entry.sha256.startswith(digest):
            return entry
    name = _key(wanted.name)
    return next((entry for entry in known if name and name in (_key(entry.path), _key(entry.title))), None)


def _shown(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name


def _key(name: str) -> str:
    """A file's or folder's name without its ending, case and signs."""
    stem = re.sub(r"\.(safetensors|ckpt|pt|pth|bin|gguf|sft)$", "", _shown(name).lower())
    return re.sub(r"[^\w]|_", "", stem)
