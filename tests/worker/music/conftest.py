"""A tiny random model of notes, from the real classes, and jobs for it."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from studio.core.events import Event
from studio.core.pieces import PieceJob
from studio.media.music.carried import pack
from studio.media.music.score import Key, Note, Score, Track
from studio.worker.shelf import Shelf
from tests import tiny_models

CONTEXT = 1024


@pytest.fixture(scope="session")
def notes_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of 708 tokens; for tests only."""
    folder = tmp_path_factory.mktemp("music") / "model"
    return tiny_models.make_music_model(folder, context=CONTEXT)


@pytest.fixture
def melody() -> Score:
    """Four bars of quarters in G, and a bass in halves."""
    tune = [Note(480 * at, 67 + (0, 2, 4, 5, 7, 5, 4, 2)[at % 8], 480, 80) for at in range(16)]
    bass = [Note(960 * at, 43 + (0, 7)[at % 2], 960, 70) for at in range(8)]
    tracks = (Track(id="a", program=73).with_notes(tune), Track(id="b", program=42).with_notes(bass))
    return Score(tracks=tracks, keys=(Key(0, 7),))


Asked = Callable[..., tuple[PieceJob, dict[str, bytes]]]


@pytest.fixture
def asked(notes_model: Path, melody: Score) -> Asked:
    """Makes a job over the melody, and its files."""

    def make(score: Score = melody, **wishes: Any) -> tuple[PieceJob, dict[str, bytes]]:
        data = pack(score)
        name = sha256(data).hexdigest()
        plain: dict[str, Any] = {
            "id": "job", "score": name, "model": str(notes_model), "seed": 5, "takes": 2,
            "first_bar": 1, "last_bar": 2, "tracks": ("a",), "task": "infill",
        }  # fmt: skip
        return PieceJob(**plain | wishes), {name: data}

    return make


Composed = Callable[[PieceJob, Mapping[str, bytes]], list[Event]]


@pytest.fixture(scope="session")
def composed() -> Composed:
    """Runs a job on a shelf; all it sent."""
    events: list[Event] = []
    shelf = Shelf(events.append)

    def run(job: PieceJob, files: Mapping[str, bytes], stop_after: int = 10**9) -> list[Event]:
        events.clear()
        runner = shelf.composer(job.model, job.id, lambda: False, job.adapters)
        seen = [0]

        def stopped() -> bool:
            seen[0] += 1
            return seen[0] > stop_after

        runner.run(job, files, events.append, stopped)
        return list(events)

    return run
