"""Pictures written out: size, format, layers, whole files."""

from pathlib import Path

import msgspec
import pytest
from PIL import Image

from studio.core.errors import StoppedError, StudioError
from studio.core.pictures import ImageJob
from studio.core.takes import Picture, Recipe
from studio.media.picture import export
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.media.picture.export import (
    ExportWish,
    Named,
    estimate_bytes,
    export_bytes,
    scaled,
    shows_whole_take,
    write_pictures,
)
from studio.media.picture.files import check_picture, open_picture
from studio.media.picture.recipes import read_recipe
from tests.media.picture.other_tools import canvas

RECIPE = Recipe(job=ImageJob(id="j", prompt="a fox", model="/m", seed=3, takes=1), index=0)
SIZE = (48, 32)


def picture(name: str = "Fox", colour: str = "red") -> Named:
    image = Image.new("RGBA", SIZE, colour)
    return Named(name=name, width=SIZE[0], height=SIZE[1], rgba=image.tobytes())


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        ({}, (48, 32)),
        ({"width": 96}, (96, 64)),
        ({"height": 8}, (12, 8)),
        ({"width": 10, "height": 40}, (10, 40)),
    ],
)
def test_a_picture_is_written_in_the_wished_size(tmp_path: Path, wish: dict, size: tuple[int, int]) -> None:
    (file,) = write_pictures([picture()], tmp_path / "a.png", ExportWish(**wish), RECIPE, whole=True)
    assert (check_picture(file).width, check_picture(file).height) == size
    found = read_recipe(file.read_bytes())
    assert found is not None and found.recipe == RECIPE and found.whole is (size == SIZE)


def test_only_an_unchanged_lossless_file_claims_the_takes_own_pixels() -> None:
    image = canvas().convert("RGBA")
    for wish, whole in (
        (ExportWish(format="png"), True),
        (ExportWish(format="tiff"), True),
        (ExportWish(format="webp", lossless=True), True),
        (ExportWish(format="webp"), False),
        (ExportWish(format="jpeg", quality=100), False),
    ):
        found = read_recipe(export_bytes(image, wish, RECIPE, whole=True))
        assert found is not None and found.whole is whole


def test_layers_become_files_of_their_own_named_after_them(tmp_path: Path) -> None:
    layers = [picture("Sky", "blue"), picture("a/b: c?"), picture("")]
    written = write_pictures(layers, tmp_path / "Fox.webp", ExportWish(format="webp", layers=True), RECIPE)
    assert [file.name for file in written] == ["Fox 1 Sky.webp", "Fox 2 a b c.webp", "Fox 3 Layer.webp"]
    assert open_picture(written[0]).getpixel((3, 3))[2] > 200
    assert all(file.is_file() for file in written) and len(list(tmp_path.iterdir())) == 3


def test_without_the_wish_no_recipe_goes_into_the_file(tmp_path: Path) -> None:
    (file,) = write_pictures([picture()], tmp_path / "a.png", ExportWish(recipe=False), RECIPE)
    assert read_recipe(file.read_bytes()) is None and b"fox" not in file.read_bytes()


def test_what_cannot_be_written_leaves_the_old_file_and_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone").rmdir()
    with pytest.raises(StudioError) as caught:
        write_pictures([picture()], tmp_path / "gone" / "a.png", ExportWish(), RECIPE)
    assert "a.png" in caught.value.what and "project" in caught.value.kept
    stops = iter([False, True])
    with pytest.raises(StoppedError) as stopped:
        write_pictures(
            [picture("a"), picture("b")],
            tmp_path / "x.png",
            ExportWish(layers=True),
            None,
            lambda: next(stops),
        )
    assert "1 of the files" in stopped.value.kept
    assert [file.name for file in tmp_path.iterdir()] == ["x 1 a.png"]


def test_scaling_by_lanczos_does_not_bleed_hidden_colours() -> None:
    image = Image.new("RGBA", (8, 8), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 4, 8))
    red, green, _blue, alpha = scaled(image, (64, 64)).getpixel((31, 30))
    assert alpha > 60 and green < 40 < red
    assert scaled(canvas(), (96, 64)).size == (96, 64) and scaled(image, image.size) is image


def test_webp_has_a_largest_side() -> None:
    with pytest.raises(StudioError) as caught:
        export_bytes(Image.new("RGB", (16_384, 8)), ExportWish(format="webp"), None)
    assert caught.value.code == "too_large" and "PNG" in caught.value.do


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff"])
def test_the_estimate_is_near(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ESTIMATE_PIXELS", 40_000)
    image = Image.effect_noise((800, 600), 40).convert("RGB").resize((800, 600))
    wish = ExportWish(format=form)
    true = len(export_bytes(image, wish, RECIPE))
    assert 0.4 < estimate_bytes(image, wish, RECIPE) / true < 2.5
    small = canvas()
    assert estimate_bytes(small, wish, RECIPE) == len(export_bytes(small, wish, RECIPE))


def test_wishes_are_checked() -> None:
    for wrong in ({"quality": 0}, {"quality": 101}, {"background": "red"}, {"format": "gif"}, {"width": -1}):
        with pytest.raises(msgspec.ValidationError):
            ExportWish(**wrong)


def test_a_take_is_whole_only_when_nothing_was_done_to_it() -> None:
    take = Picture(asset="ab" * 32 + ".png", width=64, height=32)
    layer = Layer(id="l", name="n", asset=take.asset, width=64, height=32, take="t")
    doc = PictureDoc(width=64, height=32, layers=(layer,))
    assert shows_whole_take(doc, layer, take)
    for change in (
        {"x": 1}, {"opacity": 0.9}, {"turn": 2}, {"flip_x": True}, {"crop": (0, 0, 64, 32)}, {"width": 32},
        {"adjust": Adjust(gamma=1.1)}, {"asset": "cd" * 32 + ".png"},
    ):  # fmt: skip
        assert not shows_whole_take(doc, layer.changed(**change), take)
    assert not shows_whole_take(doc.changed(width=128), layer, take)
    assert not shows_whole_take(doc, layer, msgspec.structs.replace(take, preview=True))
