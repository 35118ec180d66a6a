"""From what is typed after `atelier tune` to the settings of a run."""

from pathlib import Path
from typing import Any

import pytest

from studio.cli.console import UsageError
from studio.cli.parser import build_parser
from studio.cli.tune_settings import settings_of
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tuning import TuneSettings, write_settings


def settings(*words: object, kind: str = "text", folder: object = "poems") -> TuneSettings:
    return settings_of(build_parser().parse_args(["tune", kind, str(folder), *map(str, words)]))


@pytest.mark.parametrize(("kind", "starter"), [("text", "story"), ("image", "picture"), ("music", "sketch")])
def test_what_is_not_typed_is_left_to_the_folder_and_the_model(kind: str, starter: str) -> None:
    asked = settings(kind=kind)
    folder, base = str(Path("poems").resolve()), str(starter_model(starter))
    assert asked == TuneSettings(art=kind, base=base, folder=folder)  # type: ignore[arg-type]


def test_every_option_and_setting_is_heard() -> None:
    asked = settings(
        "--base", "m", "--method", "dora", "--steps", 9, "--epochs", "0.5", "--seed", 7, "--name", "Mine", "--out", "o",
        "--set", "adapter.rank=8", "--set", "optimizer.rate=1e-3", "--set", "text.packing=false",
        "--set", 'run.samples=["Once, a fox", "b=c"]', "--set", "run.minutes=2", "--set", "licence=CC0",
    )  # fmt: skip
    assert (asked.base, asked.out) == (str(Path("m").resolve()), str(Path("o").resolve()))
    assert (asked.method, asked.steps, asked.epochs, asked.seed, asked.name) == ("dora", 9, 0.5, 7, "Mine")
    assert (asked.adapter.rank, asked.optimizer.rate, asked.text.packing) == (8, 1e-3, False)
    assert asked.run.samples == ("Once, a fox", "b=c") and asked.run.minutes == 2 and asked.licence == "CC0"


def test_a_config_file_is_taken_and_what_is_typed_wins_over_it(tmp_path: Path) -> None:
    file = tmp_path / "tune.toml"
    file.write_text('method = "ia3"\nsteps = 4\nname = "By file"\n[adapter]\nrank = 4\nalpha = 2.0\n')
    asked = settings("--config", file, "--steps", 5, "--set", "adapter.rank=6")
    assert (asked.method, asked.steps, asked.name) == ("ia3", 5, "By file")
    assert (asked.adapter.rank, asked.adapter.alpha) == (6, 2.0)


def test_a_saved_file_gives_the_same_settings_on_another_folder(tmp_path: Path) -> None:
    saved = settings("--steps", 3, "--set", "run.patience=0", folder=tmp_path / "one")
    (tmp_path / "tune.toml").write_text(write_settings(saved))
    again = settings("--config", tmp_path / "tune.toml", folder=tmp_path / "two")
    assert again == saved.changed(folder=str(tmp_path / "two"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "rank=8"], "rank=8"),
        (["--set", "adapter=8"], "KEY=VALUE"),
        (["--set", "art=music"], "KEY=VALUE"),
        (["--set", "adapter.rank"], "KEY=VALUE"),
        (["--set", "adapter.rank=many"], "adapter.rank must be a whole number"),
        (["--set", "adapter.rank=-1"], "adapter.rank must be at least 0"),
        (["--set", "adapter.targets=q_proj"], "JSON"),
        (["--method", "magic"], "magic"),
        (["--method", "textual_inversion"], "textual inversion"),
        (["--steps", "-1"], "steps must be at least 0"),
        (["--name", "\udcff"], "UTF-8"),
    ],
)
def test_what_cannot_be_meant_is_said(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings(*words)
    assert said in refused.value.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps = ", "TOML"),
        ("[adapter]\ncolour = 3\n", "colour"),
        ("version = 2\n", "version must be at most 1"),
        ('steps = "many"\n', "steps must be a whole number"),
        ("adapter = 3\n", "adapter"),
        ('art = "music"\n', "tune music"),
    ],
)
def test_a_config_file_that_cannot_be_meant_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tune.toml").write_text(text)
    with pytest.raises(StudioError) as refused:
        settings("--config", tmp_path / "tune.toml")
    assert said in refused.value.what


@pytest.mark.parametrize(
    "make", [lambda file: None, lambda file: file.mkdir(), lambda file: file.write_bytes(b"\xff")]
)
def test_a_config_file_that_cannot_be_read_is_said(tmp_path: Path, make: Any) -> None:
    make(file := tmp_path / "tune.toml")
    with pytest.raises(StudioError) as refused:
        settings("--config", file)
    assert refused.value.code == "config" and str(file) in refused.value.what
