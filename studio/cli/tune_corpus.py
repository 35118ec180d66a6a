"""The corpus of the starter models as folders that a person might have: for `atelier bench tune`."""

import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TALES: Final = "text/tales.tar.xz"
STORIES: Final = "text/tinystories.test.txt.xz"
SONGS: Final = "music/openscore_lieder.tar.xz"
TILES: Final = "images/crawl_tiles.zip"
CAPTIONS: Final = "images/captions.jsonl.xz"
_TILES_SET: Final = "crawl_tiles"
_TUNE: Final = "tune/"
_PASSAGE_CHARS: Final = 6_000
_TILE_SCALE: Final = 4  # 32 px to the 128 px of the starter
_BETWEEN: Final = re.compile(r"\n\s*\n")


def lay_out(art: str, corpus: Path, out: Path, most: int = 100_000) -> int:
    """One author's books in passages, one composer's songs, or one style's pictures with captions: the corpus's `tune`
    sides, as files in `out`. How many there are; 0 where the corpus has none.
    """
    out.mkdir(parents=True, exist_ok=True)
    match art:
        case "text":
            return _texts(_passages(corpus / TALES), out, most)
        case "music":
            return _songs(corpus / SONGS, out, most)
        case "image":
            return _tiles(corpus, out, most)
        case _:
            raise ValueError(art)


def lay_out_stories(corpus: Path, out: Path, most: int) -> int:
    """Short stories, one a file, of many lengths; how many."""
    out.mkdir(parents=True, exist_ok=True)
    file = corpus / STORIES
    if not file.is_file():
        return 0
    stories = lzma.decompress(file.read_bytes()).decode("utf-8").split("<|endoftext|>")
    return _texts((story.strip() for story in stories if story.strip()), out, most)


def _texts(texts: Iterator[str], out: Path, most: int) -> int:
    count = 0
    for text in texts:
        if count == most:
            break
        (out / f"{count:04}.txt").write_text(text + "\n", "utf-8")
        count += 1
    return count


def _passages(file: Path) -> Iterator[str]:
    """The books, cut between paragraphs."""
    for _, data in _members(file, ".txt"):
        part = ""
        for paragraph in _BETWEEN.split(data.decode("utf-8")):
            part += paragraph.strip() + "\n\n"
            if len(part) >= _PASSAGE_CHARS:
                yield part.strip()
                part = ""


def _songs(file: Path, out: Path, most: int) -> int:
    count = 0
    for name, data in _members(file, ".mid"):
        if count == most:
            break
        (out / name).write_bytes(data)
        count += 1
    return count


def _members(file: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """The files of the `tune` side, by name."""
    if not file.is_file():
        return
    with tarfile.open(file) as archive:
        wanted = [
            entry
            for entry in archive
            if entry.isfile() and _TUNE in f"/{entry.name}" and entry.name.endswith(ending)
        ]
        for entry in sorted(wanted, key=lambda entry: entry.name):
            stream = archive.extractfile(entry)
            if stream is not None:
                yield Path(entry.name).name, stream.read()


def _tiles(corpus: Path, out: Path, most: int) -> int:
    """Enlarged without smoothing, on white; every so-manyth where fewer are wanted, so that all kinds are there."""
    from PIL import Image

    if not (corpus / TILES).is_file() or not (corpus / CAPTIONS).is_file():
        return 0
    said = map(json.loads, lzma.decompress((corpus / CAPTIONS).read_bytes()).splitlines())
    rows: list[dict[str, Any]] = [row for row in said if row.get("set") == _TILES_SET]
    rows = rows[:: max(1, -(-len(rows) // most))]
    lines = []
    with zipfile.ZipFile(corpus / TILES) as archive:
        there = set(archive.namelist())
        for row in rows:
            name = Path(row["file"]).name
            if name not in there:
                continue
            with Image.open(io.BytesIO(archive.read(name))) as picture:
                tile = picture.convert("RGBA")
            whole = Image.new("RGBA", tile.size, "white")
            whole.alpha_composite(tile)
            size = (tile.width * _TILE_SCALE, tile.height * _TILE_SCALE)
            whole.convert("RGB").resize(size, Image.Resampling.NEAREST).save(out / name)
            caption = f"{row['caption']}, {row['style']}"
            lines.append(json.dumps({"file_name": name, "text": caption}))
    (out / "metadata.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return len(lines)
