"""What is wrong with a value that was typed, in words: msgspec speaks of types and paths."""

import re
from typing import Final

import msgspec

_PLACE: Final = re.compile(
    r"^(?:(?P<before>\w+): )?(?P<rest>.*?)(?: - at `\$\.?(?P<after>[^`]*)`)?$", re.DOTALL
)
_BOUND: Final = re.compile(r"Expected `(?:int|float)` (>=|<=|>|<) (\S+)")
_KIND: Final = re.compile(r"Expected `(\w+)`(?:, got `\w+`)?$")
_WORDS: Final = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_KINDS: Final = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text", "array": "a list",
}  # fmt: skip


def words_of(error: msgspec.ValidationError) -> str:
    """“width must be at least 16” for what msgspec says of it; its own words where none are known."""
    place = _PLACE.match(str(error))
    assert place is not None  # it matches everything
    name, rest = place["before"] or place["after"] or "", place["rest"]
    if bound := _BOUND.fullmatch(rest):
        number = bound[2].removesuffix(".0")
        return f"{name or 'it'} must be {_WORDS[bound[1]]} {number}"
    if kind := _KIND.fullmatch(rest):
        return f"{name or 'it'} must be {_KINDS.get(kind[1], kind[1])}"
    return f"{name}: {rest}" if name else rest
