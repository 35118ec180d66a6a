"""The lean Llama says what transformers says."""

from pathlib import Path

import pytest
import torch

from studio.core.errors import StudioError
from studio.worker.causal.llama import LeanLlama, load_lean
from studio.worker.causal.llama_shape import lean_shape
from tests import tiny_models

SETTINGS = [
    {"tie_word_embeddings": True},
    {"tie_word_embeddings": False},
    {"num_key_value_heads": 4},
    {"num_key_value_heads": 1, "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0}},
    {"head_dim": 16, "rms_norm_eps": 1e-3},
    {"num_attention_heads": 8, "num_hidden_layers": 3},
]


def lean(folder: Path) -> LeanLlama:
    """The lean model of a folder."""
    shape = lean_shape(tiny_models.config_on_disk(folder))
    assert shape is not None
    return load_lean(folder, shape, "cpu", torch.float32, lambda done: None)


@pytest.mark.parametrize("changes", SETTINGS)
def test_logits_agree_with_transformers(changes: dict[str, object], tmp_path: Path) -> None:
    import transformers

    folder = tiny_models.make_model(tmp_path / "model", "llama", **changes)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ours = lean(folder)
    ids = torch.randint(5, 400, (40,), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = theirs(ids[None]).logits[0]
        cache = ours.empty()
        first = ours.extend(cache, ids[:16].tolist())
        second = ours.extend(cache, ids[16:30].tolist())
        forked = ours.fork(cache, 3, 10)
        steps = [ours.step(forked, ids[at].expand(3)) for at in range(30, 40)]
    scale = expected.abs().max()
    torch.testing.assert_close(first / scale, expected[15] / scale, atol=1e-5, rtol=0)
    torch.testing.assert_close(second / scale, expected[29] / scale, atol=1e-5, rtol=0)
    for at, step in enumerate(steps):
        torch.testing.assert_close(step / scale, expected[30 + at].expand(3, -1) / scale, atol=1e-5, rtol=0)


def test_a_single_row_and_bf16_stay_close(models: dict[str, Path]) -> None:
    shape = lean_shape(tiny_models.config_on_disk(models["llama"]))
    assert shape is not None
    fine = lean(models["llama"])
    coarse = load_lean(models["llama"], shape, "cpu", torch.bfloat16, lambda done: None)
    with torch.inference_mode():
        results = []
        for model in (fine, coarse):
            cache = model.empty()
            model.extend(cache, [7, 8, 9])
            results.append(model.step(model.fork(cache, 1, 4), torch.tensor([10])))
    assert torch.corrcoef(torch.cat(results))[0, 1] > 0.999


@pytest.mark.parametrize(
    "changes",
    [
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}},
        {"attention_bias": True},
        {"hidden_act": "gelu"},
    ],
)
def test_an_unusual_llama_is_not_lean(changes: dict[str, object]) -> None:
    config = {**tiny_models.config_of("llama").to_dict(), "architectures": ["LlamaForCausalLM"]}
    assert lean_shape(config) is not None
    assert lean_shape({**config, **changes}) is None


def test_a_tensor_of_another_shape_is_named(tmp_path: Path) -> None:
    folder = tiny_models.make_model(tmp_path / "model", "llama")
    config = {**tiny_models.config_on_disk(folder), "intermediate_size": 40}
    shape = lean_shape(config)
    assert shape is not None
    with pytest.raises(StudioError, match=r"gate_proj\.weight is \(48, 32\)"):
        load_lean(folder, shape, "cpu", torch.float32, lambda done: None)
