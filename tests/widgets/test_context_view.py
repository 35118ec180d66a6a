"""The context dock: parts in reading order, what they cost, why others stayed out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from studio.core.events import Seen
from studio.core.jobs import ContextPart, TextJob
from studio.core.takes import Made, PartSeen
from studio.widgets.context_view import ContextView

PROMPT = "Left out. The beginning. The end."
JOB = TextJob(
    id="job",
    prompt=PROMPT,
    model="m",
    seed=1,
    tokens=80,
    note="For now",
    parts=(
        ContextPart(kind="memory", text="Memory text."),
        ContextPart(kind="lore", id="fox", title="Rill", text="Rill is a fox.", depth=1),
        ContextPart(kind="lore", id="owl", title="Owl", text="A very long owl."),
    ),
)
PARTS = (
    PartSeen(kind="memory", title="Memory", tokens=5, chars=12, why="always read"),
    PartSeen(kind="note", title="For this request", tokens=3, chars=7),
    PartSeen(kind="text", tokens=4, chars=15, state="cut", why="its beginning does not fit"),
    PartSeen(
        kind="lore", id="fox", title="Rill", tokens=6, chars=14, why="key “fox” matched in the last paragraph"
    ),
    PartSeen(kind="text", tokens=2, chars=8),
    PartSeen(kind="lore", id="owl", title="Owl", state="out", why="left out: the lore budget was full"),
)
LEFT_OUT = (
    PartSeen(kind="lore", id="cat", title="Cat", state="out", why="none of its keys (cat) stands there"),
    PartSeen(kind="lore", id="owl", title="Owl", state="out", why="twice"),
)
SEEN = Seen(job="job", parts=PARTS, prompt_tokens=20, reused_tokens=12, room_tokens=100, context_tokens=128)
MADE = Made(
    model_sha256="0",
    family="f",
    device="cpu",
    dtype="float32",
    threads=1,
    chunk_tokens=64,
    prompt_tokens=30,
    reused_tokens=0,
    computed_tokens=30,
    parts=PARTS[:1],
)


@pytest.fixture
def view(qtbot: QtBot) -> ContextView:
    view = ContextView()
    qtbot.addWidget(view)
    view.resize(320, 700)
    view.show()
    return view


def test_parts_stand_in_reading_order_then_what_did_not_match(view: ContextView) -> None:
    view.show_seen(SEEN, LEFT_OUT, JOB)
    rows = view.rows()
    assert [row[0] for row in rows] == [
        "Memory",
        "For this request",
        "Your text",
        "Rill",
        "Your text",
        "Owl",
        "Cat",
    ]
    assert [row[1] for row in rows] == ["5", "3", "4", "6", "2", "–", "–"]
    assert [row[2] for row in rows] == ["in", "in", "cut", "in", "in", "out", "out"]
    assert rows[5][3] == "left out: the lore budget was full"


def test_figures_tell_room_context_and_reuse(view: ContextView) -> None:
    view.show_seen(SEEN, (), JOB)
    assert view.figures() == "20 of 100 tokens (context 128) 12 tokens would be reused, 8 computed"
    view.show_seen(MADE, (), JOB, 128)
    assert view.figures() == "30 of 48 tokens (context 128) 0 tokens reused, 30 computed"


def test_the_newer_one_comes_to_the_front_and_the_other_is_a_click_away(view: ContextView) -> None:
    view.show_seen(SEEN, (), JOB)
    view.show_seen(MADE, (), JOB)
    assert len(view.rows()) == 1
    button = next(b for b in view.findChildren(QPushButton) if b.text() == "As you write")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(view.rows()) == 6
    view.show_which("last")
    view.show_seen(SEEN, (), JOB)  # a preview that says nothing new does not push itself forward
    assert len(view.rows()) == 1


def test_the_words_are_put_together_in_reading_order(view: ContextView) -> None:
    view.show_seen(SEEN, (), JOB)
    next(b for b in view.findChildren(QPushButton) if b.text() == "Show the words").click()
    assert view.words() == (
        "═ Memory ═\nMemory text.\n\n═ Note: For this request ═\nFor now\n\n"
        "═ Text ═\nThe beginning. \n\n═ Lorebook: Rill ═\nRill is a fox.\n\n═ Text ═\nThe end."
    )


def test_a_double_click_asks_for_the_entry(view: ContextView, qtbot: QtBot) -> None:
    view.show_seen(SEEN, LEFT_OUT, JOB)
    tree = view.findChild(QTreeWidget)
    tree.setCurrentItem(tree.topLevelItem(3))
    tree.setFocus()
    with qtbot.waitSignal(view.part_chosen) as told:
        QTest.keyClick(tree, Qt.Key.Key_Return)
    assert told.args == ["lore", "fox"]


def test_every_row_shows_all_of_its_why(view: ContextView, qtbot: QtBot) -> None:
    long = PARTS[0].__class__(kind="lore", id="x", title="X", why="because " * 40, tokens=1)
    view.show_seen(
        Seen(
            job="j", parts=(PARTS[0], long), prompt_tokens=6, reused_tokens=0, room_tokens=9, context_tokens=9
        )
    )
    tree = view.findChild(QTreeWidget)
    qtbot.waitUntil(lambda: tree.visualItemRect(tree.topLevelItem(1)).height() > 0)
    first, second = (tree.visualItemRect(tree.topLevelItem(at)).height() for at in (0, 1))
    assert second > 4 * first


def test_without_anything_read_it_says_what_to_do(view: ContextView) -> None:
    view.show_seen(SEEN, (), JOB)
    view.clear()
    assert view.rows() == [] and not view.findChild(QTreeWidget).isVisible()
    view.show_problem("No model.")
    assert "No model." in [found.text() for found in view.findChildren(type(view._problem))]
