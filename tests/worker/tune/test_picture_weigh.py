"""Weighing pictures: the same figure each time, whatever else is going on; and the mean of the weights over time."""

from pathlib import Path

import pytest
import torch
from torch import nn

from studio.catalog.inspect import inspect_model
from studio.core.tuning import ImageSettings
from studio.media.dataset.found import Survey
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.tune import picture_weigh
from studio.worker.tune.ema import Mean
from studio.worker.tune.picture_data import Example, example_of, shapes_for
from studio.worker.tune.picture_loss import Objective
from studio.worker.tune.picture_source import Source
from studio.worker.tune.picture_weigh import mean, some, weigh
from tests.tiny_pictures import make_pipeline
from tests.worker.tune.tuned_pictures import SIZE_PX, write_pictures


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ImageModel:
    """A tiny Stable Diffusion 1."""
    base = make_pipeline(tmp_path_factory.mktemp("base") / "sd1", "sd1")
    return load_image(inspect_model(base), "cpu", torch.float32, lambda _: None)


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """Six pictures."""
    return write_pictures(tmp_path_factory.mktemp("pictures"), 6)


def examples_of(survey: Survey) -> list[Example]:
    """All of them, in two shapes."""
    shapes = shapes_for(ImageSettings(size=SIZE_PX), 16)
    return [example_of(document, Path(survey.folder, document.file), shapes) for document in survey.documents]


def weighed(
    model: ImageModel, examples: list[Example], folder: Path, levels: int = 3, **image: bool
) -> dict[str, float]:
    """What they come to."""
    source = Source(model, ImageSettings(size=SIZE_PX, **image), folder, reads_live=False)
    return weigh(model, Objective(model.scheduler, flow=False), source, examples, levels)


def test_picture_weighs_the_same_each_time_and_in_any_company(
    tmp_path: Path, model: ImageModel, survey: Survey
) -> None:
    examples = examples_of(survey)
    first = weighed(model, examples, tmp_path / "a")
    torch.manual_seed(99)
    assert weighed(model, examples, tmp_path / "a") == first == weighed(model, examples, tmp_path / "b")
    fewer = weighed(model, examples[::-2], tmp_path / "a", cache=False)
    assert all(abs(fewer[file] - first[file]) < 1e-5 for file in fewer)
    assert len(set(first.values())) == len(examples) and mean(first) > 0.5


def test_weighing_leaves_the_network_as_it_was(tmp_path: Path, model: ImageModel, survey: Survey) -> None:
    model.core.train()
    weighed(model, examples_of(survey)[:1], tmp_path)
    assert model.core.training
    model.core.eval()


def test_short_memory_only_weighs_fewer_at_once(
    tmp_path: Path, model: ImageModel, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = examples_of(survey)
    whole = weighed(model, examples, tmp_path)
    ask = picture_weigh.predict

    def short(model: ImageModel, noisy: torch.Tensor, *others: object) -> torch.Tensor:
        if len(noisy) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return ask(model, noisy, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(picture_weigh, "predict", short)
    parts = weighed(model, examples, tmp_path)
    assert all(abs(parts[file] - whole[file]) < 1e-5 for file in whole)


def test_the_same_few_are_weighed_while_training(survey: Survey) -> None:
    examples = examples_of(survey)
    chosen, levels = some(examples, 8)
    assert chosen == examples and levels == 32 // 6
    many = [
        e
        for at in range(20)
        for e in (Example(**{**_fields(examples[0]), "file": f"{at}", "sha256": f"{at}"}),)
    ]
    few, levels = some(many, 8)
    assert len(few) == 16 and levels == 2 and few == some(many[::-1], 8)[0]
    assert some([], 100) == ([], 8)


def _fields(example: Example) -> dict[str, object]:
    return {name: getattr(example, name) for name in example.__struct_fields__}


def test_mean_stands_in_place_only_inside_the_block() -> None:
    weight = nn.Parameter(torch.zeros(3))
    over_time = Mean([weight], 0.5)
    for value in (1.0, 2.0, 3.0):
        weight.data.fill_(value)
        over_time.update()
    with over_time.in_place():
        inside = weight.detach().clone()
        assert 1.0 < float(inside[0]) < 3.0
    assert weight.tolist() == [3.0] * 3
    again = Mean([nn.Parameter(torch.zeros(3))], 0.5)
    again.restore(over_time.state())
    over_time.stay()
    assert torch.equal(weight.detach(), inside) and torch.equal(again.state()["00000"], inside)


def test_without_a_mean_the_weights_stay_themselves() -> None:
    weight = nn.Parameter(torch.ones(3))
    none = Mean([weight], 0.0)
    none.update()
    with none.in_place():
        assert weight.tolist() == [1.0] * 3
    assert none.state() == {}
