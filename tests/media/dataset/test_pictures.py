"""A folder of pictures looked through: what can be used, and why the rest cannot."""

import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from studio.core.errors import StoppedError, StudioError
from studio.core.tuning import DataSettings
from studio.media.dataset.captions import edits_file, write_edits
from studio.media.dataset.found import Problem
from studio.media.dataset.looked import Looked
from studio.media.dataset.pictures import captions_of, look, signature_of
from studio.media.picture.files import BYTES_MOST
from tests.media.dataset.given_pictures import asked, drawn, looked, put, written


def names(found: Looked) -> list[str]:
    return [document.file for document in found.documents]


def about(found: Looked, file: str) -> Problem:
    problems = [problem for problem in found.problems if problem.file == file]
    assert len(problems) == 1, problems
    return problems[0]


def test_a_picture_and_its_caption_make_a_document(tmp_path: Path) -> None:
    put(tmp_path, "a/cat.png", drawn(1, 120, 80), caption="a cat\n on a mat ")
    found = looked(tmp_path, asked(tmp_path))
    (document,) = found.documents
    assert (document.file, document.caption, document.caption_from) == ("a/cat.png", "a cat on a mat", "txt")
    assert (document.width, document.height, document.units) == (120, 80, 9600)
    data = (tmp_path / "a/cat.png").read_bytes()
    assert (document.sha256, document.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert not found.problems and found.passed_over == 0


def test_all_kinds_of_pixels_are_read(tmp_path: Path) -> None:
    picture = drawn(2)
    kinds = {
        "grey.png": (drawn(3).convert("L"), "PNG"),
        "deep.png": (
            Image.fromarray(np.asarray(drawn(4).convert("L"), np.uint16) * 256),
            "PNG",
        ),
        "print.jpg": (drawn(5).convert("CMYK"), "JPEG"),
        "palette.gif": (drawn(6).convert("P"), "GIF"),
        "clear.webp": (drawn(7).convert("RGBA"), "WEBP"),
        "deep.tiff": (drawn(8), "TIFF"),
        "plain.bmp": (drawn(9), "BMP"),
    }
    for name, (image, form) in kinds.items():
        put(tmp_path, name, image, form)
    put(tmp_path, "plain.jpeg", picture, "JPEG")
    found = looked(tmp_path)
    assert names(found) == sorted([*kinds, "plain.jpeg"])
    assert {problem.finding for problem in found.problems} == {"no_caption"}


@pytest.mark.parametrize(
    ("form", "name"), [("JPEG", "t.jpg"), ("TIFF", "t.tif"), ("PNG", "t.png"), ("WEBP", "t.webp")]
)
def test_a_turned_picture_is_as_it_is_seen(tmp_path: Path, form: str, name: str) -> None:
    seen = drawn(10, 300, 200)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned by 90 degrees
    put(tmp_path, name, seen.transpose(Image.Transpose.ROTATE_90), form, exif=exif)
    put(tmp_path, "upright.png", seen)
    found = looked(tmp_path)
    (document,) = found.documents
    assert (document.width, document.height) == (300, 200)
    doubles = [problem for problem in found.problems if problem.finding == "near_duplicate"]
    assert len(doubles) == 1 and {doubles[0].file, doubles[0].other} == {name, "upright.png"}


def test_cut_empty_and_garbled_files_are_told_apart(tmp_path: Path) -> None:
    whole = written(drawn(11), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "page.png").write_bytes(b"<html><body>404 not found</body></html>")
    png = bytearray(written(drawn(12)))
    at = png.index(b"IDAT") + 40
    png[at : at + 8] = b"\x00" * 8
    (tmp_path / "garbled.png").write_bytes(bytes(png))
    put(tmp_path, "good.png", drawn(13))
    found = looked(tmp_path)
    assert names(found) == ["good.png"]
    kinds = {name: about(found, name).finding for name in ("cut.jpg", "empty.png", "page.png")}
    assert kinds == {
        "cut.jpg": "truncated", "empty.png": "empty", "page.png": "not_this_kind",
    }  # fmt: skip
    assert about(found, "garbled.png").finding in ("unreadable", "truncated")
    assert "a web page" in about(found, "page.png").words
    assert all(about(found, name).left_out for name in (*kinds, "garbled.png"))


def test_a_picture_that_claims_a_billion_pixels_is_not_decoded(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + body)
    found = looked(tmp_path)
    assert not found.documents
    assert about(found, "bomb.png").finding == "large"


def test_a_frame_that_is_larger_than_the_file_says_is_not_decoded(tmp_path: Path) -> None:
    gif = bytearray(written(drawn(34, 16, 16).quantize(4), "GIF"))
    at = gif.index(b"\x2c\0\0\0\0")
    for name, side in (("large.gif", 12_000), ("huge.gif", 60_000)):
        gif[at + 5 : at + 9] = struct.pack("<HH", side, side)
        (tmp_path / name).write_bytes(gif)
    found = looked(tmp_path)
    assert not found.documents
    assert [about(found, name).finding for name in ("large.gif", "huge.gif")] == ["large", "large"]


def test_a_file_of_half_a_gigabyte_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "film.png").open("wb") as stream:
        stream.truncate(BYTES_MOST + 1)
    found = looked(tmp_path)
    assert (about(found, "film.png").finding, "more than 400 MB" in about(found, "film.png").words) == (
        "large",
        True,
    )


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "secret.png", drawn(35))

    def denied(_: Path) -> bytes:  # tests may run as one who may read all
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert about(looked(tmp_path), "secret.png") == Problem(
        file="secret.png", finding="denied", words="cannot be read: Permission denied"
    )


