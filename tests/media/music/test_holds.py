"""Locked bars: which stretches are held, what counts as inside, and what each edit makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.media.music import edits, edits_bars, edits_clip, edits_time, edits_tracks, holds, tidy
from studio.media.music.checks import checked
from studio.media.music.document import from_spans, from_text, notes_text, to_spans, to_text, with_take
from studio.media.music.groove import humanise, quantise
from studio.media.music.midi import read_midi, write_midi
from studio.media.music.midi_write import excerpt
from studio.media.music.score import END_MOST, Held, Key, Meter, Note, Score, Track

BAR = 1920
STRETCHES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda at: (at[0], at[0] + at[1])), max_size=8
)


def piece(*notes: Note, held: tuple[tuple[int, int], ...] = ((BAR, 2 * BAR),)) -> Score:
    """A track "a" with bar 2 locked, and an empty one "b"."""
    stretches = tuple(Held(*ticks) for ticks in held)
    return Score(tracks=(replace(Track(id="a", held=stretches).with_notes(notes)), Track(id="b")))


def notes_of(score: Score, track: str = "a") -> tuple[Note, ...]:
    return score.track(track).notes


# -- stretches -----------------------------------------------------------------------------------


@given(STRETCHES, STRETCHES)
def test_what_is_held_and_let_go_is_what_a_set_of_ticks_would_say(
    locks: list[tuple[int, int]], frees: list[tuple[int, int]]
) -> None:
    score, ticks = piece(held=()), set[int]()
    for at, (start, end) in enumerate(locks):
        score = holds.hold(score, "a", start, end)
        ticks |= set(range(start, end))
        for first, last in frees[at : at + 1]:
            score = holds.release(score, "a", first, last)
            ticks -= set(range(first, last))
    track = score.track("a")
    assert {tick for tick in range(60) if holds.held_at(track, tick)} == ticks
    assert list(track.held) == sorted(track.held)
    assert all(one.end < other.start for one, other in zip(track.held, track.held[1:], strict=False))
    for start in range(0, 60, 3):
        for end in (start + 1, start + 5):
            inside = set(range(start, end)) & ticks
            assert holds.reaches(track, start, end) == bool(inside)
            assert holds.covers(track, start, end) == (len(inside) == end - start)
            if start not in ticks:
                assert holds.stop_of(track, start, end) == min([end, *inside])


def test_nothing_and_less_than_nothing_is_not_held_and_bounds_are_kept() -> None:
    assert holds.hold(piece(held=()), "a", 5, 5).track("a").held == ()
    assert holds.hold(piece(held=()), "a", -5, END_MOST + 5).track("a").held == (Held(0, END_MOST),)
    assert holds.release(piece(), "a", 9, 9) == piece()
    with pytest.raises(KeyError):
        holds.hold(piece(), "z", 0, 1)
    with pytest.raises(KeyError):
        holds.release(piece(), "z", 0, 1)


def test_bars_of_several_tracks_are_locked_and_unlocked_and_asked_for() -> None:
    score = edits_time.set_meter(piece(held=()), 1, 3, 4)
    score = holds.lock_bars(score, ("a", "b"), 1, 2)
    assert [track.held for track in score.tracks] == [(Held(BAR, BAR + 2 * 1440),)] * 2
    assert holds.bars_locked(score, ("a", "b"), 1, 2)
    assert not holds.bars_locked(score, ("a",), 0, 1)
    freed = holds.lock_bars(score, ("b",), 1, 1, False)
    assert freed.track("b").held == (Held(BAR + 1440, BAR + 2 * 1440),)
    assert not holds.bars_locked(freed, ("a", "b"), 1, 2)
    assert holds.bars_locked(freed, ("a", "b"), 2, 2)


def test_the_step_is_named_by_bars_counted_from_one() -> None:
    assert holds.words(2, 4, True) == "Lock bars 3 to 5"
    assert holds.words(0, 0, False) == "Unlock bar 1"


def test_a_note_is_held_when_any_of_it_sounds_in_locked_bars() -> None:
    track = piece().track("a")
    assert [
        holds.is_held(track, note)
        for note in (
            Note(BAR - 10, 60, 10),
            Note(BAR - 10, 60, 11),
            Note(2 * BAR - 1, 60, 9),
            Note(2 * BAR, 60, 9),
        )
    ] == [False, True, True, False]
    assert not holds.is_held(piece(held=()).track("a"), Note(0, 60, 9))
    assert holds.is_fixed(Track(id="x", locked=True), Note(0, 60, 9))
    assert holds.is_fixed(Track(id="x"), Note(0, 60, 9, locked=True))


# -- how they are kept ---------------------------------------------------------------------------


def test_the_document_keeps_them_under_their_track_and_reads_those_without() -> None:
    score = piece(Note(0, 60, 480, locked=True), held=((0, 10), (BAR, 2 * BAR)))
    text = to_text(score)
    assert "name=\nheld 0 10\nheld 1920 3840\n0 60 480 80\n" in text
    assert from_spans(to_spans(score)) == score
    older = text.replace("held 0 10\n", "").replace("held 1920 3840\n", "")
    assert from_text(older).track("a").held == ()


@pytest.mark.parametrize(
    "line", ["held 5 5", "held 9 5", "held -1 5", f"held 0 {END_MOST + 1}", "held 5", "held a b"]
)
def test_a_stretch_that_cannot_be_is_damage(line: str) -> None:
    with pytest.raises(StudioError) as told:
        from_text(to_text(piece(held=((0, 10),))).replace("held 0 10", line))
    assert told.value.code == "damaged"


def test_stretches_out_of_order_or_across_each_other_are_made_one() -> None:
    held = (Held(30, 40), Held(0, 10), Held(10, 20), Held(35, 50))
    assert checked(Score(tracks=(Track(id="a", held=held),))).tracks[0].held == (Held(0, 20), Held(30, 50))


def test_a_file_knows_nothing_of_locks() -> None:
    score = piece(Note(0, 60, 480))
    assert write_midi(score).data == write_midi(piece(Note(0, 60, 480), held=())).data
    assert read_midi(write_midi(score).data).score.tracks[0].held == ()
    assert excerpt(score, BAR, 2 * BAR).track("a").held == ()


# -- edits ---------------------------------------------------------------------------------------


def test_notes_that_would_begin_in_locked_bars_are_not_drawn_and_one_before_them_ends_there() -> None:
    done = edits.draw(piece(), "a", [Note(BAR, 60, 9), Note(2 * BAR - 1, 60, 9), Note(BAR - 480, 64, 960)])
    assert notes_of(done.score) == (Note(BAR - 480, 64, 480),)
    assert (done.kept_out, done.left) == (2, 0)
    assert done.words == "2 notes were kept out of locked bars."
    assert edits.draw(piece(), "a", [Note(2 * BAR, 60, 9)]).kept_out == 0


def test_what_sounds_in_locked_bars_is_neither_moved_nor_changed_nor_removed() -> None:
    hanging, inside, free = Note(BAR - 480, 60, 960), Note(BAR + 480, 64, 480), Note(0, 62, 480)
    score = piece(hanging, inside, free)
    picks = [hanging, inside, free]
    assert notes_of(edits.remove(score, "a", picks).score) == (hanging, inside)
    assert edits.remove(score, "a", picks).words == "2 locked notes were left as they are."
    assert notes_of(edits.transpose(score, "a", picks, 1).score) == (replace(free, pitch=63), hanging, inside)
    done = edits.set_velocities(score, "a", dict.fromkeys(picks, 9))
    assert notes_of(done.score) == (replace(free, velocity=9), hanging, inside)
    assert edits.split(score, "a", [hanging], BAR).score == score


def test_a_move_into_locked_bars_moves_nothing_at_all_and_one_across_them_does() -> None:
    score = piece(Note(0, 60, 480), Note(480, 62, 480))
    barred = edits.move(score, "a", notes_of(score), BAR - 480)
    assert (barred.score, barred.kept_out) == (score, 1)
    assert barred.words == "1 note was kept out of locked bars."
    across = edits.move(score, "a", notes_of(score), 2 * BAR)
    assert notes_of(across.score) == (Note(2 * BAR, 60, 480), Note(2 * BAR + 480, 62, 480))
    before = edits.move(score, "a", [Note(480, 62, 480)], BAR - 720)
    assert notes_of(before.score)[1] == Note(BAR - 240, 62, 240)


def test_copies_come_only_where_bars_are_free() -> None:
    score = piece(Note(0, 60, 480), Note(480, 62, 480))
    done = edits.duplicate(score, "a", notes_of(score), BAR - 480)
    assert notes_of(done.score) == (*notes_of(score), Note(BAR - 480, 60, 480))
    assert done.kept_out == 1
    pasted = edits_clip.paste(score, edits_clip.copy({"a": notes_of(score)}), BAR, "a")
    assert (pasted.score, pasted.words) == (score, "2 notes were kept out of locked bars.")
    assert pasted.tracks["a"].kept_out == 2
    elsewhere = edits_clip.paste(score, edits_clip.copy({"a": notes_of(score)}), BAR, "b")
    assert len(notes_of(elsewhere.score, "b")) == 2


def test_notes_grow_up_to_locked_bars() -> None:
    score = piece(Note(0, 60, 480), Note(BAR + 480, 60, 480))
    assert notes_of(edits.resize(score, "a", [Note(0, 60, 480)], 5000).score)[0] == Note(0, 60, BAR)
    legato = edits.legato(
        piece(Note(0, 60, 480), Note(3 * BAR, 62, 9)), "a", [Note(0, 60, 480), Note(3 * BAR, 62, 9)]
    )
    assert notes_of(legato.score)[0] == Note(0, 60, BAR)
    drawn = edits.resize(
        piece(Note(2 * BAR + 480, 60, 480)), "a", [Note(2 * BAR + 480, 60, 480)], -960, from_start=True
    )
    assert (drawn.score, drawn.kept_out) == (piece(Note(2 * BAR + 480, 60, 480)), 1)


def test_notes_on_both_sides_of_locked_bars_are_not_joined() -> None:
    notes = (Note(0, 60, 240), Note(240, 60, 240), Note(2 * BAR, 60, 240), Note(2 * BAR + 240, 60, 240))
    assert notes_of(edits.join(piece(*notes), "a", notes).score) == (Note(0, 60, 480), Note(2 * BAR, 60, 480))


def test_a_note_that_the_grid_would_draw_over_stays_where_it_is() -> None:
    late, free = Note(BAR - 20, 60, 15), Note(20, 60, 15)
    done = quantise(piece(late, free), "a", [late, free], 480)
    assert notes_of(done.score) == (Note(0, 60, 15), late)
    assert done.kept_out == 1
    on_the_line = Note(2 * BAR, 60, 100)
    swayed = [humanise(piece(on_the_line), "a", [on_the_line], seed, 400, 0) for seed in range(9)]
    assert {done.kept_out for done in swayed} == {0, 1}
    assert all(notes_of(done.score)[0].start >= 2 * BAR for done in swayed)


def test_a_note_that_stays_where_it_is_shortens_what_comes_before_it() -> None:
    notes = (Note(0, 72, 480), Note(1200, 60, 400), Note(2 * BAR, 60, 480), Note(4800, 72, 480))
    done = edits.reverse(piece(*notes), "a", notes)
    assert notes_of(done.score)[:3] == (Note(0, 72, 480), Note(960, 60, 240), Note(1200, 60, 400))
    assert done.kept_out == 1


def test_a_note_in_locked_bars_gives_no_way_to_one_that_comes() -> None:
    hanging = Note(BAR - 480, 60, 960)
    put = edits.draw(piece(hanging), "a", [Note(BAR - 480, 60, 100), Note(BAR - 240, 60, 100)])
    assert notes_of(put.score) == (hanging, Note(BAR - 240, 60, 100))
    assert put.left == 1
    moved = edits.move(piece(Note(0, 60, 100), hanging), "a", [Note(0, 60, 100)], BAR - 480)
    assert (hanging in notes_of(moved.score), moved.covered) == (True, 0)


def test_single_notes_are_locked_and_unlocked_in_locked_bars_too() -> None:
    done = edits.lock(piece(Note(BAR, 60, 9)), "a", [Note(BAR, 60, 9)])
    assert notes_of(done.score) == (Note(BAR, 60, 9, locked=True),)


def test_bars_are_neither_put_in_nor_taken_out_before_locked_ones_even_empty() -> None:
    for change in (
        lambda: edits_bars.insert_bars(piece(), 0, 1),
        lambda: edits_bars.insert_bars(piece(held=((0, 2 * BAR),)), 1, 1),
        lambda: edits_bars.delete_bars(piece(), 0, 0),
        lambda: edits_bars.delete_bars(piece(), 1, 1),
    ):
        with pytest.raises(StudioError, match="Locked bars stand behind") as told:
            change()
        assert told.value.code == "locked"
    for score in (edits_bars.insert_bars(piece(), 2, 1), edits_bars.delete_bars(piece(), 2, 2)):
        assert score.track("a").held == (Held(BAR, 2 * BAR),)
    with pytest.raises(StudioError, match="1 locked note stands behind"):
        edits_bars.delete_bars(piece(Note(BAR, 60, 2 * BAR)), 2, 2)


def test_a_track_with_locked_bars_is_not_removed_and_a_copy_of_it_is_free() -> None:
    with pytest.raises(StudioError, match="holds locked bars") as told:
        edits_tracks.remove_track(piece(), "a")
    assert told.value.code == "locked"
    _, copy = edits_tracks.duplicate_track(piece(), "a")
    assert copy.held == ()


def test_another_metre_leaves_the_stretch_where_it_is() -> None:
    score = edits_time.set_meter(piece(), 0, 3, 4)
    assert (score.meters, score.track("a").held) == ((Meter(0, 3, 4),), (Held(BAR, 2 * BAR),))


# -- tidying and takes ---------------------------------------------------------------------------


def test_tidying_leaves_locked_bars_and_counts_what_it_left() -> None:
    out = Note(BAR + 20, 61, 100)
    score = replace(piece(Note(20, 61, 100), out), keys=(Key(0, 0),))
    for proposal in (tidy.snap_to_scale(score), tidy.quantised(score, 480)):
        assert (len(proposal.changes), proposal.left) == (1, 1)
        assert out in notes_of(proposal.score)
    late = piece(Note(BAR - 10, 60, 5))
    proposal = tidy.quantised(late, 480)
    assert (proposal.score, proposal.left) == (late, 1)
    reaching = tidy.quantised(piece(Note(BAR - 490, 60, 490)), 480)
    assert [change.after for change in reaching.changes] == [Note(BAR - 480, 60, 480)]
    assert notes_of(reaching.score) == (Note(BAR - 480, 60, 480),)


def test_of_doubles_the_one_that_sounds_in_locked_bars_stays() -> None:
    short, hanging = Note(BAR - 480, 60, 100, 127), Note(BAR - 480, 60, 960, 1)
    assert notes_of(tidy.without_overlaps(piece(short, hanging)).score) == (hanging,)
    longer = Note(0, 60, BAR + 10)  # both hang in: neither goes
    both = piece(longer, Note(0, 60, BAR + 5))
    assert tidy.without_overlaps(both).score == both


def test_changes_proposed_before_bars_were_locked_are_passed_over() -> None:
    score = piece(Note(20, 60, 100), Note(BAR - 490, 60, 490), Note(BAR + 20, 60, 100), held=())
    proposal = tidy.quantised(score, 480)
    locked = holds.lock_bars(score, ("a",), 1, 1)
    assert notes_of(tidy.applied(locked, proposal.changes)) == (
        Note(0, 60, 100),
        Note(BAR - 480, 60, 480),  # and those that would reach in end where they begin
        Note(BAR + 20, 60, 100),
    )


def job(first: int, last: int) -> PieceJob:
    return PieceJob(
        id="j",
        task="infill",
        score="0" * 64,
        first_bar=first,
        last_bar=last,
        tracks=("a",),
        model="m",
        seed=1,
    )


def test_a_take_passes_over_locked_bars_and_ends_where_they_begin() -> None:
    hanging, inside = Note(BAR - 480, 60, 960, 80), Note(BAR + 480, 64, 480)
    score = piece(hanging, inside, Note(0, 62, 480), Note(2 * BAR, 62, 480))
    said = [Note(240, 70, BAR), Note(BAR - 240, 71, 480), Note(BAR, 72, 480), Note(2 * BAR + 240, 73, 480)]
    taken = with_take(score, job(0, 2), "take", notes_text("a", said))
    assert notes_of(taken) == (
        Note(240, 70, BAR - 240, 80, "take"),
        hanging,
        Note(BAR - 240, 71, 240, 80, "take"),
        inside,
        Note(2 * BAR + 240, 73, 480, 80, "take"),
    )
    assert taken.track("a").held == score.track("a").held
    assert with_take(piece(), job(1, 1), "take", notes_text("a", [Note(BAR, 60, 9)])) == piece()
