"""Which art is current: its pane, its docks, its actions; the other's are grey and say why."""

from tests.app.picture_person import Painter

ONLY_TEXT = (
    "edit.find",
    "act.rewrite",
    "take.word",
    "work.split",
    "view.lore",
    "view.spelling",
    "file.print",
)
ONLY_PICTURE = ("edit.invert_mask", "take.more_like", "take.grid", "tool.brush", "view.layers", "canvas.fit")
BOTH = (
    "take.propose",
    "take.accept",
    "edit.undo",
    "edit.lock",
    "take.compare",
    "view.zoom_in",
    "file.export",
)


def test_actions_of_the_other_art_are_grey_and_say_why(painter: Painter) -> None:
    actions = painter.window.actions_by_id
    for action_id in ONLY_TEXT:
        assert not actions[action_id].isEnabled(), action_id
        assert "Only in a scene or a note" in actions[action_id].toolTip(), action_id
    for action_id in (*ONLY_PICTURE, *BOTH):
        assert actions[action_id].isEnabled(), action_id
    painter.does("work.scene")
    for action_id in ONLY_PICTURE:
        assert not actions[action_id].isEnabled(), action_id
        assert "Only in a picture" in actions[action_id].toolTip(), action_id
    for action_id in (*ONLY_TEXT, *BOTH):
        assert actions[action_id].isEnabled(), action_id
        assert "Only in" not in actions[action_id].toolTip(), action_id


def test_each_art_has_its_docks_and_finds_them_again(painter: Painter) -> None:
    docks, actions = painter.window._docks, painter.window.actions_by_id
    assert not docks["view.knobs"].isHidden() and not docks["view.layers"].isHidden()
    assert docks["view.lore"].isHidden()
    painter.window.show_dock("view.adjust")
    painter.does("work.scene")
    assert all(docks[name].isHidden() for name in ("view.knobs", "view.layers", "view.adjust"))
    painter.does("view.lore")
    assert not docks["view.lore"].isHidden()
    painter.does("work.picture")
    assert docks["view.lore"].isHidden() and not actions["view.lore"].isEnabled()
    assert all(not docks[name].isHidden() for name in ("view.knobs", "view.layers", "view.adjust"))


def test_keys_of_the_canvas_do_nothing_while_words_are_typed(painter: Painter) -> None:
    from PySide6.QtTest import QTest

    painter.canvas.set_tool("move")
    painter.prompt.focus_prompt()
    QTest.keyClicks(painter.prompt.prompt, "bell")
    assert painter.prompt.words() == "bell" and painter.canvas.tool() == "move"
    painter.does("tool.brush")
    assert painter.canvas.tool() == "brush"


def test_the_same_key_acts_in_the_art_that_is_open(painter: Painter) -> None:
    painter.asks()
    painter.does("take.accept")
    assert len(painter.doc.layers) == 1
    painter.does("work.scene")
    painter.types("Once")
    painter.does("edit.undo")
    assert painter.text == ""
    painter.desk.choose(next(work.id for work in painter.desk.works.values() if work.kind == "picture"))
    assert len(painter.doc.layers) == 1
    painter.does("edit.undo")
    assert painter.doc.layers == ()


def test_distraction_free_leaves_only_the_canvas(painter: Painter) -> None:
    pane = painter.picture.pane
    painter.does("view.focus")
    assert pane.canvas.isVisible() and not pane.prompt.isVisible() and not pane.tools.isVisible()
    painter.does("view.focus")
    assert pane.prompt.isVisible() and pane.tools.isVisible()


def test_a_removed_picture_gives_way_and_comes_back(painter: Painter) -> None:
    painter.asks()
    painter.does("take.accept")
    work = painter.picture.work
    painter.window.works.remove_requested.emit(work)
    assert painter.wiring.arts.current is painter.wiring.text and painter.pane.isVisible()
    painter.desk.bring_back()
    assert painter.picture.work == work and len(painter.doc.layers) == 1


def test_another_project_shows_nothing_of_the_one_before(painter: Painter) -> None:
    painter.asks()
    painter.does("take.accept")
    painter.is_saved()
    painter.waits_for(painter.desk.new())
    assert painter.picture.session is None and painter.picture.judged.takes == {}
    painter.does("work.picture")
    assert painter.doc.layers == () and painter.strip.take_ids() == []
