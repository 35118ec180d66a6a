"""The third walk of the pictures: drawing, masking, judging, layers, adjusting, the gallery, files and knobs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest

from studio.cli.probe import wait
from studio.core.pictures import Box
from studio.widgets.gallery_view import GalleryView

if TYPE_CHECKING:
    from studio.app.picture_desk import PictureDesk
    from studio.app.wiring import Wiring

Shoot = Callable[[str], None]
PROMPTS = ("a red heart", "a smiling face")
SETTLE_MS = 400


def walk(wiring: "Wiring", shoot: Shoot) -> None:
    """A first picture, as a designer makes one."""
    window, actions = wiring.window, wiring.window.actions_by_id
    actions["work.picture"].trigger()
    shoot("30-new-picture")
    desk = wiring.pictures.need()
    desk.pane.prompt.set_words(PROMPTS[0])
    actions["take.propose"].trigger()
    wait(lambda: any(take.status == "streaming" for take in desk.judged.takes.values()))
    shoot("31-drawing")
    wait(lambda: not desk.running)
    shoot("32-takes")
    actions["take.grid"].trigger()
    shoot("33-grid")
    actions["take.compare"].trigger()
    shoot("34-compare")
    actions["take.stop"].trigger()
    actions["take.accept"].trigger()
    QTest.qWait(SETTLE_MS)
    desk.pane.canvas.steps.mask_box(Box(x=64, y=20, width=50, height=50))
    desk.pane.canvas.flush()
    shoot("35-masked")
    _propose(desk, wiring, PROMPTS[1])
    shoot("36-filled")
    actions["take.accept"].trigger()
    for number, action_id in ((37, "view.layers"), (38, "view.adjust"), (39, "view.lineage")):
        window.show_dock(action_id)
        shoot(f"{number}-{action_id.removeprefix('view.')}")
    actions["view.gallery"].setChecked(True)
    gallery = wiring.window.findChild(GalleryView)
    assert gallery is not None
    wait(lambda: gallery.list.model().rowCount() > 0 and gallery.list.thumbs.is_idle())
    QTest.qWait(SETTLE_MS)
    shoot("40-gallery")
    actions["view.gallery"].setChecked(False)


def _propose(desk: "PictureDesk", wiring: "Wiring", words: str) -> None:
    """Ask, and wait for the takes."""
    desk.pane.prompt.set_words(words)
    wiring.window.actions_by_id["take.propose"].trigger()
    wait(lambda: desk.running)
    wait(lambda: not desk.running)
