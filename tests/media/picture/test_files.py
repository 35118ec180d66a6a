"""Picture files from outside: what is checked before anything is decoded, and how they are opened."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from studio.core.errors import StudioError
from studio.media.picture import files
from studio.media.picture.files import check_picture, is_picture_name, open_picture, read_picture
from tests.media.picture.other_tools import canvas

KINDS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP")


def file_of(kind: str, image: Image.Image | None = None, **how: object) -> bytes:
    out = io.BytesIO()
    (image or canvas()).save(out, kind, **how)
    return out.getvalue()


def refused(data: bytes | Path, name: str = "x.png") -> StudioError:
    with pytest.raises(StudioError) as caught:
        check_picture(data, name)
    assert caught.value.what and caught.value.kept and caught.value.do
    return caught.value


def png_of(width: int, height: int, content: bytes = b"", frames: int = 0) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    animation = chunk(b"acTL", struct.pack(">II", frames, 0)) if frames else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + animation
        + chunk(b"IDAT", zlib.compress(content))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_told_and_opened(kind: str) -> None:
    data = file_of(kind)
    head = check_picture(data)
    assert (head.format, head.width, head.height, head.frames, head.told) == (kind.lower(), 48, 32, 1, ())
    image = open_picture(data)
    assert (image.mode, image.size) == ("RGBA", (48, 32))
    if kind in ("PNG", "TIFF", "BMP"):
        assert image.convert("RGB").tobytes() == canvas().tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.995])
def test_a_cut_file_is_told_before_it_is_decoded(kind: str, share: float) -> None:
    data = file_of(kind, canvas(200, 150))
    error = refused(data[: int(len(data) * share)], f"cut.{kind.lower()}")
    assert (error.code in ("truncated", "not_a_picture") and error.code == "truncated") or share < 0.02
    assert f"cut.{kind.lower()}" in error.what


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_even_the_last_byte_is_missed(kind: str) -> None:
    assert refused(file_of(kind)[:-1]).code == "truncated"


def test_bombs_by_pixels_by_ratio_by_density_and_by_frames_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("PIL.Image.open", lambda *_a, **_k: pytest.fail("it was decoded"))
    for data, words in (
        (png_of(60_000, 60_000), "60,000 × 60,000"),
        (png_of(40_000, 300), "40,000"),
        (png_of(20_000, 10), "200 times"),
        (png_of(10_000, 10_000), "fill up the memory"),
        (png_of(64, 64, frames=1_000_000), "1,000,000 frames"),
    ):
        error = refused(data)
        assert error.code == "too_large" and words in error.what, error.what
    assert "no pixels" in refused(png_of(0, 10)).what


@pytest.mark.parametrize("side_px", [12_000, 60_000])
def test_a_frame_larger_than_the_screen_it_stands_on_is_refused(side_px: int) -> None:
    stream = io.BytesIO()
    Image.new("P", (16, 16)).save(stream, "GIF")
    gif = bytearray(stream.getvalue())
    at = gif.index(b"\x2c\0\0\0\0")
    gif[at + 5 : at + 9] = struct.pack("<HH", side_px, side_px)
    with pytest.raises(StudioError) as told:
        open_picture(bytes(gif), "huge.gif")
    assert told.value.code == "too_large"


def test_a_large_but_honest_picture_is_taken() -> None:
    assert check_picture(file_of("PNG", Image.effect_noise((6_000, 4_200), 60))).width == 6_000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'<?xml version="1.0"?><svg xmlns="x">', "SVG"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"\0\0\0\x20ftypisom", "video"),
        (b"8BPS\0\1", "Photoshop"),
        (b"#!/bin/sh\nrm", "a text"),
        (bytes(range(256)), "no picture we know"),
    ],
)
def test_what_is_no_picture_is_named_whatever_its_name_says(data: bytes, words: str) -> None:
    error = refused(data, "holiday.png")
    assert error.code == "not_a_picture" and words in error.what and "holiday.png" in error.what


def test_content_counts_and_a_wrong_ending_is_told() -> None:
    head = check_picture(file_of("JPEG"), "photo.png")
    assert head.format == "jpeg" and "JPEG file by its content; its name says PNG" in head.told[0]
    assert read_picture(file_of("JPEG"), "photo.png").told == head.told
    assert is_picture_name(Path("A.JPG")) and not is_picture_name(Path("a.txt"))


def test_files_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(tmp_path / "gone.png").code == "unreadable"
    assert refused(tmp_path).code == "unreadable"
    (tmp_path / "empty.png").touch()
    assert refused(tmp_path / "empty.png", "").what == "empty.png is empty."
    monkeypatch.setattr(files, "BYTES_MOST", 100)
    (tmp_path / "big.png").write_bytes(file_of("PNG"))
    assert refused(tmp_path / "big.png").code == refused(file_of("PNG")).code == "too_large"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_frames_the_first_is_used_and_that_is_told(kind: str) -> None:
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    opened = read_picture(file_of(kind, first, save_all=True, append_images=[second, first]))
    assert opened.head.frames == 3 and "3 " in opened.told[0] and "first one" in opened.told[0]
    red, _green, blue, _alpha = opened.image.getpixel((5, 5))
    assert red > 200 and blue < 60


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "TIFF"])
def test_pictures_stand_upright(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (32, 16), "white")
    upright.paste("red", (0, 0, 16, 8))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[274] = orientation
    image = open_picture(file_of(kind, stored, exif=exif))
    assert image.size == (32, 16)
    assert image.getpixel((4, 4))[1] < 90 and image.getpixel((28, 12))[1] > 200


def test_colours_are_brought_to_srgb() -> None:
    lab = ImageCms.createProfile("LAB")
    assert lab is not None
    profile = _linear_profile()
    grey = Image.new("RGB", (4, 4), (64, 64, 64))
    opened = read_picture(file_of("PNG", grey, icc_profile=profile))
    assert opened.image.getpixel((0, 0))[0] > 120, "linear light 64 is a brighter grey in sRGB"
    assert "to sRGB" in opened.told[0]
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = read_picture(file_of("PNG", grey, icc_profile=srgb))
    assert same.image.getpixel((0, 0))[:3] == (64, 64, 64) and same.told == ()
    damaged = read_picture(file_of("PNG", grey, icc_profile=b"not a profile" * 20))
    assert damaged.image.getpixel((0, 0))[:3] == (64, 64, 64) and "damaged" in damaged.told[0]


def _linear_profile() -> bytes:
    """sRGB's profile with straight curves: the three curves lie in one place, as `curv` with one gamma or a table."""
    raw = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", raw, 128)[0]
    for index in range(count):
        name, at, size = struct.unpack_from(">4sII", raw, 132 + 12 * index)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            raw[at : at + size] = (b"curv" + bytes(4) + struct.pack(">I", 0)).ljust(size, b"\0")[:size]
        elif name == b"desc":
            raw[at : at + size] = bytes(raw[at : at + size]).replace(b"s\0R\0G\0B", b"L\0I\0N\0X")
    return bytes(raw)


