"""Takes that do not go in step come out as if each had been alone."""

import numpy as np
import pytest
import torch

from studio.worker.causal import compiled
from studio.worker.causal.llama import LeanLlama
from studio.worker.causal.ragged import RaggedTakes, ragged
from tests import tiny_models
from tests.worker.test_native import model_of

GIVEN = (((3,), (7, 8, 9), (5,)), ((11, 12), (6,), (13, 14, 15, 16)), ((20,), (21,), (22, 23)))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LeanLlama:
    assert compiled.build_kernels("float32")
    return model_of(tiny_models.make_model(tmp_path_factory.mktemp("ragged") / "model", "llama"))


def takes(model: LeanLlama, rows: int, kernel: str) -> RaggedTakes:
    cache = model.empty()
    model.extend(cache, list(range(30, 45)))
    return ragged(model, cache, rows, 16, kernel)


@torch.inference_mode()
@pytest.mark.parametrize("kernel", ["native", "torch"])
def test_a_take_is_the_same_in_every_company(model: LeanLlama, kernel: str) -> None:
    together = takes(model, 3, kernel)
    found: list[list[np.ndarray]] = [[], [], []]
    for rows in zip(*GIVEN, strict=True):
        logits = together.feed(list(enumerate(rows)))
        for take in range(3):
            found[take].append(logits[take].copy())
    for take, rows in enumerate(GIVEN):
        alone = takes(model, 1, kernel)
        for at, ids in enumerate(rows):
            assert np.array_equal(alone.feed([(0, ids)])[0], found[take][at])


@torch.inference_mode()
def test_those_that_have_ended_are_left_out(model: LeanLlama) -> None:
    together, alone = takes(model, 3, "native"), takes(model, 1, "native")
    together.feed([(0, (3,)), (1, (4, 5)), (2, (6,))])
    alone.feed([(0, (4, 5))])
    assert np.array_equal(together.feed([(1, (9, 10))])[0], alone.feed([(0, (9, 10))])[0])


@torch.inference_mode()
def test_both_paths_say_the_same(model: LeanLlama) -> None:
    native, plain = (takes(model, 2, kernel) for kernel in ("native", "torch"))
    for rows in zip(*GIVEN[:2], strict=True):
        fresh = list(enumerate(rows))
        assert np.allclose(native.feed(fresh), plain.feed(fresh), atol=1e-4)
