"""The figures of the bench: measured with a tiny model, all there, ours beside generate()."""

from pathlib import Path

import pytest

from studio.worker import measure_music as module


def test_all_figures_are_there(notes_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WARM_JOBS", 1)
    monkeypatch.setattr(module, "_JOBS", 1)
    found = module.measure_music(str(notes_model), 1)
    for name in ("notes_per_s", "tokens_per_s", "x_generate", "takes4_x_generate", "eight_bars_s", "weigh_s"):
        assert found[name] > 0
    assert found["bars"] == 8
    assert abs(found["rss_growth"]) < 1


def test_the_measured_piece_is_four_parts_of_quarters() -> None:
    assert module._piece().note_count == 16 * 16
    job, files = module._job("m", 3, 4)
    assert (job.last_bar - job.first_bar + 1, len(job.tracks), job.takes) == (8, 4, 4)
    assert job.hold_key and set(files) == {job.score}
