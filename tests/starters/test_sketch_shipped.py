"""The music model that ships: its files, its figures, and that it writes what was asked, in the key that is held."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pretty_midi
import pytest
import sketch_export
from safetensors import safe_open

from studio.core.events import Event, TakeEnd
from studio.core.pieces import PieceJob
from studio.media.music.carried import pack
from studio.media.music.chords import lay_progression, parse_chord, read_progression
from studio.media.music.document_takes import notes_from
from studio.media.music.score import Note, Score, Track
from studio.media.music.theory import key_classes, parse_key
from studio.worker.shelf import Shelf

BARS, BAR = 4, 1920
SAMPLES, TOGETHER = 200, 8


@pytest.fixture
def shipped() -> Path:
    """Its folder."""
    folder = Path(__file__).resolve().parents[2] / "resources" / "models" / "sketch"
    if not (folder / "README.md").exists():
        pytest.skip("the music model has not been made here")
    return folder


@pytest.fixture
def tune() -> Score:
    """Four bars of quarters in D minor, with chords."""
    pitches = (62, 65, 69, 65, 67, 70, 74, 70, 69, 73, 76, 73, 74, 69, 65, 62)
    notes = [Note(480 * at, pitch, 480, 80) for at, pitch in enumerate(pitches)]
    score = Score(tracks=(Track(id="a").with_notes(notes),), keys=(parse_key("D minor"),))
    chords = lay_progression(read_progression("Dm Gm A7 Dm"), score.bars().starts)
    return Score(tracks=score.tracks, keys=score.keys, chords=chords)


def written(model: Path, score: Score, **asked: object) -> Iterator[list[Note]]:
    """The notes of each take of a job over the whole score."""
    data = pack(score)
    name = sha256(data).hexdigest()
    plain = {"id": "j", "score": name, "model": str(model), "seed": 1, "takes": TOGETHER, "task": "infill"}
    bars = {"first_bar": 0, "last_bar": BARS - 1, "tracks": ("a",)}
    events: list[Event] = []
    job = PieceJob(**(plain | bars | asked))  # type: ignore[arg-type]
    Shelf(events.append).composer(str(model), job.id, lambda: False).run(
        job, {name: data}, events.append, lambda: False
    )
    for event in events:
        if isinstance(event, TakeEnd):
            yield list(notes_from(event.text).get("a", ()))


def test_files_and_size(shipped: Path) -> None:
    files = {one.name for one in shipped.iterdir()}
    assert files == {
        "README.md", "atelier_music.json", "config.json", "generation_config.json", "model.safetensors", "takes",
    }  # fmt: skip
    assert sum(one.stat().st_size for one in shipped.rglob("*") if one.is_file()) <= sketch_export.LIMIT
    with safe_open(shipped / "model.safetensors", "pt") as weights:
        names = list(weights.keys())
        assert {str(weights.get_slice(name).get_dtype()) for name in names} == {"F16"}
        count = sum(weights.get_tensor(name).numel() for name in names)
    assert 3_000_000 <= count <= 3_400_000
    assert "_name_or_path" not in (shipped / "config.json").read_text(encoding="utf-8")
    assert json.loads((shipped / "atelier_music.json").read_text(encoding="utf-8"))["drums"] is False


def test_card_states_the_figures_and_they_are_near_the_real_pieces(shipped: Path) -> None:
    card = (shipped / "README.md").read_text(encoding="utf-8")
    for figure in ("pitch-class entropy", "scale consistency", "groove consistency"):
        found = re.search(rf"\| {figure} \| \S+ \| \S+ \| \*\*(\S+)\*\* \| (\S+) \|", card)
        assert found and float(found.group(1)) <= 2 * float(found.group(2)), figure
    assert re.search(r"\| continuation \| \*\*\d\.\d+\*\*", card) and re.search(
        r"\| infill \| \*\*\d\.\d+\*\*", card
    )
    assert "more than 16" in card and "CC BY 4.0" in card and "CC0" in card
    takes = sorted((shipped / "takes").glob("*.mid"))
    assert len(takes) == 10
    assert all(pretty_midi.PrettyMIDI(str(take)).get_end_time() > 5 for take in takes)


def test_no_note_of_200_takes_lies_outside_the_held_key_and_chords(shipped: Path, tune: Score) -> None:
    key, takes, notes = key_classes(tune.keys[0]), 0, 0
    for seed in range(SAMPLES // TOGETHER):
        for take in written(shipped, tune, seed=seed, hold_key=True, hold_chords=True, temperature=1.3):
            takes += 1
            for note in take:
                notes += 1
                assert note.pitch % 12 in key
                for chord in tune.chords:
                    if chord.tick < note.end and note.start < chord.tick + chord.duration:
                        assert note.pitch % 12 in parse_chord(chord.symbol).classes
    assert takes == SAMPLES and notes > 10 * SAMPLES


def test_the_same_seed_writes_the_same_and_another_one_another(shipped: Path, tune: Score) -> None:
    first, again, other = (list(written(shipped, tune, seed=seed, takes=3)) for seed in (4, 4, 5))
    assert first == again
    assert first != other and first[0] != first[1]


def test_it_has_learnt_what_keys_are(shipped: Path, tune: Score) -> None:
    """Nothing is held: most notes lie in the key all the same, while chance would put a third outside."""
    classes = {2, 4, 5, 7, 9, 10, 0, 1}
    takes = [note.pitch % 12 for take in written(shipped, tune, seed=2) for note in take]
    assert sum(one in classes for one in takes) / len(takes) > 0.85
