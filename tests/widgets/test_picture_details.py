"""A picture's recipe in words, and what can be asked from beside it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.adapter import Adapter
from studio.core.pictures import Control, ImageJob, Inpaint, Reference, Upscale, Variation
from studio.core.takes import Drawn, Made
from studio.widgets.icons import IconButton
from studio.widgets.picture_details import PictureDetails
from studio.widgets.picture_words import doing_text, recipe_rows, recipe_text
from tests.widgets.makers import take as text_take
from tests.widgets.picture_makers import JOB, picture_take, plain

MADE = Made(
    model_sha256="abcdef0123456789",
    family="sd",
    device="cpu",
    dtype="float32",
    threads=2,
    drawn=Drawn(scheduler="DDIMScheduler", rungs=("vae_tiling",)),
)
RICH = ImageJob(
    id="job",
    mode="inpaint",
    prompt="a {red|blue} door",
    prompts=("a red door",) * 4,
    negative="people",
    model="/models/starter",
    adapters=(Adapter(path="/lora/ink.safetensors", weight=0.7),),
    seed=7,
    init="i.png",
    lock="l.png",
    clip_skip=1,
    tiling="both",
    from_take="older",
    inpaint=Inpaint(mask="m.png", area="masked"),
    upscale=Upscale(factor=2.0),
    variation=Variation(seed=9, base_seed=7, strength=0.2),
    controls=(Control(model="/c/canny", picture="c.png", weight=0.8, end=0.5),),
    reference=Reference(model="/r/ip", picture="r.png"),
)


def texts(take: object) -> dict[str, str]:
    return {row.name: row.text for row in recipe_rows(take, {"/models/starter": "Starter"})}  # type: ignore[arg-type]


def test_the_whole_recipe_is_there_in_words() -> None:
    assert texts(picture_take("a", job=RICH, made=MADE, seconds=3.21)) == {
        "Prompt": "a red door",
        "Written as": "a {red|blue} door",
        "Without": "people",
        "Seed": "7",
        "Size": "512 × 512",
        "Model": "Starter",
        "Adapter": "ink × 0.7",
        "Made": "inside a mask",
        "Strength": "0.6",
        "Mask": "feather 8 px, fill original, only masked with 32 px around",
        "Enlarged": "2 times, model",
        "Steps": "20",
        "Guidance": "5",
        "Clip skip": "1",
        "Seamless": "all sides",
        "Variation": "0.2 from seed 7",
        "Control": "canny × 0.8, 0% to 50% of the steps",
        "Reference": "ip × 0.6",
        "Locked": "some of the picture was not to change",
        "Scheduler": "DDIMScheduler",
        "Memory was short": "decoded in tiles",
        "Computed on": "cpu, float32, 2 threads",
        "Model's hash": "abcdef012345",
        "Took": "3.2 s",
    }


def test_a_plain_recipe_says_only_what_matters() -> None:
    shown = texts(picture_take("a"))
    assert list(shown) == ["Prompt", "Seed", "Size", "Model", "Made", "Steps", "Guidance"]
    assert recipe_rows(text_take("t", "words")) == ()
    assert "Model: /models/starter" in recipe_text(picture_take("a"))


def test_steps_are_words_of_their_own() -> None:
    assert [doing_text(at, 20) for at in (0, 7, 20)] == [
        "getting ready…",
        "drawing, step 7 of 20",
        "finishing…",
    ]


def details_of(qtbot: QtBot, **more: object) -> PictureDetails:
    view = PictureDetails()
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show_take(picture_take("a", job=RICH, made=MADE, **more), {"/models/starter": "Starter"})  # type: ignore[arg-type]
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.setFocus()
    return view


@pytest.mark.parametrize(
    ("title", "signal", "args"),
    [
        ("Accept", "accept_requested", ["a"]),
        ("Reject", "reject_requested", ["a", ""]),
        ("More like this", "more_like_this", ["a"]),
        ("Work from here", "branch_requested", ["a"]),
        ("Open what it grew from", "open_requested", ["older"]),
    ],
)
def test_buttons_ask_for(title: str, signal: str, args: list[str], qtbot: QtBot) -> None:
    view = details_of(qtbot)
    button = next(b for b in view.findChildren(QPushButton) if b.text() == title)
    with qtbot.waitSignal(getattr(view, signal)) as heard:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard.args == args


def test_a_row_and_the_whole_recipe_are_copied(qtbot: QtBot) -> None:
    view = details_of(qtbot)
    copies = {b.accessibleName(): b for b in view.findChildren(IconButton)}
    copies["Copy: Model"].click()
    assert QApplication.clipboard().text() == "/models/starter"
    copies["Copy: Seed"].click()
    assert QApplication.clipboard().text() == "7"
    copies["Copy the whole recipe"].click()
    assert "Without: people\nSeed: 7" in QApplication.clipboard().text()


def test_keys_judge_and_go_to_the_neighbours(qtbot: QtBot) -> None:
    view = details_of(qtbot)
    for key, signal, args in (
        (Qt.Key.Key_Right, view.stepped, [1]),
        (Qt.Key.Key_Return, view.accept_requested, ["a"]),
        (Qt.Key.Key_Backspace, view.reject_requested, ["a", ""]),
        (Qt.Key.Key_Escape, view.closed, []),
    ):
        with qtbot.waitSignal(signal) as heard:
            QTest.keyClick(view, key)
        assert heard.args == args
    view.update_take(picture_take("a", job=RICH, verdict="accepted"))
    with qtbot.assertNotEmitted(view.accept_requested):
        QTest.keyClick(view, Qt.Key.Key_Return)
    view.update_take(picture_take("b"))
    assert view.take_id() == "a"


def test_pixels_are_asked_for_and_only_its_own_are_shown(qtbot: QtBot) -> None:
    view = PictureDetails()
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.image_wanted) as asked:
        view.show_take(picture_take("a"))
    assert asked.args == ["a"]
    view.show_image("b", plain("red"))
    assert view.stage.image().isNull()
    view.show_image("a", plain("red"))
    assert not view.stage.image().isNull()
    view.show_take(picture_take("b", "streaming", job=JOB))
    assert view.stage.image().isNull()
    view.clear()
    assert view.take_id() == ""
