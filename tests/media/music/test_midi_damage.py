"""Foreign and damaged MIDI files: what can be is taken in and what was changed is said; the rest is refused clearly."""

import io
import struct
from collections.abc import Callable
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.music.midi import read_midi, write_midi
from studio.media.music.score import Control, Key, Meter, Note, Score, Tempo, Track, Word

END = b"\x00\xff\x2f\x00"
ON, OFF = b"\x00\x90\x3c\x50", b"\x83\x60\x80\x3c\x00"  # middle C for 480 ticks


def header(kind: int = 1, count: int = 1, division: int = 480, length: int = 6) -> bytes:
    return b"MThd" + struct.pack(">IHHH", length, kind, count, division)


def chunk(body: bytes, length: int | None = None, kind: bytes = b"MTrk") -> bytes:
    return kind + struct.pack(">I", len(body) if length is None else length) + body


def file(*bodies: bytes, **given: Any) -> bytes:
    return header(count=len(bodies), **given) + b"".join(map(chunk, bodies))


def meta(kind: int, payload: bytes, delta: bytes = b"\x00") -> bytes:
    return delta + bytes([0xFF, kind, len(payload)]) + payload


def notes(data: bytes) -> list[tuple[int, int, int, int]]:
    return [
        (note.start, note.pitch, note.duration, note.velocity)
        for track in read_midi(data).score.tracks
        for note in track.notes
    ]


DAMAGED = {
    "nothing": b"",
    "no midi": b"hello, this is a text and no piece of music",
    "a header cut off": header()[:12],
    "a short header": header(length=4) + chunk(ON + OFF + END),
    "a format that is none": file(ON + OFF + END, kind=3),
    "no ticks to a beat": file(ON + OFF + END, division=0),
    "fewer tracks than said": header(count=3) + chunk(ON + OFF + END),
    "a track cut off": header() + chunk(ON + OFF + END, length=10_000),
    "a giant track": header() + chunk(ON + OFF + END, length=0xFFFFFFFF),
    "a chunk head cut off": header() + b"MTrk\x00",
    "data before any status": file(b"\x00\x3c\x50" + END),
    "an event cut off": file(b"\x00\x90\x3c"),
    "a status where data should be": file(b"\x00\x90\x3c\x90" + END),
    "a status that is none": file(b"\x00\xf4" + END),
    "a delta without end": file(b"\xff\xff\xff\xff\xff\xff"),
    "a text longer than its track": file(b"\x00\xff\x01\x7fabc" + END),
    "a text of giant length": file(b"\x00\xff\x01\xff\xff\xff\x7f"),
    "a meta event cut off": file(b"\x00\xff"),
    "system data cut off": file(b"\x00\xf0\x20abc"),
    "a delta and nothing more": file(b"\x00"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused_with_its_name_and_what_was_kept(what: str) -> None:
    with pytest.raises(StudioError) as caught:
        read_midi(DAMAGED[what], "song.mid")
    assert caught.value.code == "damaged"
    assert "song.mid" in caught.value.what and caught.value.kept == "Nothing was changed." and caught.value.do


def test_sixty_five_thousand_tracks_are_refused_whether_they_are_there_or_not() -> None:
    for data in (header(count=65_535) + chunk(END), header(count=65_535) + chunk(END) * 65_535):
        with pytest.raises(StudioError, match="65,535 tracks") as caught:
            read_midi(data)
        assert caught.value.code == "too big"


def test_more_tracks_that_play_than_can_be_held_are_refused() -> None:
    with pytest.raises(StudioError) as caught:
        read_midi(file(*[ON + OFF + END] * 300))
    assert caught.value.code == "too big" and "300" in caught.value.what


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (file(ON + OFF + END, kind=2), "unsupported", "format 2"),
        (file(ON + OFF + END, division=0xE728), "unsupported", "SMPTE"),
        (file(ON + b"\xff\xff\xff\x7f\x80\x3c\x00" + END), "too big", "days"),
        (file(*[(ON + OFF) * 100 + b"\xff\xff\xff\x7f\x90\x3c\x50" * 20 + END]), "too big", "days"),
        (file(b"\xcf\x9c\x00\x90\x3c\x50\x60\x80\x3c\x00" + END, division=24), "too big", "hours"),
        (
            file(
                meta(0x51, b"\xff\xff\xff") + b"\x9f\xff\x00\x90\x3c\x50\x60\x80\x3c\x00" + END, division=24
            ),
            "too big",
            "hours",
        ),
    ],
)
def test_what_cannot_be_held_is_refused_and_says_why(data: bytes, code: str, word: str) -> None:
    with pytest.raises(StudioError, match=word) as caught:
        read_midi(data, "x.mid")
    assert caught.value.code == code


