"""A job's score keeps who wrote a note and what is locked."""

import pytest

from studio.core.errors import StudioError
from studio.media.music.carried import pack, unpack
from studio.media.music.score import Key, Note, Score, Track


def test_authors_and_locks_travel() -> None:
    notes = (Note(0, 60, 480, 80, "take-1"), Note(480, 62, 240, 70, "", True), Note(960, 64, 240))
    score = Score(tracks=(Track(id="a", name="Flute", notes=notes),), keys=(Key(0, 7),))
    assert unpack(pack(score)) == score
    assert pack(unpack(pack(score))) == pack(score)


def test_a_damaged_file_is_told() -> None:
    with pytest.raises(StudioError, match="cannot be read"):
        unpack(pack(Score())[:-3])
