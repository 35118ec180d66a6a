"""The music figures: what is measured without a model or a corpus, and what the probes find of their parts."""

import io
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from studio.cli import bench_music, probe_music
from studio.cli.bench_music import NO_CORPUS, NO_MODEL, Wish, measures
from studio.cli.figures import Figure
from studio.cli.parser import build_parser
from studio.media.music.midi import write_midi
from tests.catalog.music_folder import write_music_folder

NOTHING = Wish(model="", corpus="")


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured in a process."""

    def refuse(*what: object) -> dict[str, Any]:
        raise AssertionError(what)

    monkeypatch.setattr(bench_music, "run", refuse)
    monkeypatch.setattr(bench_music, "probe", refuse)


def wished(*words: str) -> Wish:
    return Wish.of(build_parser().parse_args(["bench", "music", *words]))


def test_a_model_and_a_corpus_can_be_named(tmp_path: Path) -> None:
    model = write_music_folder(tmp_path / "notes")
    assert wished("--model", str(model), "--corpus", str(tmp_path)) == Wish(str(model), str(tmp_path))
    assert wished("--model", str(tmp_path / "nowhere")) == NOTHING


def test_without_a_model_its_figures_are_told_as_missing_and_why(no_process: None) -> None:
    for measure in (bench_music.writing, bench_music.roll, bench_music.window):
        figures = measure(True, NOTHING)
        assert figures
        for figure in figures.values():
            assert figure.value is None
        assert {figure.why for figure in figures.values() if figure.reach is not None} == {NO_MODEL}


def test_without_a_corpus_no_file_is_read_and_nothing_is_missed(no_process: None) -> None:
    figures = bench_music.reading(True, NOTHING)
    assert {(f.value, f.why, f.reach) for f in figures.values()} == {(None, NO_CORPUS, None)}


def test_each_measurement_says_what_it_does_and_is_told_what_was_wished(
    tmp_path: Path, no_process: None
) -> None:
    options = build_parser().parse_args(["bench", "music", "--model", str(tmp_path)])
    bound = measures(options)
    assert len({measure.__doc__ for measure in bound}) == len(bound) == 6
    figures: dict[str, Figure] = bound[0](True)
    assert all(figure.value is None for figure in figures.values())


def test_ratios_against_generate_are_judged_and_a_bar_is_an_eighth(monkeypatch: pytest.MonkeyPatch) -> None:
    found = dict.fromkeys(
        (
            *("notes_per_s", "takes4_notes_per_s", "generate_tokens_per_s", "generate4_tokens_per_s"),
            *("x_generate", "takes4_x_generate", "weigh_s", "rss_growth"),
        ),
        2.0,
    )
    told = found | {
        "eight_bars_s": 2.0, "bars": 8, "dtype": "float32", "threads": 1, "kernel": "native",
    }  # fmt: skip
    asked: list[list[str]] = []

    def run(command: list[str]) -> dict[str, Any]:
        asked.append(command)
        return told

    monkeypatch.setattr(bench_music, "run", run)
    figures = bench_music.writing(True, Wish("/notes", ""))
    assert asked[0][-4:] == ["measure", "music", "/notes", "3"]
    assert figures["music_s_per_bar"].value == 0.25
    assert figures["music_8_bars_s"].value == 2.0
    for name in ("music_x_generate", "music_takes4_x_generate"):
        assert (figures[name].value, figures[name].reach, figures[name].at) == (2.0, 2.5, "least")


def test_the_piece_of_the_roll_has_20_000_notes() -> None:
    score = probe_music.many_notes()
    assert score.note_count == 20_000
    assert len(score.tracks[0].notes) == 10_000


def test_files_are_found_in_folders_and_in_turns_in_archives(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "loose.mid").write_bytes(b"1")
    for name, count in (("a", 3), ("b", 1)):
        with tarfile.open(tmp_path / f"{name}.tar.xz", "w:xz") as packed:
            for number in range(count):
                entry = tarfile.TarInfo(f"train/{name}{number}.mid")
                entry.size = 2
                packed.addfile(entry, io.BytesIO(b"ok"))
            packed.addfile(tarfile.TarInfo("README"), io.BytesIO(b""))
    found = [Path(name).stem for name, _ in probe_music.midi_files(tmp_path)]
    assert found == ["loose", "a0", "b0", "a1", "a2"]


def test_files_are_read_by_both_and_damaged_ones_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.mid").write_bytes(write_midi(probe_music.four_parts(2)).data)
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    monkeypatch.setattr(sys, "argv", ["probe", "music-import", str(tmp_path), "500"])
    found = probe_music.reading(tmp_path)
    assert found["files"] == 3
    assert found["midi_import_files_per_s"] > 0
    assert found["midi_import_x_symusic"] > 0
    monkeypatch.setattr(sys, "argv", ["probe", "music-import", str(tmp_path / "none"), "500"])
    assert probe_music.reading(tmp_path) == {"files": 0}


def test_eight_tracks_are_made_and_mixed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(probe_music, "MIXED_BARS", 1)
    found = probe_music.mixing(tmp_path)
    assert found["mix"] > 0
    assert found["stems"] > 0