def test_a_file_of_giant_size_is_refused_unread() -> None:
    with pytest.raises(StudioError) as caught:
        read_midi(bytes(64 * 2**20 + 1), "x.mid")
    assert caught.value.code == "too big"


def test_too_many_notes_are_refused() -> None:
    with pytest.raises(StudioError, match="500,000 notes"):
        read_midi(file(b"\x00\x90\x3c\x50\x01\x3c\x00" * 500_001 + END))


def test_hanging_notes_are_left_out_and_counted() -> None:
    read = read_midi(file(ON + b"\x00\x91\x40\x50" + OFF + b"\x00\x90\x41\x50\x60\xff\x01\x00" + END))
    assert [len(track.notes) for track in read.score.tracks] == [1, 0]
    assert "Notes that never end left out: 2." in read.notes


def test_notes_without_length_become_a_tick_long() -> None:
    read = read_midi(file(b"\x00\x90\x3c\x50\x00\x80\x3c\x00" + END))
    assert read.score.tracks[0].notes == (Note(0, 60, 1),)
    assert read.notes == ("Notes without a length made one tick long: 1.",)


@given(st.sampled_from([1, 24, 96, 120, 192, 220, 384, 480, 960, 1024, 32_767]), st.data())
def test_other_resolutions_are_rescaled_to_the_nearest_tick_and_what_moved_is_counted(
    ticks: int, data: st.DataObject
) -> None:
    wanted = data.draw(
        st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5_000)), min_size=1, max_size=5)
    )
    track = mido.MidiTrack()
    events = sorted(
        (tick, on, 30 + at)
        for at, (start, length) in enumerate(wanted)
        for tick, on in ((start, True), (start + length, False))
    )
    last = 0
    for tick, on, pitch in events:
        track.append(mido.Message("note_on", note=pitch, velocity=64 if on else 0, time=tick - last))
        last = tick
    held = io.BytesIO()
    mido.MidiFile(ticks_per_beat=ticks, tracks=[track]).save(file=held)
    read = read_midi(held.getvalue())
    assert {(note.pitch - 30): (note.start, note.end) for note in read.score.tracks[0].notes} == {
        at: (start * 480 / ticks, (start + length) * 480 / ticks)
        if 480 % ticks == 0
        else (
            pytest.approx(start * 480 / ticks, abs=0.5),
            pytest.approx((start + length) * 480 / ticks, abs=1),
        )
        for at, (start, length) in enumerate(wanted)
    }
    moved = sum(start * 480 % ticks != 0 or (start + length) * 480 % ticks != 0 for start, length in wanted)
    assert bool(read.notes) == bool(moved)
    if moved:
        assert f": {moved} of {len(wanted)};" in read.notes[0] and f"{ticks:,} ticks" in read.notes[0]


def test_one_chunk_with_several_channels_becomes_several_tracks() -> None:
    body = meta(3, b"Song") + b"\x00\xc0\x05\x00\xc1\x06" + ON + b"\x00\x91\x40\x50\x00\x99\x24\x50" + OFF
    body += b"\x00\x81\x40\x00\x00\x89\x24\x00" + END
    read = read_midi(file(body, kind=0))
    assert [(track.id, track.program, track.drums) for track in read.score.tracks] == [
        ("t1", 5, False),
        ("t2", 6, False),
        ("t3", 0, True),
    ]
    assert read.title == "Song"


def test_running_status_goes_on_behind_a_text_as_some_programs_write_it() -> None:
    body = (
        b"\x00\x90\x3c\x50"
        + meta(1, b"hi")
        + b"\x60\x3c\x00"
        + meta(5, b"la")
        + b"\x10\x40\x50\x10\x40\x00"
        + END
    )
    read = read_midi(file(body))
    assert read.score.tracks[0].notes == (Note(0, 60, 96), Note(112, 64, 16))
    assert read.score.tracks[0].words == (Word(96, "la"),)


def test_system_data_unknown_chunks_and_what_follows_the_last_track_are_passed_over() -> None:
    body = b"\x00\xf0\x03\x01\x02\xf7" + ON + meta(0x7F, b"\xff\x2f\x00") + OFF
    data = header() + chunk(b"what?", kind=b"XFIH") + chunk(body) + b"trailing"
    assert notes(data) == [(0, 60, 480, 80)]


def test_a_riff_file_is_read_by_what_is_inside() -> None:
    inside = file(ON + OFF + END)
    riff = (
        b"RIFF" + struct.pack("<I", len(inside) + 12) + b"RMIDdata" + struct.pack("<I", len(inside)) + inside
    )
    assert notes(riff) == [(0, 60, 480, 80)]