def test_cmyk_palettes_greys_and_alpha_become_rgba() -> None:
    cyan = Image.new("CMYK", (4, 4), (255, 0, 0, 0))
    opened = read_picture(file_of("TIFF", cyan))
    red, green, blue, alpha = opened.image.getpixel((0, 0))
    assert red < 60 < green and blue > 120 and alpha == 255 and "CMYK" in opened.told[0]
    assert open_picture(file_of("JPEG", cyan)).getpixel((0, 0))[0] < 60
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    assert open_picture(file_of("PNG", palette)).getpixel((0, 0)) == (200, 100, 50, 255)
    assert open_picture(file_of("PNG", palette, transparency=1)).getpixel((0, 0))[3] == 0
    assert open_picture(file_of("PNG", Image.new("1", (4, 4), 1))).getpixel((0, 0)) == (255, 255, 255, 255)
    assert open_picture(file_of("PNG", Image.new("LA", (4, 4), (7, 9)))).getpixel((0, 0)) == (7, 7, 7, 9)
    half = Image.new("RGBA", (4, 4), (1, 2, 3, 128))
    for kind in ("PNG", "TIFF"):
        assert open_picture(file_of(kind, half)).getpixel((0, 0)) == (1, 2, 3, 128)


def test_sixteen_bits_become_eight() -> None:
    ramp = np.linspace(0, 65535, 16).astype(np.uint16).reshape(4, 4)
    for kind in ("PNG", "TIFF"):
        opened = read_picture(file_of(kind, Image.fromarray(ramp)))
        greys = np.asarray(opened.image)[..., 0].ravel().tolist()
        assert greys == [round(value / 257) for value in ramp.ravel().tolist()]
        assert "16-bit" in opened.told[0]
    floats = Image.fromarray(np.linspace(0, 1, 16).astype(np.float32).reshape(4, 4))
    assert np.asarray(open_picture(file_of("TIFF", floats)))[..., 0].ravel().tolist()[-1] == 255


@given(st.sampled_from(KINDS), st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_with_wrong_bytes_opens_or_is_refused_in_words(kind: str, data: st.DataObject) -> None:
    raw = bytearray(file_of(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert open_picture(bytes(raw)).mode == "RGBA"
    except StudioError as error:
        assert error.what and error.do


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF____WEBP", b"II*\0", b"MM\0*", b"GIF89a"]
    ),
)
def test_any_bytes_are_refused_in_words(data: bytes, magic: bytes) -> None:
    with pytest.raises(StudioError):
        open_picture(magic + data)


def test_pages_that_lead_back_are_refused() -> None:
    data = bytearray(file_of("TIFF"))
    order: Callable[..., int] = lambda at, code: struct.unpack_from("<" + code, data, at)[0]  # noqa: E731
    first = order(4, "I")
    struct.pack_into("<I", data, first + 2 + 12 * order(first, "H"), first)
    assert "lead back" in refused(bytes(data)).what
