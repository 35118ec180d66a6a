"""The second walk of the pictures: a book with lore, notes, locks, comparisons, and what the model was thinking."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from studio.cli.probe import wait
from studio.core.endpoint import Endpoint
from studio.dialogs.endpoints import EndpointsDialog
from studio.dialogs.export_story import ExportDialog, FormChoice
from studio.dialogs.import_story import FoundChapter, FoundScene, FoundStory, ImportDialog
from studio.dialogs.tones import TonesDialog
from studio.media.lore.entries import LoreEntry
from studio.media.manuscript.forms import FORMS
from studio.widgets.act_menu import TONES
from studio.widgets.authored_edit import AuthoredEdit

if TYPE_CHECKING:
    from studio.app.wiring import Wiring

Shoot = Callable[[str], None]
LORE = (
    LoreEntry(id="l1", title="The red door", text="The red door opens for the kind.", keys=("door",)),
    LoreEntry(id="l2", title="Owl", text="The owl keeps the secrets of the wood.", keys=("owl", "bird")),
    LoreEntry(id="l3", title="The wood", text="It is always autumn there.", always_on=True),
)
SCENE = (
    "The fox went in.  Behind the door was a long darck hall, and at its end sat an old owl owl.\n"
    '“Who are you?” said the owl. "I am only a fox," said the fox .\n'
    "The hall was cold. The hall was cold."
)


def walk(wiring: "Wiring", shoot: Shoot) -> None:
    """Lorebook, context, alternatives, surprise, locks, find, compare, tidy, the scene card, other engines."""
    window, actions = wiring.window, wiring.window.actions_by_id
    _lore(wiring, shoot)
    take = next(take for take in wiring.text.takes.values() if take.verdict == "accepted")
    at = window.pane.value().text.find(take.text.strip()) + 6
    window.pane.editor.look_inside(at, _below(window.pane.editor, at))
    shoot("12-token")
    _close_popups()
    actions["view.heat"].setChecked(True)
    shoot("13-surprise")
    actions["view.heat"].setChecked(False)
    actions["take.compare"].trigger()
    shoot("14-compare")
    _close_dialogs(wiring)
    actions["work.scene"].trigger()
    window.pane.editor.insert_text(SCENE)
    window.pane.flush()
    window.pane.editor.select(0, 16)
    actions["edit.lock"].trigger()
    actions["view.spelling"].setChecked(True)
    actions["edit.replace"].trigger()
    QTest.keyClicks(window.focusWidget(), "owl")
    shoot("15-find-lock-spelling")
    wiring.find.close()
    actions["view.spelling"].setChecked(False)
    window.pane.editor.select(len(SCENE), len(SCENE))
    actions["edit.tidy"].trigger()
    shoot("16-tidy")
    _close_dialogs(wiring)
    window.show_dock("view.scene")
    shoot("17-scene-card")
    actions["edit.find_book"].trigger()
    shoot("18-find-in-book")
    window.show_dock("view.lineage")
    actions["tools.search"].trigger()
    shoot("20-search")
    _close_dialogs(wiring)
    _waiting_dialogs(wiring, shoot)


def _waiting_dialogs(wiring: "Wiring", shoot: Shoot) -> None:
    """Those whose action waits on the program's own loop, which a walk has not: opened by themselves."""
    window = wiring.window
    here = Endpoint(id="a", title="Ollama", url="http://localhost:11434/v1", model="qwen3:4b")
    forms = [
        FormChoice(form=i.form, title=i.title, suffix=i.suffixes[0], authors=i.authors)
        for i in FORMS.values()
    ]
    scenes = (FoundScene(title="Scene 1", words=1200), FoundScene(title="Scene 2", words=2210))
    found = FoundStory(
        file="lighthouse.docx",
        title="The lighthouse",
        chapters=(
            FoundChapter(title="The keeper", scenes=scenes),
            FoundChapter(title="The storm", scenes=scenes),
        ),
        notes=("2 pictures and 1 table are left out.",),
    )
    for name, dialog in (
        ("19-other-engines", EndpointsDialog([here], window)),
        ("21-import", ImportDialog(found, window)),
        ("22-export", ExportDialog(forms, {"scene": "Scene 2", "story": "Untitled story"}, None, window)),
        ("23-tones", TonesDialog(TONES, window)),
    ):
        dialog.open()
        shoot(name)
        _close_dialogs(wiring)


def _lore(wiring: "Wiring", shoot: Shoot) -> None:
    """A memory, a lorebook, then what the model would read."""
    wiring.window.show_dock("view.lore")
    panel = wiring.lore.panel
    assert panel is not None
    panel.memory_changed.emit("A quiet story for children.")
    for entry in LORE:
        panel.entry_changed.emit(entry)
    wiring.lore.show()
    wiring.lore.open_part("lore", LORE[0].id)
    shoot("10-lorebook")
    wiring.window.actions_by_id["take.propose"].trigger()
    wait(lambda: wiring.text.running)
    wait(lambda: not wiring.text.running)
    wiring.window.show_dock("view.context")
    QTest.qWait(1_200)
    shoot("11-context")
    wiring.window.show_dock("view.lineage")


def _below(editor: AuthoredEdit, at: int) -> QPoint:
    return editor.viewport().mapToGlobal(editor.rect_of(at).bottomLeft())


def _dialogs(wiring: "Wiring") -> list[QDialog]:
    return [dialog for dialog in wiring.window.findChildren(QDialog) if dialog.isVisible()]


def _close_dialogs(wiring: "Wiring") -> None:
    for dialog in _dialogs(wiring):
        dialog.reject()
    QTest.qWait(100)


def _close_popups() -> None:
    from PySide6.QtWidgets import QApplication

    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
