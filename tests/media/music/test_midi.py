"""MIDI files come back as they were written, and other readers find the same notes in them."""

import io
import tarfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.midi import excerpt, from_pretty_midi, read_midi, to_pretty_midi, write_midi
from studio.media.music.score import (
    TICKS,
    Bend,
    Chord,
    Control,
    Key,
    Meter,
    Note,
    Score,
    Tempo,
    Track,
    Word,
    seconds_at,
)
from tests.media.music.given_scores import MIDI_SCORES

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "music"


def by_mido(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data), charset="utf-8")


def mido_notes(track: mido.MidiTrack) -> list[tuple[int, int, int, int]]:
    """Start, pitch, duration, velocity, as mido tells the messages."""
    tick, open_notes, found = 0, {}, []
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            open_notes.setdefault((message.channel, message.note), []).append((tick, message.velocity))
        elif message.type in ("note_on", "note_off"):
            start, velocity = open_notes[message.channel, message.note].pop(0)
            found.append((start, message.note, tick - start, velocity))
    assert not any(open_notes.values())
    return sorted(found)


def plain(notes: tuple[Note, ...]) -> list[tuple[int, int, int, int]]:
    return [(note.start, note.pitch, note.duration, note.velocity) for note in notes]


def corpus_files(every: int, most: int) -> Iterator[tuple[str, bytes]]:
    for path in sorted(CORPUS.glob("*.tar.xz")):
        with tarfile.open(path) as archive:
            members = (member for member in archive if member.name.endswith(".mid"))
            for member in islice(members, 0, every * most, every):
                file = archive.extractfile(member)
                assert file
                yield member.name, file.read()


@given(MIDI_SCORES)
@settings(max_examples=60)
def test_what_is_written_reads_back_equal(score: Score) -> None:
    read = read_midi(write_midi(score).data)
    assert read.score == score
    assert read.notes == ()


@given(MIDI_SCORES)
@settings(max_examples=30)
def test_mido_finds_the_same_in_what_is_written(score: Score) -> None:
    file = by_mido(write_midi(score).data)
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, TICKS, len(score.tracks) + 1)
    for track, theirs in zip(score.tracks, file.tracks[1:], strict=True):
        assert mido_notes(theirs) == sorted(plain(track.notes))
        told = [message for message in theirs if message.type == "program_change"]
        assert [message.program for message in told] == [track.program]
        assert all((message.channel == 9) == track.drums for message in theirs if not message.is_meta)
    tempos = [message.tempo for message in file.tracks[0] if message.type == "set_tempo"]
    assert tempos == [tempo.micros for tempo in score.tempos]


def rich() -> Score:
    melody = tuple(Note(tick * 240, 60 + tick % 12, 239, 40 + tick) for tick in range(40))
    return Score(
        tracks=(
            Track(
                id="t1",
                name="Gesang ♪",
                program=52,
                notes=melody,
                controls=(Control(0, 64, 127), Control(480, 64, 0)),
                bends=(Bend(0, -8192), Bend(480, 8191)),
                words=(Word(0, "Hal-"), Word(240, "lo")),
                volume=90,
                pan=-0.5,
            ),
            Track(id="t2", name="Kit", program=8, drums=True, notes=(Note(0, 36, 120), Note(480, 38, 120))),
            Track(id="t3", name="empty", program=3),
        ),
        tempos=(Tempo(0, 500_000), Tempo(1920, 333_333), Tempo(3840, 1_234_567)),
        meters=(Meter(0, 4, 4), Meter(1920, 6, 8), Meter(1920 + 1440, 2, 4)),
        keys=(Key(0, 2, "minor"), Key(1920, 6)),
        chords=(Chord(0, 960, "Dm7"), Chord(960, 480, "G7/B"), Chord(1920, 480, "N")),
        markers=(Word(0, "Verse"), Word(0, "Strophe"), Word(1920, "Refrain")),
    )


def test_pretty_midi_finds_the_same_in_what_is_written() -> None:
    score = rich()
    pm = to_pretty_midi(score)
    assert [track.name for track in pm.instruments] == [
        "Gesang ♪",
        "Kit",
    ]  # it leaves out tracks without notes
    assert [track.is_drum for track in pm.instruments] == [False, True]
    for track, theirs in zip(score.tracks, pm.instruments, strict=False):
        assert theirs.program == track.program
        assert [(n.pitch, n.velocity) for n in theirs.notes] == [(n.pitch, n.velocity) for n in track.notes]
        for mine, other in zip(track.notes, theirs.notes, strict=True):
            assert other.start == pytest.approx(seconds_at(score.tempos, mine.start), abs=1e-9)
            assert other.end == pytest.approx(seconds_at(score.tempos, mine.end), abs=1e-9)
    assert [(k.key_number, round(k.time, 6)) for k in pm.key_signature_changes] == [(14, 0.0), (6, 2.0)]
    assert [(m.numerator, m.denominator) for m in pm.time_signature_changes] == [(4, 4), (6, 8), (2, 4)]


def test_a_score_comes_back_through_pretty_midi() -> None:
    back = from_pretty_midi(to_pretty_midi(rich())).score
    words, *played = back.tracks  # it keeps all words together
    assert words.words == rich().tracks[0].words
    assert [plain(track.notes) for track in played] == [plain(track.notes) for track in rich().tracks[:2]]
    assert [track.name for track in played] == ["Gesang ♪", "Kit"]
    assert (back.meters, back.keys) == (rich().meters, rich().keys)
    assert [(tempo.tick, tempo.micros) for tempo in back.tempos] == [
        (0, 500_000),
        (1920, 333_333),
        (3840, 1_234_567),
    ]


