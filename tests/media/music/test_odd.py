"""Which notes are odd: the share of a track that surprises most, of what may change at all."""

from msgspec.structs import replace

from studio.core.events import Weight
from studio.media.music.odd import odd_notes, weighed_notes
from studio.media.music.score import Held, Note, Track

TRACK = Track(id="a").with_notes(Note(480 * at, 60 + at, 480) for at in range(10))
NATS = {note: float(at) for at, note in enumerate(TRACK.notes)}


def test_the_share_that_surprises_most_is_odd_in_order_of_time() -> None:
    assert odd_notes(TRACK, NATS, 0.2) == TRACK.notes[8:]
    assert odd_notes(TRACK, NATS, 0.3) == TRACK.notes[7:]
    assert odd_notes(TRACK, NATS, 0.01) == TRACK.notes[9:]
    assert odd_notes(TRACK, NATS, 0.25) == TRACK.notes[7:]
    assert odd_notes(TRACK, NATS, 0.0) == TRACK.notes[9:]
    many = Track(id="a").with_notes(Note(480 * at, 60, 480) for at in range(100))
    assert len(odd_notes(many, {note: float(note.start) for note in many.notes}, 0.07)) == 7


def test_locked_and_unmeasured_notes_are_not_counted() -> None:
    locked = TRACK.with_notes((*TRACK.notes[:9], Note(480 * 9, 69, 480, locked=True)))
    assert odd_notes(locked, {**NATS, locked.notes[9]: 99.0}, 0.1) == locked.notes[8:9]
    assert odd_notes(TRACK, {TRACK.notes[0]: 1.0}, 0.1) == TRACK.notes[:1]
    assert odd_notes(TRACK, {}, 0.5) == ()
    assert odd_notes(replace(TRACK, locked=True), NATS, 0.5) == ()
    held = Track(id="a", held=(Held(480 * 8, 480 * 10),)).with_notes(TRACK.notes)
    assert odd_notes(held, NATS, 0.1) == TRACK.notes[7:8]


def test_weights_find_their_notes_also_among_notes_that_are_alike() -> None:
    twice = TRACK.with_notes((Note(0, 60, 100), Note(0, 60, 200), Note(480, 61, 480)))
    weights = (Weight(0, 60, 1.0), Weight(0, 60, 2.0), Weight(900, 61, 5.0))
    assert weighed_notes(twice, weights) == {Note(0, 60, 100): 1.0, Note(0, 60, 200): 2.0}
