"""Near duplicates of pictures, and the nearest picture to a sample."""

import io

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from studio.media.dataset.likeness import (
    Signature,
    near,
    near_pairs,
    nearest,
    orientation,
    signature,
    unlikeness,
)
from tests.media.dataset.given_pictures import drawn, written


def saved(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(written(image, "JPEG", quality=quality)))


def marked(image: Image.Image) -> Image.Image:
    image = image.copy()
    ImageDraw.Draw(image).text((10, image.height - 16), "(c) me", fill="white")
    return image


COPIES = {
    "jpeg": lambda image: saved(image, 35),
    "half": lambda image: image.resize((image.width // 2, image.height // 2)),
    "larger": lambda image: image.resize((image.width * 3, image.height * 3), Image.Resampling.BICUBIC),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "harder": lambda image: ImageEnhance.Contrast(image).enhance(1.15),
    "marked": marked,
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_changed_copy_is_near_and_the_nearest(copy: str) -> None:
    pictures = [drawn(seed, 200, 150) for seed in range(12)]
    signs = [signature(picture) for picture in pictures]
    for at, picture in enumerate(pictures):
        made = signature(COPIES[copy](picture))
        assert near(signs[at], made)
        assert nearest(made, signs)[0] == at
        assert unlikeness(made, signs[at]) < 0.3


def test_strangers_are_not_near() -> None:
    signs = [signature(drawn(seed)) for seed in range(40)]
    apart = [unlikeness(one, other) for at, one in enumerate(signs) for other in signs[:at]]
    assert min(apart) > 0.5
    assert not any(near(one, other) for at, one in enumerate(signs) for other in signs[:at])


def test_a_changed_detail_or_colour_makes_another_picture() -> None:
    face = Image.new("RGB", (128, 128), "white")
    pen = ImageDraw.Draw(face)
    pen.ellipse((8, 8, 120, 120), fill="gold")
    pen.ellipse((36, 40, 50, 54), fill="black")
    pen.ellipse((78, 40, 92, 54), fill="black")
    glad, sad = face.copy(), face.copy()
    ImageDraw.Draw(glad).arc((36, 50, 92, 100), 20, 160, fill="black", width=8)
    ImageDraw.Draw(sad).arc((36, 76, 92, 126), 200, 340, fill="black", width=8)
    assert not near(signature(glad), signature(sad))
    red, green, blue = glad.split()
    assert not near(signature(glad), signature(Image.merge("RGB", (blue, green, red))))


def square(colour: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGB", (128, 128), "white")
    ImageDraw.Draw(image).rounded_rectangle((6, 6, 121, 121), 12, fill=colour)
    return image


def test_two_plain_things_of_other_colours_are_two_and_a_copy_of_one_is_one() -> None:
    brown, red = square((182, 110, 84)), square((226, 88, 70))
    assert not near(signature(brown), signature(red))
    for quality in range(20, 60, 5):
        assert near(signature(brown), signature(saved(brown, quality)))


def test_what_is_added_in_one_place_makes_another_picture() -> None:
    picture = drawn(6, 200, 200)
    more = picture.copy()
    ImageDraw.Draw(more).rectangle((20, 150, 52, 182), fill="black", outline="white", width=4)
    sign, other = signature(picture), signature(more)
    assert unlikeness(sign, other) < 0.31
    assert not near(sign, other)


def test_the_same_picture_is_at_nought_and_none_is_far() -> None:
    sign = signature(drawn(1))
    assert unlikeness(sign, sign) == 0.0
    assert nearest(sign, [signature(drawn(9)), sign]) == (1, 0.0)
    assert nearest(sign, []) == (-1, 1.0)
    assert 0.0 <= unlikeness(sign, signature(drawn(2))) <= 1.0


def test_modes_and_turning_make_no_difference() -> None:
    picture = drawn(3, 300, 200)
    sign = signature(picture)
    exif = Image.Exif()
    exif[0x0112] = 8
    turned = Image.open(io.BytesIO(written(picture.transpose(Image.Transpose.ROTATE_270), "PNG", exif=exif)))
    turned.load()
    assert orientation(turned) == 8
    clear = picture.convert("RGBA")
    for other in (turned, clear, picture.convert("CMYK"), picture.quantize(256)):
        assert near(sign, signature(other)), other.mode
    grey = picture.convert("L")
    deep = Image.frombytes("I;16", grey.size, bytes(byte for value in grey.tobytes() for byte in (0, value)))
    assert near(signature(grey), signature(deep))


def test_see_through_parts_are_white_whatever_is_hidden_there() -> None:
    hidden = drawn(4).convert("RGBA")
    hidden.putalpha(0)
    assert signature(hidden).blank
    clear = drawn(7, 200, 200).convert("RGBA")
    clear.putalpha(square((0, 0, 0)).convert("L").resize((200, 200)))  # only the corners show
    white = Image.new("RGBA", (200, 200), "white")
    white.alpha_composite(clear)
    assert near(signature(clear), signature(white))
    assert not signature(drawn(4)).blank


def test_near_pairs_finds_all_pairs_and_can_be_stopped() -> None:
    pictures = [drawn(seed) for seed in range(30)]
    signs = [signature(picture) for picture in pictures]
    signs += [signature(saved(pictures[at], 50)) for at in (3, 7)] + [signs[3]]
    told: list[int] = []
    assert list(near_pairs(signs, told.append)) == [(3, 30), (7, 31), (3, 32), (30, 32)]
    assert told == [0, 33]
    assert list(near_pairs([], told.append)) == []

    def stop(_: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        list(near_pairs(signs, stop))


def test_of_a_film_each_frame_is_compared_with_few_others() -> None:
    sign = signature(drawn(5))
    signs = [Signature(sign.bits, sign.small) for _ in range(40)]
    pairs = list(near_pairs(signs, lambda _: None))
    assert {later for _, later in pairs} == set(range(1, 40))
    assert len(pairs) < 40 * 8
