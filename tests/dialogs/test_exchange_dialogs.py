"""The dialogs of import and export: what they show, what they answer."""

import pytest
from PySide6.QtWidgets import QLabel, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from studio.dialogs.export_story import ExportChoice, ExportDialog, FormChoice
from studio.dialogs.import_story import FoundChapter, FoundScene, FoundStory, ImportDialog

FORMS = (
    FormChoice(form="docx", title="Word document", suffix=".docx", authors=True),
    FormChoice(form="rtf", title="Rich text", suffix=".rtf", authors=False),
)


def test_the_first_choice_is_the_whole_story_in_the_first_form(qtbot: QtBot) -> None:
    dialog = ExportDialog(FORMS, {"story": "Book", "scene": "Scene 1"})
    qtbot.addWidget(dialog)
    assert dialog.choice() == ExportChoice(form="docx", scope="story", authors=False, sidecar=False)
    assert [dialog._scope.itemText(n) for n in range(dialog._scope.count())] == [
        "The whole story: Book",
        "Only this text: Scene 1",
    ]


def test_a_form_that_cannot_show_authors_offers_none(qtbot: QtBot) -> None:
    last = ExportChoice(form="rtf", scope="chapter", authors=True, sidecar=True)
    dialog = ExportDialog(FORMS, {"story": "Book"}, last)
    qtbot.addWidget(dialog)
    assert not dialog._authors.isEnabled()
    assert dialog.choice() == ExportChoice(form="rtf", scope="story", authors=False, sidecar=True)
    dialog._form.setCurrentIndex(0)
    assert dialog._authors.isEnabled() and dialog.choice().authors


@pytest.mark.parametrize("titled", [True, False])
def test_the_preview_counts_chapters_scenes_and_words(qtbot: QtBot, titled: bool) -> None:
    scenes = (FoundScene("Scene 1", 1_200), FoundScene("Scene 2", 34))
    found = FoundStory(
        file="book.docx",
        title="Book",
        chapters=(FoundChapter("One" if titled else "", scenes),),
        notes=("Not kept as it was: 2 pictures.",),
    )
    dialog = ImportDialog(found)
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    chapters = "1 chapter" if titled else "0 chapters"
    assert f"book.docx: {chapters}, 2 scenes, 1,234 words" in words and "2 pictures" in words
    top: QTreeWidgetItem | None = dialog._tree.topLevelItem(0)
    assert top is not None
    assert (top.text(0), top.text(1)) == (("One", "1,234") if titled else ("Scene 1", "1,200"))
    dialog._title.setText(" Another\n title ")
    assert dialog.title() == "Another title"


def test_every_control_has_a_tip_and_can_be_reached_by_tab(qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    export = ExportDialog(FORMS, {"story": "Book", "chapter": "One", "scene": "Scene 1"})
    preview = ImportDialog(FoundStory(file="b", title="B", chapters=()))
    for dialog, controls in (
        (export, [export._scope, export._form, export._authors, export._sidecar]),
        (preview, [preview._title, preview._tree]),
    ):
        qtbot.addWidget(dialog)
        for control in controls:
            assert control.toolTip(), control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
