"""The whole corpus there and back: file, quantised, tokens, quantised again, exactly."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.media.music.midi import read_midi
from studio.media.music.quantise import Quantised, quantise
from studio.media.music.score import TICKS, Score
from studio.media.music.tokens import decode, encode
from studio.media.music.tokens_grid import Window

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "music"
ARCHIVES = ("js_fakes", "openscore_lieder", "openscore_quartets")
EVERY = 1 if os.environ.get("ATELIER_WHOLE_CORPUS") else 40
WINDOW_BARS = 32

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    """The MIDI files of an archive: all, or one in EVERY."""
    with tarfile.open(CORPUS / f"{archive}.tar.xz") as packed:
        for index, member in enumerate(member for member in packed if member.name.endswith(".mid")):
            if index % EVERY == 0:
                found = packed.extractfile(member)
                assert found is not None
                yield member.name, found.read()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_file_comes_back_from_its_tokens_exactly(archive: str) -> None:
    seen = 0
    for name, data in files(archive):
        score = read_midi(data).score
        piece = quantise(score)
        _nothing_is_lost(score, piece, name)
        for first in range(0, len(piece.bars), WINDOW_BARS):
            window = _nameless(piece.window(first, WINDOW_BARS))
            bar, track = len(window.bars) // 2, len(window.tracks) - 1
            fills = [(track, bar), (0, len(window.bars) - 1), (0, 0)]
            kept = [(0, 0), (track, 1)]
            for made in (encode(window), encode(window, set(fills), kept)):
                assert decode(made.ids) == window, f"{name}, bars from {first + 1}"
        again = quantise(piece.to_score(), at_least=len(piece.bars))
        assert (again.bars, again.tracks) == (piece.bars, piece.tracks), name
        seen += 1
    assert seen >= 3


def _nothing_is_lost(score: Score, piece: Quantised, name: str) -> None:
    """Every note is there, at most a 24th of a beat from where it was."""
    for before, after in zip(score.tracks, piece.tracks, strict=True):
        starts = [note.start for note in before.notes]
        moved = [piece.grid.tick(note.start) for note in after.notes]
        assert len(starts) == len(moved), name
        assert all(abs(was - is_) <= TICKS // 24 for was, is_ in zip(starts, moved, strict=True)), name


def _nameless(window: Window) -> Window:
    """Tokens hold no track ids."""
    return replace(window, tracks=tuple(replace(track, id="") for track in window.tracks))
