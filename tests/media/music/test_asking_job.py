"""What a request carries besides its bars: a chosen key, wishes, the new track, picked notes; and the way back."""

import pytest
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.piece_settings import KINDS, NEW_TRACK, PieceSettings, TrackWish
from studio.core.pieces import NewTrack, PieceJob, Wish
from studio.media.music.asking import Aim
from studio.media.music.asking_job import (
    ROLE_LEVELS,
    free_of,
    new_track,
    picked_by,
    picks_of,
    prepared,
    settings_of,
    wishes,
)
from studio.media.music.attributes import EDGES
from studio.media.music.holds import lock_bars
from studio.media.music.instruments import comfortable
from studio.media.music.prompts_space import held
from studio.media.music.score import Key, Note, Score, Track
from studio.media.music.theory import key_at, key_name, scale_classes

BAR = 1920
INFILL = Aim(task="infill", first_bar=2, last_bar=3, tracks=("p",))
ADD = Aim(task="add", first_bar=0, last_bar=1)


@pytest.fixture
def score() -> Score:
    tune = [Note(BAR * bar // 2, 60 + bar, 480) for bar in range(16)]
    return Score(
        tracks=(Track(id="p", name="Piano").with_notes(tune), Track(id="d", drums=True)), keys=(Key(0, 2),)
    )


def keys_at(score: Score, *bars: int) -> list[str]:
    found = [key_at(score.keys, bar * BAR) for bar in bars]
    return [key_name(key) if key is not None else "" for key in found]


def job(wanted: Aim, settings: PieceSettings, **more: object) -> PieceJob:
    given: dict[str, object] = {
        "id": "j", "score": "s", "model": "m", "seed": 5, "task": wanted.task, "first_bar": wanted.first_bar,
        "last_bar": wanted.last_bar, "tracks": wanted.tracks, "hold_key": settings.hold_key, "scale": settings.scale,
    }  # fmt: skip
    return PieceJob(**(given | more))  # type: ignore[arg-type]


# -- the key ---------------------------------------------------------------------------------------


def test_a_chosen_key_holds_over_the_asked_bars_alone(score: Score) -> None:
    settings = PieceSettings(hold_key=True, key="Bb minor")
    assert keys_at(prepared(score, INFILL, settings), 0, 1, 2, 3, 4) == (
        ["D major"] * 2 + ["Bb minor"] * 2 + ["D major"]
    )
    turning = replace(score, keys=(Key(0, 2), Key(3 * BAR, 7), Key(6 * BAR, 9)))
    assert keys_at(prepared(turning, INFILL, settings), 1, 2, 3, 4, 6) == [
        "D major", "Bb minor", "Bb minor", "G major", "A major",
    ]  # fmt: skip
    keyless = replace(score, keys=())
    assert keys_at(prepared(keyless, INFILL, settings), 1, 2, 4) == ["", "Bb minor", "Bb minor"]


def test_the_pieces_own_key_and_a_free_one_leave_the_score_as_it_is(score: Score) -> None:
    assert prepared(score, INFILL, PieceSettings(hold_key=True)) is score
    assert prepared(score, INFILL, PieceSettings(key="Bb minor")) is score
    with pytest.raises(StudioError, match="not a key"):
        prepared(score, INFILL, PieceSettings(hold_key=True, key="H moll"))


def test_a_scale_of_the_key_is_what_is_held(score: Score) -> None:
    plain = list(held(score, job(INFILL, PieceSettings(hold_key=True)), 8 * BAR))
    dorian = list(held(score, job(INFILL, PieceSettings(hold_key=True, scale="dorian")), 8 * BAR))
    assert plain == [(0, 8 * BAR, scale_classes(Key(0, 2)))]
    assert dorian == [(0, 8 * BAR, scale_classes(Key(0, 2), "dorian"))]
    with pytest.raises(StudioError, match="no scale"):
        list(held(score, job(INFILL, PieceSettings(hold_key=True, scale="hexatonic")), 8 * BAR))


# -- new tracks ------------------------------------------------------------------------------------


def test_a_new_track_is_named_by_what_it_is_and_shares_no_id(score: Score) -> None:
    first = new_track(score, ADD, PieceSettings(program=42))
    assert first == NewTrack(id="t1", name="Cello", program=42)
    again = score.with_track(Track(id="t1", name="cello"))
    second = new_track(again, ADD, PieceSettings(program=42), taken=("t2", "t3"))
    assert second == NewTrack(id="t4", name="Cello 2", program=42)
    assert new_track(score, ADD, PieceSettings()).name == "Piano 2"  # type: ignore[union-attr]
    assert new_track(score, replace(ADD, task="harmonise"), PieceSettings(program=48)).name == "Harmony"  # type: ignore[union-attr]
    drums = new_track(score, replace(ADD, task="drums"), PieceSettings(program=42))
    assert drums == NewTrack(id="t1", name="Drums", program=0, drums=True)
    assert new_track(score, INFILL, PieceSettings()) is None


# -- wishes ----------------------------------------------------------------------------------------


def test_what_is_wished_of_all_is_said_of_every_written_track_unless_one_has_its_own(score: Score) -> None:
    wanted = replace(INFILL, tracks=("p", "d"))
    settings = PieceSettings(density=4, register=5, tracks=(TrackWish(track="d", density=7),))
    assert wishes(score, wanted, settings, None) == (
        Wish(track="p", density=4, register=5),
        Wish(track="d", density=7),
    )
    assert wishes(score, wanted, PieceSettings(), None) == ()
    every = wishes(score, wanted, PieceSettings(register=2, density=1), None)
    assert every[1] == Wish(track="d", density=1), "drums have no register"


def test_each_bar_is_asked_for_by_itself_as_well(score: Score) -> None:
    said = wishes(score, INFILL, PieceSettings(density=4, each_bar=True), None)
    assert said == tuple(Wish(track="p", bar=bar, density=4) for bar in (None, 2, 3))


def test_a_role_says_how_a_new_track_is_where_the_person_does_not(score: Score) -> None:
    bass = PieceSettings(role="bass", program=33)
    new = new_track(score, ADD, bass)
    assert wishes(score, ADD, bass, new) == (Wish(track="t1", polyphony=0, register=1),)
    busy = bass.changed(tracks=(TrackWish(track=NEW_TRACK, density=6, polyphony=1),))
    assert wishes(score, ADD, busy, new) == (Wish(track="t1", density=6, polyphony=1, register=1),)
    plain = wishes(score, replace(ADD, task="harmonise"), PieceSettings(), new)
    assert plain == (Wish(track="t1", **ROLE_LEVELS["chords"]),)


@pytest.mark.parametrize("program", [0, 33, 40, 56, 73, 9, 112])
def test_a_role_asks_for_no_register_the_instrument_does_not_reach(score: Score, program: int) -> None:
    edges, (low, high) = (0, *EDGES["register"], 128), comfortable(program)
    for role in ("melody", "bass"):
        settings = PieceSettings(role=role, program=program)
        (wish,) = wishes(score, ADD, settings, new_track(score, ADD, settings))
        assert wish.register is not None
        assert edges[wish.register] < high and edges[wish.register + 1] > low


# -- picks -----------------------------------------------------------------------------------------


def test_a_share_of_what_a_take_wrote_is_picked_and_nothing_that_is_fixed(score: Score) -> None:
    piano = score.track("p")
    by_take = score.with_track(
        piano.with_notes(replace(note, author="take", locked=note.pitch == 60) for note in piano.notes[:8])
    )
    picks = picked_by(by_take, "take", 0.3, 7)
    assert len(picks) == 2 and all(pick.pitch != 60 for pick in picks)
    assert picks == picked_by(by_take, "take", 0.3, 7)
    assert len({picked_by(by_take, "take", 0.3, seed) for seed in range(8)}) > 1
    assert len(picked_by(by_take, "take", 0.001, 7)) == 1
    held_bars = lock_bars(by_take, ["p"], 0, 3)
    assert picked_by(held_bars, "take", 1.0, 7) == () == picked_by(score, "take", 1.0, 7)
    assert picks_of({"p": piano.notes[:1]})[0].start == 0


def test_of_chosen_notes_those_that_may_change_are_asked_for(score: Score) -> None:
    first, second, third, *_ = score.track("p").notes
    locked = replace(second, locked=True)
    piece = score.with_track(score.track("p").with_notes([first, locked, third]))
    gone = replace(first, start=7)
    assert free_of(piece, {"p": (first, locked, gone), "x": (third,)}) == {"p": (first,)}
    assert free_of(lock_bars(piece, ["p"], 0, 0), {"p": (first, third)}) == {"p": (third,)}
    assert free_of(piece.with_track(replace(piece.track("p"), locked=True)), {"p": (first,)}) == {}


# -- the way back ----------------------------------------------------------------------------------


def test_the_knobs_come_back_from_a_job_as_they_stood(score: Score) -> None:
    settings = PieceSettings(
        task="infill", amount=0.3, hold_key=True, scale="dorian", hold_chords=True, density=4, duration=2,
        each_bar=True,
        temperature=0.9, top_p=0.9, top_k=40, seed=5, takes=2,
    )  # fmt: skip
    made = job(
        INFILL, settings, amount=0.3, hold_chords=True, wishes=wishes(score, INFILL, settings, None),
        temperature=0.9, top_p=0.9, top_k=40, takes=2,
    )  # fmt: skip
    assert settings_of(made, PieceSettings()) == settings
    assert settings_of(made, PieceSettings(), seed=False).seed is None


def test_wishes_of_single_tracks_and_of_a_new_one_come_back_as_theirs(score: Score) -> None:
    wanted = replace(INFILL, tracks=("p", "d"))
    settings = PieceSettings(density=4, tracks=(TrackWish(track="d", density=7),))
    back = settings_of(job(wanted, settings, wishes=wishes(score, wanted, settings, None)), PieceSettings())
    assert [(wish.track, wish.density) for wish in back.tracks] == [("p", 4), ("d", 7)]
    assert all(getattr(back, kind) is None for kind in KINDS)
    bass = PieceSettings(program=33, tracks=(TrackWish(track=NEW_TRACK, density=2),))
    new = new_track(score, ADD, bass)
    back = settings_of(job(ADD, bass, new=new, wishes=wishes(score, ADD, bass, new)), PieceSettings())
    assert back.program == 33 and back.tracks == (TrackWish(track=NEW_TRACK, density=2),)