def test_what_a_file_is_counts_and_not_its_name(tmp_path: Path) -> None:
    put(tmp_path, "photo.jpg", drawn(14), "PNG", caption="a photo")
    (tmp_path / "noname").write_bytes(written(drawn(15), "WEBP"))
    (tmp_path / "readme").write_bytes(b"words")
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 40)
    found = looked(tmp_path)
    assert names(found) == ["noname", "photo.jpg"]
    odd = about(found, "photo.jpg")
    assert (odd.finding, odd.left_out) == ("not_this_kind", False) and "PNG" in odd.words
    assert "HEIC" in about(found, "phone.heic").words
    assert found.passed_over == 1


def test_of_moving_pictures_the_first_frame_is_used_and_that_is_said(tmp_path: Path) -> None:
    put(tmp_path, "moving.gif", drawn(16), "GIF", save_all=True, append_images=[drawn(17), drawn(18)])
    found = looked(tmp_path)
    assert names(found) == ["moving.gif"]
    assert found.notes == ("Pictures with several frames or pages: 1; of each the first one is used.",)


def test_too_small_is_told_and_far_too_small_left_out(tmp_path: Path) -> None:
    put(tmp_path, "dot.png", drawn(19, 12, 40), caption="dot")
    put(tmp_path, "tiny.png", drawn(20, 32, 32), caption="tiny")
    put(tmp_path, "small.png", drawn(21, 128, 128), caption="small")
    put(tmp_path, "right.png", drawn(22, 300, 300), caption="right")
    found = looked(tmp_path, asked(tmp_path, size=512))
    assert names(found) == ["right.png", "small.png"]
    assert [about(found, f"{name}.png").left_out for name in ("dot", "tiny", "small")] == [True, True, False]
    assert {problem.finding for problem in found.problems} == {"small"}
    without_size = looked(tmp_path, asked(tmp_path))
    assert names(without_size) == ["right.png", "small.png", "tiny.png"]


def test_a_picture_of_one_colour_teaches_nothing(tmp_path: Path) -> None:
    put(tmp_path, "white.png", Image.new("RGB", (100, 100), "white"), caption="white")
    put(tmp_path, "clear.png", Image.new("RGBA", (100, 100), (9, 9, 9, 0)), caption="nothing")
    found = looked(tmp_path)
    assert not found.documents
    assert [problem.finding for problem in found.problems] == ["empty", "empty"]


def test_without_caption_a_picture_is_left_out_unless_something_stands_in(tmp_path: Path) -> None:
    put(tmp_path, "bare.png", drawn(23))
    put(tmp_path, "told.png", drawn(24), caption="a boat")
    alone = looked(tmp_path, asked(tmp_path))
    assert names(alone) == ["told.png"]
    assert about(alone, "bare.png").left_out and "caption" in alone.notes[0]
    given = looked(tmp_path, asked(tmp_path, caption="a drawing"))
    assert [(one.caption, one.caption_from) for one in given.documents] == [
        ("a drawing", "settings"),
        ("a boat", "txt"),
    ]
    assert not about(given, "bare.png").left_out
    triggered = looked(tmp_path, asked(tmp_path, trigger="sks"))
    assert [(one.caption, one.caption_from) for one in triggered.documents] == [
        ("sks", "trigger"),
        ("sks, a boat", "txt"),
    ]
    learnt = looked(tmp_path, replace(asked(tmp_path), method="textual_inversion"))
    assert names(learnt) == ["bare.png", "told.png"]


def test_the_persons_own_captions_go_first(tmp_path: Path) -> None:
    folder, data = tmp_path / "pictures", tmp_path / "data"
    put(folder, "one.png", drawn(25), caption="a boat")
    edits = edits_file(data, folder)
    write_edits(edits, folder, {"one.png": "a red boat", "gone.png": "no more"})
    (document,) = looked(folder, asked(folder, captions=str(edits))).documents
    assert (document.caption, document.caption_from) == ("a red boat", "edited")
    assert captions_of(folder, ["one.png", "one.txt"], edits).of("one.png").text == "a red boat"
    edits.write_text("{")
    with pytest.raises(StudioError) as told:
        looked(folder, asked(folder, captions=str(edits)))
    assert told.value.code == "captions"


