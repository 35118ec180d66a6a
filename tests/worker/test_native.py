"""The compiled decode step says what transformers says, bit for bit alike in every company."""

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.events import Started, TakeEnd
from studio.worker.causal import compiled
from studio.worker.causal.building import KernelBuilder
from studio.worker.causal.llama import NATIVE, TORCH, LeanLlama, load_lean
from studio.worker.causal.llama_shape import lean_shape
from studio.worker.causal.model import chosen_kernel
from studio.worker.causal.native import NativeTakes
from tests import tiny_models
from tests.worker.conftest import RunJob, job_for

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
PROMPT = 20
ODD = {
    "hidden_size": 36, "intermediate_size": 50, "head_dim": 10, "num_attention_heads": 6, "num_key_value_heads": 3,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    """All kernels are compiled (once on a computer)."""
    for kind in compiled.KINDS:
        assert compiled.build_kernels(kind)


def model_of(folder: Path) -> LeanLlama:
    """The lean model, with the compiled step."""
    shape = lean_shape(tiny_models.config_on_disk(folder))
    assert shape is not None
    model = load_lean(folder, shape, "cpu", torch.float32, lambda done: None)
    assert model.kernel == NATIVE
    return model


def some_ids(count: int = 40) -> torch.Tensor:
    return torch.randint(5, 400, (count,), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", DTYPES)
@pytest.mark.parametrize(
    "changes", [{}, {"tie_word_embeddings": True}, ODD], ids=["plain", "tied", "odd sizes"]
)
def test_logits_agree_with_transformers(kind: str, changes: dict[str, object], tmp_path: Path) -> None:
    import transformers

    folder = tiny_models.make_model(tmp_path / "model", "llama", **changes)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=DTYPES[kind])
    theirs.save_pretrained(folder)
    theirs = theirs.float().eval()
    ours, ids = model_of(folder), some_ids()
    with torch.inference_mode():
        expected = theirs(ids[None]).logits[0]
        cache = ours.empty()
        ours.extend(cache, ids[:PROMPT].tolist())
        forked = ours.fork(cache, 3, 20)
        assert isinstance(forked, NativeTakes)
        steps = [ours.step(forked, ids[at].expand(3)) for at in range(PROMPT, 40)]
    scale = expected.abs().max()
    for at, step in enumerate(steps):
        torch.testing.assert_close(
            step / scale, expected[PROMPT + at].expand(3, -1) / scale, atol=1e-5, rtol=0
        )


def test_a_take_is_the_same_to_the_last_bit_beside_any_others(models: dict[str, Path]) -> None:
    model, ids = model_of(models["llama"]), some_ids()
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, ids[:PROMPT].tolist())
        alone = steps_of(model, cache, ids, 1)[:, 0]
        for rows in (2, 3, 4, 7, 8):
            both = steps_of(model, cache, ids, rows)
            assert torch.equal(both[:, 0], alone)
            assert torch.equal(both[:, -1], alone)


def steps_of(model: LeanLlama, cache: object, ids: torch.Tensor, rows: int) -> torch.Tensor:
    """Logits (steps, rows, V); the rows between the first and the last say something else."""
    forked = model.fork(cache, rows, 20)  # type: ignore[arg-type]
    found = []
    for at in range(PROMPT, 40):
        given = ids[at].repeat(rows)
        given[1:-1] += 1
        found.append(model.step(forked, given))
    return torch.stack(found)


def test_several_tokens_at_once_are_the_same_bits_as_one_by_one(models: dict[str, Path]) -> None:
    model, ids = model_of(models["llama"]), some_ids()
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, ids[:PROMPT].tolist())
        single = steps_of(model, cache, ids, 1)[:, 0]
        forked = model.fork(cache, 2, 20)
        first = model.step_many(forked, ids[None, PROMPT:27].expand(2, -1))
        model.rewind(forked, 3)
        second = model.step_many(forked, ids[None, 24:30].expand(2, -1).numpy())
    assert torch.equal(first[1], single[:7])
    assert torch.equal(second[1], single[4:10])


@pytest.mark.parametrize("kernel", [NATIVE, TORCH])
def test_a_rewound_take_goes_on_as_if_nothing_had_been(kernel: str, models: dict[str, Path]) -> None:
    model, ids = model_of(models["llama"]), some_ids()
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, ids[:PROMPT].tolist())
        forked = model.fork(cache, 2, 20, kernel)
        wanted = [model.step(forked, ids[at].expand(2)) for at in range(20, 24)]
        model.rewind(forked, 3)
        for at in (30, 31):
            model.step(forked, ids[at].expand(2))
        model.rewind(forked, 2)
        again = [model.step(forked, ids[at].expand(2)) for at in range(21, 24)]
    for one, other in zip(wanted[1:], again, strict=True):
        assert torch.equal(one, other)


