"""The dialogs of a picture's export and of a found recipe: what they show, what they answer."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.dialogs.export_picture import ExportPictureDialog
from studio.dialogs.recall import Dropped, RecallDialog
from studio.media.picture.export import ExportWish
from studio.media.picture.found import FoundRecipe, WantedModel

FOUND = FoundRecipe(
    source="comfyui",
    title="ComfyUI",
    prompt="a fox",
    negative="bad",
    values={
        "seed": 2**62 + 1,
        "steps": 20,
        "guidance": 6.5,
        "width": 64,
        "height": 96,
        "scheduler": "EulerDiscreteScheduler",
    },
    model=WantedModel(name="C:\\models\\sd.safetensors"),
    adapters=(WantedModel(name="ink", weight=0.5),),
)


def dropped(found: FoundRecipe = FOUND, notes: tuple[str, ...] = ()) -> Dropped:
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    return Dropped(name="fox.png", image=image, size=(300, 200), found=found, notes=notes)


def shown(qtbot: QtBot, dialog: QWidget) -> QWidget:
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_export_answers_what_was_chosen(qtbot: QtBot) -> None:
    dialog = ExportPictureDialog(
        (100, 50), 3, ExportWish(format="webp", quality=40, lossless=True, layers=True)
    )
    shown(qtbot, dialog)
    assert dialog.choice() == ExportWish(format="webp", quality=40, lossless=True, layers=True)
    assert not dialog._quality.isVisible() and dialog._lossless.isVisible() and not dialog._ground.isVisible()
    dialog._lossless.setChecked(False)
    assert dialog._quality.isVisible()
    dialog._format.setCurrentIndex(dialog._format.findData("jpeg"))
    assert dialog._ground.isVisible() and not dialog._lossless.isVisible()
    dialog._take_colour(QColor("#102030"))
    assert dialog.choice().background == "#102030" and dialog.choice().format == "jpeg"
    dialog._format.setCurrentIndex(dialog._format.findData("png"))
    assert not dialog._quality.isVisible() and not dialog._ground.isVisible()


def test_sides_keep_the_shape_of_the_picture(qtbot: QtBot) -> None:
    dialog = ExportPictureDialog((100, 50))
    shown(qtbot, dialog)
    assert (dialog.choice().width, dialog._width.value(), dialog._width.isEnabled()) == (0, 100, False)
    dialog._scale.setCurrentIndex(dialog._scale.findData(0.5))
    assert (dialog.choice().width, dialog.choice().height) == (50, 25)
    dialog._scale.setCurrentIndex(dialog._scale.findData(0.0))
    dialog._width.setValue(30)
    assert (dialog.choice().width, dialog.choice().height) == (30, 15)
    dialog._height.setValue(40)
    assert (dialog.choice().width, dialog.choice().height) == (80, 40)


def test_without_layers_or_recipe_neither_is_offered(qtbot: QtBot) -> None:
    dialog = ExportPictureDialog((100, 50), 1, ExportWish(layers=True), has_recipe=False)
    shown(qtbot, dialog)
    assert not dialog._layers.isVisible() and not dialog._recipe.isEnabled() and dialog._recipe.toolTip()
    assert not dialog.choice().layers and not dialog.choice().recipe


def test_the_estimate_is_asked_for_once_things_settle(qtbot: QtBot) -> None:
    dialog = ExportPictureDialog((100, 50))
    with qtbot.waitSignal(dialog.estimate_wanted) as asked:
        shown(qtbot, dialog)
        dialog._quality.setValue(50)
        dialog._quality.setValue(51)
    assert asked.args[0].quality == 51
    for size, words in ((1_234_567, "About 1.2 MB"), (4_321, "About 4 kB"), (0, "")):
        dialog.show_estimate(size)
        assert dialog._estimate.text() == words


def test_what_was_found_is_shown_and_every_choice_answers(qtbot: QtBot) -> None:
    for title, wish in (
        ("Recall all", "all"),
        ("Only the prompt", "prompt"),
        ("Only the seed", "seed"),
        ("Only the size", "size"),
        ("Place as layer", "layer"),
        ("As a new picture", "new"),
    ):
        dialog = RecallDialog(dropped(notes=("A note.",)))
        shown(qtbot, dialog)
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        for part in (
            "ComfyUI",
            "4611686018427387905",
            "64 × 96",
            "sd.safetensors",
            "ink (0.5)",
            "Euler",
            "• A note.",
        ):
            assert part in words, part
        assert "models" not in words, "another computer's folders say nothing here"
        button = next(knob for knob in dialog.findChildren(QAbstractButton) if knob.text() == title)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert dialog.result() == RecallDialog.DialogCode.Accepted.value and dialog.wish() == wish


def test_what_the_file_does_not_tell_cannot_be_recalled(qtbot: QtBot) -> None:
    dialog = RecallDialog(
        dropped(FoundRecipe(source="a1111", title="x", values={"steps": 4})), can_layer=False
    )
    shown(qtbot, dialog)
    by_title = {knob.text(): knob for knob in dialog.findChildren(QAbstractButton)}
    for title in ("Only the prompt", "Only the seed", "Only the size", "Place as layer"):
        assert not by_title[title].isEnabled() and by_title[title].toolTip()
    assert by_title["Recall all"].isEnabled() and dialog.focusWidget() is by_title["Recall all"]


@pytest.mark.parametrize(
    "make", [lambda: ExportPictureDialog((9, 9), 3), lambda: RecallDialog(dropped(notes=("a",) * 9))]
)
def test_every_control_has_a_name_a_tip_and_can_be_reached_by_tab(qtbot: QtBot, make) -> None:
    dialog = make()
    shown(qtbot, dialog)
    for widget in dialog.findChildren(QWidget):
        own = not widget.objectName().startswith("qt_") and widget.isVisibleTo(dialog)
        if own and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.parent() is not None:
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget
            assert widget.toolTip() or text in ("Cancel", "&Cancel", "Export…"), widget
