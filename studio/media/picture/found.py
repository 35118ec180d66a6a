"""What was found in a picture's file: settings that can be taken over, and words on those that cannot."""

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, field

from studio.core.pictures import GRID_PX
from studio.core.takes import Recipe
from studio.media.picture.settings import PictureSettings

Source = Literal["atelier", "a1111", "comfyui", "invokeai"]
What = Literal["all", "prompt", "seed", "size"]
TITLES: Final[dict[Source, str]] = {
    "atelier": "Atelier", "a1111": "AUTOMATIC1111", "comfyui": "ComfyUI", "invokeai": "InvokeAI",
}  # fmt: skip
TEXT_MOST: Final = 20_000
NOTES_MOST: Final = 24
OTHER_NOISE: Final = "The same seed draws other noise in Atelier: the picture will be alike, not the same."
_TYPES: Final = {spec.name: spec.type for spec in msgspec.structs.fields(PictureSettings)}
_WORDS: Final = {
    "steps": "steps", "guidance": "guidance", "seed": "seed", "width": "width", "height": "height",
    "clip_skip": "clip skip", "strength": "strength", "takes": "takes",
}  # fmt: skip


class WantedModel(Struct, frozen=True, kw_only=True):
    """A model or an adapter by what the file calls it; `sha256` may be only its beginning, or another kind of hash."""

    name: str
    sha256: str = ""
    weight: float = 1.0


class FoundRecipe(Struct, frozen=True, kw_only=True):
    """How a picture was made, as far as its file says and Atelier understands.

    `values` are fields of PictureSettings, each checked. `missing` says in sentences what could not be taken over.
    `recipe` is there when Atelier made the picture; `whole`: the file shows that take's pixels, nothing added.
    """

    source: Source
    title: str
    prompt: str = ""
    negative: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    model: WantedModel | None = None
    adapters: tuple[WantedModel, ...] = ()
    variation: tuple[int, float] | None = None
    recipe: Recipe | None = None
    whole: bool = False
    missing: tuple[str, ...] = ()

    def offers(self, what: What) -> bool:
        """Whether this part of it was found."""
        match what:
            case "prompt":
                return bool(self.prompt)
            case "seed":
                return self.values.get("seed") is not None
            case "size":
                return "width" in self.values and "height" in self.values
            case "all":
                return True


_OFF: Final = ("negative", "clip_skip", "tiling")
_USUAL: Final = PictureSettings()


def taken(base: PictureSettings, found: FoundRecipe, what: What) -> PictureSettings:
    """`base` with what is to be taken over; models and adapters are not among it (see `recall`)."""
    names: dict[What, tuple[str, ...]] = {
        "prompt": ("negative",),
        "seed": ("seed",),
        "size": ("width", "height"),
        "all": tuple(found.values),
    }
    changes = {name: found.values[name] for name in names[what] if name in found.values}
    if what == "all":  # programs say nothing of what was off
        changes = {name: getattr(_USUAL, name) for name in _OFF} | changes
    result: PictureSettings = base.changed(**changes)
    return result


class Gathering:
    """Collects the values of one file, each within its bounds, and the notes on what does not fit."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.notes: list[str] = []

    def note(self, *words: str) -> None:
        """Say something once; only so many are kept."""
        for word in words:
            if word and word not in self.notes and len(self.notes) < NOTES_MOST:
                self.notes.append(word)

    def put(self, name: str, value: Any) -> None:
        """Take a value for a field of PictureSettings; one that is not right is left out with a note."""
        if value is None or value == "":
            return
        kind = _TYPES[name]
        number = _number(value) if name in _WORDS else None
        if number is not None:
            value = (
                int(number) if float(number).is_integer() and name not in ("guidance", "strength") else number
            )
        try:
            self.values[name] = msgspec.convert(value, kind)
        except (msgspec.ValidationError, TypeError):
            shown = " ".join(str(value)[:40].split())
            self.note(f"Its {_WORDS.get(name, name)} “{shown}” is not a value Atelier can use.")

    def put_size(self, width: Any, height: Any) -> None:
        """Take a size, brought to the grid of pixels that jobs keep to."""
        numbers = (_number(width), _number(height))
        if None in numbers:
            return
        sides = tuple(round(float(side or 0)) for side in numbers)
        fitting = tuple(max(16, round(side / GRID_PX) * GRID_PX) for side in sides)
        if fitting != sides and all(0 < side < 100_000 for side in sides):
            self.note(f"Its size {sides[0]} × {sides[1]} was brought to {fitting[0]} × {fitting[1]}.")
        self.put("width", fitting[0])
        self.put("height", fitting[1])
        if not {"width", "height"} <= set(self.values):
            self.values.pop("width", None)
            self.values.pop("height", None)


def text_of(value: Any) -> str:
    """A prompt from somewhere else; no longer than one may be."""
    return value[:TEXT_MOST].strip() if isinstance(value, str) else ""


def literal(prompt: str) -> str:
    """A prompt in which braces and double underscores stand for themselves: elsewhere they chose nothing."""
    if "{" in prompt:
        prompt = prompt.replace("{", "\\{").replace("}", "\\}")
    return prompt.replace("__", "\\__") if "__" in prompt else prompt


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one of anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: Any, most: int = 200) -> list[Any]:
    """A JSON list, so many of it; an empty one of anything else."""
    return value[:most] if isinstance(value, list) else []


def _number(value: Any) -> float | int | None:
    """A number, also from a text. Whole numbers stay whole: a seed has more digits than a float."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()[:40]
        try:
            return int(text)
        except ValueError:
            try:
                value = float(text)
            except ValueError:
                return None
    if isinstance(value, int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None
