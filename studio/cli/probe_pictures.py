"""The image pane's measurements at the real window, for `atelier bench image` (see probe)."""

import hashlib
import io
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.probe import wait, with_window
from studio.core.ids import new_id, now_ms

if TYPE_CHECKING:
    from studio.app.picture_desk import PictureDesk
    from studio.app.wiring import Wiring

Measure = Callable[["Wiring"], dict[str, float]]
PROMPT = "a red heart"
LATE_TICKS = 400
STROKES, POINTS = 10, 40
CANVAS_PX = 2048
GALLERY_TAKES, GALLERY_PICTURES = 20_000, 64
SCROLL_TICKS = 400


def first_preview(_folder: Path) -> dict[str, float]:
    """Seconds from proposing to the first preview at the window: nothing warm, and then warm."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        desk = opened(wiring)
        heard: list[float] = []
        wiring.engine.previewed.connect(
            lambda view: heard.append(time.monotonic()) if view.pictures else None
        )

        def seconds() -> float:
            heard.clear()
            asked_s = time.monotonic()
            propose(wiring, desk, 4)
            wait(lambda: bool(heard))
            wait(lambda: not desk.running)
            return heard[0] - asked_s

        cold, warm = seconds(), seconds()
        return {"cold_s": cold, "warm_s": warm}

    return with_window(looped(measure))


def late(_folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer while four takes are drawn and shown."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.widgets.ticks import Ticks, worst

        desk = opened(wiring)
        drawing(wiring, desk)

        def go_on(_due_s: float) -> None:
            if not desk.running:
                propose(wiring, desk, 4)

        ticks = Ticks(go_on)
        ticks.start()
        wait(lambda: len(ticks.late_ms) >= LATE_TICKS)
        ticks.stop()
        ended(desk)
        return worst(ticks.late_ms)

    return with_window(looped(measure))


def stroke(_folder: Path) -> dict[str, float]:
    """Milliseconds from a brush's move to its paint, on a mask of 2048 x 2048 pixels while takes are drawn."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.media.picture.document import PictureDoc
        from studio.widgets.canvas.replay import replay_stroke
        from studio.widgets.ticks import worst

        desk = opened(wiring)
        assert desk.session is not None
        doc = PictureDoc(width=CANVAS_PX, height=CANVAS_PX, frame=desk.doc.frame)
        desk.session.revise_picture(desk.work, doc, "Enlarged", "arranged").result()
        desk.show_head(fit=True)
        canvas = desk.pane.canvas
        canvas.steps.add_layer("mask")
        canvas.set_tool("brush")
        times_ms: list[float] = []
        for number in range(STROKES):
            if not desk.running:
                canvas.steps.clear_mask()
                drawing(wiring, desk)
            times_ms += replay_stroke(canvas, curve(number))
        ended(desk)
        return worst(times_ms)

    return with_window(looped(measure))


