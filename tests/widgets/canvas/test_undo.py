"""Whatever a person does and takes back: what is shown is what the document says, painted anew."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.kinds import Brush
from tests.widgets.canvas.desk import Desk, noise, raster

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
ASSETS = {"a": noise(96, 64, 1), "b": noise(40, 30, 2), "m": noise(50, 50, 3)[..., 0]}
DOC = PictureDoc(
    width=96,
    height=64,
    frame=Box(x=0, y=0, width=64, height=64),
    layers=(
        raster("a", "a", 96, 64),
        raster("b", "b", 40, 30, x=10, y=20, opacity=0.6),
        Layer(id="m", name="m", kind="mask", asset="m", x=30, y=5, width=50, height=50),
    ),
)
POINTS = st.lists(st.tuples(st.integers(-5, 100), st.integers(-5, 70)), min_size=1, max_size=4)
ACTS = st.one_of(
    st.tuples(
        st.sampled_from(["brush", "eraser", "lasso", "rectangle"]), POINTS, st.sampled_from(["", "shift", "alt"])
    ),
    st.tuples(st.just("move"), POINTS, st.sampled_from(["a", "b", "m"])),
    st.tuples(
        st.just("step"),
        st.sampled_from(
            ["flip", "turn", "fade", "hide", "adjust", "invert", "clear", "refine", "merge", "copy", "remove",
             "canvas", "crop", "lock", "top", "flatten"]
        ),
        st.sampled_from(["a", "b", "m"]),
    ),
    st.tuples(st.sampled_from(["undo", "undo", "redo", "settle"])),
)  # fmt: skip


def act(desk: Desk, what: tuple[object, ...]) -> None:
    """Do one thing a person may do."""
    view = desk.view
    match what:
        case ("undo",):
            desk.undo()
        case ("redo",):
            desk.redo()
        case ("settle",):
            desk.settle()
        case ("move", points, layer):
            view.choose(str(layer))
            view.set_tool("move")
            desk.stroke(points)  # type: ignore[arg-type]
        case ("step", name, layer):
            view.choose(str(layer))
            step(desk, str(name), str(layer))
        case (tool, points, modifier):
            keys = {"shift": SHIFT, "alt": ALT}.get(str(modifier), Qt.KeyboardModifier.NoModifier)
            view.set_tool(tool)  # type: ignore[arg-type]
            desk.stroke(points, keys)  # type: ignore[arg-type]


def step(desk: Desk, name: str, layer: str) -> None:
    """One of the steps that are not drawn by hand."""
    steps = desk.view.steps
    {
        "flip": lambda: steps.flip(layer, "x"),
        "turn": lambda: steps.turn(layer, 1),
        "fade": lambda: steps.fade(layer, 0.3),
        "hide": lambda: steps.show_layer(layer, False),
        "adjust": lambda: steps.adjust(layer, Adjust(saturation=-0.5, gamma=1.5)),
        "invert": steps.invert_mask,
        "clear": steps.clear_mask,
        "refine": lambda: steps.refine_mask(3, 4),
        "merge": lambda: steps.merge_down(layer),
        "copy": lambda: steps.duplicate(layer),
        "remove": lambda: steps.remove(layer),
        "canvas": lambda: steps.turn_canvas(1),
        "crop": lambda: steps.crop_canvas(Box(x=-4, y=3, width=80, height=70)),
        "lock": lambda: steps.add_layer("lock"),
        "top": lambda: steps.reorder(layer, 5),
        "flatten": steps.flatten_visible,
    }[name]()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, min_size=1, max_size=12))
def test_what_is_shown_is_the_document_painted_anew(qtbot: QtBot, acts: list[tuple[object, ...]]) -> None:
    desk = Desk(qtbot, DOC, ASSETS)
    desk.view.set_brush(Brush(size_px=14, softness=0.5, opacity=0.7))
    for what in acts:
        act(desk, what)
    desk.settle()
    doc = desk.docs[desk.at]
    assert desk.view.document() == doc and desk.view.scene.doc == doc
    fresh = Desk(qtbot, doc)
    fresh.files.update(desk.files)
    fresh.view.show_document(PictureDoc())
    fresh.view.show_document(doc)
    assert np.array_equal(desk.flat(), fresh.flat())
    assert np.array_equal(desk.mask(), fresh.mask())
    assert np.array_equal(desk.mask("lock"), fresh.mask("lock"))
    for one in (desk, fresh):
        one.view.set_tool("pan")
        one.view.fit()
    shown, anew = desk.screen(), fresh.screen()
    assert np.abs(shown.astype(int) - anew).max() <= 3
    desk.gone()
    fresh.gone()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS.filter(lambda what: len(what) > 1), min_size=1, max_size=8))
def test_undoing_all_and_making_all_again_shows_the_same(
    qtbot: QtBot, acts: list[tuple[object, ...]]
) -> None:
    desk = Desk(qtbot, DOC, ASSETS)
    seen = [(desk.flat(), desk.mask())]
    for what in acts:
        before = desk.at
        act(desk, what)
        desk.settle()
        seen[before + 1 :] = [(desk.flat(), desk.mask())] if desk.at > before else []
    while desk.at:
        assert _same((desk.flat(), desk.mask()), seen[desk.at])
        desk.undo()
    assert _same((desk.flat(), desk.mask()), seen[0]) and desk.view.document() == DOC
    while desk.at < len(desk.docs) - 1:
        desk.redo()
        assert _same((desk.flat(), desk.mask()), seen[desk.at])
    desk.gone()


def _same(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:  # type: ignore[type-arg]
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
