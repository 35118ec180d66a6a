"""Replay: what the base learnt from, or writes by itself, comes among the person's rows; made once, the same again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.catalog.inspect import inspect_model
from studio.core.tune_events import Noted
from studio.media.music.midi import write_midi
from studio.worker.text.tokens import load_tokens
from studio.worker.tune.loading import read_causal
from studio.worker.tune.material import music_material, text_material
from studio.worker.tune.replay import text_replay
from studio.worker.tune.text_rows import Mixed
from tests.starters.sketch_songs import piece
from tests.tiny_models import make_model, make_music_model
from tests.worker.tune.training import events, make_run, settings_of, write_pieces, write_texts


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Sums come out the same every time."""
    torch.set_num_threads(1)


def test_a_base_without_texts_of_its_own_writes_some_once(tmp_path: Path) -> None:
    base, folder = make_model(tmp_path / "base"), write_texts(tmp_path / "texts")
    run = make_run(tmp_path / "runs", settings_of("text", base, folder, steps=2, data={"replay": 0.5}))
    model, tokens = read_causal(base).eval(), load_tokens(base)
    before = torch.get_rng_state()
    first = text_replay(run, base, model, tokens)
    assert torch.equal(before, torch.get_rng_state())
    assert first is not None and first.tokens > 500
    assert all(first[number][0] == tokens.start for number in range(len(first)))
    assert not set(first.ids.tolist()) & set(tokens.never)
    shutil.rmtree(base)  # it is not needed again
    second = text_replay(run, base, None, tokens)
    assert second is not None and np.array_equal(second.ids, first.ids)


def test_texts_beside_a_base_are_what_is_replayed(tmp_path: Path) -> None:
    base, folder = make_model(tmp_path / "base"), write_texts(tmp_path / "texts")
    (base / "replay").mkdir()
    (base / "replay" / "a.txt").write_text("One.\n<|endoftext|>\nTwo two two.\n")
    run = make_run(tmp_path / "runs", settings_of("text", base, folder, data={"replay": 0.25}))
    tokens = load_tokens(base)
    made = text_material(run, inspect_model(base), tokens, None, True)
    assert isinstance(made.rows, Mixed)
    replayed = [tokens.decode(made.rows.row(number).inputs.tolist()) for number in range(4)]
    assert sum("Two two" in text for text in replayed) == 1


def test_pieces_beside_a_base_are_what_is_replayed_and_without_any_it_says_so(tmp_path: Path) -> None:
    base = make_music_model(tmp_path / "base", context=512)
    folder = write_pieces(tmp_path / "songs", 5)
    settings = settings_of("music", base, folder, data={"replay": 0.5})
    bare = make_run(tmp_path / "a", settings)
    assert not isinstance(music_material(bare, inspect_model(base), None, True).rows, Mixed)
    assert [note.code for note in events(bare, Noted)] == ["no_replay"]
    (base / "replay").mkdir()
    (base / "replay" / "own.mid").write_bytes(write_midi(piece(50, 8)).data)
    run = make_run(tmp_path / "b", settings)
    made = music_material(run, inspect_model(base), None, True)
    assert isinstance(made.rows, Mixed) and len(made.rows.row(1)) > 0
