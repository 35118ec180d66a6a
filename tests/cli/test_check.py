"""`atelier models check` on a tiny model, through the real engine and worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny_models


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.make_model(tmp_path_factory.mktemp("check") / "model")


def run(home: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "studio", "models", "check", *arguments, "--json"],
        capture_output=True,
        env={**os.environ, "ATELIER_HOME": str(home), "ATELIER_THREADS": "1"},
        timeout=100,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_check_is_reported_and_remembered(tmp_path: Path, model: Path) -> None:
    status, said = run(tmp_path, str(model), "--acts", "rewrite", "--ship")
    assert status == 0
    acts = said["acts"]
    assert isinstance(acts, list)
    assert {row["act"] for row in acts} == {"continue", "fill_in", "rewrite"}
    assert all(row["of"] == 20 and row["passed"] < row["need"] and not row["usable"] for row in acts)
    assert said["model"]["path"] == str(model)  # type: ignore[index]
    kept = json.loads((tmp_path / "abilities.json").read_text())
    assert len(kept["models"]) == 1
    shipped = json.loads((model / "abilities.json").read_text())
    assert shipped["model_sha256"] == said["model"]["sha256"]  # type: ignore[index]


def test_wrong_acts_and_wrong_folders_are_told(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--acts", "sing")
    assert status == 2
    assert "“sing” is no act" in said["error"]["what"]  # type: ignore[index]
    status, said = run(tmp_path, str(tmp_path / "nowhere"))
    assert status == 1
    assert said["error"]["code"] == "missing_model"  # type: ignore[index]
