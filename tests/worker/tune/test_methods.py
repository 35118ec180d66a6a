"""Every method on tiny language and note models: it trains, is kept, is read back exactly, and generates."""

import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.catalog.adapter_note import read_note
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.tuning import WHOLE
from studio.worker.tune import methods
from tests.tiny_models import make_model, make_music_model
from tests.worker.tune.learning import PEFT_METHODS, Training, fresh, logits, rows, settings_for

# peft says so in each generate() with learnt tokens, whatever is asked for
pytestmark = pytest.mark.filterwarnings("ignore:Position ids are not supported")
FAMILIES = ("llama", "qwen3", "gpt2")
CASES = [
    (family, method)
    for family in FAMILIES
    for method in (*PEFT_METHODS, "bitfit", "last_layers", "full")
    if method != "bitfit" or family == "gpt2"  # the others have no biases
]


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny model of each family, and one of notes."""
    folder = tmp_path_factory.mktemp("bases")
    made = {family: make_model(folder / family, family) for family in FAMILIES}
    return {**made, "music": make_music_model(folder / "music", context=256)}


def learnt(base: Path, method: str, folder: Path, art: str = "text", **adapter: Any) -> Any:
    """A model after two steps; what it learnt lies in `folder`."""
    settings = settings_for(base, method, art, **adapter)
    model = methods.apply(fresh(base), settings, steps=2)
    Training(model, settings, 2).steps([1, 2])
    folder.mkdir()
    methods.save(model, folder, settings, inspect_model(base), base_sha256="ab" * 32)
    return model


@pytest.mark.parametrize(("family", "method"), CASES)
def test_method_trains_is_kept_and_reloads_exactly(
    family: str, method: str, bases: dict[str, Path], tmp_path: Path
) -> None:
    base, out, ids = bases[family], tmp_path / "out", rows()
    model = learnt(base, method, out)
    now = logits(model, ids)
    assert not torch.equal(now, logits(fresh(base), ids))
    again = methods.load(fresh(base), out)
    assert torch.equal(logits(again, ids), now)
    assert not any(weight.requires_grad for weight in again.parameters())
    made = again.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=3, do_sample=False
    )
    assert made.shape[1] > ids.shape[1]
    settings = settings_for(base, method)
    going_on = methods.load_for_training(fresh(base), out, settings, steps=2)
    assert torch.equal(logits(going_on, ids), now)
    assert methods.trained_numbers(going_on) == methods.trained_numbers(model)
    Training(going_on, settings, 2).steps([1])
    assert not torch.equal(logits(going_on, ids), now)


@pytest.mark.parametrize("method", ["lora", "adalora", "prefix", "last_layers"])
def test_method_trains_a_model_of_notes(method: str, bases: dict[str, Path], tmp_path: Path) -> None:
    base, out, ids = bases["music"], tmp_path / "out", rows()
    now = logits(learnt(base, method, out, "music"), ids)
    assert torch.equal(logits(methods.load(fresh(base), out), ids), now)
    note = read_note(out)
    assert note is not None
    assert (note.art, note.method, note.base_sha256) == ("music", method, "ab" * 32)
    if method in WHOLE:
        assert inspect_model(out).kind == "music"


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft's to its developers
@pytest.mark.parametrize("method", PEFT_METHODS)
def test_plain_peft_reads_an_adapter(method: str, bases: dict[str, Path], tmp_path: Path) -> None:
    base, out, ids = bases["llama"], tmp_path / "out", rows()
    now = logits(learnt(base, method, out), ids)
    plain = peft.PeftModel.from_pretrained(fresh(base), str(out))
    assert torch.equal(logits(plain, ids), now)
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)


@pytest.mark.parametrize("method", ["lora", "dora", "adalora", "ia3"])
def test_adapter_does_nothing_before_it_has_learnt(method: str, bases: dict[str, Path]) -> None:
    base, ids = bases["llama"], rows()
    model = methods.apply(fresh(base), settings_for(base, method), steps=2)
    assert torch.allclose(logits(model, ids), logits(fresh(base), ids), atol=1e-6)


@pytest.mark.parametrize("method", PEFT_METHODS)
def test_base_answers_for_itself_without_the_adapter(
    method: str, bases: dict[str, Path], tmp_path: Path
) -> None:
    base, ids = bases["llama"], rows()
    model = learnt(base, method, tmp_path / "out")
    with methods.without(model):
        assert torch.equal(logits(model, ids), logits(fresh(base), ids))
    assert not torch.equal(logits(model, ids), logits(fresh(base), ids))


@pytest.mark.parametrize("method", ["prefix", "prompt"])
@pytest.mark.parametrize("family", FAMILIES)
def test_learnt_tokens_begin_as_the_tokens_they_are_given(
    family: str, method: str, bases: dict[str, Path]
) -> None:
    base, ids = bases[family], rows()
    start = [7, 8, 9, 10, 11]
    model = methods.apply(fresh(base), settings_for(base, method), steps=2, start=start)
    before = torch.tensor([start] * len(ids))
    told = logits(fresh(base), torch.cat([before, ids], dim=1))[:, len(start) :]
    assert torch.allclose(logits(model, ids)[:, -ids.shape[1] :], told, atol=1e-5)


@pytest.mark.parametrize("method", [*PEFT_METHODS, "full"])
def test_broken_off_training_goes_on_bit_for_bit(method: str, bases: dict[str, Path]) -> None:
    base, settings = bases["llama"], settings_for(bases["llama"], method, dropout=0.0)
    whole = Training(methods.apply(fresh(base), settings, steps=9), settings, 9).steps(range(1, 10))
    cuts = (2, 5, 7) if method == "adalora" else (5,)  # while it judges ranks, and behind that
    for cut in cuts:
        first = Training(methods.apply(fresh(base), settings, steps=9), settings, 9).steps(range(1, cut + 1))
        kept = methods.state(first.model)
        second = Training(methods.apply(fresh(base), settings, steps=9), settings, 9)
        methods.restore(second.model, kept)
        second.optimizer.load_state_dict(first.optimizer.state_dict())
        second.schedule.load_state_dict(first.schedule.state_dict())
        second.steps(range(cut + 1, 10))
        for name, weight in methods.state(whole.model).items():
            assert torch.equal(weight, methods.state(second.model)[name]), (cut, name)


def test_adalora_ends_with_the_ranks_it_was_given(bases: dict[str, Path]) -> None:
    base, settings = bases["llama"], settings_for(bases["llama"], "adalora", rank=2)
    model = methods.apply(fresh(base), settings, steps=12)
    Training(model, settings, 12).steps(range(1, 13))
    values = [weight for name, weight in model.named_parameters() if "lora_E" in name]
    assert sum(int((value != 0).sum()) for value in values) <= 2 * len(values)
    assert any(int((value != 0).sum()) != 2 for value in values)  # some layers more, some less


def test_adalora_owes_its_orthogonality_besides_the_loss(bases: dict[str, Path]) -> None:
    base, ids = bases["llama"], rows()
    model = methods.apply(fresh(base), settings_for(base, "adalora"), steps=4)
    inner = model.base_model.model(input_ids=ids, labels=ids).loss
    extra = methods.extra_loss(model)
    assert extra is not None
    assert torch.allclose(inner + extra, model(input_ids=ids, labels=ids).loss)
    assert methods.extra_loss(methods.apply(fresh(base), settings_for(base), steps=4)) is None


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_adalora_takes_runs_of_very_few_steps(steps: int, bases: dict[str, Path]) -> None:
    settings = settings_for(bases["llama"], "adalora")
    model = methods.apply(fresh(bases["llama"]), settings, steps=steps)
    Training(model, settings, steps).steps(range(1, steps + 1))


def test_same_seed_begins_the_same_and_disturbs_no_other_numbers(bases: dict[str, Path]) -> None:
    base, settings = bases["llama"], settings_for(bases["llama"])
    torch.manual_seed(3)
    first = methods.state(methods.apply(fresh(base), settings, steps=2))
    after = torch.rand(1)
    torch.manual_seed(3)
    fresh(base)
    assert torch.equal(torch.rand(1), after)
    second = methods.state(methods.apply(fresh(base), settings, steps=2))
    other = methods.state(methods.apply(fresh(base), settings.changed(seed=1), steps=2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_whole_model_keeps_the_number_type_of_its_base(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base", "llama", tie_word_embeddings=True)
    halve(base)
    out = tmp_path / "out"
    model = learnt(base, "full", out)
    assert next(model.parameters()).dtype == torch.float32  # half precision would not move
    tensors = load_file(out / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert tensors.keys() == load_file(base / "model.safetensors").keys()
    assert json.loads((out / "config.json").read_text())["dtype"] == "float16"
    assert inspect_model(out).usable


def test_small_changes_survive_over_a_base_in_bfloat16(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base", "llama")
    halve(base, torch.bfloat16)
    settings = settings_for(base, "full")
    model = methods.apply(fresh(base), settings, steps=2)
    with torch.no_grad():
        model.model.norm.weight *= 1.002
    out = tmp_path / "out"
    out.mkdir()
    methods.save(model, out, settings, inspect_model(base))
    now = load_file(out / "model.safetensors")["model.norm.weight"]
    assert now.dtype == torch.float16
    assert torch.allclose(now.float(), torch.full_like(now, 1.002).float(), atol=1e-3)
    assert not torch.equal(now.float(), torch.ones_like(now).float())


def test_weight_too_large_for_half_precision_is_kept_in_full(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base", "llama")
    halve(base)
    settings = settings_for(base, "full")
    model = methods.apply(fresh(base), settings, steps=2)
    with torch.no_grad():
        model.model.norm.weight[0] = 1e6
    out = tmp_path / "out"
    out.mkdir()
    methods.save(model, out, settings, inspect_model(base))
    tensors = load_file(out / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert json.loads((out / "config.json").read_text())["dtype"] == "float32"


def test_last_layers_and_biases_alone_move(bases: dict[str, Path]) -> None:
    model = methods.apply(fresh(bases["gpt2"]), settings_for(bases["gpt2"], "last_layers"), steps=2)
    assert {name.split(".")[1] for name, _ in methods.trainable(model)} == {"h", "ln_f"}
    assert not any(".h.0." in name for name, _ in methods.trainable(model))
    model = methods.apply(fresh(bases["gpt2"]), settings_for(bases["gpt2"], "bitfit"), steps=2)
    assert all(name.endswith("bias") for name, _ in methods.trainable(model))


def test_layers_named_by_the_person_are_the_ones_that_learn(bases: dict[str, Path]) -> None:
    settings = settings_for(bases["llama"], "lora", targets=("up_proj",))
    model = methods.apply(fresh(bases["llama"]), settings, steps=2)
    assert all("up_proj" in name for name, _ in methods.trainable(model))


@pytest.mark.parametrize(
    ("family", "method", "adapter", "words"),
    [
        ("llama", "bitfit", {}, "no bias terms"),
        ("llama", "last_layers", {"layers": 9}, "has 2 layers"),
        ("llama", "lora", {"targets": ("nowhere",)}, "can't be trained so"),
    ],
)
def test_what_a_model_cannot_take_is_told(
    family: str, method: str, adapter: dict[str, Any], words: str, bases: dict[str, Path]
) -> None:
    with pytest.raises(StudioError, match=words) as told:
        methods.apply(fresh(bases[family]), settings_for(bases[family], method, **adapter), steps=2)
    assert told.value.code == "method"
    assert told.value.do


def test_adapter_that_does_not_belong_is_refused(bases: dict[str, Path], tmp_path: Path) -> None:
    base, out = bases["llama"], tmp_path / "out"
    learnt(base, "lora", out)
    with pytest.raises(StudioError, match="trained by lora"):
        methods.load_for_training(fresh(base), out, settings_for(base, "dora"), steps=2)
    wider = make_model(tmp_path / "wider", "llama", hidden_size=64)
    for other in (wider, bases["gpt2"]):
        with pytest.raises(StudioError, match="could not be laid over this model"):
            methods.load(fresh(other), out)


def test_damaged_adapters_are_refused(bases: dict[str, Path], tmp_path: Path) -> None:
    base, out = bases["llama"], tmp_path / "out"
    learnt(base, "lora", out)
    weights = out / "adapter_model.safetensors"
    whole = weights.read_bytes()
    kept = load_file(weights)
    kept.pop(min(kept))
    save_file(kept, weights)
    with pytest.raises(StudioError, match="has nothing for"):
        methods.load(fresh(base), out)
    weights.write_bytes(whole[:-9])
    with pytest.raises(StudioError, match="could not be laid over"):
        methods.load(fresh(base), out)
    weights.rename(out / "adapter_model.bin")  # a pickle's name: never opened
    with pytest.raises(StudioError, match="is missing"):
        methods.load(fresh(base), out)


def test_weights_that_are_no_numbers_are_not_kept(bases: dict[str, Path], tmp_path: Path) -> None:
    base, settings = bases["llama"], settings_for(bases["llama"])
    model = methods.apply(fresh(base), settings, steps=2)
    with torch.no_grad():
        methods.trainable(model)[0][1][0] = float("nan")
    with pytest.raises(StudioError, match="went astray") as told:
        methods.save(model, tmp_path, settings, inspect_model(base))
    assert told.value.code == "numbers"
    assert list(tmp_path.glob("*.safetensors")) == []


def test_state_of_another_method_is_not_put_back(bases: dict[str, Path]) -> None:
    base = bases["llama"]
    lora = methods.apply(fresh(base), settings_for(base), steps=2)
    other = methods.apply(fresh(base), settings_for(base, "ia3"), steps=2)
    with pytest.raises(ValueError, match="not this model's"):
        methods.restore(other, methods.state(lora))


def halve(base: Path, dtype: torch.dtype = torch.float16) -> None:
    """Keep a model's weights in half precision."""
    tensors = {name: tensor.to(dtype) for name, tensor in load_file(base / "model.safetensors").items()}
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "dtype": str(dtype).removeprefix("torch.")}))