def test_exact_and_near_copies_are_left_out_the_best_stays(tmp_path: Path) -> None:
    picture = drawn(26, 256, 192)
    put(tmp_path, "a_small.jpg", picture.resize((128, 96)), "JPEG", quality=60)
    put(tmp_path, "b_large.png", picture)
    put(tmp_path, "c_again.png", picture, caption="with words")
    put(tmp_path, "d_other.png", drawn(27, 256, 192))
    found = looked(tmp_path)
    assert names(found) == ["c_again.png", "d_other.png"]
    doubles = {(one.file, one.finding, one.other) for one in found.problems if one.other}
    assert doubles == {
        ("b_large.png", "duplicate", "c_again.png"),
        ("a_small.jpg", "near_duplicate", "c_again.png"),
    }


def test_of_near_copies_the_larger_one_stays(tmp_path: Path) -> None:
    put(tmp_path, "a_small.png", drawn(36, 100, 100))
    put(tmp_path, "b_large.png", drawn(36, 100, 100).resize((200, 200)))
    assert names(looked(tmp_path)) == ["b_large.png"]


def test_copies_stay_where_the_person_wants_them_and_are_told_all_the_same(tmp_path: Path) -> None:
    put(tmp_path, "a.png", drawn(28))
    put(tmp_path, "b.png", drawn(28))
    put(tmp_path, "c.jpg", drawn(28), "JPEG")
    settings = replace(asked(tmp_path, trigger="x"), data=DataSettings(drop_duplicates=False))
    found = looked(tmp_path, settings)
    assert names(found) == ["a.png", "b.png", "c.jpg"]
    told = {(one.file, one.other, one.left_out) for one in found.problems if one.other}
    assert told == {("b.png", "a.png", False), ("c.jpg", "a.png", False)}


def test_near_copies_with_other_captions_both_stay_but_are_told(tmp_path: Path) -> None:
    put(tmp_path, "a.png", drawn(29), caption="an astronaut")
    put(tmp_path, "b.jpg", drawn(29), "JPEG", caption="a woman astronaut")
    found = looked(tmp_path)
    assert names(found) == ["a.png", "b.jpg"]
    (problem,) = found.problems
    assert (problem.finding, problem.left_out, problem.other) == ("near_duplicate", False, "a.png")


def test_links_are_read_and_broken_or_shut_ones_told(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    put(folder, "real.png", drawn(30))
    put(tmp_path, "outside.png", drawn(31))
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "broken.png").symlink_to(tmp_path / "gone.png")
    (folder / "folder.png").mkdir()
    found = look(
        folder,
        ["broken.png", "folder.png", "link.png", "real.png"],
        asked(folder, trigger="x"),
        lambda *_: None,
        lambda: False,
    )
    assert names(found) == ["link.png", "real.png"]
    assert about(found, "broken.png").finding == "unreadable"
    assert about(found, "folder.png").finding == "unreadable"


def test_it_can_be_stopped_and_tells_how_far_it_is(tmp_path: Path) -> None:
    for seed in range(12):
        put(tmp_path, f"{seed:02}.png", drawn(seed))
    files = [f"{seed:02}.png" for seed in range(12)]
    told: list[float] = []
    asks = iter([False] * 5 + [True] * 100)
    with pytest.raises(StoppedError):
        look(
            tmp_path,
            files,
            asked(tmp_path, trigger="x"),
            lambda done, _: told.append(done),
            lambda: next(asks),
        )
    whole: list[float] = []
    look(tmp_path, files, asked(tmp_path, trigger="x"), lambda done, _: whole.append(done), lambda: False)
    assert len(told) < len(whole) and whole == sorted(whole) and whole[0] >= 0 and whole[-1] == 1.0


def test_nothing_in_the_folder_is_changed_and_an_empty_one_is_no_error(tmp_path: Path) -> None:
    put(tmp_path, "one.png", drawn(32), caption="one")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()}
    looked(tmp_path)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()} == before
    assert look(tmp_path, [], asked(tmp_path), lambda *_: None, lambda: False) == Looked()


def test_a_signature_is_read_of_a_file(tmp_path: Path) -> None:
    put(tmp_path, "one.png", drawn(33))
    put(tmp_path, "one.jpg", drawn(33), "JPEG")
    assert signature_of(tmp_path / "one.png").bits
    (tmp_path / "two.png").write_bytes(b"no picture")
    with pytest.raises(StudioError):
        signature_of(tmp_path / "two.png")