def test_what_came_from_pretty_midi_is_read_in_its_own_resolution() -> None:
    import pretty_midi

    pm = pretty_midi.PrettyMIDI(resolution=220, initial_tempo=100)
    played = pretty_midi.Instrument(program=5, name="Keys")
    played.notes = [pretty_midi.Note(velocity=70, pitch=64, start=0.6, end=1.2)]
    pm.instruments.append(played)
    read = from_pretty_midi(pm)
    assert plain(read.score.tracks[0].notes) == [(480, 64, 480, 70)]
    assert read.score.tempos == (Tempo(0, 600_000),)


def test_a_piece_too_long_for_pretty_midi_is_said_to_be() -> None:
    with pytest.raises(StudioError, match="too long"):
        to_pretty_midi(Score(tracks=(Track(id="t1", notes=(Note(10_000_001, 60, 10),)),)))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the training corpus is not here")
def test_real_files_come_back_equal_and_mido_agrees() -> None:
    seen = 0
    for name, data in corpus_files(every=40, most=12):
        read = read_midi(data, name)
        score = read.score
        assert not read.notes, name
        assert read_midi(write_midi(score).data).score == score, name
        file = by_mido(data)
        of_480 = TICKS / file.ticks_per_beat
        assert sorted(note for track in score.tracks for note in plain(track.notes)) == sorted(
            (start * of_480, pitch, length * of_480, velocity)
            for track in file.tracks
            for start, pitch, length, velocity in mido_notes(track)
        ), name
        seen += 1
    assert seen > 20


def test_chosen_tracks_and_bars_are_written_from_their_own_beginning() -> None:
    score = rich()
    part = read_midi(write_midi(score, tracks=["t1"], span=(1920, 3360)).data).score
    assert [track.name for track in part.tracks] == ["Gesang ♪"]
    inside = [note for note in score.tracks[0].notes if 1920 <= note.start < 3360]
    assert plain(part.tracks[0].notes) == [(n.start - 1920, n.pitch, n.duration, n.velocity) for n in inside]
    assert part.tempos == (Tempo(0, 333_333),)
    assert part.meters == (Meter(0, 6, 8),)
    assert part.keys == (Key(0, 6),)
    assert part.chords == (Chord(0, 480, "N"),)
    assert part.markers == (Word(0, "Refrain"),)
    assert part.tracks[0].controls == (Control(0, 64, 0),)
    assert part.tracks[0].bends == (Bend(0, 8191),)
    assert (part.tracks[0].volume, part.tracks[0].pan) == (90, -0.5)


def test_an_excerpt_cuts_notes_at_its_end_and_chords_at_both() -> None:
    score = Score(
        tracks=(Track(id="t1", notes=(Note(0, 60, 960), Note(480, 62, 960))),),
        chords=(Chord(0, 1920, "C"),),
    )
    cut = excerpt(score, 240, 960)
    assert plain(cut.tracks[0].notes) == [(240, 62, 480, 80)]
    assert cut.chords == (Chord(0, 720, "C"),)
    assert excerpt(score, 0, 10**9) == score


def test_each_track_has_a_channel_and_beyond_sixteen_a_port_which_is_said() -> None:
    tracks = [Track(id=f"t{n}", program=n, notes=(Note(0, 60, 480),)) for n in range(1, 18)]
    score = Score(tracks=(*tracks, Track(id="t18", drums=True, notes=(Note(0, 36, 480),))))
    written = write_midi(score)
    assert "2 of 18" in written.notes[0]
    places = []
    for track in by_mido(written.data).tracks[1:]:
        port = next((message.port for message in track if message.type == "midi_port"), 0)
        places.append((port, next(message.channel for message in track if not message.is_meta)))
    assert len(set(places)) == 18
    assert places[-1] == (0, 9) and all(channel != 9 for _, channel in places[:-1])
    assert read_midi(written.data).score == score
    assert write_midi(Score(tracks=tuple(tracks[:15]))).notes == ()


def test_drum_tracks_with_one_kit_share_its_channel() -> None:
    kits = [Track(id=f"t{n}", drums=True, notes=(Note(0, 35 + n, 480),)) for n in range(1, 4)]
    assert write_midi(Score(tracks=tuple(kits))).notes == ()
    other = replace(kits[2], program=8)
    assert write_midi(Score(tracks=(*kits[:2], other))).notes


def test_notes_that_overlap_their_own_pitch_are_counted() -> None:
    score = Score(tracks=(Track(id="t1", notes=(Note(0, 60, 960), Note(240, 60, 240), Note(960, 60, 240))),))
    written = write_midi(score)
    assert ": 1." in written.notes[0]
    assert [note[:2] for note in plain(read_midi(written.data).score.tracks[0].notes)] == [
        (0, 60),
        (240, 60),
        (960, 60),
    ]


def test_a_title_is_written_and_read() -> None:
    read = read_midi(write_midi(rich(), title="Lied – №1").data)
    assert read.title == "Lied – №1"
    assert read.score == rich()


def test_the_ends_of_chords_come_back_whether_another_follows_or_not() -> None:
    chords = (Chord(0, 480, "C"), Chord(480, 240, "F"), Chord(1920, 100, "end"), Chord(4000, 5, ""))
    assert read_midi(write_midi(Score(chords=chords)).data).score.chords == chords
