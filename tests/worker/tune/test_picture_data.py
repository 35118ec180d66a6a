"""Which pictures are learnt from when, how they are cut, and what the caches keep of what the encoders said."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.errors import StudioError
from studio.core.tuning import ImageSettings
from studio.worker.tune import latents_cache
from studio.worker.tune.latents_cache import TensorCache
from studio.worker.tune.picture_data import Example, Feed, Shot, framed, pixels, shapes_for, shot_of, variants


def example(at: int = 0, wide: int = 64, high: int = 64, path: Path = Path("x"), bucket: int = 64) -> Example:
    """A picture."""
    shape = (wide, high) if wide != high else (bucket, bucket)
    return Example(
        file=f"{at}.png",
        path=path,
        sha256=f"{at:064x}",
        caption=f"picture {at}",
        width=wide,
        height=high,
        bucket=shape,
    )


def painted(path: Path, array: np.ndarray) -> Path:
    """A picture file."""
    Image.fromarray(array).save(path)
    return path


@given(squares=st.integers(1, 20), wides=st.integers(0, 20), batch=st.integers(1, 9), epoch=st.integers(0, 3))
def test_every_picture_is_seen_once_an_epoch(squares: int, wides: int, batch: int, epoch: int) -> None:
    examples = [example(at, 64 if at < squares else 96) for at in range(squares + wides)]
    feed = Feed(examples, [], ImageSettings(size=64), batch, seed=3)
    first = epoch * feed.steps_an_epoch
    steps = [feed.picks(step) for step in range(first, first + feed.steps_an_epoch)]
    assert all(len(picks) == batch for picks in steps)
    seen = Counter(pick.at for picks in steps for pick in picks)
    assert set(seen) == set(range(len(examples)))
    assert sum(seen.values()) - len(seen) < batch or len(examples) < batch  # only the last step is filled up


def test_steps_pictures_follow_from_seed_and_number_alone() -> None:
    examples = [example(at) for at in range(7)]
    settings = ImageSettings(size=64, flip=True, caption_dropout=0.5)
    forward = Feed(examples, [], settings, 3, seed=1)
    told = [forward.picks(step) for step in range(9)]
    backward = Feed(examples, [], settings, 3, seed=1)
    assert [backward.picks(step) for step in reversed(range(9))] == told[::-1]
    assert [Feed(examples, [], settings, 3, seed=2).picks(step) for step in range(9)] != told
    captions = {pick.caption for picks in told for pick in picks}
    assert "" in captions and "picture 0" in captions


def test_pictures_of_the_class_go_beside_each_batch() -> None:
    feed = Feed(
        [example(at) for at in range(4)], [example(at) for at in range(9, 12)], ImageSettings(size=64), 2, 0
    )
    picks = [pick.at for step in range(3) for pick in feed.picks(step)]
    assert Counter(at >= 4 for at in picks) == {True: 6, False: 6} and {4, 5, 6} <= set(picks)


def test_shapes_are_whole_in_latents_and_about_as_large() -> None:
    shapes = shapes_for(ImageSettings(size=1024), 16)
    assert (1024, 1024) in shapes
    assert all(wide % 16 == high % 16 == 0 and 0.8 < wide * high / 1024**2 <= 1 for wide, high in shapes)
    assert len({wide for wide, _ in shapes}) < 20
    assert shapes_for(ImageSettings(size=512, buckets=False), 64) == ((512, 512),)
    assert shapes_for(ImageSettings(size=100), 32) == shapes_for(ImageSettings(size=96), 32)


def test_first_way_is_the_picture_itself_and_others_are_augmented() -> None:
    every = ImageSettings(size=64, flip=True, crop=True, colour=0.2)
    assert shot_of(example(), 0, every) == Shot()
    shots = [shot_of(example(), at, every) for at in range(variants(every))]
    assert len(shots) == len(set(shots)) == 8 and sum(shot.flip for shot in shots) == 4
    assert all(abs(value - 1) <= 0.2 for shot in shots for value in shot.colours)
    assert variants(ImageSettings()) == 1 and variants(ImageSettings(flip=True)) == 2
    assert variants(ImageSettings(crop=True, cache=False)) > 1_000_000


def test_mirrored_picture_is_the_picture_mirrored(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    one = example(path=painted(tmp_path / "a.png", array))
    plain = pixels(one, Shot())
    assert torch.equal(pixels(one, Shot(flip=True)), plain.flip(2))
    assert plain.shape == (3, 64, 64)
    wanted = torch.from_numpy(array.astype(np.float32)).permute(2, 0, 1) / 127.5 - 1
    assert torch.allclose(plain, wanted)


def test_what_is_clear_becomes_white(tmp_path: Path) -> None:
    array = np.zeros((64, 64, 4), np.uint8)
    array[:32] = (255, 0, 0, 255)
    found = pixels(example(path=painted(tmp_path / "a.png", array)), Shot())
    assert found[:, 0, 0].tolist() == [1, -1, -1] and found[:, -1, -1].tolist() == [1, 1, 1]


def test_pixel_art_is_enlarged_in_squares_and_photographs_are_not(tmp_path: Path) -> None:
    art = np.random.default_rng(0).choice(np.array([0, 90, 255], np.uint8), (16, 16, 3))
    found = pixels(example(wide=16, high=16, path=painted(tmp_path / "a.png", art)), Shot())
    assert torch.equal(found, found[:, ::4, ::4].repeat_interleave(4, 1).repeat_interleave(4, 2))
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    smooth = pixels(example(wide=32, high=32, path=painted(tmp_path / "b.png", photo)), Shot())
    assert not torch.equal(smooth, smooth[:, ::2, ::2].repeat_interleave(2, 1).repeat_interleave(2, 2))


def test_cut_is_told_in_the_pixels_of_the_scaled_picture() -> None:
    wide = Example(file="a", path=Path("a"), sha256="0", caption="", width=256, height=64, bucket=(64, 64))
    assert framed(wide, Shot(across=1.0)).tolist() == [64, 256, 0, 192, 64, 64]


def test_cache_keeps_tensors_over_lives(tmp_path: Path) -> None:
    cache = TensorCache(tmp_path, "latents")
    cache.put("a", {"x": torch.arange(3.0), "y": torch.ones(2, 2)})
    assert "a" in cache and cache.get("a")["x"].tolist() == [0, 1, 2]
    cache.flush()
    again = TensorCache(tmp_path, "latents")
    assert again.get("a").keys() == {"x", "y"} and again.missing(["a", "b", "b"]) == ["b"]
    again.put("b", {"x": torch.zeros(1)})
    again.flush()
    assert len(TensorCache(tmp_path, "latents")) == 2 and len(TensorCache(tmp_path, "captions")) == 0


def test_damaged_shard_is_only_reckoned_again(tmp_path: Path) -> None:
    cache = TensorCache(tmp_path, "latents")
    cache.put("a", {"x": torch.arange(3.0)})
    cache.flush()
    [shard] = tmp_path.glob("*.safetensors")
    shard.write_bytes(shard.read_bytes()[:-4])
    assert "a" not in TensorCache(tmp_path, "latents")
    assert not shard.exists()


def test_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache = TensorCache(tmp_path, "latents")
    cache.put("a", {"x": torch.arange(3.0)})
    monkeypatch.setattr(latents_cache, "write_whole", full)
    with pytest.raises(StudioError) as caught:
        cache.flush()
    assert latents_cache.too_little_left(caught.value)