def scroll(folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer that scrolls a gallery of 20,000 takes at each tick."""
    project = folder / "gallery.atelier"
    make_gallery(project)

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.widgets.gallery_replay import replay_scroll
        from studio.widgets.gallery_view import GalleryView
        from studio.widgets.ticks import worst

        began_s = time.monotonic()
        wiring.window.actions_by_id["view.gallery"].setChecked(True)
        view = wiring.window.findChild(GalleryView)
        assert view is not None
        wait(lambda: view.list.model().rowCount() == GALLERY_TAKES)
        opened_s = time.monotonic() - began_s
        return worst(replay_scroll(view.list, SCROLL_TICKS)) | {"open_s": opened_s}

    return with_window(looped(measure), project)


# -- helpers ---------------------------------------------------------------------------------------


def looped(measure: Measure) -> Measure:
    """The same while the window's qasync loop runs: the image pane's coroutines need it."""

    def measured(wiring: "Wiring") -> dict[str, float]:
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        from studio.app.main import event_loop

        found: dict[str, float] = {}
        errors: list[Exception] = []
        app = QApplication.instance()
        assert isinstance(app, QApplication)

        def go() -> None:
            try:
                found.update(measure(wiring))
            except Exception as error:  # noqa: BLE001 - told below: a slot may not raise
                errors.append(error)
            loop.stop()

        with event_loop(app) as loop:
            QTimer.singleShot(0, go)
            loop.run_forever()
        if errors:
            raise errors[0]
        return found

    return measured


def opened(wiring: "Wiring") -> "PictureDesk":
    """A new picture and its desk, with a model chosen."""
    desk = wiring.pictures.new("Bench")
    wait(lambda: desk.models.card is not None)
    return desk


def propose(wiring: "Wiring", desk: "PictureDesk", takes: int) -> None:
    """Ask for takes."""
    desk.pane.prompt.set_words(PROMPT)
    desk.pane.prompt.set_takes(takes)
    wiring.pictures.proposals.propose()


def drawing(wiring: "Wiring", desk: "PictureDesk") -> None:
    """Ask for takes and wait until they are seen."""
    seen: list[object] = []

    def on_preview(view: object) -> None:
        seen.append(view)

    wiring.engine.previewed.connect(on_preview)
    propose(wiring, desk, 8)
    wait(lambda: bool(seen))
    wiring.engine.previewed.disconnect(on_preview)


def ended(desk: "PictureDesk") -> None:
    """Stop what is being drawn and wait for it."""
    desk.stop()
    wait(lambda: not desk.running)


def curve(number: int) -> list[tuple[float, float]]:
    """A stroke over much of the canvas, each time another one."""
    middle, turn = CANVAS_PX / 2, number * 0.7
    return [
        (
            middle + math.cos(turn + at / 9) * (200 + at * 14),
            middle + math.sin(turn + at / 9) * (200 + at * 14),
        )
        for at in range(POINTS)
    ]


def make_gallery(folder: Path) -> None:
    """A project with 20,000 picture takes that share a few dozen pictures."""
    from studio.core.pictures import ImageJob
    from studio.core.takes import Picture, Recipe, Take
    from studio.project.records import Work
    from studio.project.store import Store

    work = Work(id=new_id(), kind="picture", title="Many", created_ms=now_ms())
    pictures = [picture_files(number) for number in range(GALLERY_PICTURES)]
    with Store.create(folder, "Gallery") as store:
        store.add_work(work)
        with store.batch():
            names = [store.put_asset(png, "png") for png, _ in pictures]
            for number in range(GALLERY_TAKES):
                which = number % GALLERY_PICTURES
                job = ImageJob(
                    id=new_id(),
                    work=work.id,
                    prompt=f"picture {which}",
                    model="starter",
                    seed=number,
                    takes=1,
                )
                take = Take(
                    id=new_id(), job=job.id, work=work.id, parent="", index=0, seed=number, status="streaming",
                    recipe=Recipe(job=job, index=0), created_ms=now_ms() - number,
                )  # fmt: skip
                store.start_take(take)
                shown = Picture(asset=names[which], width=128, height=128)
                store.end_take(take.id, "done", "", picture=shown, thumb=pictures[which][1])


def picture_files(number: int) -> tuple[bytes, bytes]:
    """A coloured picture of 128 px a side, as PNG and as the WebP of its thumbnail."""
    from PIL import Image

    digest = hashlib.sha256(str(number).encode()).digest()
    picture = Image.frombytes("RGB", (2, 2), digest[:12]).resize((128, 128), Image.Resampling.BICUBIC)
    png, webp = io.BytesIO(), io.BytesIO()
    picture.save(png, "PNG")
    picture.save(webp, "WEBP")
    return png.getvalue(), webp.getvalue()


PROBES: dict[str, Callable[[Path], dict[str, float]]] = {
    "picture-preview": first_preview,
    "picture-late": late,
    "picture-stroke": stroke,
    "picture-scroll": scroll,
}
