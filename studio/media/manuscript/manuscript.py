"""A manuscript between file and project: a title, chapters, scenes, and what did not come along."""

from collections.abc import Mapping

from msgspec import Struct

from studio.media.spans import SpanText
from studio.media.words import figures_of


class Scene(Struct, frozen=True, kw_only=True):
    """One scene; its text has one line a paragraph."""

    title: str
    text: SpanText


class Chapter(Struct, frozen=True, kw_only=True):
    """Scenes under a heading; without a title they stand in the story itself."""

    title: str
    scenes: tuple[Scene, ...]


class Origin(Struct, frozen=True, kw_only=True):
    """What is known of a take that wrote something: its model's name and its seed."""

    model: str
    seed: int


class Manuscript(Struct, frozen=True, kw_only=True):
    """A whole story as it was read.

    `lost` counts what a plain text cannot hold, by its name ("pictures"); `notes` are sentences for the
    person; `origins` tells of authors (take ids) that a file beside it named.
    """

    title: str
    chapters: tuple[Chapter, ...]
    lost: Mapping[str, int] = {}
    notes: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = {}

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """All scenes in reading order."""
        return tuple(scene for chapter in self.chapters for scene in chapter.scenes)

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(figures_of(scene.text).words for scene in self.scenes)

    def told(self) -> tuple[str, ...]:
        """Sentences on what did not come along, for the preview."""
        out = list(self.notes)
        if self.lost:
            counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.lost.items()))
            out.append(f"Not kept as it was: {counts}.")
        return tuple(out)
