"""Facts about our parts that break the program when they change."""

import subprocess
import sys

CALLS = 20_000

LOOP = f"""
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel
class Source(QObject):
    said = Signal(int)
app = QApplication([])
label, source, heard = QLabel(), Source(), []
source.said.connect(heard.append)
for number in range({CALLS}):
    label.setText(str(number))
    source.said.emit(number)
assert len(heard) == {CALLS} and label.text() == "{CALLS - 1}"
print("alive")
"""

WINDOW = """
import sys
import studio.app.main, studio.app.window, studio.app.wiring
libraries = {"torch", "transformers", "diffusers", "peft", "accelerate", "numpy", "PIL", "hunspell", "regex"}
heavy = libraries & set(sys.modules)
image = {name for name in sys.modules if name.startswith(("studio.panes.image", "studio.widgets.canvas"))}
assert not heavy | image, heavy | image
print("light")
"""


def test_twenty_thousand_qt_calls_do_not_end_the_interpreter() -> None:
    assert _run(LOOP) == "alive"


def test_the_window_loads_without_torch() -> None:
    assert _run(WINDOW) == "light"


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
