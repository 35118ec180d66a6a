"""Adapters of language and note models are told by their files, and held against models without loading either."""

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.catalog.adapter_fits import why_not_over
from studio.catalog.adapter_note import AdapterNote, write_note
from studio.catalog.adapters import read_adapter
from studio.catalog.catalog import Catalog
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from tests.catalog.llama_folder import write_folder
from tests.catalog.safetensors_file import write_file
from tests.tiny_adapters import METHODS, make_adapter
from tests.tiny_models import make_model, make_music_model

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama."""
    return make_model(tmp_path_factory.mktemp("models") / "story")


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each method over it, as peft saves them."""
    folder = tmp_path_factory.mktemp("adapters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {method: make_adapter(folder / f"my-{method}", base, method) for method in METHODS}


@pytest.fixture
def lora(adapters: dict[str, Path], tmp_path: Path) -> Path:
    """A LoRA that may be changed."""
    return Path(shutil.copytree(adapters["lora"], tmp_path / "lora"))


def change_config(folder: Path, **changes: object) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize("method", METHODS)
def test_what_peft_saved_has_a_card_and_fits_its_model(
    method: str, base: Path, adapters: dict[str, Path]
) -> None:
    card = inspect_model(adapters[method])
    assert (card.kind, card.method, card.title, card.usable) == ("adapter", method, f"my {method}", True)
    assert (card.base, card.art, card.family) == ("story", "", "")
    assert card.virtual_tokens == (5 if method in ("prefix", "prompt") else 0)
    assert card.parameters > 0 and card.size_bytes > 4 * card.parameters
    assert why_not_over(adapters[method], inspect_model(base)) == ""


def test_a_note_says_what_the_files_do_not(lora: Path) -> None:
    note = AdapterNote(
        name="Fables", art="text", family="llama", method="lora", base_title="Story", base_sha256="ab"
    )
    write_note(lora, note)
    card = inspect_model(lora)
    told = (card.title, card.art, card.family, card.base, card.base_sha256)
    assert told == ("Fables", "text", "llama", "Story", "ab")


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_other_sizes_is_refused_in_words(
    method: str, adapters: dict[str, Path], tmp_path: Path
) -> None:
    sizes = {"hidden_size": 48, "num_attention_heads": 6, "num_key_value_heads": 6}
    wide = inspect_model(make_model(tmp_path / "wide", **sizes))
    said = why_not_over(adapters[method], wide)
    assert said.startswith(f"The adapter my-{method} does not fit wide: ")
    assert "numbers wide" in said or "another size" in said


def test_a_model_with_fewer_layers_is_refused(adapters: dict[str, Path], tmp_path: Path) -> None:
    low = inspect_model(make_model(tmp_path / "low", num_hidden_layers=1))
    assert "this model has no layer model.layers.1." in why_not_over(adapters["lora"], low)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"art": "music"}, "it is for music, this model is for writing"), ({"family": "gemma"}, "gemma")],
)
def test_what_its_note_says_counts(changes: dict[str, str], said: str, lora: Path, base: Path) -> None:
    plain = {"art": "text", "family": "llama", "method": "lora"}
    write_note(lora, AdapterNote(**{**plain, **changes}))  # type: ignore[arg-type]
    assert said in why_not_over(lora, inspect_model(base))


def test_a_shared_table_of_tokens_is_not_changed(
    adapters: dict[str, Path], base: Path, tmp_path: Path
) -> None:
    tied = inspect_model(make_model(tmp_path / "tied", tie_word_embeddings=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        head = make_adapter(tmp_path / "head", base, target_modules=["q_proj", "lm_head"])
    assert "both reads and writes with" in why_not_over(head, tied)
    assert why_not_over(head, inspect_model(base)) == why_not_over(adapters["lora"], tied) == ""


def test_only_models_that_write_take_one(adapters: dict[str, Path], base: Path) -> None:
    assert "no model that writes" in why_not_over(adapters["lora"], inspect_model(adapters["dora"]))
    assert "There is no" in why_not_over(base / "nowhere", inspect_model(base)) or "can't be used" in (
        why_not_over(base / "nowhere", inspect_model(base))
    )


def no_weights(folder: Path) -> None:
    (folder / "adapter_model.safetensors").unlink()


def cut_short(folder: Path) -> None:
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-4])


def half_a_pair(folder: Path) -> None:
    write_file(folder / "adapter_model.safetensors", {f"{LAYER}.lora_A.weight": (4, 32)})


def embedding(folder: Path) -> None:
    name = "base_model.model.model.embed_tokens.lora_embedding_A"
    write_file(folder / "adapter_model.safetensors", {name: (4, 420)})


def foreign_names(folder: Path) -> None:
    write_file(folder / "adapter_model.safetensors", {"something": (4, 420)})


def loha(folder: Path) -> None:
    change_config(folder, peft_type="LOHA")


def tokens_alone(folder: Path) -> None:
    change_config(folder, trainable_token_indices=[3])


def pissa(folder: Path) -> None:
    change_config(folder, init_lora_weights="pissa")


def no_prompt(folder: Path) -> None:
    change_config(folder, peft_type="PROMPT_TUNING")


BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (no_weights, "adapter_model.safetensors is missing"),
    (cut_short, "cut short"),
    (half_a_pair, "is not what lora needs"),
    (embedding, "table of tokens"),
    (foreign_names, "none of peft's"),
    (loha, "the kind LOHA"),
    (tokens_alone, "trainable_token_indices"),
    (pissa, "changes the model's own weights"),
    (no_prompt, "virtual tokens alone"),
]


@pytest.mark.parametrize(("breaks", "said"), BROKEN, ids=[case[0].__name__ for case in BROKEN])
def test_what_can_not_be_computed_is_named(
    breaks: Callable[[Path], None], said: str, lora: Path, base: Path
) -> None:
    breaks(lora)
    with pytest.raises(StudioError) as caught:
        read_adapter(lora)
    assert said in caught.value.what and caught.value.do
    assert said in why_not_over(lora, inspect_model(base))


def test_the_list_says_which_adapters_a_model_can_take(
    base: Path, adapters: dict[str, Path], tmp_path: Path
) -> None:
    notes = make_music_model(tmp_path / "notes")
    catalog = Catalog(tmp_path / "models.json", [base])
    for folder in (adapters["lora"], adapters["prompt"], notes):
        catalog.add(folder)
    write_folder(tmp_path / "other")
    catalog.add(tmp_path / "other")
    cards = {Path(card.path).name: card for card in catalog.models()}
    assert cards["story"].adapters == (str(adapters["lora"]), str(adapters["prompt"]))
    assert cards["other"].adapters == cards["my-lora"].adapters == ()
    assert str(adapters["lora"]) in cards["notes"].adapters  # the same sizes, and nothing says for what it is
