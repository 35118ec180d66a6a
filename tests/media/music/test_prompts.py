"""Prompts and plans: what is asked is written, where it was asked, and nothing else changes."""

import random
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import NewTrack, PieceJob, Wish
from studio.media.music import vocabulary as v
from studio.media.music.chords import parse_chord
from studio.media.music.document import from_text, notes_text, to_text, with_take
from studio.media.music.prompts import Plan, prompt
from studio.media.music.prompts_space import playable
from studio.media.music.score import TICKS, Chord, Key, Meter, Note, Score, Track
from studio.media.music.theory import key_classes
from studio.media.music.tokens import decode
from studio.media.music.vocabulary import words_of

BAR = 4 * TICKS


def line(bars: int, pitch: int, step: int = TICKS, first: int = 0) -> list[Note]:
    """A line up and down the scale of C, one note after the other."""
    scale = (0, 2, 4, 5, 7, 5, 4, 2)
    return [
        Note(first + tick, pitch + scale[tick // step % 8], step, 84) for tick in range(0, bars * BAR, step)
    ]


def piece(bars: int = 8, **more: Any) -> Score:
    """A melody and a bass."""
    return Score(
        tracks=(
            Track(id="flute", program=73).with_notes(line(bars, 72)),
            Track(id="bass", program=43).with_notes(line(bars, 36, BAR)),
        ),
        **more,
    )


def job(**more: Any) -> PieceJob:
    """An infill of bars 3 and 4 of the flute, or what is said."""
    given: dict[str, Any] = {
        "id": "j",
        "task": "infill",
        "score": "s",
        "first_bar": 2,
        "last_bar": 3,
        "tracks": ("flute",),
        "model": "m",
        "seed": 7,
    }
    return PieceJob(**{**given, **more})


def take(plan: Plan, seed: int = 0, end_rarely: bool = True) -> list[tuple[str, Note]]:
    """What a model of no understanding writes."""
    chance, grammar = random.Random(seed), plan.grammar()
    while not grammar.done:
        choices = np.flatnonzero(grammar.allowed())
        if end_rarely and len(choices) > 1 and chance.random() < 0.8:
            choices = choices[choices != v.END]
        grammar.push(int(chance.choice(choices)))
    return grammar.notes


def span(score: Score, first: int, last: int) -> tuple[int, int]:
    """The ticks of some bars."""
    return score.bars(last + 1).span(first, last)


def test_an_infill_replaces_the_notes_of_its_bars_and_nothing_else() -> None:
    score = piece()
    made = prompt(score, job(), context=1024)
    found = take(made.plan)
    placed = made.plan.place(score, found, "take")
    assert len(found) > 4 and placed.track("bass") == score.track("bass")
    start, end = span(score, 2, 3)
    outside = [note for note in placed.track("flute").notes if not start <= note.start < end]
    assert outside == [note for note in score.track("flute").notes if not start <= note.start < end]
    inside = [note for note in placed.track("flute").notes if start <= note.start < end]
    assert [note.author for note in inside] == ["take"] * len(inside)
    assert {(note.start, note.pitch) for note in inside} == {(note.start, note.pitch) for _, note in found}
    assert all(note.end <= end for note in inside)


def test_the_model_sees_what_stands_around_and_not_what_is_replaced() -> None:
    made = prompt(piece(), job(), context=1024)
    window = decode(made.ids)
    assert len(window.bars) == 8
    flute, bass = window.tracks
    assert [len(notes) for notes in window.bar_notes(0)] == [4, 4, 0, 0, 4, 4, 4, 4]
    assert len(bass.notes) == 8 and flute.program == 73
    words = words_of(made.ids)
    assert "Bar_2 FILL Bar_3 FILL Bar_4 Position_0" in words
    assert words.endswith("FILLS Track_0 Bar_2 Meter_4/4 Key_N Chord_N WRITE")
    assert [block.start for block in made.plan.blocks] == [96, 144]


def test_locked_notes_are_seen_and_stay_as_they_are() -> None:
    score = piece()
    notes = list(score.track("flute").notes)
    notes[9] = Note(notes[9].start, notes[9].pitch, notes[9].duration, 33, "me", True)
    score = score.with_track(score.track("flute").with_notes(notes))
    made = prompt(score, job(), context=1024)
    assert "Bar_2 FILL Position_12 Pitch_74 Velocity_4 Duration_12 Bar_3" in words_of(made.ids)
    for seed in range(20):
        placed = made.plan.place(score, take(made.plan, seed)).track("flute").notes
        assert notes[9] in placed
        same = [note for note in placed if note.pitch == notes[9].pitch and note != notes[9]]
        assert all(note.end <= notes[9].start or note.start >= notes[9].end for note in same)


def test_continuing_begins_behind_the_last_note_and_says_what_stays_again() -> None:
    score = piece(4)
    flute = score.track("flute")
    score = score.with_track(flute.with_notes([*flute.notes, Note(4 * BAR, 72, 700, 84)]))
    made = prompt(score, job(task="continue", first_bar=4, last_bar=6), context=1024)
    assert made.plan.kept == {"flute": (Note(4 * BAR, 72, 700, 84),)}
    assert made.plan.replaced == {"flute": ()}
    for seed in range(10):
        found = take(made.plan, seed)
        assert all(note.start >= 4 * BAR + 700 for _, note in found)
        assert max(note.end for _, note in found) <= 7 * BAR
    said = notes_text("flute", [*made.plan.kept["flute"], *(note for _, note in found)])
    assert with_take(score, job(task="continue", first_bar=4, last_bar=6), "", said) == made.plan.place(
        score, found
    )


def test_continuing_where_notes_go_on_is_refused() -> None:
    with pytest.raises(StudioError, match="nothing is left to continue") as caught:
        prompt(piece(), job(task="continue"), context=1024)
    assert caught.value.code == "music_nothing"


def test_varying_keeps_its_share_of_notes_and_the_same_ones_for_the_same_seed() -> None:
    score = piece(16)
    wide = {"task": "vary", "first_bar": 0, "last_bar": 15}
    plans = [prompt(score, job(**wide, amount=0.25, seed=seed), context=4096).plan for seed in (1, 1, 2)]
    assert plans[0].replaced == plans[1].replaced != plans[2].replaced
    assert 6 <= len(plans[0].replaced["flute"]) <= 26  # a quarter of 64
    assert len(plans[0].replaced["flute"]) + len(plans[0].kept["flute"]) == 64
    everything = prompt(score, job(**wide, amount=1.0), context=4096).plan
    assert len(everything.replaced["flute"]) == 64 and everything.kept == {"flute": ()}
    gone = {score.bars().at(note.start) for note in plans[0].replaced["flute"]}
    assert {block.start // 48 for block in plans[0].blocks} == gone  # bars without any are left alone
    space = plans[0].spaces[0]
    sounding = {(space.first + step) // 48 for step in np.flatnonzero(space.free.any(axis=1)).tolist()}
    assert sounding == gone < set(range(min(gone), max(gone) + 1))  # no note rings on into those
    with pytest.raises(StudioError, match="changes no note"):
        prompt(score, job(**wide, amount=0.0), context=4096)


@pytest.mark.parametrize("seed", range(12))
def test_however_little_is_varied_one_free_note_changes(seed: int) -> None:
    score = piece(16)
    wide = {"task": "vary", "first_bar": 0, "last_bar": 15, "seed": seed}
    plan = prompt(score, job(**wide, amount=0.001), context=4096).plan
    assert len(plan.replaced["flute"]) == 1
    flute = score.track("flute")
    locked = score.with_track(flute.with_notes(replace(note, locked=True) for note in flute.notes))
    with pytest.raises(StudioError, match="changes no note"):
        prompt(locked, job(**wide, amount=0.001), context=4096)


def test_a_track_that_is_added_comes_last_with_its_instrument() -> None:
    score = piece()
    asked = job(task="harmonise", new=NewTrack(id="viola", name="Viola", program=41), first_bar=0, last_bar=7)
    made = prompt(score, asked, context=2048)
    assert "Track_2 Family_5 Variant_1 Bar_0 FILL Bar_1 FILL" in words_of(made.ids)
    placed = made.plan.place(score, take(made.plan))
    assert [track.id for track in placed.tracks] == ["flute", "bass", "viola"]
    assert placed.track("viola").name == "Viola" and placed.track("viola").notes
    assert placed.tracks[:2] == score.tracks


@pytest.mark.parametrize(("hold", "takes"), [("hold_key", 30), ("hold_chords", 30), ("both", 200)])
def test_no_note_sounds_outside_what_is_held_in_any_take(hold: str, takes: int) -> None:
    keys = (Key(0, 2, "minor"), Key(3 * BAR + 950, 9))
    chords = (Chord(2 * BAR, 970, "Dm7"), Chord(2 * BAR + 970, 900, "G7"), Chord(3 * BAR, BAR, "A"))
    score = piece(keys=keys, chords=chords)
    asked = job(
        hold_key=hold != "hold_chords", hold_chords=hold != "hold_key", tracks=("flute", "bass"), notes=40
    )
    made = prompt(score, asked, context=1024)
    sounding = 0
    for seed in range(takes):
        for _, note in take(made.plan, seed):
            sounding += 1
            for key, end in zip(keys, (keys[1].tick, 8 * BAR), strict=True):
                if asked.hold_key and note.start < end and note.end > key.tick:
                    assert note.pitch % 12 in key_classes(key)
            for chord in chords:
                if asked.hold_chords and note.start < chord.tick + chord.duration and note.end > chord.tick:
                    assert note.pitch % 12 in parse_chord(chord.symbol).classes
    assert sounding > takes * 3


def test_what_is_held_must_be_there() -> None:
    with pytest.raises(StudioError, match="no key to hold on to"):
        prompt(piece(), job(hold_key=True), context=1024)
    with pytest.raises(StudioError, match="no chord to hold on to") as caught:
        prompt(piece(), job(hold_chords=True), context=1024)
    assert caught.value.code == "music_nothing_held"


def test_where_no_chord_is_named_any_note_may_sound() -> None:
    score = piece(chords=(Chord(2 * BAR, BAR, "N"), Chord(3 * BAR, BAR, "C")))
    plan = prompt(score, job(hold_chords=True), context=1024).plan
    assert {
        note.pitch % 12 for seed in range(40) for _, note in take(plan, seed) if note.end <= 3 * BAR
    } == set(range(12))


def test_notes_stay_in_the_instruments_range_or_in_that_of_the_track() -> None:
    flute = Track(id="flute", program=73)
    low, high = playable(flute)
    assert 55 <= low < high <= 100
    assert playable(flute.with_notes([Note(0, 40, 10)])) == (40, high)
    assert playable(Track(id="d", drums=True)) == (35, 81)
    plan = prompt(piece(), job(), context=1024).plan
    assert all(low <= note.pitch <= high for seed in range(50) for _, note in take(plan, seed))


def test_drums_mind_neither_key_nor_chords() -> None:
    score = piece(keys=(Key(0, 0),))
    asked = job(task="drums", new=NewTrack(id="kit", drums=True), hold_key=True)
    plan = prompt(score, asked, context=1024).plan
    assert {note.pitch % 12 for seed in range(60) for _, note in take(plan, seed)} == set(range(12))


def test_wishes_are_told_of_the_track_and_of_single_bars() -> None:
    wishes = (
        Wish(track="flute", density=4, register=15),
        Wish(track="flute", bar=3, duration=2),
        Wish(track="flute", bar=7, duration=1),
        Wish(track="bass", polyphony=1),
    )
    made = prompt(piece(), job(wishes=wishes), context=1024)
    words = words_of(made.ids)
    assert "Track_0 Family_9 Variant_1 Density_4 Register_7 Bar_0" in words
    assert "NoteLength" not in words
    assert words_of(made.plan.blocks[1].head).endswith("Chord_N NoteLength_2 WRITE")


def test_a_range_too_long_comes_in_passes_that_cover_every_bar_once() -> None:
    score = piece(60)
    asked = job(first_bar=3, last_bar=57, tracks=("flute", "bass"))
    covered: list[int] = []
    at: int | None = None
    while True:
        made = prompt(score, asked, context=700, from_bar=at)
        assert len(made.ids) + made.plan.room == 700
        window = decode(made.ids)
        last_seen = len(window.bars) - 1 - (made.plan.blocks[-1].start // 48)
        assert (
            last_seen == 0 or made.plan.next_bar is None
        )  # bars that come later are not shown as empty ones
        covered += range(made.plan.first_bar, made.plan.last_bar + 1)
        score = made.plan.place(score, take(made.plan, len(covered)), "t")
        at = made.plan.next_bar
        if at is None:
            break
    assert covered == list(range(3, 58))
    start, end = span(score, 3, 57)
    for track in score.tracks:
        assert all((note.author == "t") == (start <= note.start < end) for note in track.notes)


def test_a_context_too_small_for_a_bar_is_said() -> None:
    with pytest.raises(StudioError, match="Bar 3 holds more notes than this model can look at") as caught:
        prompt(piece(), job(), context=30)
    assert caught.value.code == "music_window"


def test_a_bar_longer_than_the_model_knows_is_a_wall_and_cannot_be_written() -> None:
    score = piece(meters=(Meter(0), Meter(2 * BAR, 13, 4), Meter(2 * BAR + 13 * TICKS, 4, 4)))
    made = prompt(score, job(first_bar=3, last_bar=3), context=1024)
    assert made.plan.blocks[0].start == 0  # nothing is seen of what lies before it
    with pytest.raises(StudioError, match="Bar 3 is longer than the 12 quarters"):
        prompt(score, job(first_bar=0, last_bar=3), context=1024)


def test_tracks_that_do_not_fit_are_named() -> None:
    extra = [Track(id=f"t{index}").with_notes(line(8, 60)[: 32 - index]) for index in range(18)]
    score = Score(tracks=(*piece().tracks, *extra, Track(id="silent")))
    plan = prompt(score, job(tracks=("flute",)), context=8192).plan
    assert set(plan.left_out) >= {"bass", "t17"} and "silent" not in plan.left_out
    assert len(plan.left_out) == 4
    asked = job(task="harmonise", tracks=("bass",), new=NewTrack(id="viola"), first_bar=2, last_bar=2)
    small = decode(prompt(score, asked, context=150).ids)
    assert 43 in [track.program for track in small.tracks]  # what is harmonised is seen before all others
    assert len(small.tracks) < 16
    with pytest.raises(StudioError, match="17 tracks are more than the 16"):
        prompt(score, job(tracks=tuple(f"t{index}" for index in range(17))), context=8192)


def test_locked_and_missing_tracks_are_refused_in_words() -> None:
    score = piece()
    locked = Track(id="flute", program=73, locked=True).with_notes(score.track("flute").notes)
    with pytest.raises(StudioError, match="locked"):
        prompt(score.with_track(locked), job(), context=1024)
    plan = prompt(score.with_track(locked), job(tracks=("flute", "bass")), context=1024).plan
    assert plan.tracks == ("bass",)
    with pytest.raises(StudioError, match="no longer in the piece") as caught:
        prompt(score, job(tracks=("oboe",)), context=1024)
    assert caught.value.code == "music_no_track"


def test_bars_of_any_metre_and_between_two_steps_are_met_exactly() -> None:
    meters = (Meter(0, 3, 8), Meter(720, 5, 32), Meter(1020, 6, 8))
    score = Score(tracks=(Track(id="flute", program=73).with_notes(line(3, 72, 240)),), meters=meters)
    made = prompt(score, job(first_bar=1, last_bar=2), context=1024)
    starts = score.bars().starts
    assert starts[:4] == (0, 720, 1020, 2460)
    assert [block.length for block in made.plan.blocks] == [8, 36]
    for seed in range(20):
        placed = made.plan.place(score, take(made.plan, seed))
        notes = [note for note in placed.track("flute").notes if 720 <= note.start < 2460]
        assert all(note.end <= 2460 for note in notes)
        assert all((note.start - (720 if note.start < 1020 else 1020)) % 40 == 0 for note in notes)


def test_a_note_on_a_bar_line_in_all_but_name_is_neither_lost_nor_doubled() -> None:
    score = Score(
        tracks=(
            Track(id="flute", program=73).with_notes(
                [Note(2 * BAR - 5, 72, 485), Note(4 * BAR - 5, 74, 485), Note(5 * BAR, 76, 480)]
            ),
        )
    )
    made = prompt(score, job(), context=1024)
    assert "Bar_2 FILL Position_0 Pitch_72" in words_of(made.ids)  # stays: it starts before the bars
    assert made.plan.replaced == {"flute": (Note(4 * BAR - 5, 74, 485),)}
    for seed in range(20):
        placed = made.plan.place(score, take(made.plan, seed)).track("flute").notes
        assert placed[0] == Note(2 * BAR - 5, 72, 485) and placed[-1] == Note(5 * BAR, 76, 480)
        assert not any(2 * BAR <= note.start < 2 * BAR + 480 and note.pitch == 72 for note in placed)


def test_a_prompt_is_the_same_after_the_document_was_written_and_read() -> None:
    score = piece(chords=(Chord(0, 8 * BAR, "C"),), keys=(Key(0, 0),))
    assert (
        prompt(from_text(to_text(score)), job(), context=1024).ids == prompt(score, job(), context=1024).ids
    )
