"""Where in the list of works something may go."""

from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.works_order import WorkRow, WorksOrder

ROWS = [
    WorkRow(id="s", kind="story", title=""),
    WorkRow(id="a", parent="s", kind="scene", title=""),
    WorkRow(id="c1", parent="s", kind="chapter", title=""),
    WorkRow(id="x", parent="c1", kind="scene", title=""),
    WorkRow(id="y", parent="c1", kind="scene", title=""),
    WorkRow(id="c2", parent="s", kind="chapter", title=""),
    WorkRow(id="z", parent="c2", kind="scene", title=""),
    WorkRow(id="n", kind="note", title=""),
]
ORDER = WorksOrder(ROWS)
OPEN = {"s", "c1", "c2"}


def test_a_scene_goes_into_another_chapter() -> None:
    assert ORDER.dropped(["z"], "x", "above") == ("c1", 0)
    assert ORDER.dropped(["z"], "x", "below") == ("c1", 1)
    assert ORDER.dropped(["x"], "c2", "on") == ("c2", 1)
    assert ORDER.dropped(["x"], "c2", "below", OPEN) == ("c2", 0), "right under an open chapter is its top"
    assert ORDER.dropped(["x"], "c2", "below") == ("s", 3), "under a folded one is behind it"


def test_several_go_together_in_reading_order() -> None:
    assert ORDER.tops({"y", "a"}) == ["a", "y"]
    assert ORDER.dropped(["y", "a"], "z", "below") == ("c2", 1)
    assert ORDER.tops({"c1", "x", "y"}) == ["c1"], "what lies in a chosen chapter goes with it"


def test_what_would_change_nothing_or_be_no_place_is_nothing() -> None:
    assert ORDER.dropped(["x"], "y", "above") is None
    assert ORDER.dropped(["x"], "x", "on") is None
    assert ORDER.dropped(["c1"], "x", "above") is None, "a chapter does not go into itself"
    assert ORDER.dropped(["c1"], "z", "below") is None, "nor into another chapter"
    assert ORDER.dropped(["a"], "n", "on") is None, "a scene does not stand alone at the top"
    assert ORDER.dropped(["s"], "a", "above") is None
    assert ORDER.dropped(["n"], "x", "above") == ("c1", 0), "a note may lie in a chapter"
    assert ORDER.dropped(["n"], "", "below") is None and ORDER.dropped(["s"], "", "below") == ("", 1)


def test_steps_go_past_siblings_into_open_chapters_and_out_of_them() -> None:
    assert ORDER.stepped(["y"], -1, OPEN) == ("c1", 0)
    assert ORDER.stepped(["x"], -1, OPEN) == ("s", 1), "out of the chapter, before it"
    assert ORDER.stepped(["y"], 1, OPEN) == ("s", 2), "out of the chapter, behind it"
    assert ORDER.stepped(["a"], 1, OPEN) == ("c1", 0), "into the open chapter below"
    assert ORDER.stepped(["a"], 1, set()) == ("s", 1), "past a folded one"
    assert ORDER.stepped(["c2"], -1, OPEN) == ("s", 1)
    assert ORDER.stepped(["a"], -1, OPEN) is None, "the top of a story is the end"
    assert ORDER.stepped(["a", "x"], 1, OPEN) is None, "only siblings step together"


@given(
    st.lists(st.sampled_from([row.id for row in ROWS]), min_size=1, unique=True),
    st.sampled_from(["", *(r.id for r in ROWS)]),
    st.sampled_from(["above", "on", "below"]),
    st.sets(st.sampled_from(["s", "c1", "c2"])),
)
def test_a_landing_is_always_a_place_that_takes_it(
    ids: list[str], target: str, where: str, opened: set[str]
) -> None:
    to = ORDER.dropped(ids, target, where, opened)  # type: ignore[arg-type]
    if to is None:
        return
    parent, index = to
    rows = {row.id: row for row in ROWS}
    moving = ORDER.tops(ids)
    assert 0 <= index <= sum(row.parent == parent and row.id not in moving for row in ROWS)
    up = parent
    while up:
        assert up not in moving
        up = rows[up].parent
    for row in moving:
        assert rows[row].kind != "chapter" or parent == "s"
        assert rows[row].kind != "scene" or parent
