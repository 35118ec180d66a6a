"""What is known of one action of the window."""

from typing import Literal

from msgspec import Struct


class ActionSpec(Struct, frozen=True, kw_only=True):
    """One action: `id` like "take.accept" (its group comes first), `keys` in Qt's portable text.

    `where` "canvas" or "roll": its keys act only while the canvas, the piano roll has the keyboard.
    """

    id: str
    title: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    checkable: bool = False
    where: Literal["window", "canvas", "roll"] = "window"
