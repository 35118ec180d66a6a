"""Shows what was found in a file before it becomes a story."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.labels import deciding, label


class FoundScene(Struct, frozen=True):
    """A scene with its number of words."""

    title: str
    words: int


class FoundChapter(Struct, frozen=True):
    """A chapter; without a title its scenes stand in the story itself."""

    title: str
    scenes: tuple[FoundScene, ...]


class FoundStory(Struct, frozen=True, kw_only=True):
    """What a file holds; `notes` are sentences on what did not come along."""

    file: str
    title: str
    chapters: tuple[FoundChapter, ...]
    notes: tuple[str, ...] = ()


class ImportDialog(QDialog):
    """`title()` is the story's, which may be changed here; nothing is imported until it is accepted."""

    def __init__(self, found: FoundStory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import")
        self._title = QLineEdit(found.title)
        self._title.setAccessibleName("Title of the story")
        self._title.setToolTip("What the story is called in this project")
        self._tree = QTreeWidget()
        self._tree.setAccessibleName("Chapters and scenes")
        self._tree.setToolTip("What the story will be made of")
        self._tree.setColumnCount(2)
        self._tree.setHeaderLabels(["Chapters and scenes", "Words"])
        self._tree.setUniformRowHeights(True)
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._fill(found.chapters)
        self._lay_out(found)

    def title(self) -> str:
        """The title that stands there."""
        return " ".join(self._title.text().split())

    def _fill(self, chapters: Sequence[FoundChapter]) -> None:
        for chapter in chapters:
            above: QTreeWidget | QTreeWidgetItem = self._tree
            if chapter.title:
                words = sum(scene.words for scene in chapter.scenes)
                above = QTreeWidgetItem(self._tree, [chapter.title, f"{words:,}"])
                above.setExpanded(len(chapters) == 1)
            for scene in chapter.scenes:
                QTreeWidgetItem(above, [scene.title, f"{scene.words:,}"])

    def _lay_out(self, found: FoundStory) -> None:
        scenes = [scene for chapter in found.chapters for scene in chapter.scenes]
        chapters = sum(bool(chapter.title) for chapter in found.chapters)
        words = sum(scene.words for scene in scenes)
        counts = ", ".join((_count(chapters, "chapter"), _count(len(scenes), "scene"), _count(words, "word")))
        form = QFormLayout()
        form.addRow("&Title", self._title)
        buttons = deciding("Import")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(f"{found.file}: {counts}", "strong"))
        column.addLayout(form)
        column.addWidget(self._tree, 1)
        for note in found.notes:
            line = label(note, "muted")
            line.setWordWrap(True)
            column.addWidget(line)
        column.addWidget(label("It becomes a new story; nothing else in the project changes.", "muted"))
        column.addWidget(buttons)
        self.resize(520, 520)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
