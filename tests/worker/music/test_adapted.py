"""Notes written with adapters: other takes than the model's own, and the same ones each time."""

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.core.events import Started
from studio.core.takes import Made
from studio.worker.shelf import Shelf
from tests.tiny_adapters import make_adapter
from tests.tiny_models import make_model
from tests.worker.music.conftest import Asked
from tests.worker.music.test_runner import ends_of

Composed = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def adapters(notes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Some over the model of notes, as peft saves them."""
    folder = tmp_path_factory.mktemp("adapters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            method: make_adapter(folder / method, notes_model, method)
            for method in ("lora", "adalora", "ia3", "prefix", "prompt")
        }


def made_of(events: list[Any]) -> Made:
    return next(event for event in events if isinstance(event, Started)).made


@pytest.mark.parametrize("method", ["lora", "adalora", "ia3", "prefix", "prompt"])
def test_takes_made_with_an_adapter_are_made_again(
    method: str, asked: Asked, composed: Composed, adapters: dict[str, Path]
) -> None:
    laid = (Adapter(path=str(adapters[method])),)
    plain = [end.text for end in ends_of(composed(*asked()))]
    events = composed(*asked(adapters=laid))
    first = [end.text for end in ends_of(events)]
    composed(*asked(adapters=(Adapter(path=str(adapters["lora"]), weight=0.3),)))
    assert [end.text for end in ends_of(composed(*asked(adapters=laid)))] == first != plain
    assert [end.text for end in ends_of(composed(*asked()))] == plain
    digest = hashlib.sha256((adapters[method] / "adapter_model.safetensors").read_bytes()).hexdigest()
    assert made_of(events).adapters_sha256 == (digest,)


def test_weight_nought_writes_what_the_model_writes(
    asked: Asked, composed: Composed, adapters: dict[str, Path]
) -> None:
    plain = [end.text for end in ends_of(composed(*asked()))]
    off = tuple(Adapter(path=str(adapters[method]), weight=0.0) for method in ("lora", "prefix"))
    assert [end.text for end in ends_of(composed(*asked(adapters=off)))] == plain


def test_two_mix(asked: Asked, composed: Composed, adapters: dict[str, Path]) -> None:
    one, two = (Adapter(path=str(adapters[method]), weight=0.7) for method in ("lora", "ia3"))
    texts = {
        tuple(end.text for end in ends_of(composed(*asked(adapters=laid))))
        for laid in ((one,), (two,), (one, two))
    }
    assert len(texts) == 3


def test_an_adapter_of_a_model_that_writes_text_is_refused(notes_model: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = make_adapter(tmp_path / "a", make_model(tmp_path / "story", "gpt2"))
    heard: list[Any] = []
    with pytest.raises(StudioError, match="does not fit model"):
        Shelf(heard.append).composer(str(notes_model), "", lambda: False, (Adapter(path=str(folder)),))
    assert heard == []
