"""Walks a first story in the real window and takes a picture of each state: shots.py DIR light|dark WxH."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import shots_book
import shots_music
import shots_pictures
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.cli.probe import OPENING, type_text, wait, with_window
from studio.cli.probe_pictures import looped
from studio.engine.views import Problem

if TYPE_CHECKING:
    from studio.app.wiring import Wiring

SETTLE_MS = 350
SEED = 11


class Photographer:
    """One walk through the window in one scheme and size."""

    def __init__(self, folder: Path, scheme: str, size: str) -> None:
        self._folder, self._scheme, self._size = folder, scheme, size

    def walk(self, wiring: "Wiring") -> dict[str, float]:
        """First launch, streaming, takes, accepted, edited, palette, knobs, an error, distraction-free."""
        window, pane = wiring.window, wiring.window.pane
        window.actions_by_id[f"theme.{self._scheme}"].trigger()
        width, height = (int(part) for part in self._size.split("x"))
        window.setGeometry(0, 0, width, height)
        self._seed(wiring, SEED)
        self.shoot("1-first-launch")
        type_text(wiring, OPENING.strip())
        wait(lambda: wiring.engine.worker_phase() == "ready")
        window.actions_by_id["take.propose"].trigger()
        wait(lambda: any(self._streamed(wiring, take, 60) for take in wiring.text.takes))
        self.shoot("2-streaming", settle_ms=0)
        wait(lambda: not wiring.text.running)
        self.shoot("3-takes")
        window.actions_by_id["take.accept"].trigger()
        self.shoot("4-accepted")
        type_text(wiring, " It was very quiet.")
        self._seed(wiring, SEED + 1)
        window.actions_by_id["take.propose"].trigger()
        wait(lambda: wiring.text.running)
        wait(lambda: not wiring.text.running)
        window.actions_by_id["take.reject"].trigger()
        window.actions_by_id["take.next"].trigger()
        window.actions_by_id["take.accept"].trigger()
        self.shoot("5-going-on")
        window.actions_by_id["tools.palette"].trigger()
        self.shoot("6-palette")
        window.palette_box.close()
        pane.prompt.open_knobs()
        self.shoot("7-knobs")
        pane.prompt.close_knobs()
        wiring.show_problem(
            Problem(
                what="The model's process stopped in the middle of this job: it was ended by SIGKILL.",
                kept="What had streamed is kept in the takes; your text is safe.",
                do="It has been started again: press Ctrl+R to try once more.",
                details="(the end of the worker's log)",
            )
        )
        self.shoot("8-error")
        window.messages.clear()
        window.actions_by_id["view.focus"].setChecked(True)
        self.shoot("9-distraction-free")
        window.actions_by_id["view.focus"].setChecked(False)
        shots_book.walk(wiring, self.shoot)
        shots_pictures.walk(wiring, self.shoot)
        shots_music.walk(wiring, self.shoot)
        return {}

    def shoot(self, name: str, settle_ms: int = SETTLE_MS) -> None:
        """A picture of the screen as it is now."""
        QTest.qWait(settle_ms)
        file = self._folder / f"{name}-{self._scheme}-{self._size}.png"
        if not QApplication.primaryScreen().grabWindow(0).save(str(file)):
            raise OSError(f"{file} could not be written")
        print(file)

    @staticmethod
    def _streamed(wiring: "Wiring", take_id: str, length: int) -> bool:
        draft = wiring.window.pane.strip.draft(take_id)
        return draft is not None and len(draft.text) >= length

    @staticmethod
    def _seed(wiring: "Wiring", seed: int) -> None:
        prompt = wiring.window.pane.prompt
        values = prompt.values()
        prompt.set_values(type(values)(model=values.model, seed=seed))


if __name__ == "__main__":
    with_window(looped(Photographer(Path(sys.argv[1]), sys.argv[2], sys.argv[3]).walk))
