"""Our own PNG files are read back, pixel for pixel, by others."""

import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from studio.media.picture.png import named, png_of

SHAPES = st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3, 4]))


@given(SHAPES.flatmap(lambda shape: hnp.arrays(np.uint8, shape)))
def test_pillow_reads_every_pixel_back(image: NDArray[np.uint8]) -> None:
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    png = png_of(pixels)
    with Image.open(io.BytesIO(png)) as read:
        assert read.mode == {1: "L", 3: "RGB", 4: "RGBA"}[image.shape[-1]]
        assert np.array_equal(np.asarray(read), pixels)
    assert png == png_of(pixels.copy())


def test_a_slice_of_an_array_is_written_as_it_is_seen() -> None:
    whole = np.arange(400, dtype=np.uint8).reshape(20, 20)
    with Image.open(io.BytesIO(png_of(whole[2:9, 5:15]))) as read:
        assert np.array_equal(np.asarray(read), whole[2:9, 5:15])


def test_a_name_is_the_hash_of_the_file() -> None:
    assert named(b"a") == hashlib.sha256(b"a").hexdigest() + ".png"


@pytest.mark.parametrize("shape", [(0, 4), (4, 4, 2), (4,)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no picture"):
        png_of(np.zeros(shape, dtype=np.uint8))
