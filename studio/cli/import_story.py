"""`atelier import FILE --project DIR`: a manuscript becomes a story of a project."""

import argparse
from collections.abc import Callable

from msgspec.structs import replace

from studio.cli.console import Report
from studio.media.manuscript.read import read_manuscript
from studio.project.exchange.keep import keep_manuscript
from studio.project.store import Store


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Read the file first: when it cannot be, no project is made and none is changed."""
    found = read_manuscript(options.file.resolve(), tell=say)
    if options.title.strip():
        found = replace(found, title=" ".join(options.title.split()))
    folder = options.project
    with Store.open(folder) if folder.exists() else Store.create(folder, found.title) as store:
        story = keep_manuscript(store, found)
    chapters = sum(bool(chapter.title) for chapter in found.chapters)
    say(f"“{found.title}”: {chapters} chapters, {len(found.scenes)} scenes, {found.words:,} words.")
    for sentence in found.told():
        say(sentence)
    return Report(
        body={
            "project": str(folder),
            "story": {
                "id": story,
                "title": found.title,
                "chapters": chapters,
                "scenes": len(found.scenes),
                "words": found.words,
            },
            "lost": dict(found.lost),
            "notes": list(found.notes),
        }
    )
