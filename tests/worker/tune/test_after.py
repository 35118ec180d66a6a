"""After a run: both models weighed on the same held-out files, samples before and after, what was copied is flagged."""

import json
import random
from pathlib import Path

import pytest

from studio.catalog.inspect import inspect_model
from studio.core.tune_events import Noted, Sampled
from studio.core.tuning import read_settings
from studio.media.dataset.prepare import texts
from studio.media.music.midi import read_midi
from studio.worker.tune.after import SAMPLES, after
from studio.worker.tune.after_words import compare_words
from studio.worker.tune.causal import train_music, train_text
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.samples import prompts_for, sampler_for
from tests.tiny_models import LINES, make_model, make_music_model
from tests.worker.tune.training import events, make_run, settings_of, write_pieces


def write_tales(folder: Path) -> Path:
    """Twenty texts of chance in one manner, none like another."""
    folder.mkdir()
    words = (*LINES[0].split(), "owl", "mill", "river", "wood", "sang", "slept")
    for number in range(20):
        chance = random.Random(number)
        lines = [" ".join(chance.choices(words, k=9)).capitalize() + "." for _ in range(8)]
        (folder / f"tale {number}.txt").write_text(" ".join(lines), encoding="utf-8")
    return folder


def trained_text(tmp_path: Path, **changes: object) -> tuple[Run, Trained]:
    base = make_model(tmp_path / "base", "llama")
    changes = {"data": {"validation": 0.1, "test": 0.1}, **changes}
    run = make_run(tmp_path / "runs", settings_of("text", base, write_tales(tmp_path / "texts"), **changes))
    run.on_sample = sampler_for(run)
    return run, train_text(run)


def test_a_text_run_is_weighed_before_and_after_and_told_in_a_card(tmp_path: Path) -> None:
    run, trained = trained_text(tmp_path, name="Owls", licence="mine")
    finished = after(run, trained)

    before, end, gain = (finished.test[name] for name in ("before", "after", "gain"))
    assert gain.mean == pytest.approx(1 - end.mean / before.mean) and gain.mean > 0.01  # it learnt the manner
    assert before.low <= before.mean <= before.high
    assert finished.documents == len(run.survey.on("test")) >= 1
    assert set(finished.forgetting) == {"before", "after", "gain"}
    assert finished.adapter == "" and finished.card == "README.md" and finished.diagnosis

    card = (trained.adapter / "README.md").read_text("utf-8")
    assert "# Owls" in card and f"{before.mean:.4f}" in card and "mine" in card
    assert read_settings(card.split("```toml\n")[1].split("```")[0]) == run.settings
    report = json.loads((trained.adapter / "report.json").read_bytes())
    assert report["test"]["gain"]["mean"] == gain.mean and report["losses"][0][1] is None
    beside = sorted(file.name for file in (trained.adapter / "samples").iterdir())
    count = min(SAMPLES, finished.documents)
    assert beside == sorted(f"{index}-{side}.txt" for index in range(count) for side in ("before", "after"))


def test_samples_are_made_of_the_same_prompts_with_the_same_seeds_all_along(tmp_path: Path) -> None:
    run, _ = trained_text(tmp_path, run={"sample_every": 4})
    told = events(run, Sampled)
    by_step = {step: [one for one in told if one.step == step] for step in (0, 4, 8)}
    assert [len(row) for row in by_step.values()] == [len(by_step[0])] * 3 and by_step[0]
    assert {(one.index, one.prompt, one.seed) for one in by_step[0]} == {
        (one.index, one.prompt, one.seed) for one in by_step[8]
    }
    first, last = ((run.folder.path / by_step[step][0].file).read_text("utf-8") for step in (0, 8))
    assert first.startswith(by_step[0][0].prompt) and first != last
    held = {row.text for row in texts(run.folder.data, "validation")}
    assert all(any(text.strip().startswith(one.prompt) for text in held) for one in told)


def test_the_persons_own_prompts_come_first(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base", "llama")
    wishes = {"samples": ("Once upon", "The end")}
    run = make_run(tmp_path / "runs", settings_of("text", base, write_tales(tmp_path / "texts"), run=wishes))
    assert [prompt.words for prompt in prompts_for(run, 3, ("validation",))] == ["Once upon", "The end"]


def test_what_stands_in_the_folder_word_for_word_is_flagged(tmp_path: Path) -> None:
    from studio.worker.tune.after_words import _Words
    from studio.worker.tune.samples import Made

    base = make_model(tmp_path / "base", "llama")
    run = make_run(tmp_path / "runs", settings_of("text", base, write_tales(tmp_path / "texts")))
    words = next(iter(texts(run.folder.data, "train"))).text.split()
    copied, own = " ".join(words[3:33]), "Nobody ever wrote quite this, dear reader."
    scale = _Words(run, inspect_model(base))
    found = scale.longest([Made(data=b"", ending=".txt", text=text) for text in (copied, own)])
    assert found[0] >= 30 and found[1] <= 2


def test_a_music_run_is_weighed_and_its_samples_are_midi_files(tmp_path: Path) -> None:
    base = make_music_model(tmp_path / "base")
    folder = write_pieces(tmp_path / "pieces")
    run = make_run(
        tmp_path / "runs", settings_of("music", base, folder, data={"test": 0.2}, run={"sample_every": 8})
    )
    run.on_sample = sampler_for(run)
    finished = after(run, train_music(run))
    assert finished.test["after"].mean < finished.test["before"].mean
    told = events(run, Sampled)
    assert {one.step for one in told} == {0, 8}
    for one in told:
        assert read_midi((run.folder.path / one.file).read_bytes()).score.note_count
    assert not [note for note in events(run, Noted) if note.code in ("sample", "report")]


@pytest.mark.parametrize("method", ["prompt", "full"])
def test_soft_prompts_and_whole_models_are_compared_too(tmp_path: Path, method: str) -> None:
    run, trained = trained_text(tmp_path, method=method, steps=4, run={"sample_every": 4})
    found = compare_words(run, trained, inspect_model(run.settings.base))
    assert len(found.before) == len(found.after) == len(found.prompts) >= 1
    assert found.test.intervals()["after"].mean != found.test.intervals()["before"].mean
    assert not [note for note in events(run, Noted) if note.code == "sample"]


def test_without_a_test_side_nothing_is_claimed(tmp_path: Path) -> None:
    run, trained = trained_text(tmp_path, data={"test": 0.0})
    finished = after(run, trained)
    assert finished.test == {} and finished.documents == 0
    assert "held-out files of the folder" not in (trained.adapter / "README.md").read_text("utf-8")
