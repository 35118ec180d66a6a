"""A picture's document is a text of the project: it comes back exactly, and a damaged one says what to do."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.core.pictures import Box
from studio.media.picture.document import (
    FORMAT,
    Adjust,
    Layer,
    PictureDoc,
    from_text,
    revision,
    step_of,
    to_text,
)
from studio.media.spans import SpanText

SHARES = st.floats(0, 1)
LAYERS = st.builds(
    Layer,
    id=st.uuids().map(str),
    name=st.text(max_size=12),
    kind=st.sampled_from(["raster", "mask", "lock"]),
    asset=st.sampled_from(["", "a" * 64 + ".png"]),
    x=st.integers(-500, 500),
    width=st.integers(1, 500),
    height=st.integers(1, 500),
    crop=st.none() | st.just((1, 2, 3, 4)),
    turn=st.integers(0, 3),
    flip_x=st.booleans(),
    opacity=SHARES,
    visible=st.booleans(),
    adjust=st.builds(Adjust, gamma=st.floats(0.1, 10), saturation=st.floats(-1, 1)),
)
DOCS = st.builds(
    PictureDoc,
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    layers=st.lists(LAYERS, max_size=4, unique_by=lambda layer: layer.id).map(tuple),
    frame=st.builds(Box, x=st.integers(-9, 9), y=st.integers(-9, 9), width=st.just(64), height=st.just(32)),
)


@given(DOCS, st.text(max_size=30))
def test_a_document_comes_back_exactly_from_its_text(doc: PictureDoc, step: str) -> None:
    text = to_text(doc, step)
    assert from_text(text) == doc
    assert step_of(text) == " ".join(step.split())


@given(st.lists(DOCS, min_size=1, max_size=5))
def test_every_revision_can_be_taken_back(docs: list[PictureDoc]) -> None:
    text, edits = SpanText(), []
    for number, doc in enumerate(docs):
        edit = revision(text, doc, f"Step {number}", take=f"take{number}")
        text = text.apply(edit)
        edits.append(edit)
        assert from_text(text.text) == doc
        assert {run.author for run in text.runs} == {f"take{number}"}
    for edit in reversed(edits):
        text = text.apply(edit.inverse())
    assert text == SpanText()


def test_an_empty_text_is_an_empty_picture() -> None:
    assert from_text("") == PictureDoc()


@pytest.mark.parametrize(
    "text", ["Step", "Step\n", "Step\n{", 'Step\n{"width":0}', 'Step\n{"strange":1}', "Step\n\ud800"]
)
def test_a_damaged_document_says_what_is_kept_and_what_to_do(text: str) -> None:
    with pytest.raises(StudioError) as caught:
        from_text(text)
    assert caught.value.code == "damaged"
    assert "lineage" in caught.value.kept
    assert caught.value.do


def test_the_document_of_a_newer_atelier_is_not_taken_for_damaged() -> None:
    newer = msgspec.to_builtins(PictureDoc()) | {"format": FORMAT + 1, "glow": 3}
    with pytest.raises(StudioError) as caught:
        from_text("Step\n" + msgspec.json.encode(newer).decode())
    assert caught.value.code == "newer"


def test_layers_are_replaced_in_place_or_put_above_the_one_named() -> None:
    low, high = (Layer(id=name, name=name, width=4, height=4) for name in ("low", "high"))
    doc = PictureDoc().with_layer(low).with_layer(high)
    between = Layer(id="between", name="b", width=4, height=4)
    doc = doc.with_layer(between, above="low")
    assert [layer.id for layer in doc.layers] == ["low", "between", "high"]
    doc = doc.with_layer(between.changed(opacity=0.5))
    assert doc.layer("between").opacity == 0.5
    assert [layer.id for layer in doc.without("low").layers] == ["between", "high"]
    with pytest.raises(KeyError):
        doc.layer("strange")
