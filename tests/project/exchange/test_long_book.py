"""A novel of 150,000 words: it comes in as one transaction, and later edits save only what changed."""

import random
import time
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.ids import new_id, now_ms
from studio.media.manuscript.manuscript import Chapter, Manuscript, Scene
from studio.media.manuscript.read import read_manuscript
from studio.project.exchange.keep import keep_manuscript
from studio.project.reader import Reader
from studio.project.records import Revision
from studio.project.store import Store
from tests.project.exchange.books import written

WORDS = ("the", "sea", "keeper", "walked", "slowly", "toward", "harbour", "nobody", "waited", "and", "said")
SECONDS_MOST = 10.0


@pytest.fixture(scope="module")
def novel() -> list[list[str]]:
    """30 chapters of 60 paragraphs."""
    chance = random.Random(1)
    return [[" ".join(chance.choices(WORDS, k=84)).capitalize() + "." for _ in range(60)] for _ in range(30)]


def markdown(novel: list[list[str]]) -> str:
    return "\n\n".join(
        f"# Chapter {n}\n\n" + "\n\n".join(paragraphs) for n, paragraphs in enumerate(novel, 1)
    )


def test_it_comes_in_whole_and_in_time(
    novel: list[list[str]], store: Store, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "novel.md").write_text(markdown(novel), "utf-8")
    start = time.perf_counter()
    found = read_manuscript(tmp_path / "novel.md")
    commits: list[None] = []
    store._db.set_commit_hook(lambda: bool(commits.append(None)))
    story = keep_manuscript(store, found)
    assert time.perf_counter() - start < SECONDS_MOST  # 1.3 s on a quiet machine
    assert len(commits) == 1
    assert found.words > 150_000 and len(found.chapters) == 30
    start = time.perf_counter()
    with Reader(folder) as reader:
        scenes = [work for work in reader.works() if work.kind == "scene"]
        texts = [reader.text_of(work.id).text for work in scenes]
    assert time.perf_counter() - start < 1.0
    assert texts == ["\n".join(paragraphs) for paragraphs in novel]
    assert {node.kind for work in scenes for node in store.history(work.id).nodes()} == {"imported"}
    assert store.work(story).kind == "story" and store.check() == ()


def test_one_word_in_a_scene_of_a_whole_novel_writes_two_rows_and_a_few_pages(
    novel: list[list[str]], store: Store, folder: Path
) -> None:
    text = "\n".join(line for paragraphs in novel for line in paragraphs)
    assert len(text) > 800_000
    scenes = (Scene(title="All", text=written(text)),)
    keep_manuscript(store, Manuscript(title="N", chapters=(Chapter(title="", scenes=scenes),)))
    scene = store.works()[1]
    start = time.perf_counter()
    with Reader(folder) as reader:
        history = reader.history(scene.id)
    assert time.perf_counter() - start < 1.0 and history.text.text == text
    store.checkpoint()
    rows = store._db.total_changes()
    for number in range(20):
        edit = history.text.edit(400_000 + number, 0, "x")
        revision = Revision(
            id=new_id(), work=scene.id, parent=history.head, kind="typed", edit=edit, created_ms=now_ms()
        )
        history.add(revision)
        store.add_revision(revision)
    assert store._db.total_changes() - rows == 40  # a revision and a head each
    assert (
        store._log_pages < 20 * 12
    )  # of 4 KB, since the checkpoint: the ends of two tables and their indexes


def test_an_import_the_disk_refuses_leaves_nothing(novel: list[list[str]], store: Store) -> None:
    scenes = tuple(Scene(title=str(n), text=written(" ".join(lines))) for n, lines in enumerate(novel))
    store._db.pragma("max_page_count", int(store._db.pragma("page_count")) + 40)
    with pytest.raises(StudioError) as caught:
        keep_manuscript(store, Manuscript(title="N", chapters=(Chapter(title="C", scenes=scenes),)))
    assert caught.value.code == "full" and store.works() == []
    store._db.pragma("max_page_count", 1_000_000)
    keep_manuscript(store, Manuscript(title="N", chapters=(Chapter(title="C", scenes=scenes),)))
    assert len(store.works()) == 32 and store.check() == ()
