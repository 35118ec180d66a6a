"""Drums: a model that never saw any writes none and is not shown any; one that did writes them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.events import Started, TakeEnd
from studio.core.pieces import NewTrack
from studio.media.music.document import notes_from
from studio.media.music.score import Note, Score, Track
from studio.media.music.vocabulary import DRUMS
from studio.worker.causal.kept import KeptPrompts
from tests.worker.music.conftest import Asked

Composed = Callable[..., list[Any]]
KIT = NewTrack(id="kit", drums=True)


@pytest.fixture(scope="module")
def drum_model(notes_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, said to have been trained on drums."""
    folder = shutil.copytree(notes_model, tmp_path_factory.mktemp("drums") / "model")
    file = folder / "atelier_music.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"drums": True}))
    return folder


@pytest.fixture
def with_kit(melody: Score) -> Score:
    beat = [Note(480 * at, 36 + 2 * (at % 2), 120) for at in range(16)]
    return melody.with_track(Track(id="kit", drums=True).with_notes(beat))


@pytest.fixture
def read_ids(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The prompts that are read."""
    read: list[list[int]] = []
    whole = KeptPrompts.read

    def spied(kept: KeptPrompts, ids: list[int], check: Callable[[], None]) -> Any:
        read.append(ids)
        return whole(kept, ids, check)

    monkeypatch.setattr(KeptPrompts, "read", spied)
    return read


@pytest.mark.parametrize(
    "wishes",
    [
        {"task": "drums", "tracks": (), "new": KIT},
        {"task": "add", "tracks": (), "new": KIT},
        {"task": "infill", "tracks": ("a", "kit")},
    ],
)
def test_a_model_that_never_saw_drums_refuses_them_with_the_cards_words(
    asked: Asked, composed: Composed, with_kit: Score, notes_model: Path, wishes: dict[str, Any]
) -> None:
    with pytest.raises(StudioError) as caught:
        composed(*asked(with_kit, **wishes))
    assert caught.value.code == "no_drums"
    reason = inspect_model(notes_model).modes["drums"]
    said = f"{caught.value.what} {caught.value.do}"
    assert said.lower().split() == reason.replace(":", ".").lower().split()


def test_a_locked_kit_among_the_tracks_is_no_reason_to_refuse(
    asked: Asked, composed: Composed, with_kit: Score
) -> None:
    kit = with_kit.track("kit")
    score = with_kit.with_track(Track(id="kit", drums=True, notes=kit.notes, locked=True))
    events = composed(*asked(score, tracks=("a", "kit"), takes=1))
    assert any(isinstance(event, Started) for event in events)


def test_it_is_not_shown_the_drums_of_a_piece(
    asked: Asked, composed: Composed, with_kit: Score, drum_model: Path, read_ids: list[list[int]]
) -> None:
    composed(*asked(with_kit, takes=1))
    composed(*asked(with_kit, takes=1, model=str(drum_model)))
    without, shown = read_ids
    assert DRUMS not in without
    assert DRUMS in shown


def test_a_model_that_saw_drums_writes_them(asked: Asked, composed: Composed, drum_model: Path) -> None:
    events = composed(*asked(task="drums", tracks=(), new=KIT, model=str(drum_model), takes=2))
    ends = [event for event in events if isinstance(event, TakeEnd)]
    pitches = {note.pitch for end in ends for note in notes_from(end.text).get("kit", ())}
    assert pitches
    assert all(35 <= pitch <= 81 for pitch in pitches)
