"""The rows of a project as frozen values."""

from typing import Literal

from msgspec import Struct

from studio.core.jobs import Job
from studio.core.takes import VerdictKind
from studio.media.spans import Edit

ROOT = ""  # the id that stands for "before the first revision": the empty text
EXCERPT_CHARS = 60

WorkKind = Literal["story", "chapter", "scene", "note", "picture", "piece"]
RevisionKind = Literal[
    "typed",
    "accepted",
    "pasted",
    "replaced",
    "imported",
    "take-edit",
    "locked",
    "unlocked",
    "tidied",
    "painted",
    "arranged",
    "adjusted",
    "cropped",
    "drawn",
]
NO_WORDS: tuple[WorkKind, ...] = ("picture", "piece")  # what is kept as their text is a document, not words
QueueState = Literal["waiting", "running", "done", "failed", "stopped"]


class Work(Struct, frozen=True, kw_only=True):
    """One thing being made; a story may hold chapters and scenes. `position` counts its siblings from 0."""

    id: str
    kind: WorkKind
    title: str
    parent: str = ""
    position: int = 0
    created_ms: int
    removed: bool = False


class Revision(Struct, frozen=True, kw_only=True):
    """One step of a work's text, grown from `parent` (ROOT for the first).

    `take` names the take whose words it took in, if any. `words` says what was done ("Move 3 notes") where the edit
    does not show it.
    """

    id: str
    work: str
    parent: str
    kind: RevisionKind
    edit: Edit
    take: str = ""
    words: str = ""
    created_ms: int


class Node(Struct, frozen=True, kw_only=True):
    """A revision without its edit, for trees and lists. `inserted` and `removed` count characters."""

    id: str
    parent: str
    kind: RevisionKind
    take: str
    created_ms: int
    inserted: int
    removed: int
    excerpt: str
    words: str = ""

    @classmethod
    def of(cls, revision: Revision) -> "Node":
        """The node of a revision."""
        edit = revision.edit
        return cls(
            id=revision.id,
            parent=revision.parent,
            kind=revision.kind,
            take=revision.take,
            created_ms=revision.created_ms,
            inserted=len(edit.inserted),
            removed=len(edit.removed),
            excerpt=(edit.inserted or edit.removed)[:EXCERPT_CHARS],
            words=revision.words,
        )


class Verdict(Struct, frozen=True, kw_only=True):
    """A person's word on a take; `revision` is the one that took it into the work, if any."""

    take: str
    kind: VerdictKind | Literal["restored"]
    reason: str
    revision: str
    at_ms: int


class QueueItem(Struct, frozen=True, kw_only=True):
    """A job and where it stands. `what`, `kept`, `do` say why it failed, as a StudioError does."""

    job: Job
    priority: int
    position: int
    state: QueueState
    attempts: int
    what: str = ""
    kept: str = ""
    do: str = ""
    created_ms: int
    changed_ms: int


class Recovered(Struct, frozen=True, kw_only=True):
    """What opening found unfinished and brought to an end: how many takes and jobs."""

    takes: int = 0
    jobs: int = 0
