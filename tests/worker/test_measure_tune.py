"""The trainer is measured beside plain scripts: on tiny models, that it is done at all and what is counted."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.worker import measure_tune
from studio.worker.measure import main
from tests.tiny_models import LINES, make_model
from tests.tiny_pictures import make_pipeline


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps, short rows; no threads of progress bars."""
    monkeypatch.setattr(measure_tune, "_STEPS", 2)
    monkeypatch.setattr(measure_tune, "_CHART_STEPS", 8)
    monkeypatch.setattr(measure_tune, "_WINDOW", 128)
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.txt").write_text(" ".join(LINES[: 1 + number % 4]) * 2 + f" {number}.")
    return folder


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_text_is_trained_both_ways_and_padding_does_not_count(
    few: None, stories: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    base = make_model(tmp_path / "model")
    found = measure_tune.measure_text(str(base), str(stories), 1)
    assert found["documents"] == 12 and found["x_plain"] > 0
    assert found["x_plain"] == pytest.approx(found["tokens_per_s"] / found["plain_tokens_per_s"])
    cost = measure_tune.measure_charts(str(base), str(stories), 1)
    assert -1 < cost["cost"] < 100 and cost["steps"] == 8


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_pictures_are_learnt_from_both_ways(
    few: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.worker import measure_tune_image

    monkeypatch.setattr(measure_tune_image, "_STEPS", 1)
    monkeypatch.setattr(measure_tune_image, "_BATCH", 2)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(5):
        pixels = np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"a red box {number}")
    found = measure_tune_image.measure_image(str(make_pipeline(tmp_path / "sd1", "sd1")), str(folder), 1)
    assert found["pictures"] >= 2 and found["x_plain"] > 0 and found["cache_s"] > 0


def test_an_unknown_part_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "poems", "a", "b"]) == 2
    assert "tune text|image|charts" in capsys.readouterr().err
