"""What is typed after `make music`, before any model is looked at: what is wrong is named with what is allowed."""

import argparse
from pathlib import Path

import pytest

from studio.catalog.card import ModelCard
from studio.cli.console import UsageError
from studio.cli.music_job import Asked, asked, music_job
from studio.cli.music_options import bars_of, meter_of, program_from, tracks_of
from studio.cli.parser import build_parser
from studio.core.errors import StudioError
from studio.core.pieces import Pick
from studio.media.music.carried import unpack
from studio.media.music.midi_write import write_midi
from studio.media.music.score import Chord, Key, Meter, Note, Score, Track

BAR = 1920
CARD = ModelCard(path="/m", title="m", kind="music")


def options(*arguments: object) -> argparse.Namespace:
    return build_parser().parse_args(["make", "music", *map(str, arguments)])


def ask(*arguments: object) -> Asked:
    return asked(options(*arguments))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Four bars of a tune, two of a bass, and drums."""
    tracks = (
        Track(id="t1", name="Tune").with_notes(Note(BAR * bar, 62, 960) for bar in range(4)),
        Track(id="t2", name="Bass", program=32).with_notes(Note(BAR * bar, 38, 1920) for bar in range(2)),
        Track(id="t3", name="Kit", drums=True).with_notes([Note(0, 36, 120)]),
    )
    path = tmp_path / "song.mid"
    path.write_bytes(write_midi(Score(tracks=tracks, keys=(Key(0, 0),))).data)
    return path


def test_without_a_file_there_is_an_empty_track_of_the_instrument() -> None:
    one = ask()
    (track,) = one.score.tracks
    assert (track.name, track.program, track.notes, one.read) == ("Piano", 0, (), None)
    assert (one.aim.first_bar, one.aim.last_bar, one.aim.tracks) == (0, 7, ("t1",))
    two = ask("--program", "cello", "--length", 4, "--tempo", 90, "--meter", "6/8")
    assert (two.score.tracks[0].name, two.score.tracks[0].program) == ("Cello", 42)
    assert two.aim.last_bar == 3 and two.score.tempos[0].per_minute == pytest.approx(90)
    assert two.score.meters == (Meter(0, 6, 8),)


def test_key_and_chords_are_laid_over_the_bars_and_held_unless_free() -> None:
    held = ask("--key", "D minor", "--chords", "Dm A7", "--length", 4)
    assert held.score.keys == (Key(0, 2, "minor"),) and held.settings.hold_key and held.settings.hold_chords
    assert held.score.chords == tuple(
        Chord(BAR * bar, BAR, symbol) for bar, symbol in enumerate(["Dm", "A7"] * 2)
    )
    free = ask("--key", "D minor", "--chords", "Dm A7", "--free")
    assert free.score.keys and free.score.chords
    assert not free.settings.hold_key and not free.settings.hold_chords
    plain = ask()
    assert not plain.settings.hold_key and not plain.settings.hold_chords


def test_a_file_is_gone_on_from_behind_its_last_note(song: Path) -> None:
    one = ask("--from", song, "--length", 2)
    assert (one.aim.first_bar, one.aim.last_bar, one.aim.tracks) == (3, 5, ("t1", "t2", "t3"))
    two = ask("--from", song, "--tracks", 2, "--length", 2)
    assert (two.aim.first_bar, two.aim.last_bar, two.aim.tracks) == (2, 3, ("t2",))
    assert ask("--from", song, "--hold-key").settings.hold_key


def test_bars_and_tracks_count_from_one(song: Path) -> None:
    one = ask("--from", song, "--task", "infill", "--bars", "2-3", "--tracks", "1,2", "--key", "Am")
    assert (one.aim.first_bar, one.aim.last_bar, one.aim.tracks) == (1, 2, ("t1", "t2"))
    assert one.score.keys == (Key(0, 0), Key(BAR, 9, "minor"), Key(3 * BAR, 0)), "only over these bars"


def test_a_job_names_its_score_its_new_track_and_what_was_set(song: Path) -> None:
    one = ask(
        "--from", song, "--task", "add", "--program", 42, "--role", "bass", "--density", 3, "--seed", 5,
        "--takes", 2, "--set", "temperature=0.7", "--set", "notes=99",
    )  # fmt: skip
    job, files = music_job(one, CARD)
    assert unpack(files[job.score]) == one.score and job.files == tuple(files)
    assert job.new is not None and (job.new.id, job.new.program, job.new.name) == ("t4", 42, "Cello")
    assert (job.first_bar, job.last_bar, job.seed, job.takes) == (0, 3, 5, 2)
    assert (job.temperature, job.notes, job.model) == (0.7, 99, "/m")
    (wish,) = job.wishes
    assert (wish.track, wish.density, wish.polyphony) == ("t4", 3, 0)
    picks = '[{"track": "t1", "start": 0, "pitch": 62}]'
    varied, _ = music_job(ask("--from", song, "--task", "vary", "--set", f"picks={picks}"), CARD)
    assert varied.picks == (Pick(track="t1", start=0, pitch=62),) and varied.last_bar == 3


def test_without_a_seed_each_call_has_its_own() -> None:
    assert music_job(ask(), CARD)[0].seed != music_job(ask(), CARD)[0].seed


def test_a_model_that_cannot_do_it_says_why(song: Path) -> None:
    card = ModelCard(path="/m", title="m", kind="music", modes={"drums": "This model never saw drums."})
    for call in (("--task", "drums"), ("--tracks", 3)):
        with pytest.raises(StudioError, match="never saw drums") as caught:
            music_job(ask("--from", song, *call), card)
        assert caught.value.code == "mode" and "--model" in caught.value.do
    assert music_job(ask("--from", song, "--tracks", 1), card)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("--bars", "3"), "--bars A-B: there are bars 1 to 4"),
        (("--task", "infill", "--bars", "3-9"), "--bars 3-9 is not among bars 1 to 4"),
        (("--task", "vary", "--bars", "0-2"), "bars 1 to 4"),
        (("--task", "vary", "--bars", "3-2"), "the first before the last"),
        (("--task", "vary", "--bars", "x"), "--bars x is not A-B, like 3-6; there are bars 1 to 4"),
        (("--tracks", "1,4"), "“4” is not the number of a track. There are: 1 (Tune), 2 (Bass), 3 (Kit)"),
        (("--tracks", "one"), "“one” is not the number"),
        (("--key", "H minor"), "--key “H minor”: "),
        (("--key", "D minor", "--scale", "sideways"), "--scale “sideways”: "),
        (("--chords", "Dm Xyz"), "--chords “Dm Xyz”: "),
        (("--chords", " "), "--chords “ ”: "),
        (("--meter", "waltz"), "--meter waltz is not BEATS/UNIT"),
        (("--task", "add", "--program", "kazoo"), "--program kazoo is neither a number from 0 to 127"),
        (("--task", "add", "--program", "128"), "--program 128"),
        (("--program", "cello"), "goes with --task add or harmonise, not continue"),
        (("--density", "10"), "density 10 is no level: it goes from 0 to 9"),
        (("--amount", "2"), "amount must be at most 1"),
        (("--takes", "9"), "takes must be at most 8"),
        (("--length", "0"), "bars must be at least 1"),
        (("--free", "--hold-key"), "--free holds nothing"),
        (("--hold-chords",), "no chords over bars 4–12 to hold: name some with --chords"),
        (("--set", "tracks=t1"), "--set tracks=t1 is not KEY=VALUE with one of these keys: amount, "),
        (("--set", "picks=[1"), "the value is not JSON"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(call: tuple[str, ...], words: str, song: Path) -> None:
    if call == ("--bars", "3"):
        call = ("--task", "infill")
    with pytest.raises(UsageError) as caught:
        ask("--from", song, *call)
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("call", "words", "code"),
    [
        (("--tempo", "5000"), "tempo of 5000", "tempo"),
        (("--meter", "3/5"), "metre of 3/5", "meter"),
        (("--task", "vary", "--tracks", "2", "--bars", "3-4"), "no notes to vary", "music_nothing"),
        (("--task", "harmonise", "--tracks", "3"), "Drums have no melody", "music_nothing"),
    ],
)
def test_what_the_piece_does_not_allow_is_said(
    call: tuple[str, ...], words: str, code: str, song: Path
) -> None:
    with pytest.raises(StudioError) as caught:
        ask("--from", song, *call)
    assert words in caught.value.what and caught.value.code == code and caught.value.do


def test_without_a_key_there_is_none_to_hold() -> None:
    for call in (("--hold-key",), ("--scale", "dorian"), ("--hold-key", "--hold-chords")):
        with pytest.raises(UsageError, match="no key at bar 1 to hold: name one with --key"):
            ask(*call)
    assert ask("--scale", "dorian", "--key", "D minor").settings.scale == "dorian"


def test_of_nothing_there_is_nothing_to_vary() -> None:
    with pytest.raises(StudioError, match="no notes to vary") as caught:
        ask("--task", "vary")
    assert "--from FILE" in caught.value.do
    assert ask("--task", "drums").score.tracks == () and ask("--task", "infill").aim.last_bar == 7


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"away\.mid") as caught:
        ask("--from", tmp_path / "away.mid")
    assert caught.value.code == "io"
    (tmp_path / "a.mid").write_bytes(b"no")
    with pytest.raises(StudioError) as caught:
        ask("--from", tmp_path / "a.mid")
    assert caught.value.code == "damaged"


def test_small_forms_are_read() -> None:
    assert bars_of("3", (0, 7)) == (2, 2) and bars_of(" 3 – 6 ", (0, 7)) == (2, 5)
    assert tracks_of("3, 1,3", ("a", "b", "c")) == (0, 2)
    assert meter_of(" 12/8 ") == (12, 8)
    assert program_from("0") == 0 and program_from("  violin ") == 40
    with pytest.raises(UsageError, match="Violin"):
        program_from("viol")
