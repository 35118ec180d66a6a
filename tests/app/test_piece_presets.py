"""The presets of the music pane: those that came with Atelier are honest, the person's go to the disk and back."""

import json
from pathlib import Path

import pytest

from studio.app.presets import Presets
from studio.app.presets_desk import piece_presets, sampling_presets
from studio.core.errors import StudioError
from studio.core.piece_settings import BOUND, PieceSettings
from studio.core.sampling import Sampling
from tests.app.piece_person import Composer

BUILT_IN = ("Usual", "Careful", "Daring", "Touch up", "Single line", "Calm chords", "Bass line")


@pytest.fixture
def presets(tmp_path: Path) -> Presets[PieceSettings]:
    return piece_presets(tmp_path / "own")


def test_the_built_in_ones_are_whole_and_hold_nothing_of_one_piece(presets: Presets[PieceSettings]) -> None:
    found = presets.all()
    assert presets.problems == () and tuple(preset.title for preset in found) == BUILT_IN
    usual = PieceSettings()
    for preset in found:
        assert preset.about and not preset.own
        assert {name: getattr(preset.knobs, name) for name in BOUND} == {
            name: getattr(usual, name) for name in BOUND
        }
    assert len({preset.knobs for preset in found}) == len(found), "no two are the same"
    assert found[0].knobs == usual


def test_a_preset_is_saved_under_its_art_and_read_again(
    presets: Presets[PieceSettings], tmp_path: Path
) -> None:
    knobs = PieceSettings(density=4, role="bass", program=33, temperature=0.8)
    saved = presets.save("Walking", knobs)
    (file,) = (tmp_path / "own").glob("*.json")
    assert set(json.loads(file.read_bytes())) == {"atelier_preset", "title", "piece"}
    again = presets.find(saved.id)
    assert again is not None and again.knobs == knobs and again.own


def test_the_arts_do_not_take_each_others_presets(tmp_path: Path) -> None:
    piece_presets(tmp_path / "music").save("Walking", PieceSettings(density=4))
    (file,) = (tmp_path / "music").glob("*.json")
    with pytest.raises(StudioError, match="another pane"):
        sampling_presets(tmp_path / "text").import_file(file)
    sampling_presets(tmp_path / "text").save("Dry", Sampling(temperature=0.2))
    (text,) = (tmp_path / "text").glob("*.json")
    with pytest.raises(StudioError, match="another pane"):
        piece_presets(tmp_path / "music").import_file(text)


def test_the_panel_of_the_window_has_them_and_saves_new_ones(composer: Composer) -> None:
    composer.window.show_dock("view.knobs")
    knobs = composer.piece.pane.knobs
    composer.sees(lambda: knobs.bar.menu.count() == len(BUILT_IN))
    knobs.bar.chosen.emit(next(preset.id for preset in knobs.bar._presets if preset.title == "Single line"))
    assert knobs.values().polyphony == 0
    knobs.set_values(knobs.values().changed(density=2))
    knobs.preset_save_requested.emit("Slow line")
    composer.sees(lambda: knobs.bar.menu.currentText() == "Slow line")
    assert "Saved as “Slow line”" in knobs.bar.message.text()
    folder = composer.wiring.pieces.places.data / "presets" / "music"
    assert len(list(folder.glob("slow-line-*.json"))) == 1
