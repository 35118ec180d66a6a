"""What msgspec says of a value, in words a person reads."""

import msgspec
import pytest

from studio.cli.wrong import words_of
from studio.core.pictures import ImageJob, Upscale
from studio.media.picture.settings import PictureSettings


def said(**values: object) -> str:
    """What is said of knobs as they are typed."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"width": 64, "height": 64, **values}, PictureSettings, strict=False)
    return words_of(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"width": 8}, "width must be at least 16"),
        ({"takes": 9}, "takes must be at most 8"),
        ({"steps": "many"}, "steps must be a whole number"),
        ({"strength": 1.5}, "strength must be at most 1"),
        ({"guidance": "x"}, "guidance must be a number"),
        ({"guidance": float("inf")}, "guidance must be at most 50"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"tiling": "z"}, "tiling: Invalid enum value 'z'"),
    ],
)
def test_knobs_are_named_with_what_they_may_be(values: dict[str, object], words: str) -> None:
    assert said(**values) == words


def test_what_a_struct_finds_at_its_birth_is_told_alike() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        Upscale(factor=1.0)
    assert words_of(caught.value) == "factor must be more than 1"
    with pytest.raises(msgspec.ValidationError) as caught:
        ImageJob(id="j", prompt="x", model="m", seed=1, width=100, height=101)
    assert words_of(caught.value) == "width, height: 100 x 101 are not multiples of 8"
    assert words_of(msgspec.ValidationError("Expected `int` >= 3")) == "it must be at least 3"
    assert words_of(msgspec.ValidationError("Two\nlines")) == "Two\nlines"
