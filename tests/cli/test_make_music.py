"""`atelier make music` with a real worker and a tiny random model: files, what is held, exact repetition, a theme."""

import hashlib
from pathlib import Path

import pytest
import soundfile

from studio.catalog.inspect import inspect_model
from studio.cli import tour
from studio.cli.console import OK
from studio.cli.parser import build_parser
from studio.cli.runner import runner
from studio.cli.tour_music import compose
from studio.media.music.midi import read_midi
from studio.media.music.midi_write import write_midi
from studio.media.music.score import Key, Note, Score, Track
from studio.project.reader import Reader
from tests.cli.test_commands import atelier
from tests.tiny_models import make_music_model

BAR = 1920


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_music_model(tmp_path_factory.mktemp("models") / "notes")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    tune = [Note(480 * at, 62 + (0, 3, 5, 7)[at % 4], 480) for at in range(16)]
    bass = [Note(BAR * bar, 38, 1920) for bar in range(4)]
    tracks = (Track(id="t1", name="Tune").with_notes(tune), Track(id="t2", program=32).with_notes(bass))
    path = tmp_path / "song.mid"
    path.write_bytes(write_midi(Score(tracks=tracks, keys=(Key(0, 2, "minor"),))).data)
    return path


def test_takes_are_files_that_keep_to_key_and_chords_and_the_same_seed_gives_the_same(
    model: Path, tmp_path: Path
) -> None:
    call = (
        "make", "music", "--key", "D minor", "--chords", "Dm Gm A7 Dm", "--length", 4, "--tempo", 90, "--takes", 2,
        "--seed", 3, "--model", model, "--json",
    )  # fmt: skip
    first = atelier(*call, "--out", tmp_path / "one", home=tmp_path)
    assert first["command"] == "make" and first["device"]["kind"] == "cpu" and first["bars"] == [1, 4]
    assert first["model"]["path"] == str(model) and len(first["model"]["sha256"]) == 64
    assert first["from"] is None
    rows = first["takes"]
    assert [(row["status"], Path(row["file"]).name) for row in rows] == [
        ("done", "take-1.mid"),
        ("done", "take-2.mid"),
    ]
    for row in rows:
        data = Path(row["file"]).read_bytes()
        score = read_midi(data).score
        assert row["sha256"] == hashlib.sha256(data).hexdigest() and row["seconds"] >= 0
        assert row["units"] == row["notes"] == row["facts"]["notes"] == score.note_count > 0
        assert row["held"] == {"key": 1.0, "chords": 1.0} and row["facts"]["in_key"] == 1.0
        assert score.tempos[0].per_minute == pytest.approx(90) and [c.symbol for c in score.chords][1] == "Gm"
        assert row["recipe"]["job"]["hold_key"] and row["recipe"]["made"]["dtype"] == "float32"
    assert rows[0]["sha256"] != rows[1]["sha256"]
    again = atelier(*call, home=tmp_path)
    assert [row["sha256"] for row in again["takes"]] == [row["sha256"] for row in rows]
    assert again["takes"][0]["text"].startswith("track t1\n") and "file" not in again["takes"][0]
    free = atelier(*call, "--free", home=tmp_path)
    assert all(row["held"]["key"] < 1 for row in free["takes"]), "a random model leaves the key when it may"


def test_infilling_a_file_leaves_all_else_as_it_was_and_is_recorded_in_the_project(
    model: Path, song: Path, tmp_path: Path
) -> None:
    answer = atelier(
        "make", "music", "--from", song, "--task", "infill", "--bars", "2-3", "--tracks", "1", "--takes", 1,
        "--seed", 1, "--model", model, "--out", tmp_path / "out", "--project", tmp_path / "P.atelier", home=tmp_path,
    )  # fmt: skip
    assert answer["from"] == {"file": str(song), "bars": 4, "tracks": 2, "changed": []}
    (row,) = answer["takes"]
    before, after = read_midi(song.read_bytes()).score, read_midi(Path(row["file"]).read_bytes()).score
    assert after.tracks[1].notes == before.tracks[1].notes
    for start, end in ((0, BAR), (3 * BAR, 5 * BAR)):
        kept = [note for note in after.tracks[0].notes if start <= note.start < end]
        assert kept == [note for note in before.tracks[0].notes if start <= note.start < end]
    inside = [note for note in after.tracks[0].notes if BAR <= note.start < 3 * BAR]
    assert len(inside) == row["notes"] and row["facts"]["bars"] == 2
    with Reader(tmp_path / "P.atelier") as reader:
        (work,) = reader.works()
        assert (work.kind, work.title) == ("piece", "song")
        take = reader.take(row["id"])
        (first,) = reader.history(work.id).nodes()
        assert (first.kind, first.words) == ("imported", "Import song") and take.parent == first.id


