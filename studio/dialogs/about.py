"""About Atelier: what it is, its licence, the parts it stands on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from studio.widgets.icons import app_icon

TEXT = """
<h2>Atelier {version}</h2>
<p>A studio in which you make things together with models that run on this computer.<br>
Nothing you write is sent anywhere.</p>
<p>Apache License 2.0. The starter story model was trained by the project; its card names its data.</p>
<p>Stands on Qt for Python (LGPL), PyTorch and tokenizers, transformers, SQLite through apsw, msgspec, qasync.</p>
"""


class AboutDialog(QDialog):
    """One page of text and the program's icon."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Atelier")
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(72, 72))
        picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words = QLabel(TEXT.format(version=version))
        words.setWordWrap(True)
        words.setAccessibleName("About Atelier")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 24, 32, 16)
        layout.setSpacing(12)
        for widget in (picture, words, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(460)
