"""The figures of training: what is told without a corpus, what the corpus is laid out as, what a run's end becomes."""

import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.cli import bench_tune
from studio.cli.bench_tune import NO_CORPUS, Wish, measures
from studio.cli.parser import build_parser
from studio.cli.tune_corpus import CAPTIONS, SONGS, STORIES, TALES, TILES, lay_out, lay_out_stories
from studio.core.tune_events import Finished, Interval

PARAGRAPH = "The road of yellow brick went on through the wood, and they walked on. " * 12


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus in the starters' layout, with little in it."""
    folder = tmp_path / "corpus"
    stories = "<|endoftext|>\n".join(f"Story {number}. It was so." for number in range(5))
    books = {f"{side}/A__{side}.txt": "\n\n".join([PARAGRAPH] * 16) for side in ("train", "tune")}
    songs = {f"{side}/{side}.mid": "MThd" for side in ("train", "tune")}
    for name in (STORIES, TALES, TILES, SONGS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / STORIES).write_bytes(lzma.compress(stories.encode()))
    _pack(folder / TALES, books)
    _pack(folder / SONGS, songs)
    rows = [{"set": "noto", "file": "noto/a.png", "caption": "a fox", "style": "emoji"}]
    with zipfile.ZipFile(folder / TILES, "w") as archive:
        for number in range(6):
            stream = io.BytesIO()
            Image.new("RGBA", (32, 32), (200, 0, 0, 128)).save(stream, "PNG")
            archive.writestr(f"t{number}.png", stream.getvalue())
            file = f"crawl_tiles/t{number}.png"
            rows.append(
                {"set": "crawl_tiles", "file": file, "caption": f"altar {number}", "style": "pixel art"}
            )
    (folder / CAPTIONS).write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))
    return folder


def _pack(file: Path, members: dict[str, str]) -> None:
    with tarfile.open(file, "w:xz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))


def test_books_of_the_tune_side_become_passages(corpus: Path, tmp_path: Path) -> None:
    count = lay_out("text", corpus, tmp_path / "out")
    files = sorted((tmp_path / "out").iterdir())
    assert count == len(files) == 2
    assert all(6_000 <= file.stat().st_size < 8_000 for file in files)
    assert set("".join(file.read_text() for file in files).split()) == set(PARAGRAPH.split())


def test_songs_of_the_tune_side_become_files(corpus: Path, tmp_path: Path) -> None:
    assert lay_out("music", corpus, tmp_path / "out") == 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["tune.mid"]


def test_pictures_are_enlarged_on_white_with_captions(corpus: Path, tmp_path: Path) -> None:
    assert lay_out("image", corpus, tmp_path / "out", 3) == 3
    names = sorted(file.name for file in (tmp_path / "out").glob("*.png"))
    assert names == ["t0.png", "t2.png", "t4.png"]
    with Image.open(tmp_path / "out" / "t0.png") as picture:
        assert (picture.size, picture.getpixel((0, 0))) == ((128, 128), (227, 127, 127))
    rows = [json.loads(line) for line in (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()]
    assert rows[0] == {"file_name": "t0.png", "text": "altar 0, pixel art"}


def test_stories_become_files(corpus: Path, tmp_path: Path) -> None:
    assert lay_out_stories(corpus, tmp_path / "out", 3) == 3
    assert (tmp_path / "out" / "0002.txt").read_text() == "Story 2. It was so.\n"


def test_a_folder_without_that_kind_gives_nothing(tmp_path: Path) -> None:
    for art in ("text", "music", "image"):
        assert lay_out(art, tmp_path, tmp_path / art) == 0
    assert lay_out_stories(tmp_path, tmp_path / "stories", 3) == 0


def test_without_a_corpus_nothing_is_run_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*what: object, **more: object) -> dict[str, Any]:
        raise AssertionError((what, more))

    monkeypatch.setattr(bench_tune, "run", refuse)
    monkeypatch.setattr(bench_tune.subprocess, "run", refuse)
    figures = {}
    for measure in measures(build_parser().parse_args(["bench", "tune"]))[:-1]:
        figures |= measure(True)
    assert len(figures) == 23
    assert {(figure.value, figure.why, figure.reach) for figure in figures.values()} == {
        (None, NO_CORPUS, None)
    }


def test_a_corpus_without_songs_is_told(tmp_path: Path) -> None:
    figures = bench_tune.learnt("music", Wish(str(tmp_path)))
    assert {figure.why for figure in figures.values()} == {f"nothing of that kind in {tmp_path}"}


def test_what_was_learnt_is_told_with_its_interval(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = {
        "before": Interval(mean=4.0, low=3.9, high=4.1),
        "after": Interval(mean=3.6, low=3.5, high=3.7),
        "gain": Interval(mean=0.1, low=0.08, high=0.12),
    }
    end = Finished(step=200, steps=200, adapter="a", test=test, documents=17, seconds=60.0)
    monkeypatch.setattr(bench_tune, "_trained", lambda art, folder: end)
    figures = bench_tune.learnt("text", Wish(str(corpus)))
    values = {name.removeprefix("tune_text_loss_"): figure.value for name, figure in figures.items()}
    assert values == {"before": 4.0, "after": 3.6, "lower": 0.1, "lower_low": 0.08, "lower_high": 0.12}
    lower = figures["tune_text_loss_lower"]
    assert (lower.reach, lower.at, lower.runs) == (0.05, "least", 17) and "17 documents" in lower.why


def test_each_measurement_says_what_it_does() -> None:
    found = [measure.__doc__ or "" for measure in measures(build_parser().parse_args(["bench", "tune"]))]
    assert len(set(found)) == len(found) == 7 and all(found)
