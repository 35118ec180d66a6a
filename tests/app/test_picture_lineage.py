"""The steps and takes of a picture as rows: one for many strokes, with thumbnails and recipes."""

import pytest

from studio.app.lineage import START
from studio.app.picture_lineage import picture_nodes, recipe_words
from studio.core.adapter import Adapter
from studio.core.ids import new_id
from studio.core.jobs import ImageJob
from studio.core.takes import Drawn, Made
from studio.project.store import Store
from studio.widgets.icons import ICON_NAMES
from studio.widgets.lineage_model import searched
from studio.widgets.lineage_tree import LineageNode
from tests.app.conftest import Scripted
from tests.project.conftest import folder, store
from tests.project.painter import Painter

__all__ = ["folder", "store"]

TITLES = {"/models/m": "Little painter"}


@pytest.fixture
def painter(store: Store) -> Painter:
    return Painter(store)


def rows_of(painter: Painter) -> dict[str, LineageNode]:
    rows = picture_nodes(painter.history, painter.store.takes_of(painter.work.id), TITLES)
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.icon in ICON_NAMES for row in rows)
    return {row.id: row for row in rows}


def test_an_empty_picture_stands_at_its_start(painter: Painter) -> None:
    (row,) = rows_of(painter).values()
    assert (row.id, row.title, row.current, row.icon) == (START, "Start", True, "picture")


def test_strokes_on_one_layer_are_one_row_that_counts_them(painter: Painter) -> None:
    for shade in range(3):
        last = painter.paints(opacity=shade / 4)
    rows = rows_of(painter)
    assert list(rows) == [START, last.id]
    row = rows[last.id]
    assert (row.title, row.detail, row.parent) == ("Brush on “Mask”", "Painted, 3 times", START)
    assert row.current and not row.thumb and "{" not in searched(row)


def test_another_layer_or_another_doing_is_another_row(painter: Painter) -> None:
    steps = [
        painter.paints(),
        painter.paints("Brush on “Sky”", id="sky"),
        painter.paints("Move “Sky”", "arranged", id="sky", x=5),
        painter.paints("Levels of “Sky”", "adjusted", id="sky", x=5, opacity=0.5),
        painter.paints("Crop", "cropped", id="sky"),
        painter.paints("Crop", "cropped", id="sky", x=2),
        painter.paints("Lock", "locked", id="sky"),
    ]
    rows = rows_of(painter)
    assert list(rows) == [START, *(step.id for step in steps)]
    assert [rows[step.id].detail for step in steps] == [
        "Painted",
        "Painted",
        "Arranged",
        "Adjusted",
        "Cropped",
        "Cropped",
        "Locked",
    ]
    assert len({rows[step.id].icon for step in steps}) >= 5


def test_a_long_step_is_told_as_far_as_it_is_kept(painter: Painter) -> None:
    step = painter.paints("Brush on “" + "sky " * 40 + "”")
    assert rows_of(painter)[step.id].title.startswith("Brush on “sky sky")


def test_a_take_hangs_on_its_step_with_thumbnail_and_recipe(painter: Painter) -> None:
    step = painter.paints()
    job = painter.job(
        negative="rain", adapters=(Adapter(path="/l/ink.safetensors", weight=0.8),), steps=12, guidance=4.5
    )
    take = painter.gets(job, index=1)
    row = rows_of(painter)[take.id]
    assert (row.parent, row.kind, row.take, row.thumb, row.state) == (step.id, "take", take.id, True, "done")
    assert (row.title, row.author) == ("a red fox", "Little painter")
    assert row.detail == "Take 2, seed 8, 64 × 48"
    for line in (
        "Prompt: a red fox",
        "Without: rain",
        "Model: Little painter",
        "Adapter: ink × 0.8",
        "Seed: 8",
        "Steps: 12",
        "Guidance: 4.5",
    ):
        assert line in recipe_words(take, TITLES).splitlines()
    for word in ("fox", "rain", "ink", "little painter", "8"):
        assert word in searched(row)


def test_the_scheduler_that_was_used_is_told(painter: Painter) -> None:
    take = painter.begins()
    drawn = Drawn(scheduler="DDIMScheduler")
    made = Made(model_sha256="", family="", device="cpu", dtype="", threads=1, drawn=drawn)
    painter.store.end_take(take.id, "failed", "", error="out of memory", made=made)
    row = rows_of(painter)[take.id]
    assert (row.detail, row.thumb, row.state) == ("out of memory", False, "failed")
    tip = recipe_words(painter.store.take(take.id), TITLES)
    assert "DDIMScheduler" in tip and tip.endswith("out of memory")


def test_an_accepted_take_is_shown_once_as_the_step_it_became(painter: Painter) -> None:
    other, take = painter.gets(data=b"1"), painter.gets(data=b"2")
    step = painter.accepts(take)
    painter.store.reject(other.id, "too red")
    rows = rows_of(painter)
    assert take.id not in rows
    row = rows[step.id]
    assert (row.kind, row.state, row.take, row.thumb) == ("accepted", "accepted", take.id, True)
    assert (row.title, row.author) == ("Take 1", "Little painter")
    assert "fox" in searched(row)
    assert (rows[other.id].state, rows[other.id].detail) == ("rejected", "too red")


def test_a_branch_or_a_take_parts_a_run_of_strokes(painter: Painter) -> None:
    first = painter.paints(opacity=0.1)
    second = painter.paints(opacity=0.2)
    painter.undoes()
    third = painter.paints(opacity=0.3)
    painter.gets()
    fourth = painter.paints(opacity=0.4)
    rows = rows_of(painter)
    assert {first.id, second.id, third.id, fourth.id} < set(rows)
    assert rows[second.id].parent == rows[third.id].parent == first.id


def test_the_row_of_a_picture_tells_its_recipe_on_hovering(scripted) -> None:
    """In the window; a text's row says enough."""
    person: Scripted = scripted("good")
    picture = person.session.add_work("picture", "Fox", "")
    job = ImageJob(
        id=new_id(), work=picture, prompt="a violet heron", model="m", seed=5, takes=1, width=16, height=16
    )
    person.wiring.engine.submit(job)
    person.sees(lambda: [take.status for take in person.session.reader.takes_of(picture)] == ["done"])
    (take,) = person.session.reader.takes_of(picture)
    assert "Prompt: a violet heron" in person.wiring._recipe_of(take.id)
    assert person.wiring._recipe_of("nobody") == ""
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: len(person.wiring.text.takes) == 3 and not person.wiring.text.running)
    assert person.wiring._recipe_of(next(iter(person.wiring.text.takes))) == ""