def test_the_takes_share_the_prompts_memory(models: dict[str, Path]) -> None:
    model = model_of(models["llama"])
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, some_ids(40).tolist())
        one, eight = (model.takes_bytes(model.fork(cache, rows, 16)) for rows in (1, 8))
        alone = model.takes_bytes(model.fork(cache, 8, 16, TORCH))
    assert eight <= 8 * one
    assert eight < alone


def test_what_would_reach_beyond_memory_is_refused(models: dict[str, Path]) -> None:
    model = model_of(models["llama"])
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, [5, 6])
        forked = model.fork(cache, 1, 2)
        with pytest.raises(IndexError, match="not a token"):
            model.step(forked, np.array([model.vocab]))
        model.step(forked, np.array([7]))
        model.step(forked, np.array([8]))
        with pytest.raises(IndexError, match="no room"):
            model.step(forked, np.array([9]))


def test_overflow_is_not_hidden(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tiny_models.make_model(tmp_path / "model", "llama")
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.self_attn.q_proj.weight"][0, 0] = torch.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    model = model_of(folder)
    with torch.inference_mode():
        cache = model.empty()
        model.extend(cache, [5, 6])
        assert model.step(model.fork(cache, 1, 2), np.array([7])).isnan().any()


def test_a_job_computes_with_the_kernel_its_recipe_names(models: dict[str, Path], run_job: RunJob) -> None:
    told = {}
    for asked in ("", TORCH, NATIVE):
        events = run_job(job_for(models["llama"], kernel=asked))
        told[asked] = [event.made.kernel for event in events if isinstance(event, Started)]
    assert told == {"": [NATIVE], TORCH: [TORCH], NATIVE: [NATIVE]}


def test_a_kernel_that_does_not_exist_here_is_replaced(models: dict[str, Path]) -> None:
    model = model_of(models["llama"])
    assert chosen_kernel(model, "llama.cpp") == NATIVE
    assert chosen_kernel(model, "") == NATIVE
    assert chosen_kernel(model, TORCH) == TORCH


def test_both_kernels_write_the_same_take(models: dict[str, Path], run_job: RunJob) -> None:
    texts = []
    for kernel in (TORCH, NATIVE):
        events = run_job(job_for(models["llama"], kernel=kernel))
        texts.append([event.text for event in events if isinstance(event, TakeEnd)])
    assert texts[0] == texts[1]


def test_without_the_object_file_torch_computes(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_KERNELS", str(tmp_path))
    shape = lean_shape(tiny_models.config_on_disk(models["llama"]))
    assert shape is not None
    model = load_lean(models["llama"], shape, "cpu", torch.float32, lambda done: None)
    assert model.kernel == TORCH
    assert model.can == (TORCH,)
    assert model.missing_kernels == "float32"
    monkeypatch.delenv("ATELIER_KERNELS")
    fresh = load_lean(models["llama"], shape, "cpu", torch.float32, lambda done: None)
    assert fresh.missing_kernels == ""


def test_a_damaged_object_file_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = compiled.kernels_file("float32")
    assert good is not None
    raw = bytearray(good.read_bytes())
    monkeypatch.setenv("ATELIER_KERNELS", str(tmp_path))
    bad = compiled.kernels_file("float32")
    assert bad is not None
    for damage in (raw[:-1], b"", b"{}\nabc", b"\xff" * 100, bytes(raw[:900]) + b"x" + bytes(raw[901:])):
        bad.write_bytes(damage)
        assert compiled.load_kernels(bad) is None
        assert not bad.exists()


def test_the_builder_compiles_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_KERNELS", str(tmp_path))
    builder = KernelBuilder()
    builder.want("")
    assert not builder.busy
    builder.want("float32")
    assert builder.busy
    builder.stop()
    assert not builder.busy
    builder.want("float32")  # each kind is tried once
    assert not builder.busy


def test_the_worker_does_not_import_numba() -> None:
    import subprocess
    import sys

    code = """if True:
        import sys
        import studio.worker.shelf
        from studio.worker.causal.compiled import kernels_file, load_kernels
        assert load_kernels(kernels_file("float32"))
        sys.exit("numba" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
