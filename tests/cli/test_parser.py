"""What can be typed after `atelier`."""

import json
from pathlib import Path

import pytest

import studio.app.main
from studio import __version__
from studio.cli import parser
from studio.cli.console import OK, Report
from studio.cli.parser import MODULES, build_parser


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["make"],
        ["make", "text"],
        ["make", "text", "--prompt", "x", "--takes", "many"],
        ["make", "text", "--prompt", "x", "--colour", "red"],
        ["tour"],
        ["models", "sell"],
        ["bench", "soup"],
        ["tune", "sculpture", "dir"],
        ["tune", "text"],
    ],
)
def test_wrong_usage_ends_with_2_and_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert parser.run(arguments) == 2
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["error"]["code"] == "usage" and answer["error"]["what"].startswith("atelier")
    assert answer["error"]["what"] in said.err


def test_make_text_takes_everything_a_job_has() -> None:
    line = (
        "make text --prompt - --suffix s --note n --model m --seed 5 --takes 2 --tokens 9 --project p --out o"
    )
    options = build_parser().parse_args(
        [*line.split(), "--adapter", "a=0.5", "--adapter", "b", "--set", "top_k=4", "--json", "--debug"]
    )
    assert (options.command, options.kind, options.prompt) == ("make", "text", "-")
    assert (options.suffix, options.note, options.seed) == ("s", "n", 5)
    assert (options.takes, options.tokens) == (2, 9)
    assert (options.model, options.project, options.out) == (Path("m"), Path("p"), Path("o"))
    assert (options.adapter, options.set) == (["a=0.5", "b"], ["top_k=4"])
    assert options.json and options.debug


def test_what_is_not_given_is_left_to_the_job() -> None:
    options = build_parser().parse_args(["make", "text", "--prompt", "x"])
    assert options.seed is options.takes is options.tokens is options.model is options.project is None
    assert options.adapter == options.set == [] and not options.json


@pytest.mark.parametrize("command", sorted(MODULES))
def test_every_command_is_run_by_its_module(command: str, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    lines = {
        "make": ["make", "text", "--prompt", "x"],
        "tour": ["tour", "dir"],
        "models": ["models", "list"],
        "import": ["import", "book.md", "--project", "dir"],
        "export": ["export", "--project", "dir", "--out", "book.md"],
        "tune": ["tune", "text", "dir"],
    }
    heard: list[str] = []

    def main(options, say) -> Report:
        heard.append(options.command)
        return Report(body={})

    monkeypatch.setattr(f"{MODULES[command]}.main", main)
    assert parser.run(lines.get(command, [command])) == OK
    assert heard == [command]
    assert capsys.readouterr().out.startswith("{")


@pytest.mark.parametrize("given", [True, False])
def test_without_a_command_the_window_opens(
    given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []

    def run_window(project: Path | None = None) -> int:
        opened.append(project)
        return 0

    monkeypatch.setattr(studio.app.main, "run_window", run_window)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Book.atelier").mkdir()
    assert parser.run(["Book.atelier"] if given else []) == 0
    assert opened == [(tmp_path / "Book.atelier").resolve() if given else None]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["--version"])
    assert caught.value.code == 0 and __version__ in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--json", "M"], ["M", "--json"], ["--acts", "rewrite", "M", "--json"]])
def test_options_of_models_may_stand_before_the_path(words: list[str]) -> None:
    action = "check" if "--acts" in words else "add"
    said = build_parser().parse_args(["models", action, *words])
    assert (said.path, said.json) == (Path("M"), True)