def test_a_track_is_added(model: Path, song: Path, tmp_path: Path) -> None:
    answer = atelier(
        "make", "music", "--from", song, "--task", "add", "--program", "cello", "--hold-key", "--takes", 1, "--seed", 2,
        "--model", model, "--out", tmp_path / "out", home=tmp_path,
    )  # fmt: skip
    score = read_midi((tmp_path / "out" / "take-1.mid").read_bytes()).score
    assert [track.program for track in score.tracks] == [0, 32, 42] and score.tracks[2].name == "Cello"
    assert answer["takes"][0]["held"]["key"] == 1.0


def test_wrong_usage_is_told_before_a_model_is_looked_at(song: Path, tmp_path: Path) -> None:
    def refused(*arguments: object, status: int) -> dict:
        answer = atelier(
            "make", "music", *arguments, "--model", tmp_path / "nowhere", home=tmp_path, status=status
        )
        error: dict = answer["error"]
        return error

    assert "bars 1 to 4" in refused("--from", song, "--task", "infill", "--bars", "4-5", status=2)["what"]
    assert "make music --help" in refused("--key", "X", status=2)["do"]
    assert refused("--task", "sing", status=2)["code"] == "usage"
    assert "nowhere" in refused(status=1)["what"]
    story = Path(__file__).resolve().parents[2] / "resources" / "models" / "story"
    answer = atelier("make", "music", "--model", story, home=tmp_path, status=1)
    assert answer["error"]["code"] == "wrong_kind" and "music model" in answer["error"]["what"]


def test_a_theme_is_proposed_harmonised_and_rendered(model: Path, tmp_path: Path) -> None:
    acts: list[tuple[str, str]] = []
    with runner(tmp_path / "T.atelier") as engine:
        card = inspect_model(model)
        files = compose(
            engine, card, tmp_path, seed=7, takes=2, note=lambda act, take, _words: acts.append((act, take))
        )
        (work,) = engine.session.reader.works()
        takes = engine.session.takes_of(work.id)
        score = engine.session.open_piece(work.id)
    assert work.title == "Theme" and len(takes) == 4 and len({take.id for take in takes}) == 4
    assert [act for act, _ in acts] == [
        *("theme", "theme", "accept", "reject"),
        *("harmonise", "harmonise", "accept", "reject"),
        *("render", "render"),
    ]
    assert {take.verdict for take in takes} == {"accepted", "rejected"}
    piano, cello = score.tracks
    assert (piano.name, cello.program) == ("Piano", 42) and piano.notes and cello.notes
    assert [track.notes for track in read_midi(files["midi"].read_bytes()).score.tracks] == [
        tuple(Note(n.start, n.pitch, n.duration, n.velocity) for n in track.notes) for track in score.tracks
    ]
    info = soundfile.info(files["wav"])
    assert info.format == "WAV" and info.duration > 8


def test_the_tour_gives_its_story_a_theme_where_a_music_model_came_with_the_program(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tour.starter_model("story")
    folders = {"story": story, "picture": tmp_path / "none", "sketch": model}
    monkeypatch.setattr(tour, "starter_model", folders.__getitem__)
    options = build_parser().parse_args(["tour", str(tmp_path / "out"), "--takes", "1"])
    report = tour.main(options, lambda _words: None)
    assert report.status == OK and sorted(report.body["files"]) == ["midi", "story", "wav"]
    assert all(Path(file).is_file() for file in report.body["files"].values())
    acts = [act["act"] for act in report.body["acts"]]
    assert acts[-1] == "export" and acts[acts.index("theme") :].count("accept") == 2
    with Reader(Path(report.body["project"])) as reader:
        assert [work.kind for work in reader.works()] == ["story", "scene", "piece"]
