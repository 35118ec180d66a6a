"""Puts a manuscript into a project as one story, all of it or nothing."""

import msgspec

from studio.core.ids import new_id, now_ms
from studio.media.manuscript.manuscript import Manuscript
from studio.media.spans import SpanText
from studio.project.records import ROOT, Revision, Work, WorkKind
from studio.project.store import Store

ORIGINS = "imported_authors"  # fact on a story: {take id: Origin}


def keep_manuscript(store: Store, manuscript: Manuscript) -> str:
    """A new story at the end of the works, its texts as revisions of kind "imported"; the story's id.

    One transaction: on the disk when this returns. Raises StudioError when the disk refuses; then the
    project is as it was.
    """
    with store.batch():
        story = _add(store, "story", manuscript.title, "")
        for chapter in manuscript.chapters:
            parent = _add(store, "chapter", chapter.title, story) if chapter.title else story
            for scene in chapter.scenes:
                work = _add(store, "scene", scene.title, parent)
                if scene.text.text:
                    _fill(store, work, scene.text)
        if manuscript.origins:
            store.set_fact(story, ORIGINS, msgspec.to_builtins(dict(manuscript.origins)))
    return story


def _add(store: Store, kind: WorkKind, title: str, parent: str) -> str:
    work = Work(id=new_id(), kind=kind, title=title, parent=parent, created_ms=now_ms())
    return store.add_work(work).id


def _fill(store: Store, work: str, text: SpanText) -> None:
    store.add_revision(
        Revision(
            id=new_id(),
            work=work,
            parent=ROOT,
            kind="imported",
            edit=SpanText().edit(0, 0, text.text, text.runs),
            created_ms=now_ms(),
        )
    )
