"""Frozen values that check themselves at birth, however they are born."""

import math
from functools import cache
from typing import Any

import msgspec


class Checked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen struct whose field types and `Meta` bounds also hold when built in Python.

    Raises msgspec.ValidationError naming the field.
    """

    def __post_init__(self) -> None:
        for field in _fields(type(self)):
            try:
                value = getattr(self, field.name)
                msgspec.convert(value, field.type)
                if isinstance(value, float) and not math.isfinite(value):
                    raise msgspec.ValidationError("Expected a finite number")
            except msgspec.ValidationError as error:
                raise msgspec.ValidationError(f"{field.name}: {error}") from None

    def changed(self, **changes: Any) -> "Any":
        """A copy with some fields replaced, checked again."""
        return msgspec.structs.replace(self, **changes)


@cache
def _fields(kind: type[Checked]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """A type's fields, resolved once: that costs more than all else of a check, and a book holds 1,000 jobs."""
    return msgspec.structs.fields(kind)
