"""A new word: its vectors learn, nothing else does."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.tune.inversion import Learned, install, vectors
from studio.worker.tune.picture import train_image
from studio.worker.tune.picture_families import read_captions
from tests.tiny_pictures import make_pipeline
from tests.worker.tune.tuned_pictures import run_for, settings_for, write_pictures


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models of some families."""
    folder = tmp_path_factory.mktemp("base")
    for family in ("sd1", "sdxl", "flux"):
        make_pipeline(folder / family, family)
    return folder


def loaded(base: Path) -> ImageModel:
    """A model as the worker reads it."""
    return load_image(inspect_model(base), "cpu", torch.float32, lambda _: None)


def test_new_tokens_have_vectors_of_their_own_and_others_stay() -> None:
    table = nn.Embedding(10, 4)
    learned = Learned(table, 12, torch.arange(8.0).view(2, 4))
    found = learned(torch.tensor([[3, 12, 13, 0]]))
    assert torch.equal(found[0, [0, 3]], table(torch.tensor([3, 0])))
    assert found[0, 1:3].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    found.sum().backward()
    assert learned.vectors.grad is not None and torch.equal(learned.vectors.grad, torch.ones(2, 4))
    assert table.weight.grad is None


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_word_is_read_through_all_its_vectors(tmp_path: Path, bases: Path, family: str) -> None:
    model = loaded(bases / family)
    settings = settings_for(bases / family, write_pictures(tmp_path / "pictures", 4), "textual_inversion")
    plain = read_captions(model, ["a red fox"])[0]["tokens"]
    made = install(model, settings, ["a red fox on the hill"])
    assert set(made) == ({"text_encoder"} if family == "sd1" else {"text_encoder", "text_encoder_2"})
    assert torch.equal(read_captions(model, ["a red fox"])[0]["tokens"], plain)
    before = read_captions(model, ["a <it> fox"])[0]["tokens"]
    for encoder in made:
        assert vectors(made)[encoder].shape[0] == 2
        with torch.no_grad():
            made[encoder].vectors[1] += 1.0  # the second of the word's tokens is read too
    after = read_captions(model, ["a <it> fox"])[0]["tokens"]
    assert not torch.allclose(before, after)


def test_word_the_model_knows_is_refused(tmp_path: Path, bases: Path) -> None:
    survey = write_pictures(tmp_path / "pictures", 4)
    settings = settings_for(bases / "sd1", survey, "textual_inversion", trigger="fox</w>")
    with pytest.raises(StudioError) as caught:
        install(loaded(bases / "sd1"), settings, [])
    assert caught.value.code == "trigger"


def test_model_without_such_words_is_refused(tmp_path: Path, bases: Path) -> None:
    model = loaded(bases / "sd1")
    survey = write_pictures(tmp_path / "pictures", 4)
    settings = settings_for(bases / "sd1", survey, "textual_inversion")

    class Pipe:
        """A pipeline that learns no words."""

    model.any_pipe = Pipe  # type: ignore[method-assign]
    with pytest.raises(StudioError) as caught:
        install(model, settings, [])
    assert caught.value.code == "cannot"


def test_only_the_vectors_move(tmp_path: Path, bases: Path) -> None:
    survey = write_pictures(tmp_path / "pictures", 5)
    settings = settings_for(
        bases / "sd1", survey, "textual_inversion", steps=3, rate=0.1, caption_dropout=1.0
    )
    told = run_for(tmp_path / "run", settings, survey)
    made = train_image(told.run)
    [vectors_] = load_file(made.adapter / "learned_embeds.safetensors").values()
    assert made.trainable == vectors_.numel() == 2 * 32
    start = install(loaded(bases / "sd1"), settings, [d.caption for d in survey.on("train")])[
        "text_encoder"
    ].vectors
    assert not torch.allclose(
        vectors_, start
    )  # captions are not dropped: nothing would be learnt from those steps
