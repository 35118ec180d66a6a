"""Places in a text, counted in characters (ours) and in UTF-16 units (Qt's)."""

from collections.abc import Sequence

_UTF16 = "utf-16-le"


def wide_characters(text: str) -> int:
    """How many characters take two UTF-16 units."""
    return 0 if text.isascii() else len(text.encode(_UTF16, "surrogatepass")) // 2 - len(text)


def utf16_length(text: str) -> int:
    """The text's length in UTF-16 units."""
    return len(text) + wide_characters(text)


def utf16_places(text: str, places: Sequence[int]) -> list[int]:
    """Rising places in characters as places in UTF-16 units."""
    if not wide_characters(text):
        return list(places)
    out, point, unit = [], 0, 0
    for place in places:
        unit += utf16_length(text[point:place])
        point = place
        out.append(unit)
    return out


class Positions:
    """Translates places of one text; near the last translated place it costs nearly nothing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._wide = wide_characters(text)
        self._point = 0  # a known place in characters ...
        self._unit = 0  # ... and the same place in units

    @property
    def length_units(self) -> int:
        """The text's length in UTF-16 units."""
        return len(self._text) + self._wide

    def units(self, point: int) -> int:
        """Character place -> UTF-16 place."""
        if not self._wide:
            return point
        low, high = sorted((point, self._point))
        span = high - low + wide_characters(self._text[low:high])
        self._unit += span if point >= self._point else -span
        self._point = point
        return self._unit

    def points(self, unit: int) -> int:
        """UTF-16 place -> character place; the middle of a wide character counts as its start."""
        if not self._wide:
            return unit
        far = abs(unit - self._unit)
        if unit >= self._unit:
            piece = self._text[self._point : self._point + far].encode(_UTF16, "surrogatepass")
            point = self._point + len(piece[: far * 2].decode(_UTF16, "ignore"))
        else:
            piece = self._text[max(0, self._point - far) : self._point].encode(_UTF16, "surrogatepass")
            kept = piece[len(piece) - far * 2 :].decode(_UTF16, "ignore")
            point = self._point - len(kept) - (utf16_length(kept) < far)
        self.units(point)
        return point

    def replaced(self, text: str, at: int, removed: str, inserted: str) -> None:
        """The text became `text` by replacing `removed` at `at` by `inserted`."""
        self.units(at)  # a place before the change stays true
        self._wide += wide_characters(inserted) - wide_characters(removed)
        self._text = text
        if not self._wide:
            self._point = self._unit = 0
