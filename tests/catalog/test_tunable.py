"""What can't be fine-tuned so is told before it begins, in words a person can act on."""

import importlib.machinery
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from studio.catalog.adapter_note import NOTE_NAME, AdapterNote, write_note
from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.catalog.tunable import can_pack, ia3_places, methods_of, why_no_8bit, why_not
from studio.core.tuning import METHODS, AdapterSettings, OptimizerSettings, TuneSettings
from tests.catalog.llama_folder import write_folder
from tests.catalog.music_folder import write_music_folder


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    """A language model of two layers of eight, without biases, that looks back over 64 tokens."""
    folder = write_folder(tmp_path / "llama")
    tensors = load_file(folder / "model.safetensors")
    for layer in range(2):
        for name in ("self_attn.k_proj", "self_attn.v_proj", "mlp.down_proj"):
            tensors[f"model.layers.{layer}.{name}.weight"] = np.zeros((8, 8), np.float16)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.fixture
def bitsandbytes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if bitsandbytes were installed."""
    find = importlib.util.find_spec
    spec = importlib.machinery.ModuleSpec("bitsandbytes", None)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: spec if name == "bitsandbytes" else find(name, *more)
    )
    yield


def wanted(method: str = "lora", art: str = "text", **groups: Any) -> TuneSettings:
    """Settings of that method."""
    made: Any = {"art": art, "base": "b", "folder": "f", "method": method, **groups}
    return TuneSettings(**made)


def picture(family: str = "sd1") -> ModelCard:
    """The card of a picture model that is not on this disk."""
    return ModelCard(path="/nowhere", title="Pictures", kind="image", family=family)


def test_plain_model_takes_all_but_what_it_has_not(llama: Path) -> None:
    said = methods_of(inspect_model(llama), wanted())
    assert tuple(said) == METHODS
    assert {method for method, why in said.items() if why} == {"bitfit", "textual_inversion"}
    assert said["bitfit"] == "llama has no bias terms, and BitFit trains nothing else. Choose LoRA."


def test_model_with_biases_takes_bitfit(llama: Path) -> None:
    tensors = load_file(llama / "model.safetensors")
    tensors["model.layers.0.self_attn.k_proj.bias"] = np.zeros(8, np.float16)
    save_file(tensors, llama / "model.safetensors", {"format": "pt"})
    assert why_not(inspect_model(llama), wanted("bitfit")) == ""


def test_model_of_notes_takes_the_same(tmp_path: Path) -> None:
    card = inspect_model(write_music_folder(tmp_path / "music"))
    assert why_not(card, wanted("full", "music")) == ""
    assert why_not(card, wanted("full")) == "music is not a language model. Choose one."
    assert "not a model of notes" in why_not(picture(), wanted("full", "music"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (wanted(adapter=AdapterSettings(rank=9)), "A rank of 9 is more than llama is wide (8)"),
        (wanted("last_layers", adapter=AdapterSettings(layers=3)), "llama has 2 layers; 3 can't be trained"),
        (wanted("prefix", adapter=AdapterSettings(virtual_tokens=33)), "too little of the 64"),
        (wanted("prefix", optimizer=OptimizerSettings(checkpointing=True)), "gradient checkpointing"),
        (wanted(optimizer=OptimizerSettings(base_bits=4)), "needs an NVIDIA card"),
        (wanted("full", optimizer=OptimizerSettings(base_bits=4)), "can't be quantised"),
        (wanted(from_adapter="/nowhere/mine"), "There is no adapter in"),
    ],
)
def test_what_the_model_cannot_do_is_told(settings: TuneSettings, words: str, llama: Path) -> None:
    said = why_not(inspect_model(llama), settings)
    assert words in said
    assert said.endswith(".")


def test_layers_of_unknown_names_take_no_ia3_unless_they_are_named(tmp_path: Path) -> None:
    card = inspect_model(write_folder(tmp_path / "odd"))
    assert "names its layers in a way IA3 does not know" in why_not(card, wanted("ia3"))
    assert why_not(card, wanted("ia3", adapter=AdapterSettings(targets=("up_proj",)))) == ""


def test_ia3_finds_keys_values_and_the_way_out() -> None:
    llama = [
        "model.layers.0.self_attn.k_proj.weight",
        "l.0.self_attn.v_proj.weight",
        "l.0.mlp.down_proj.weight",
    ]
    assert ia3_places(llama) == ("k_proj", "v_proj", "down_proj")
    assert ia3_places(["h.0.attn.c_attn.weight", "h.0.mlp.c_proj.weight"]) == ("c_attn", "mlp.c_proj")
    assert ia3_places(["model.norm.weight"]) == ()


@pytest.mark.usefixtures("bitsandbytes")
def test_8bit_is_there_with_bitsandbytes(llama: Path) -> None:
    card = inspect_model(llama)
    assert why_no_8bit() == ""
    assert why_not(card, wanted(optimizer=OptimizerSettings(optimizer="adamw_8bit"))) == ""
    four = wanted(optimizer=OptimizerSettings(base_bits=4))
    assert why_not(card, four, gpu=True) == ""
    assert "NVIDIA" in why_not(card, four)


@pytest.mark.parametrize(
    ("family", "settings", "words"),
    [
        ("sd1", wanted("prefix", "image"), "for writing and music"),
        (
            "flux",
            wanted("textual_inversion", "image", adapter=AdapterSettings(trigger="<x>")),
            "no single learnt word",
        ),
        ("sd1", wanted("textual_inversion", "image"), "say which"),
        (
            "qwen_image",
            wanted("lora", "image", adapter=AdapterSettings(text_encoder=True)),
            "can't be trained along",
        ),
        ("sd1", wanted("lora", "image", optimizer=OptimizerSettings(base_bits=8)), "Choose 0 bits"),
    ],
)
def test_what_a_picture_model_cannot_do_is_told(family: str, settings: TuneSettings, words: str) -> None:
    assert words in why_not(picture(family), settings)


@pytest.mark.parametrize("method", ["lora", "dora", "adalora", "ia3", "last_layers", "full"])
def test_picture_models_take_the_rest(method: str) -> None:
    for family in ("sd1", "sdxl", "sd3", "flux", "qwen_image", "z_image"):
        assert why_not(picture(family), wanted(method, "image")) == ""


def test_damaged_and_unfit_models_speak_for_themselves(llama: Path, tmp_path: Path) -> None:
    card = inspect_model(llama)
    (llama / "model.safetensors").write_bytes(b"nothing")
    assert "is damaged" in why_not(card, wanted("bitfit"))
    odd = ModelCard(path="/nowhere", title="Odd", kind="text", usable=False, why_not="It is broken.")
    assert why_not(odd, wanted()) == "It is broken."
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF" + bytes(64))
    whole = ModelCard(path=str(gguf), title="Whole", kind="text")
    assert "made for running only" in why_not(whole, wanted())


def test_going_on_asks_for_the_same_method(llama: Path, tmp_path: Path) -> None:
    card, mine = inspect_model(llama), tmp_path / "mine"
    mine.mkdir()
    write_note(mine, AdapterNote(art="text", method="dora"))
    assert why_not(card, wanted("dora", from_adapter=str(mine))) == ""
    said = why_not(card, wanted("lora", from_adapter=str(mine)))
    assert said == "The adapter mine was trained with DoRA. Choose DoRA to go on from it."
    (mine / NOTE_NAME).unlink()
    (mine / "adapter_config.json").write_text('{"peft_type": "IA3"}')
    assert "trained with IA3" in why_not(card, wanted("lora", from_adapter=str(mine)))
    (mine / "adapter_config.json").write_text('{"peft_type": "LOHA"}')
    assert "of a kind this version can't train (LOHA)" in why_not(
        card, wanted("lora", from_adapter=str(mine))
    )


def test_rows_are_not_shared_behind_learnt_tokens() -> None:
    assert {
        method for method in METHODS if method != "textual_inversion" and not can_pack(wanted(method))
    } == {
        "prefix",
        "prompt",
    }
