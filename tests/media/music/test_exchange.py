"""MusicXML in and out and ABC in: what the page says is what the score holds, and what was changed is said."""

import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.media.music.exchange import read_music, write_musicxml
from studio.media.music.midi import write_midi
from studio.media.music.score import Chord, Key, Meter, Note, Score, Tempo, Track, Word
from tests.media.music.given_scores import apart

GRID = 20  # ticks


def note(step: str, octave: int, length: int, *more: str, alter: int = 0, chord: bool = False) -> str:
    """A note of `length` twelfths of a quarter; `more` are further elements in their order."""
    altered = f"<alter>{alter}</alter>" if alter else ""
    return (
        f"<note>{'<chord/>' if chord else ''}<pitch><step>{step}</step>{altered}<octave>{octave}</octave></pitch>"
        f"<duration>{length}</duration>{''.join(more)}</note>"
    )


def measure(number: int, *inside: str) -> str:
    return f'<measure number="{number}">{"".join(inside)}</measure>'


def attributes(*more: str, fifths: int = 0, mode: str = "major", beats: int = 4, unit: int = 4) -> str:
    return (
        f"<attributes><divisions>12</divisions><key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"
        f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>{''.join(more)}</attributes>"
    )


def page(*parts: tuple[str, str]) -> str:
    """A score of parts, each with what its <score-part> says and its measures."""
    listed = "".join(f'<score-part id="P{n}">{said}</score-part>' for n, (said, _) in enumerate(parts, 1))
    bodies = "".join(f'<part id="P{n}">{body}</part>' for n, (_, body) in enumerate(parts, 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE score-partwise PUBLIC'
        ' "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">'
        "<score-partwise version='4.0'><work><work-title>Lied</work-title></work>"
        f"<part-list>{listed}</part-list>{bodies}</score-partwise>"
    )


def piano(*measures: str) -> tuple[str, str]:
    return "<part-name>Piano</part-name>", "".join(measures)


def read(text: str) -> tuple[Score, tuple[str, ...], str]:
    """In this process, as the child does it."""
    from studio.media.music.exchange_guard import musicxml_text
    from studio.media.music.exchange_read import read_musicxml

    return read_musicxml(musicxml_text(text.encode(), "x.musicxml"))


def abc(text: str) -> tuple[Score, tuple[str, ...], str]:
    from studio.media.music.exchange_guard import abc_text
    from studio.media.music.exchange_read import read_abc

    return read_abc(abc_text(text.encode(), "x.abc")[0])


def written(score: Score) -> tuple[str, tuple[str, ...]]:
    from studio.media.music.exchange_write import musicxml

    return musicxml(score, "Title")


def sounds(score: Score, track: int = 0) -> list[tuple[int, int, int]]:
    return [(one.start, one.pitch, one.duration) for one in score.tracks[track].notes]


def test_the_child_reads_and_writes_and_this_process_never_imports_music21() -> None:
    before = {name for name in sys.modules if name.startswith("music21")}
    score = Score(
        tracks=(Track(id="t1", name="Flöte", program=73, notes=(Note(0, 60, 480), Note(480, 64, 1440))),)
    )
    done = write_musicxml(score, "Stück")
    back = read_music(done.data, "piece.musicxml")
    assert (back.score, back.notes, back.title) == (score, (), "Stück")
    assert {name for name in sys.modules if name.startswith("music21")} == before


def test_a_page_is_read_with_pitch_length_key_metre_tempo_and_title() -> None:
    pace = "<direction><direction-type><words>Presto</words></direction-type><sound tempo='150'/></direction>"
    bars = measure(
        1, attributes(fifths=-3, mode="minor", beats=3), pace, note("E", 4, 24, alter=-1), note("G", 4, 12)
    )
    score, notes, title = read(page(piano(bars)))
    assert sounds(score) == [(0, 63, 960), (960, 67, 480)]
    assert (score.keys, score.meters, score.tempos) == (
        (Key(0, 0, "minor"),),
        (Meter(0, 3, 4),),
        (Tempo(0, 400_000),),
    )
    assert (notes, title) == ((), "Lied")


def test_tied_notes_are_one_and_a_tie_that_leads_nowhere_ends() -> None:
    start, both, stop = '<tie type="start"/>', '<tie type="stop"/><tie type="start"/>', '<tie type="stop"/>'
    first = measure(1, attributes(), note("C", 4, 48, start), note("E", 4, 48, start, chord=True))
    second = measure(2, note("C", 4, 48, both), note("G", 4, 48, chord=True))
    third = measure(3, note("C", 4, 24, stop), note("C", 4, 24))
    score = read(page(piano(first, second, third)))[0]
    assert sounds(score) == [(0, 60, 4800), (0, 64, 1920), (1920, 67, 1920), (4800, 60, 960)]


def test_triplets_fall_on_their_ticks() -> None:
    triplet = (
        "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
    )
    bar = [note("C", 5, 4, "<type>eighth</type>", triplet) for _ in range(12)]
    score, notes, _ = read(page(piano(measure(1, attributes(), *bar))))
    assert [one.start for one in score.tracks[0].notes] == list(range(0, 1920, 160))
    assert {one.duration for one in score.tracks[0].notes} == {160}
    assert notes == ()


def test_a_length_between_ticks_is_rounded_and_counted() -> None:
    uneven = attributes().replace("<divisions>12", "<divisions>7")
    score, notes, _ = read(page(piano(measure(1, uneven, note("C", 4, 1), note("D", 4, 27)))))
    assert sounds(score) == [(0, 60, 69), (69, 62, 1851)]
    assert notes == ("Notes moved by less than a tick (480 to a quarter): 2 of 2.",)


def test_the_staves_of_one_instrument_become_one_track() -> None:
    lower = "<backup><duration>48</duration></backup>" + note(
        "C", 3, 48, "<voice>5</voice>", "<staff>2</staff>"
    )
    bar = measure(
        1, attributes("<staves>2</staves>"), note("C", 5, 48, "<voice>1</voice>", "<staff>1</staff>"), lower
    )
    score, notes, _ = read(
        page(piano(bar), ("<part-name>Bass</part-name>", measure(1, attributes(), note("C", 2, 48))))
    )
    assert [(track.id, track.name) for track in score.tracks] == [("t1", "Piano"), ("t2", "Bass")]
    assert sounds(score) == [(0, 48, 1920), (0, 72, 1920)]
    assert notes == ("The staves of one instrument became one track: Piano.",)


def test_a_transposing_instrument_is_taken_in_as_it_sounds() -> None:
    in_b = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    clarinet = "<part-name>Clarinet</part-name>", measure(1, attributes(in_b, fifths=2), note("D", 5, 48))
    score, notes, _ = read(page(clarinet))
    assert sounds(score) == [(0, 72, 1920)]
    assert score.keys == (Key(0, 0, "major"),)
    assert "as it sounds: Clarinet." in notes[0]


def test_an_instruments_name_alone_moves_no_note_and_chooses_no_program() -> None:
    said = (
        '<part-name>Clarinet in B</part-name><score-instrument id="I"><instrument-name>Clarinet in Bb'
        '</instrument-name></score-instrument><midi-instrument id="I"><midi-channel>1</midi-channel>'
        "<midi-program>1</midi-program></midi-instrument>"
    )
    score, notes, _ = read(page((said, measure(1, attributes(), note("C", 5, 48)))))
    assert (sounds(score), score.tracks[0].program, notes) == ([(0, 72, 1920)], 0, ())


def test_chord_symbols_last_until_the_next_in_our_spelling() -> None:
    root = "<root><root-step>B</root-step><root-alter>-1</root-alter></root>"
    minor = f"<harmony>{root}<kind>minor-seventh</kind></harmony>"
    slash = (
        '<harmony><root><root-step>G</root-step></root><kind text="7">dominant</kind>'
        "<bass><bass-step>B</bass-step></bass></harmony>"
    )
    none = "<harmony><root><root-step>C</root-step></root><kind>none</kind></harmony>"
    bar = measure(1, attributes(), minor, note("C", 5, 12), slash, note("C", 5, 24), none, note("C", 5, 12))
    assert read(page(piano(bar)))[0].chords == (
        Chord(0, 480, "Bbm7"),
        Chord(480, 960, "G7/B"),
        Chord(1440, 480, "N"),
    )


def test_syllables_that_go_on_end_with_a_hyphen_and_only_the_first_verse_is_sung() -> None:
    verse = "<lyric number='1'><syllabic>begin</syllabic><text>Hal</text></lyric>"
    second = "<lyric number='2'><syllabic>single</syllabic><text>Nein</text></lyric>"
    ending = "<lyric number='1'><syllabic>end</syllabic><text>lo</text></lyric>"
    bar = measure(1, attributes(), note("C", 5, 24, verse, second), note("C", 5, 24, ending))
    assert read(page(piano(bar)))[0].tracks[0].words == (Word(0, "Hal-"), Word(960, "lo"))


def test_dynamics_and_a_notes_own_loudness_become_velocities() -> None:
    loud = "<direction><direction-type><dynamics><ff/></dynamics></direction-type></direction>"
    own = note("C", 5, 12).replace("<note>", '<note dynamics="50">')
    bar = measure(1, attributes(), note("C", 5, 12), loud, note("C", 5, 24), own)
    velocities = [one.velocity for one in read(page(piano(bar)))[0].tracks[0].notes]
    assert velocities[0] == 80 and velocities[1] > 100 and velocities[2] == 45


def test_repeats_grace_notes_and_upbeats_are_told() -> None:
    again = (
        '<barline location="right"><bar-style>light-heavy</bar-style><repeat direction="backward"/></barline>'
    )
    grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
    upbeat = '<measure number="0" implicit="yes">' + attributes() + note("G", 4, 12) + "</measure>"
    score, notes, _ = read(page(piano(upbeat, measure(1, grace, note("C", 5, 48), again))))
    assert sounds(score) == [(1440, 67, 480), (1920, 72, 1920)]
    assert [line.split(":")[0][:14] for line in notes] == [
        "The piece begi",
        "Repeats are ta",
        "Grace notes le",
    ]
    assert score.bars().starts == (0, 1920, 3840)


def test_drums_are_read_by_what_they_sound() -> None:
    said = (
        '<part-name>Kit</part-name><score-instrument id="I1"><instrument-name>Snare</instrument-name>'
        '</score-instrument><midi-instrument id="I1"><midi-channel>10</midi-channel>'
        "<midi-unpitched>39</midi-unpitched></midi-instrument>"
    )
    hit = (
        "<note><unpitched><display-step>C</display-step><display-octave>5</display-octave></unpitched>"
        '<duration>48</duration><instrument id="I1"/></note>'
    )
    score = read(page((said, measure(1, attributes(), hit))))[0]
    assert score.tracks[0].drums and sounds(score) == [(0, 38, 1920)]


def test_rehearsal_marks_are_markers() -> None:
    mark = "<direction><direction-type><rehearsal>Trio</rehearsal></direction-type></direction>"
    bars = measure(1, attributes(), note("C", 5, 48)), measure(2, mark, note("C", 5, 48))
    assert read(page(piano(*bars)))[0].markers == (Word(1920, "Trio"),)


def rich() -> Score:
    return Score(
        tracks=(
            Track(
                id="t1",
                name="Voice",
                program=52,
                notes=(
                    Note(0, 72, 480, 90),
                    Note(480, 74, 160),
                    Note(640, 76, 160),
                    Note(800, 77, 160),
                    Note(960, 79, 1920),
                ),
                words=(Word(0, "Hal-"), Word(480, "lo")),
            ),
            Track(
                id="t2",
                name="Piano",
                notes=(Note(0, 48, 960), Note(240, 52, 1200), Note(480, 55, 60), Note(480, 59, 60)),
            ),
            Track(id="t3", name="Kit", drums=True, notes=(Note(0, 36, 240), Note(480, 38, 240))),
        ),
        tempos=(Tempo(0, 500_000), Tempo(1920, 400_000)),
        meters=(Meter(0, 4, 4), Meter(1920, 3, 4)),
        keys=(Key(0, 2, "minor"), Key(1920, 5)),
        chords=(Chord(0, 960, "Dm7"), Chord(960, 480, "G7/B"), Chord(1440, 1440, "N")),
        markers=(Word(0, "Verse"), Word(1920, "Trio")),
    )


def test_what_is_written_as_musicxml_reads_back_equal() -> None:
    xml, told = written(rich())
    assert told == ()
    score, notes, title = read(xml)
    assert score == rich()
    assert (notes, title) == ((), "Title")


GRID_NOTES = st.builds(
    Note,
    start=st.integers(0, 200).map(lambda at: at * GRID),
    pitch=st.integers(21, 108),
    duration=st.integers(1, 150).map(lambda at: at * GRID),
)


@given(st.lists(GRID_NOTES, min_size=1, max_size=6).map(lambda notes: apart(tuple(sorted(notes)))))
@settings(max_examples=12, deadline=None)
def test_notes_on_the_pages_grid_read_back_equal(notes: tuple[Note, ...]) -> None:
    score = Score(tracks=(Track(id="t1", notes=notes),), meters=(Meter(0, 3, 4), Meter(2880, 6, 8)))
    xml, told = written(score)
    assert told == ()
    assert sounds(read(xml)[0]) == sounds(score)


def test_what_a_page_cannot_show_is_counted() -> None:
    track = Track(
        id="t1",
        notes=(Note(3, 60, 480, 50), Note(3, 64, 480, 90), Note(480, 62, 480)),
        words=(Word(0, "a"), Word(240, "b")),
    )
    assert written(Score(tracks=(track,)))[1] == (
        "Notes moved to a thirty-second or a triplet, as a page shows them: 2 of 3.",
        "Chords of several velocities written with the loudest: 1.",
        "Words with no note above them left out: 1.",
    )


def test_a_note_too_short_for_the_page_is_as_short_as_it_can_show_and_words_go_with_their_notes() -> None:
    track = Track(id="t1", notes=(Note(3, 60, 5), Note(480, 62, 480)), words=(Word(7, "a"), Word(474, "b")))
    xml, told = written(Score(tracks=(track,)))
    score = read(xml)[0]
    assert sounds(score) == [(0, 60, GRID), (480, 62, 480)]
    assert score.tracks[0].words == (Word(0, "a"), Word(480, "b"))
    assert told == ("Notes moved to a thirty-second or a triplet, as a page shows them: 1 of 2.",)


def test_what_stands_over_all_tracks_is_written_over_the_first_alone() -> None:
    xml = written(rich())[0]
    assert (xml.count("<rehearsal"), xml.count("<harmony"), xml.count("<sound ")) == (2, 3, 2)


def test_a_piece_of_one_bar_that_is_not_full_begins_at_once() -> None:
    alone = '<measure number="0" implicit="yes">' + attributes() + note("G", 4, 12) + "</measure>"
    assert sounds(read(page(piano(alone)))[0]) == [(0, 67, 480)]


def test_a_note_shorter_than_a_tick_lasts_one() -> None:
    fine = attributes().replace("<divisions>12", "<divisions>9600")
    score, notes, _ = read(page(piano(measure(1, fine, note("C", 4, 1), note("D", 4, 38_399)))))
    assert score.tracks[0].notes[0].duration == 1 and "moved by less than a tick" in notes[0]


def test_an_abc_tune_is_read_with_chords_words_and_tempo() -> None:
    tune = 'X:1\nT:Reel\nM:4/4\nL:1/4\nQ:1/4=90\nK:Em\n"Em"E2 "D7"^F2|"G"[GB]4|]\nw: one two three\n'
    score, notes, title = abc(tune)
    assert sounds(score) == [(0, 64, 960), (960, 66, 960), (1920, 67, 1920), (1920, 71, 1920)]
    assert [chord.symbol for chord in score.chords] == ["Em", "D7", "G"]
    assert (score.keys, score.tempos) == ((Key(0, 4, "minor"),), (Tempo(0, 666_667),))
    assert (notes, title) == ((), "Reel")


def test_abc_comes_through_the_child_and_of_several_tunes_the_first() -> None:
    tunes = "%abc\nM:3/4\n\nX:1\nT:One\nK:D\nL:1/4\nDFA|\n\nX:2\nT:Two\nK:C\nC|\n"
    found = read_music(tunes.encode(), "tunes.abc")
    assert found.title == "One" and sounds(found.score) == [(0, 62, 480), (480, 66, 480), (960, 69, 480)]
    assert found.score.meters == (Meter(0, 3, 4),)
    assert found.notes == ("The file holds 2 tunes; the first was read.",)


def test_midi_is_known_by_its_content_whatever_its_name() -> None:
    score = replace(rich(), chords=())
    assert read_music(write_midi(score).data, "what.xml").score == score
