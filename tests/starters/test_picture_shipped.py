"""The picture model that ships: its files, its figures, and that the real pipeline draws with it."""

import json
import re
from pathlib import Path

import numpy as np
import picture_export
import pytest
import torch
from PIL import Image
from safetensors import safe_open

PARTS = {"vae": "diffusion_pytorch_model", "unet": "diffusion_pytorch_model", "text_encoder": "model"}


@pytest.fixture
def shipped() -> Path:
    """Its folder."""
    folder = Path(__file__).resolve().parents[2] / "resources" / "models" / "picture"
    if not (folder / "README.md").exists():
        pytest.skip("the picture model has not been made here")
    return folder


def test_files_and_size(shipped: Path) -> None:
    assert {one.name for one in shipped.iterdir()} == {
        *PARTS, "tokenizer", "scheduler", "model_index.json", "atelier.json", "README.md", "sheet.webp",
    }  # fmt: skip
    assert picture_export.size(shipped) <= picture_export.LIMIT
    for part, name in PARTS.items():
        with safe_open(shipped / part / f"{name}.safetensors", "pt") as weights:
            kinds = {str(weights.get_slice(key).get_dtype()) for key in weights.keys()}  # noqa: SIM118
        assert kinds <= {"F16", "I64"}, part


def test_settings_name_no_folder_and_keep_the_schedule(shipped: Path) -> None:
    for file in shipped.rglob("*.json"):
        assert "_name_or_path" not in file.read_text(encoding="utf-8")
    schedule = json.loads((shipped / "scheduler" / "scheduler_config.json").read_text(encoding="utf-8"))
    assert schedule["prediction_type"] == "v_prediction"
    assert schedule["rescale_betas_zero_snr"] and schedule["timestep_spacing"] == "trailing"


def test_card_states_the_figures(shipped: Path) -> None:
    card = (shipped / "README.md").read_text(encoding="utf-8")
    found = re.search(r"\*\*(\d+\.\d\d) dB\*\* PSNR", card)
    assert found and float(found.group(1)) >= 26
    for needed in ("denoising loss, test captions", "retrieval, drawn pictures", "retrieval, real pictures"):
        assert needed in card
    for licence in ("Apache-2.0", "MIT"):
        assert licence in card
    with Image.open(shipped / "sheet.webp") as sheet:
        assert sheet.size == (1024, 1024)


def test_real_pipeline_draws_a_red_heart_on_white(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # its thread would outlive the test
    from diffusers import AutoPipelineForText2Image

    pipe = AutoPipelineForText2Image.from_pretrained(shipped, dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    drawn = picture_export.draw(pipe, ["a red heart"]).astype(np.float32)
    assert drawn.shape == (1, 128, 128, 3)
    corners = drawn[0][[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.mean() > 210  # the ground is light; not yet as white as the pictures it was trained on
    inside = drawn[0, 48:80, 48:80].mean((0, 1))
    assert inside[0] > inside[1] + 60 and inside[0] > inside[2] + 60  # and the thing on it is red
