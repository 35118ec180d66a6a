"""`atelier make --adapter` with a real worker: the recipe names what was laid on; a wrong one is told in words."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import atelier
from tests.tiny_adapters import write_lora
from tests.tiny_models import make_model, make_music_model

Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """A model of each kind, and an adapter of it."""
    folder = tmp_path_factory.mktemp("models")
    bases = {
        "text": make_model(folder / "story", hidden_size=48),
        "music": make_music_model(folder / "notes"),
    }
    return {kind: (base, write_lora(folder / f"a=b {kind}", base)) for kind, base in bases.items()}


@pytest.mark.parametrize(
    ("kind", "wish"), [("text", ("--prompt", "The fox", "--tokens", 12)), ("music", ("--length", 2))]
)
def test_the_recipe_names_the_adapter_and_its_hash(
    kind: str, wish: tuple[object, ...], models: dict[str, Pair], tmp_path: Path
) -> None:
    base, folder = models[kind]
    call = ("make", kind, *wish, "--takes", 1, "--model", base, "--adapter", f"{folder}=0.8", "--json")
    recipe: dict[str, Any] = atelier(*call, home=tmp_path)["takes"][0]["recipe"]
    digest = hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()
    assert recipe["made"]["adapters_sha256"] == [digest]
    assert recipe["job"]["adapters"] == [{"path": str(folder), "weight": 0.8}]


def test_an_adapter_of_another_model_is_told(models: dict[str, Pair], tmp_path: Path) -> None:
    (base, _), (_, other) = models["text"], models["music"]
    call = ("make", "text", "--prompt", "The fox", "--model", base, "--adapter", other, "--json")
    done = atelier(*call, home=tmp_path, status=1)
    assert "does not fit story" in done["error"]["what"]
