"""A novel in one scene: how long it takes to open, how late keys are painted in it. For `atelier bench`."""

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio.core.ids import new_id, now_ms
from studio.media.spans import HUMAN, Run, Runs, SpanText, merged
from studio.project.records import Revision, Work
from studio.project.store import Store

if TYPE_CHECKING:
    from studio.app.wiring import Wiring

CHARACTERS: Final = 900_000
KEYS: Final = 150  # at each place
GHOST: Final = " and nobody on the quay had seen the boat come in, or heard the bell.\nThe keeper did not"
_SEED: Final = 3
_SENTENCE: Final = (
    "the old keeper wrote his log every night and never missed an evening of it though the sea was calm “yes” "
    "said a girl who came up from village with lamps under her arm while wind turned he did not answer"
)
_WRONG: Final = ("keper", "evry", "vilage")


def novel_text() -> SpanText:
    """150,000 words in paragraphs as in a novel (every third a line of speech), every other stretch by a model."""
    dice, vocabulary = random.Random(_SEED), _SENTENCE.split()
    paragraphs: list[str] = []
    length = 0
    while length < CHARACTERS:
        words = dice.randint(4, 14) if dice.randrange(3) == 0 else dice.randint(20, 110)
        line = " ".join(dice.choice(vocabulary) for _ in range(words)).capitalize() + "."
        if dice.randrange(8) == 0:
            line += " " + dice.choice(_WRONG) + "."
        paragraphs.append(line)
        length += len(line) + 1
    text = "\n".join(paragraphs)
    return SpanText(text=text, runs=_authors(len(text), dice))


def _authors(length: int, dice: random.Random) -> Runs:
    runs: list[Run] = []
    while length:
        part = min(length, dice.randint(60, 900))
        runs.append(Run(length=part, author=f"take-{len(runs) % 40}" if len(runs) % 2 else HUMAN))
        length -= part
    return merged(runs)


def make_novel(folder: Path) -> str:
    """A project whose second scene is the whole novel; gives that scene's id."""
    value = novel_text()
    works = [
        Work(id=new_id(), kind="story", title="Novel", created_ms=now_ms()),
        Work(id=new_id(), kind="scene", title="Before", created_ms=now_ms()),
        Work(id=new_id(), kind="scene", title="All of it", created_ms=now_ms()),
    ]
    with Store.create(folder, "Novel") as store:
        store.add_work(works[0])
        for scene in works[1:]:
            store.add_work(
                Work(id=scene.id, kind="scene", title=scene.title, parent=works[0].id, created_ms=1)
            )
        edit = SpanText().edit(0, 0, value.text, value.runs)
        store.add_revision(
            Revision(
                id=new_id(), work=works[2].id, parent="", kind="imported", edit=edit, created_ms=now_ms()
            )
        )
    return works[2].id


def open_novel(wiring: "Wiring", scene: str) -> float:
    """Seconds from choosing the scene to a letter typed into it and painted."""
    from PySide6.QtTest import QTest

    editor = wiring.window.pane.editor
    began = time.perf_counter()
    wiring.projects.choose(scene)
    QTest.keyClicks(editor, "a")
    editor.viewport().repaint()
    seconds = time.perf_counter() - began
    if wiring.text.work != scene or len(editor.value().text) <= CHARACTERS:
        raise RuntimeError("the novel is not what is open")
    return seconds


class Typist:
    """Types a letter each 16 ms, a growing ghost behind the caret, wrong words and authors in sight."""

    def __init__(self, wiring: "Wiring") -> None:
        self.late_ms: list[float] = []
        self._editor = wiring.window.pane.editor
        known = set(_SENTENCE.replace("“yes”", "yes").split())
        self._editor.set_spelling(lambda word: word.lower() in known)

    def type_at(self, at: int) -> None:
        """Type KEYS letters from a place on; lateness counts from when each was due to when it was painted."""
        from PySide6.QtCore import QEventLoop

        from studio.widgets.ticks import Ticks

        self._editor.set_caret(at)
        loop = QEventLoop()
        left = [KEYS]

        def press(due_s: float) -> None:
            self._press(left[0])
            self.late_ms.append((time.perf_counter() - due_s) * 1000)
            left[0] -= 1
            if not left[0]:
                ticks.stop()
                loop.quit()

        ticks = Ticks(press)
        ticks.start()
        loop.exec()

    def _press(self, number: int) -> None:
        from PySide6.QtTest import QTest

        editor = self._editor
        QTest.keyClicks(editor, _SENTENCE[-number % 80])
        editor.set_ghost(editor.caret(), GHOST[: 8 + number % 80])
        editor.viewport().repaint()


def measure(wiring: "Wiring", scene: str) -> dict[str, float]:
    """Open the novel, type near its top, in its middle and at its end."""
    open_s = open_novel(wiring, scene)
    typist = Typist(wiring)
    for at in (40, CHARACTERS // 2, CHARACTERS):
        typist.type_at(at)
    late = sorted(typist.late_ms)
    return {
        "open_s": open_s,
        "key_ms_p50": late[len(late) // 2],
        "key_ms_p99": late[int(len(late) * 0.99)],
        "key_ms_max": late[-1],
        "keys": len(late),
    }
