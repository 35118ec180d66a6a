"""Where the cells of a gallery lie: arithmetic only, so that twenty thousand cost what twenty do."""

from typing import Final

from msgspec import Struct

GAP_PX: Final = 10
CAPTION_PX: Final = 20


class GalleryLayout(Struct, frozen=True):
    """Equal cells in rows from the left: `width` of the viewport, `side` of a thumbnail, `count` of cells, in px."""

    width: int
    side: int
    count: int

    @property
    def columns(self) -> int:
        """How many cells a row holds, at least one."""
        return max(1, (self.width - GAP_PX) // (self.side + GAP_PX))

    @property
    def row_px(self) -> int:
        """From one row's top to the next one's."""
        return self.side + CAPTION_PX + GAP_PX

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Of everything."""
        return self.rows * self.row_px + GAP_PX if self.count else 0

    @property
    def left_px(self) -> int:
        """Where the first column begins, so that what room is left over lies on both sides."""
        used = self.columns * (self.side + GAP_PX) - GAP_PX
        return max(GAP_PX // 2, (self.width - used) // 2)

    def place(self, index: int) -> tuple[int, int, int, int]:
        """A cell's x, y, width, height; y counts from the top of everything."""
        row, column = divmod(index, self.columns)
        x = self.left_px + column * (self.side + GAP_PX)
        return x, GAP_PX + row * self.row_px, self.side, self.side + CAPTION_PX

    def at(self, x: int, y: int) -> int:
        """The cell at a point of everything; -1 between cells."""
        column, in_x = divmod(x - self.left_px, self.side + GAP_PX)
        row, in_y = divmod(y - GAP_PX, self.row_px)
        inside = 0 <= column < self.columns and row >= 0
        if not inside or in_x >= self.side or in_y >= self.side + CAPTION_PX:
            return -1
        index = row * self.columns + column
        return index if index < self.count else -1

    def span(self, top: int, bottom: int) -> range:
        """The cells whose rows touch top..bottom of everything."""
        first = max(0, (top - GAP_PX) // self.row_px)
        last = max(0, (bottom - GAP_PX) // self.row_px)
        return range(min(self.count, first * self.columns), min(self.count, (last + 1) * self.columns))

    def within(self, left: int, top: int, right: int, bottom: int) -> list[tuple[int, int]]:
        """The cells that a rectangle touches, as runs of first..last."""
        runs: list[tuple[int, int]] = []
        step = self.side + GAP_PX
        first_column = max(0, -(-(left - self.left_px - self.side) // step))
        last_column = min(self.columns - 1, (right - self.left_px) // step)
        first_row = max(0, -(-(top - GAP_PX - self.side - CAPTION_PX) // self.row_px))
        last_row = min(self.rows - 1, (bottom - GAP_PX) // self.row_px)
        if first_column > last_column:
            return runs
        for row in range(first_row, last_row + 1):
            first, last = row * self.columns + first_column, row * self.columns + last_column
            if first < self.count:
                runs.append((first, min(last, self.count - 1)))
        return runs
