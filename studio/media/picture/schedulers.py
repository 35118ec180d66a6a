"""Schedulers by name: how a choice is written, and what other programs call their samplers.

A choice is a class of diffusers, and how its steps are spaced where that is not its own way:
"DPMSolverMultistepScheduler:karras".
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, get_args

Spacing = Literal["", "karras", "exponential", "beta"]

_EULER: Final = "EulerDiscreteScheduler"
_EULER_A: Final = "EulerAncestralDiscreteScheduler"
_MULTI: Final = "DPMSolverMultistepScheduler"
_SINGLE: Final = "DPMSolverSinglestepScheduler"
_DPM2: Final = "KDPM2DiscreteScheduler"
_DPM2_A: Final = "KDPM2AncestralDiscreteScheduler"
_LMS: Final = "LMSDiscreteScheduler"
_HEUN: Final = "HeunDiscreteScheduler"
_UNIPC: Final = "UniPCMultistepScheduler"

_CLASSES: Final[dict[str, str]] = {  # names without spaces and signs, in small letters: see _key
    # AUTOMATIC1111, Forge, SD.Next
    "eulera": _EULER_A, "euler": _EULER, "lms": _LMS, "heun": _HEUN, "dpm2": _DPM2, "dpm2a": _DPM2_A,
    "dpmpp2m": _MULTI, "ddim": "DDIMScheduler", "plms": "PNDMScheduler", "pndm": "PNDMScheduler",
    "unipc": _UNIPC, "lcm": "LCMScheduler", "ddpm": "DDPMScheduler", "deis": "DEISMultistepScheduler",
    "tcd": "TCDScheduler", "flowmatcheuler": "FlowMatchEulerDiscreteScheduler",
    # ComfyUI
    "eulerancestral": _EULER_A, "dpm2ancestral": _DPM2_A, "unipcbh2": _UNIPC, "ddimuniform": "DDIMScheduler",
    # InvokeAI
    "kdpm2": _DPM2, "kdpm2a": _DPM2_A, "dpmpp2s": _SINGLE, "eulerflow": "FlowMatchEulerDiscreteScheduler",
    "ipndm": "IPNDMScheduler",
}  # fmt: skip
_NEAR: Final[dict[str, str]] = {  # other methods of the same family
    "dpmpp2sa": _SINGLE, "dpmpp2sancestral": _SINGLE, "dpmppsde": _SINGLE, "dpmppsdegpu": _SINGLE,
    "dpmpp2msde": _MULTI, "dpmpp2msdegpu": _MULTI, "dpmpp2msdeheun": _MULTI, "dpmpp3msde": _MULTI,
    "dpmpp3msdegpu": _MULTI, "dpmpp3m": _MULTI, "dpmfast": _SINGLE, "dpmadaptive": _SINGLE, "restart": _HEUN,
    "heunpp2": _HEUN, "eulercfgpp": _EULER, "eulerancestralcfgpp": _EULER_A, "dpmpp2mcfgpp": _MULTI,
    "resmultistep": _MULTI, "ipndmv": "IPNDMScheduler", "ddimcfgpp": "DDIMScheduler",
}  # fmt: skip
_SPACED: Final = frozenset((_MULTI, _SINGLE, _EULER, _HEUN, _DPM2, _DPM2_A, _LMS, _UNIPC, "DEISMultistepScheduler",
                           "FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler"))  # fmt: skip
_SPACINGS: Final[dict[str, Spacing]] = {
    "karras": "karras", "exponential": "exponential", "polyexponential": "exponential", "beta": "beta",
}  # fmt: skip
_OTHERS: Final = ("sgmuniform", "simple", "alignyoursteps", "kloptimal", "turbo", "trailing")


def parted(choice: str) -> tuple[str, Spacing]:
    """The class and the spacing ("": the class's own) of a choice. Raises ValueError for an unknown spacing."""
    name, colon, spacing = choice.partition(":")
    if colon and (spacing not in get_args(Spacing) or not spacing):
        raise ValueError(f"no spacing is called {spacing!r}")
    return name, spacing  # type: ignore[return-value]


def joined(name: str, spacing: Spacing) -> str:
    """The choice of a class and a spacing."""
    return f"{name}:{spacing}" if spacing else name


def choices(classes: Iterable[str]) -> tuple[str, ...]:
    """Each class, and after it each way in which its steps can be spaced."""
    ways = get_args(Spacing)
    return tuple(joined(name, way) for name in classes for way in (ways if name in _SPACED else ways[:1]))


def works(choice: str, classes: Iterable[str]) -> bool:
    """Whether a choice is of one of these classes and can be spaced so."""
    return choice in choices(classes)


def scheduler_of(name: str, spacing: str = "") -> tuple[str, tuple[str, ...]]:
    """The choice for a sampler's name ("" when there is none like it), and what is not the same, in sentences.

    `spacing` is how its steps are spaced, where the program tells that apart ("Karras").
    """
    told = []
    key, own_spacing = _key(name)
    spacing = spacing or own_spacing
    found = _CLASSES.get(key, "")
    if not found and key in _NEAR:
        found = _NEAR[key]
        told.append(f"The sampler “{name}” is not here; the nearest one, {found}, stands in for it.")
    elif not found and name:
        told.append(f"The sampler “{name[:60]}” is not known here.")
    way = re.sub(r"\W|_", "", spacing).lower()
    kept: Spacing = _SPACINGS.get(way, "") if found in _SPACED else ""
    if kept == "beta":
        told.append("“beta” spaces the steps a little differently here.")
    elif not kept and (way in _SPACINGS or way in _OTHERS):
        told.append(f"Its steps were spaced as “{spacing[:40]}”; here the scheduler's own spacing is used.")
    return joined(found, kept), tuple(told)


def sampler_name(scheduler: str) -> str:
    """What AUTOMATIC1111 calls a class of diffusers; the class's own name when it has none."""
    name = scheduler.partition(":")[0]
    return _NAMES.get(name, name.removesuffix("Scheduler"))


def spacing_name(scheduler: str) -> str:
    """What AUTOMATIC1111 calls the spacing of a choice; "" for the scheduler's own."""
    return scheduler.partition(":")[2].capitalize()


def shown_name(scheduler: str) -> str:
    """A choice in words: "DPM++ 2M Karras"."""
    return f"{sampler_name(scheduler)} {spacing_name(scheduler)}".rstrip()


_NAMES: Final = {
    _EULER_A: "Euler a", _EULER: "Euler", _LMS: "LMS", _HEUN: "Heun", _DPM2: "DPM2", _DPM2_A: "DPM2 a",
    _MULTI: "DPM++ 2M", _SINGLE: "DPM++ 2S", "DDIMScheduler": "DDIM", "PNDMScheduler": "PLMS", _UNIPC: "UniPC",
    "LCMScheduler": "LCM", "DDPMScheduler": "DDPM", "DEISMultistepScheduler": "DEIS", "TCDScheduler": "TCD",
    "FlowMatchEulerDiscreteScheduler": "Euler",
}  # fmt: skip


def _key(name: str) -> tuple[str, str]:
    """A name without its signs, and the spacing at its end ("DPM++ 2M Karras", "euler_k")."""
    words = name.strip().lower().replace("++", "pp").replace("+", "p")
    spacing = ""
    for ending in (" karras", " exponential", "_karras", "_k", " trailing"):
        if words.endswith(ending):
            words = words.removesuffix(ending)
            spacing = "Karras" if ending == "_k" else ending.strip(" _").capitalize()
    words = re.sub(r"^k_", "", words)
    words = {"dpm_2": "dpm2", "dpm_2_a": "dpm2a"}.get(words, words)
    return re.sub(r"[^a-z0-9]", "", words), spacing
