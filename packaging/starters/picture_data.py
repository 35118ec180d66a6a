"""Reads the icons of the corpus: which there are, what each is called, and their pixels on white."""

import io
import json
import lzma
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

SETS = ("noto", "fluent_3d", "fluent_flat", "blobmoji", "flat_color_icons")
SIZE = 128  # pixels of a side
CAPTIONS = "captions.jsonl.xz"
BRANDS = """android os,bbc,cd logo,debian,dribbble,dvd logo,google,icons8 cup,ipad,iphone,kindle,linux,nook,
reddit,phone android,steam,stumbleupon,tablet android,vlc,wi fi logo,wikipedia,usb"""
ONE_WAY = """left right leftwards rightwards clock thirty o button letter letters input japanese chinese flag hand fist
index arrow arrows sign symbol mark sorting backhand thumbs facing logo number keycap digit abc abcd cool free new sos
vs ng ok up question note musical book medal calendar banknote yen dollar euro pound text quarter crescent gibbous
waning waxing chart page copyright registered trade trademark diploma finger palm pinching back end on soon top atm zzz
hundred points mahjong joker zodiac aries taurus gemini cancer leo virgo libra scorpio sagittarius capricorn aquarius
pisces ophiuchus battery ab b a m p cl id ten twelve"""  # words of captions whose pictures are not mirrored
HELD_SEED = 4
HELD = 128  # (thing, style) pairs kept out of training


@lru_cache
def words_of(text: str, mark: str = ",") -> frozenset[str]:
    """The entries of one of the lists above, parted by a mark or a line's end."""
    return frozenset(filter(None, text.replace("\n", mark).split(mark)))


@dataclass(frozen=True)
class Picture:
    """One icon: what it shows and on which side it stands: train, test or held (a pair of our own)."""

    file: str
    caption: str
    keywords: tuple[str, ...]
    style: str
    set: str
    side: str

    @property
    def mirrors(self) -> bool:
        """Whether its mirror image means the same."""
        return not set(self.caption.split()) & words_of(ONE_WAY, " ")


def read_rows(corpus: Path) -> list[dict]:
    """All captioned rows of the five icon sets, brand marks left out."""
    with lzma.open(corpus / "images" / CAPTIONS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["set"] in SETS and row["caption"] not in words_of(BRANDS)]


def hold_out(rows: Sequence[dict], kept: frozenset[str], count: int = HELD) -> set[str]:
    """Files of (thing, style) pairs to keep out of training: one style each of things seen in three or more.

    `kept`: captions that stay whole in training, so that a little fewer than `count` come back.
    """
    styles: dict[str, list[str]] = {}
    for row in rows:
        if row["split"] == "train":
            styles.setdefault(row["caption"], []).append(row["file"])
    rng = np.random.default_rng(HELD_SEED)
    things = sorted(caption for caption, files in styles.items() if len(files) >= 3)
    chosen = rng.permutation(len(things))[:count]
    drawn = {things[i]: styles[things[i]][rng.integers(len(styles[things[i]]))] for i in chosen}
    return {file for thing, file in drawn.items() if thing not in kept}


def read_pictures(corpus: Path, kept: frozenset[str]) -> list[Picture]:
    """Every icon of the corpus with its side, in the order of the captions' file."""
    rows = read_rows(corpus)
    held = hold_out(rows, kept)
    return [
        Picture(
            row["file"],
            row["caption"],
            tuple(row["keywords"]),
            row["style"],
            row["set"],
            "held" if row["file"] in held else row["split"],
        )
        for row in rows
    ]


def on_white(data: bytes) -> np.ndarray:
    """Decode an icon, uint8 (128, 128, 3), its transparency on white, centred."""
    with Image.open(io.BytesIO(data)) as opened:
        icon = opened.convert("RGBA")
    if icon.size != (SIZE, SIZE):
        icon.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", (SIZE, SIZE), "white")
    ground.alpha_composite(icon, ((SIZE - icon.width) // 2, (SIZE - icon.height) // 2))
    return np.asarray(ground.convert("RGB"))


def read_pixels(corpus: Path, pictures: Sequence[Picture], cache: Path) -> np.ndarray:
    """Pixels of all pictures, uint8 (N, 128, 128, 3), as a memory map kept in `cache`."""
    if not cache.exists():
        archives = {name: zipfile.ZipFile(corpus / "images" / f"{name}.zip") for name in SETS}
        pixels = np.empty((len(pictures), SIZE, SIZE, 3), dtype=np.uint8)
        for i, picture in enumerate(pictures):
            pixels[i] = on_white(archives[picture.set].read(picture.file.split("/", 1)[1]))
        for archive in archives.values():
            archive.close()
        part = cache.with_suffix(".part.npy")
        np.save(part, pixels)
        part.replace(cache)
    return np.load(cache, mmap_mode="r")
