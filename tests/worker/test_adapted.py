"""Adapters at work: what peft computes, mixed, weighed, taken off, refused, and made again exactly."""

import hashlib
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.catalog.adapter_note import AdapterNote, write_note
from studio.core.adapter import Adapter, at_work
from studio.core.errors import StudioError
from studio.core.events import Event, Loading
from studio.core.takes import Made
from studio.worker.shelf import Shelf
from tests.tiny_adapters import METHODS, load_base, make_adapter
from tests.worker.conftest import Models, RunJob, job_for, never
from tests.worker.test_maker import ends, started

IDS = [7, 200, 31, 5, 99, 140, 141, 3, 8, 260]
FAMILIES = ("llama", "qwen3", "gpt2")
Made_ = Callable[..., Path]


@pytest.fixture(scope="session")
def adapters(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Makes an adapter of a method over a family, once."""
    base, made = tmp_path_factory.mktemp("adapters"), {}

    def make(family: str, method: str, seed: int = 1, **changes: object) -> Path:
        key = f"{family}-{method}-{seed}" + "".join(changes)
        if key not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made[key] = make_adapter(base / key, models[family], method, seed=seed, **changes)
        return made[key]

    return make


@pytest.fixture(autouse=True)
def no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of peft's progress bars would outlive the test."""
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


def by_peft(model: Path, adapter: Path) -> Tensor:
    """Logits as peft's own model gives them, (T, V)."""
    import peft

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        tuned = peft.PeftModel.from_pretrained(load_base(model), adapter).eval()
        logits: Tensor = tuned(input_ids=torch.tensor([IDS])).logits[0, -len(IDS) :]
    return logits


def merged_by_peft(model: Path, adapter: Path) -> Any:
    """The base with the adapter in its weights."""
    import peft

    return peft.PeftModel.from_pretrained(load_base(model), adapter).merge_and_unload()


def by_us(shelf: Shelf, model: Path, *laid: Adapter) -> Tensor:
    """Logits of our own path, (T, V)."""
    runner = shelf.runner(str(model), "", never, laid)
    with torch.inference_mode():
        return runner.model.extend_all(runner.model.empty(), IDS).clone()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("family", FAMILIES)
def test_as_trained_it_is_what_peft_computes(
    family: str, method: str, models: Models, adapters: Made_
) -> None:
    folder, shelf = adapters(family, method), Shelf(lambda event: None)
    ours = by_us(shelf, models[family], Adapter(path=str(folder)))
    base = by_us(shelf, models[family])
    torch.testing.assert_close(ours, by_peft(models[family], folder), atol=1e-5, rtol=1e-5)
    assert (ours - base).abs().max() > 0.01


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("llama", {"use_rslora": True}),
        ("llama", {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.up_proj": 9}}),
        ("llama", {"target_modules": ["q_proj", "lm_head"]}),
        ("llama", {"modules_to_save": ["lm_head", "norm"]}),
        ("gpt2", {"bias": "lora_only"}),
        ("gpt2", {"target_modules": ["c_proj"], "layers_to_transform": [1], "layers_pattern": "h"}),
    ],
    ids=["rslora", "patterns", "head", "modules_to_save", "bias", "layers"],
)
def test_the_settings_of_a_lora_count(
    family: str, changes: dict[str, object], models: Models, adapters: Made_
) -> None:
    folder = adapters(family, "lora", 3, **changes)
    ours = by_us(Shelf(lambda event: None), models[family], Adapter(path=str(folder)))
    torch.testing.assert_close(ours, by_peft(models[family], folder), atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_several_mix_with_their_weights(family: str, models: Models, adapters: Made_) -> None:
    one, two = adapters(family, "lora"), adapters(family, "dora", 2)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        base = {name: weight.clone() for name, weight in load_base(models[family]).named_parameters()}
        merged = [dict(merged_by_peft(models[family], folder).named_parameters()) for folder in (one, two)]
        model = load_base(models[family])
        for name, weight in model.named_parameters():
            for share, tuned in zip((0.5, -0.75), merged, strict=True):
                weight += share * (tuned[name] - base[name])
        wanted = model(input_ids=torch.tensor([IDS])).logits[0]
    laid = (Adapter(path=str(one), weight=0.5), Adapter(path=str(two), weight=-0.75))
    torch.testing.assert_close(
        by_us(Shelf(lambda event: None), models[family], *laid), wanted, atol=2e-5, rtol=1e-4
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_learnt_tokens_stand_before_a_model_with_changed_weights(
    family: str, models: Models, adapters: Made_
) -> None:
    import peft

    weights, tokens = adapters(family, "lora"), adapters(family, "prompt")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        merged = merged_by_peft(models[family], weights)
        both = peft.PeftModel.from_pretrained(merged, tokens).eval()
        wanted = both(input_ids=torch.tensor([IDS])).logits[0, -len(IDS) :]
    laid = (Adapter(path=str(tokens)), Adapter(path=str(weights)))
    torch.testing.assert_close(
        by_us(Shelf(lambda event: None), models[family], *laid), wanted, atol=2e-5, rtol=1e-4
    )


@pytest.mark.parametrize("method", ["dora", "ia3", "prefix"])
@pytest.mark.parametrize("family", FAMILIES)
def test_weight_nought_is_the_model_itself(
    family: str, method: str, models: Models, adapters: Made_, run_job: RunJob
) -> None:
    job = job_for(models[family])
    with_it = job.changed(adapters=(Adapter(path=str(adapters(family, method))),))
    plain = [take.tokens for take in ends(run_job(job))]
    assert [take.tokens for take in ends(run_job(with_it))] != plain
    without = job.changed(adapters=(Adapter(path=str(adapters(family, method)), weight=0.0),))
    assert [take.tokens for take in ends(run_job(without))] == plain


@pytest.mark.parametrize("method", ["lora", "adalora", "prefix", "prompt"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_take_made_with_an_adapter_is_made_again(
    family: str, method: str, models: Models, adapters: Made_, make_run: Callable[[], RunJob]
) -> None:
    laid = (Adapter(path=str(adapters(family, method))),)
    job = job_for(models[family], "The fox " * 40, adapters=laid)
    others = [
        job.changed(adapters=()),
        job.changed(adapters=(Adapter(path=str(adapters(family, "dora", 2)), weight=0.3),)),
        job.changed(prompt=job.prompt + "sang."),
    ]
    run, fresh = make_run(), make_run()
    first = run(job)
    for other in others:
        run(other)
    for again in (run(job), fresh(job)):
        assert [take.tokens for take in ends(again)] == [take.tokens for take in ends(first)]
    digest = hashlib.sha256((Path(laid[0].path) / "adapter_model.safetensors").read_bytes()).hexdigest()
    assert started(first).made.adapters_sha256 == (digest,)


def test_learnt_tokens_do_not_break_kept_chunks(
    models: Models, adapters: Made_, make_run: Callable[[], RunJob]
) -> None:
    for family in FAMILIES:
        laid = (Adapter(path=str(adapters(family, "prefix"))),)
        run, text = make_run(), "The fox sang to the river. " * 8
        run(job_for(models[family], text, adapters=laid))
        longer = job_for(models[family], text + "It ends.", adapters=laid)
        kept, cold = run(longer), make_run()(longer)
        assert started(kept).made.reused_tokens > 0 == started(cold).made.reused_tokens
        assert [take.tokens for take in ends(kept)] == [take.tokens for take in ends(cold)]


def test_learnt_tokens_take_their_room(models: Models, adapters: Made_) -> None:
    for family in FAMILIES:
        laid = (Adapter(path=str(adapters(family, "prompt"))), Adapter(path=str(adapters(family, "prefix"))))
        runner = Shelf(lambda event: None).runner(str(models[family]), "", never, laid)
        assert runner.model.context_tokens == 256 - 10


def test_prefixes_stand_first_in_whatever_order_they_are_named(models: Models, adapters: Made_) -> None:
    laid = [Adapter(path=str(adapters("llama", method))) for method in ("prompt", "prefix")]
    one, other = (by_us(Shelf(lambda event: None), models["llama"], *both) for both in (laid, laid[::-1]))
    assert torch.equal(one, other)


def test_another_weight_reads_no_model_anew_where_its_own_stands(models: Models, adapters: Made_) -> None:
    shelf = Shelf(lambda event: None)
    folder = str(adapters("gpt2", "lora"))
    base = by_us(shelf, models["gpt2"])
    hold = shelf.runner(str(models["gpt2"]), "", never, (Adapter(path=folder),)).model
    assert by_us(shelf, models["gpt2"], Adapter(path=folder, weight=0.5)).shape == base.shape
    now = shelf.runner(str(models["gpt2"]), "", never, (Adapter(path=folder, weight=0.5),)).model
    assert now.model is hold.model  # type: ignore[attr-defined]
    fresh = by_us(Shelf(lambda event: None), models["gpt2"], Adapter(path=folder, weight=0.5))
    assert torch.equal(by_us(shelf, models["gpt2"], Adapter(path=folder, weight=0.5)), fresh)
    assert torch.equal(by_us(shelf, models["gpt2"]), base)


@pytest.mark.parametrize("family", FAMILIES)
def test_learnt_tokens_share_the_model_in_memory(family: str, models: Models, adapters: Made_) -> None:
    heard: list[Event] = []
    shelf = Shelf(heard.append)
    shelf.runner(str(models[family]), "", never)
    loading = sum(isinstance(event, Loading) and event.done > 0 for event in heard)
    shelf.runner(str(models[family]), "", never, (Adapter(path=str(adapters(family, "prefix"))),))
    assert sum(isinstance(event, Loading) and event.done > 0 for event in heard) == loading


def test_no_more_than_two_of_a_model_stand_in_memory(models: Models, adapters: Made_) -> None:
    shelf = Shelf(lambda event: None)
    for family in ("llama", "gpt2"):
        shelf.runner(str(models[family]), "", never)
        for weight in (0.2, 0.4, 0.6):
            laid = (Adapter(path=str(adapters(family, "lora")), weight=weight),)
            shelf.runner(str(models[family]), "", never, laid)
            standing = [name.adapters for name in shelf._loaded if name.folder == str(models[family])]
            assert standing == [(), at_work(laid)]


def test_a_changed_adapter_is_read_anew(models: Models, adapters: Made_, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(adapters("llama", "lora"), tmp_path / "a"))
    shelf, laid = Shelf(lambda event: None), Adapter(path=str(folder))
    first = by_us(shelf, models["llama"], laid)
    shutil.copy(adapters("llama", "lora", 9) / "adapter_model.safetensors", folder)
    assert not torch.equal(by_us(shelf, models["llama"], laid), first)


def test_the_same_adapter_twice_counts_with_both_weights(models: Models, adapters: Made_) -> None:
    folder = str(adapters("llama", "lora"))
    halves = (Adapter(path=folder, weight=0.25), Adapter(path=folder, weight=0.5))
    assert at_work(halves) == ((str(Path(folder).resolve()), 0.75),)
    assert at_work((Adapter(path=folder), Adapter(path=folder, weight=-1.0))) == ()


@pytest.mark.parametrize(
    ("family", "method", "over", "said"),
    [
        ("gpt2", "lora", "llama", "has no layer transformer.h.0.attn.c_attn"),
        ("gpt2", "prefix", "llama", "numbers wide"),
        ("qwen3", "lora", "llama", "another size"),
    ],
)
def test_an_adapter_of_another_model_is_refused_before_anything_is_loaded(
    family: str, method: str, over: str, said: str, models: Models, adapters: Made_
) -> None:
    heard: list[Event] = []
    with pytest.raises(StudioError, match=said) as caught:
        by_us(Shelf(heard.append), models[over], Adapter(path=str(adapters(family, method))))
    assert caught.value.code == "adapter" and caught.value.do
    assert heard == []


def test_an_adapter_of_other_weights_is_refused_unless_the_model_came_of_them(
    models: Models, adapters: Made_, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(models["llama"], tmp_path / "model"))
    folder = Path(shutil.copytree(adapters("llama", "lora"), tmp_path / "a"))
    note = AdapterNote(name="fables", art="text", family="llama", method="lora", base_title="Story")
    heard: list[Event] = []
    for digest in ("", hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()):
        write_note(folder, AdapterNote(**{**_fields(note), "base_sha256": digest}))
        by_us(Shelf(lambda event: None), model, Adapter(path=str(folder)))
    other = AdapterNote(**{**_fields(note), "base_sha256": "ab" * 32})
    write_note(folder, other)
    with pytest.raises(
        StudioError, match="fables does not fit model: it was trained on Story, a model with other"
    ):
        by_us(Shelf(heard.append), model, Adapter(path=str(folder)))
    assert heard == []
    write_note(model, AdapterNote(**{**_fields(other), "name": "", "method": "full"}))
    by_us(Shelf(lambda event: None), model, Adapter(path=str(folder)))


def _fields(note: AdapterNote) -> dict[str, object]:
    return {name: getattr(note, name) for name in note.__struct_fields__}


def test_learnt_tokens_have_no_weight_in_between(models: Models, adapters: Made_) -> None:
    with pytest.raises(StudioError, match="no weight in between") as caught:
        by_us(
            Shelf(lambda event: None),
            models["llama"],
            Adapter(path=str(adapters("llama", "prefix")), weight=0.5),
        )
    assert "0 to leave it out" in caught.value.do


def test_a_job_whose_adapters_were_not_laid_is_not_made(models: Models, adapters: Made_) -> None:
    """Takes of the plain model under an adapter's name would be worse than none."""
    runner = Shelf(lambda event: None).runner(str(models["llama"]), "", never)
    job = job_for(models["llama"], adapters=(Adapter(path=str(adapters("llama", "lora"))),))
    with pytest.raises(ValueError, match="before it comes here"):
        runner.run(job, lambda event: None, never)


def test_old_recipes_stay_readable() -> None:
    import msgspec

    old = {"model_sha256": "ab", "family": "llama", "device": "cpu", "dtype": "float32", "threads": 1}
    assert msgspec.convert(old, Made).adapters_sha256 == ()
