"""The gallery's arithmetic: every cell has a place of its own, and a point finds it again."""

from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.gallery_layout import GalleryLayout

layouts = st.builds(GalleryLayout, st.integers(60, 2500), st.integers(40, 256), st.integers(1, 20_000))


@given(layout=layouts, share=st.floats(0, 1))
def test_a_cell_is_found_where_it_lies(layout: GalleryLayout, share: float) -> None:
    index = int(share * (layout.count - 1))
    x, y, width, height = layout.place(index)
    assert layout.at(x, y) == index
    assert layout.at(x + width - 1, y + height - 1) == index
    assert layout.at(x + width, y) != index
    assert layout.at(x, y + height) != index
    assert index in layout.span(y, y)
    assert y + height <= layout.height


@given(layout=layouts, top=st.integers(0, 100_000), room=st.integers(1, 2000))
def test_the_span_is_what_touches_the_window(layout: GalleryLayout, top: int, room: int) -> None:
    span = layout.span(top, top + room)
    for index in (span.start - 1, span.start, span.stop - 1, span.stop):
        if 0 <= index < layout.count and span:
            _, y, _, height = layout.place(index)
            touches = y < top + room and y + height > top
            assert not touches or index in span
    assert len(span) <= layout.columns * (room // layout.row_px + 2)


@given(layout=layouts, share=st.floats(0, 1))
def test_a_rectangle_around_two_cells_holds_both(layout: GalleryLayout, share: float) -> None:
    first = int(share * (layout.count - 1))
    last = min(layout.count - 1, first + layout.columns + 1)
    ax, ay, width, height = layout.place(first)
    bx, by, _, _ = layout.place(last)
    runs = layout.within(min(ax, bx), min(ay, by), max(ax, bx) + width - 1, max(ay, by) + height - 1)
    held = {index for a, b in runs for index in range(a, b + 1)}
    assert {first, last} <= held
    for index in held:
        x, y, _, _ = layout.place(index)
        assert min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def test_nothing_takes_no_room() -> None:
    layout = GalleryLayout(800, 160, 0)
    assert layout.height == 0
    assert list(layout.span(0, 500)) == []
    assert layout.at(20, 20) == -1
