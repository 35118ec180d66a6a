"""`atelier export --project DIR --out FILE`: a story of a project as a document."""

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path

from studio.cli.console import Report, UsageError
from studio.core.errors import StudioError
from studio.media.manuscript.forms import FORMS, form_named
from studio.project.exchange.origins import origins_of
from studio.project.exchange.write import Wanted, write_manuscript
from studio.project.reader import Reader
from studio.project.records import NO_WORDS, Work


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Only reads the project: it may be open in a window meanwhile."""
    form = form_named(options.out)
    if form is None:
        known = ", ".join(info.suffixes[0] for info in FORMS.values())
        raise UsageError(f"--out {options.out} does not end in one of {known}.")
    with Reader(options.project) as reader:
        works = reader.works()
        story = _story(works, options.story)
        below = _below(works, story.id)
        texts = {work.id: reader.text_of(work.id) for work in below}
        origins = origins_of(reader, story.id, texts) if options.sidecar else {}
    wanted = Wanted(form=form, title=story.title, authors=options.authors, sidecar=options.sidecar)
    written = write_manuscript(below, texts, options.out.absolute(), wanted, origins)
    for path in written:
        say(f"Wrote {path}.")
    return Report(
        body={
            "project": str(options.project),
            "story": {"id": story.id, "title": story.title},
            "files": [{"file": str(path), "sha256": _sha256(path)} for path in written],
        }
    )


def _story(works: list[Work], wanted: str) -> Work:
    stories = [work for work in works if not work.parent and work.kind in ("story", "note", "scene")]
    if wanted:
        stories = [work for work in stories if wanted in (work.id, work.title)]
    else:
        stories.sort(key=lambda work: work.kind != "story")
    if not stories:
        what = (
            f"There is no story “{wanted}” in this project."
            if wanted
            else "There is no story in this project."
        )
        raise StudioError(what, do="Name another with --story.", code="no_story")
    return stories[0]


def _below(works: list[Work], root: str) -> list[Work]:
    """A work and the texts below it; parents come before their children."""
    held = {root}
    for work in works:
        if work.parent in held:
            held.add(work.id)
    return [work for work in works if work.id in held and work.kind not in NO_WORDS]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