def test_texts_are_utf_8_or_what_older_programs_wrote() -> None:
    body = (
        meta(3, "Flöte".encode("latin-1"))
        + meta(5, "für".encode())
        + meta(6, "Größe".encode("latin-1"))
        + ON
        + OFF
    )
    read = read_midi(file(body))
    assert read.score.tracks[0].name == "Flöte"
    assert read.score.tracks[0].words == (Word(0, "für"),)
    assert read.score.markers == (Word(0, "Größe"),)


def test_volume_and_pan_before_the_first_note_are_the_tracks_and_later_ones_stay_controllers() -> None:
    body = b"\x00\xb0\x07\x40\x00\x0a\x00" + ON + b"\x60\xb0\x07\x20" + OFF + END
    track = read_midi(file(body)).score.tracks[0]
    assert (track.volume, track.pan) == (64, -1.0)
    assert track.controls == (Control(96, 7, 32),)
    later = read_midi(file(ON + b"\x60\xb0\x07\x20" + OFF + END)).score.tracks[0]
    assert (later.volume, later.controls) == (100, (Control(96, 7, 32),))


def test_controllers_of_one_tick_keep_their_order() -> None:
    body = (
        b"\x00\xb0\x65\x00\x00\x64\x00\x00\x06\x0c" + ON + OFF + END
    )  # pitch bend range: the order is the meaning
    controls = (Control(0, 101, 0), Control(0, 100, 0), Control(0, 6, 12))
    score = read_midi(file(body)).score
    assert score.tracks[0].controls == controls
    assert read_midi(write_midi(score).data).score.tracks[0].controls == controls


def test_a_chunk_with_words_alone_is_a_track_of_words_and_one_without_anything_is_none() -> None:
    read = read_midi(file(meta(3, b"Words") + meta(5, b"la") + END, ON + OFF + END, meta(3, b"by me") + END))
    assert [(track.name, len(track.notes), len(track.words)) for track in read.score.tracks] == [
        ("Words", 0, 1),
        ("", 1, 0),
    ]


def test_a_track_without_notes_keeps_its_instrument_and_controllers() -> None:
    body = meta(3, b"silent") + b"\x00\xc4\x15\x00\xb4\x40\x7f\x20\xe4\x00\x60" + END
    track = read_midi(file(ON + OFF, body)).score.tracks[1]
    assert (track.name, track.program, track.notes) == ("silent", 21, ())
    assert track.controls == (Control(0, 64, 127),) and len(track.bends) == 1


def test_tempo_metre_and_key_that_cannot_be_are_left_out_and_counted() -> None:
    body = meta(0x51, b"\x00\x00\x00") + meta(0x51, b"\x07\xa1") + meta(0x58, b"\x00\x02\x18\x08")
    body += meta(0x58, b"\x04\x09\x18\x08") + meta(0x59, b"\x0c\x00") + meta(0x59, b"\x00\x07")
    read = read_midi(file(body + ON + OFF))
    assert (read.score.tempos, read.score.meters, read.score.keys) == ((Tempo(0, 500_000),), (Meter(0),), ())
    assert read.notes == ("Tempos, metres and keys that cannot be left out: 6.",)


def test_of_several_tempos_at_one_tick_the_last_holds() -> None:
    body = meta(0x51, b"\x0f\x42\x40") + meta(0x51, b"\x07\xa1\x20") + meta(0x59, b"\xfd\x01") + END
    read = read_midi(file(body, ON + OFF))
    assert read.score.tempos == (Tempo(0, 500_000),)
    assert read.score.keys == (Key(0, 0, "minor"),)


def whole_file() -> bytes:
    track = Track(
        id="t1",
        name="A",
        notes=tuple(Note(tick, 60, 50) for tick in range(0, 900, 90)),
        words=(Word(5, "a"),),
    )
    return write_midi(Score(tracks=(track, Track(id="t2", drums=True, notes=(Note(0, 36, 9),))))).data


def cut(data: bytes, at: int, _: bytes) -> bytes:
    return data[:at]


def put(data: bytes, at: int, other: bytes) -> bytes:
    return data[:at] + other + data[at + len(other) :]


def push(data: bytes, at: int, other: bytes) -> bytes:
    return data[:at] + other + data[at:]


@given(st.sampled_from([cut, put, push]), st.floats(0, 1), st.binary(min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_no_damage_raises_anything_but_a_clear_error(
    damage: Callable[[bytes, int, bytes], bytes], place: float, other: bytes
) -> None:
    data = whole_file()
    try:
        read = read_midi(damage(data, int(place * len(data)), other), "x.mid")
    except StudioError as error:
        assert error.code in ("damaged", "unsupported", "too big") and error.kept
    else:
        assert read_midi(write_midi(read.score).data).score.note_count == read.score.note_count


@given(st.binary(max_size=200))
def test_garbage_in_a_track_is_refused_or_read_but_never_crashes(body: bytes) -> None:
    try:
        read_midi(file(body))
    except StudioError as error:
        assert error.code in ("damaged", "too big")
