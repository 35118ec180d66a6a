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
    """A model or an adapter on this computer; `hashes`, each way they are counted, where they are known;
    `schedulers` that work with a model."""

    path: str
    title: str = ""
    hashes: tuple[str, ...] = ()
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
            if hash_of(wanted) and known.hashes and not is_same(wanted, known):
                notes.append(
                    f"The adapter “{_shown(wanted.name)}” was found by its name; it is another file than the "
                    "picture's was."
                )
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
    own, colon, spacing = name.partition(":")
    return f"{_FLOW}{colon}{spacing}" if own in _EULERS and own not in known and _FLOW in known else name


def hash_of(wanted: WantedModel) -> str:
    """The hash it is named by, perhaps only its beginning; "" when there is none that says enough."""
    digest = wanted.sha256.lower()
    return digest if len(digest) >= HASH_LEAST else ""


def is_same(wanted: WantedModel, known: Known) -> bool:
    """By their hashes both are the same file."""
    digest = hash_of(wanted)
    return bool(digest) and any(one.startswith(digest) for one in known.hashes)


def is_named(wanted: WantedModel, known: Known) -> bool:
    """Both are called alike."""
    name = _key(wanted.name)
    return known.path == wanted.name or bool(name and name in (_key(known.path), _key(known.title)))


def _match(wanted: WantedModel, known: Sequence[Known]) -> Known | None:
    """By hash (also a shortened one), by path, then by name."""
    same = [entry for entry in known if is_same(wanted, entry)]
    there = [entry for entry in same or known if entry.path == wanted.name]
    named = [entry for entry in same or known if is_named(wanted, entry)]
    return next(iter((*there, *named, *same)), None)


def _shown(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name


def _key(name: str) -> str:
    """A file's or folder's name without its ending, case and signs."""
    stem = re.sub(r"\.(safetensors|ckpt|pt|pth|bin|gguf|sft)$", "", _shown(name).lower())
    return re.sub(r"[^\w]|_", "", stem)
