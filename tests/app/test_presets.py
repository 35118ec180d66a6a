"""Presets are files: saved, renamed, deleted, imported; a damaged one changes nothing."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.app.preset_import import SAME
from studio.app.presets import Presets
from studio.app.presets_desk import PresetsDesk, sampling_presets
from studio.app.tasks import Tasks
from studio.core.errors import StudioError
from studio.core.sampling import STEPS, Sampling
from studio.widgets.sampling_knobs import SamplingKnobs

FULL = Sampling(
    temperature=1.1, top_k=7, banned_phrases=("a\nb",), logit_bias=(("fox", -3.5),), order=STEPS[::-1]
)

SILLY_TAVERN: dict[str, Any] = {
    "temp": 1.15,
    "temperature_last": True,
    "top_p": 1,
    "top_k": -1,
    "top_a": 0,
    "tfs": 1,
    "epsilon_cutoff": 0,
    "typical_p": 1,
    "min_p": 0.025,
    "rep_pen": 1.03,
    "rep_pen_range": 2048,
    "rep_pen_slope": 1,
    "no_repeat_ngram_size": 3,
    "freq_pen": 0.1,
    "presence_pen": 0.2,
    "dynatemp": True,
    "min_temp": 0.5,
    "max_temp": 1.5,
    "dynatemp_exponent": 1.2,
    "smoothing_factor": 0.2,
    "dry_allowed_length": 3,
    "dry_multiplier": 0.8,
    "dry_base": 1.75,
    "dry_sequence_breakers": '["\\n", ":", "\\"", "*"]',
    "dry_penalty_last_n": 0,
    "mirostat_mode": 0,
    "mirostat_tau": 5,
    "mirostat_eta": 0.1,
    "xtc_threshold": 0.1,
    "xtc_probability": 0.5,
    "nsigma": 0,
    "banned_tokens": '"a testament to"\nshivers\n[1, 2]',
    "logit_bias": [{"id": "x", "text": " fox", "value": -50}, {"text": "[12]", "value": 3}],
    "sampler_priority": ["temperature", "min_p", "xtc", "dry", "quadratic_sampling"],
}
KOBOLD: dict[str, Any] = {
    "savedsettings": {
        "temperature": 0.7,
        "rep_pen": 1.07,
        "rep_pen_range": 360,
        "top_p": 0.92,
        "top_k": 100,
        "typ_s": 1,
        "tfs_s": 1,
        "min_p": 0,
        "presence_penalty": 0,
        "sampler_order": [6, 0, 1, 3, 4, 2, 5],
        "miro_type": 2,
        "miro_tau": 4,
        "miro_eta": 0.2,
        "dynatemp_range": 0.3,
    }
}


@pytest.fixture
def presets(tmp_path: Path) -> Presets[Sampling]:
    """The person's presets, none yet."""
    return sampling_presets(tmp_path / "own")


def files(presets: Presets[Sampling]) -> dict[str, bytes]:
    """All that lies in the person's folder."""
    return {file.name: file.read_bytes() for file in sorted(presets._own.glob("*"))}


def test_the_built_in_presets_are_sound(presets: Presets[Sampling]) -> None:
    found = {preset.title: preset for preset in presets.all()}
    assert list(found) == [
        "Usual",
        "Careful",
        "Lively",
        "Anti-repetition (DRY)",
        "XTC surprise",
        "Mirostat",
        "Greedy",
    ]
    assert presets.problems == ()
    assert found["Usual"].knobs == Sampling()
    assert found["Greedy"].knobs.temperature == 0.0
    assert found["Mirostat"].knobs.mirostat == 2
    assert found["Anti-repetition (DRY)"].knobs.dry_multiplier > 0
    assert len({preset.knobs for preset in found.values()}) == len(found)
    assert all(preset.about and not preset.own for preset in found.values())


def test_a_preset_is_kept_replaced_renamed_and_deleted(presets: Presets[Sampling], tmp_path: Path) -> None:
    presets.save("Evening", Sampling())
    kept = presets.save("  evening ", FULL)
    again = sampling_presets(tmp_path / "own")
    assert [preset for preset in again.all() if preset.own] == [kept]
    assert kept.knobs == FULL
    renamed = again.rename(kept.id, "Night/..\\“x”")
    assert again.find(renamed.id) == renamed
    assert len(files(again)) == 1
    again.delete(renamed.id)
    assert files(again) == {}


def test_names_that_cannot_be_used_are_refused(presets: Presets[Sampling]) -> None:
    one, two = presets.save("One", FULL), presets.save("Two", Sampling())
    before = files(presets)
    for act in (
        lambda: presets.save("usual", FULL),
        lambda: presets.save("  ", FULL),
        lambda: presets.rename(two.id, "ONE"),
        lambda: presets.rename(two.id, "Greedy"),
        lambda: presets.rename("built-in/1-usual", "Mine"),
        lambda: presets.delete("built-in/1-usual"),
        lambda: presets.delete("own/../../x"),
    ):
        with pytest.raises(StudioError):
            act()
    assert files(presets) == before
    assert presets.rename(one.id, "one").title == "one"


def test_a_disk_that_refuses_leaves_the_old_preset(
    presets: Presets[Sampling], monkeypatch: pytest.MonkeyPatch
) -> None:
    presets.save("One", FULL)
    before = files(presets)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.core.files.os.fsync", full)
    with pytest.raises(StudioError, match="No space left"):
        presets.save("One", Sampling())
    assert files(presets) == before


def test_damaged_files_are_named_and_the_others_are_there(presets: Presets[Sampling]) -> None:
    presets.save("One", FULL)
    (presets._own / "broken.json").write_text("{")
    (presets._own / "later.json").write_text('{"atelier_preset": 99, "title": "x"}')
    (presets._own / "wrong.json").write_text('{"atelier_preset": 1, "title": "x", "sampling": {"top_k": -3}}')
    assert [preset.title for preset in presets.all() if preset.own] == ["One"]
    assert len(presets.problems) == 3
    assert any("newer Atelier" in str(problem) for problem in presets.problems)


def test_an_own_file_is_imported_under_a_free_name(presets: Presets[Sampling], tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    file.write_bytes(msgspec.json.encode({"atelier_preset": 1, "title": "Usual", "sampling": FULL}))
    assert presets.import_file(file).preset.title == "Usual 2"
    assert presets.import_file(file).preset.title == "Usual 3"
    assert presets.find(presets.import_file(file).preset.id) is not None


def imported(presets: Presets[Sampling], tmp_path: Path, value: Any) -> Any:
    """What becomes of a file with this content."""
    file = tmp_path / "Their preset.json"
    file.write_text(json.dumps(value))
    return presets.import_file(file)


def test_a_silly_tavern_preset_is_understood(presets: Presets[Sampling], tmp_path: Path) -> None:
    found = imported(presets, tmp_path, SILLY_TAVERN)
    s = found.preset.knobs
    assert found.preset.title == "Their preset"
    assert (s.temperature, s.dynamic_range, s.dynamic_exponent) == (1.0, 0.5, 1.2)
    assert (s.top_k, s.top_p, s.min_p, s.typical_p) == (0, 1.0, 0.025, 1.0)
    assert (s.repetition_penalty, s.penalty_tokens) == (1.03, 2048)
    assert (s.frequency_penalty, s.presence_penalty) == (0.1, 0.2)
    assert (s.dry_multiplier, s.dry_allowed_length, s.dry_tokens) == (0.8, 3, 0)
    assert s.dry_breakers == ("\n", ":", '"', "*")
    assert (s.xtc_probability, s.xtc_threshold, s.mirostat) == (0.5, 0.1, 0)
    assert s.banned_phrases == ("a testament to", "shivers")
    assert s.logit_bias == ((" fox", -50.0),)
    told = [step for step in s.order if step in ("temperature", "min_p", "xtc", "dry")]
    assert told == ["temperature", "min_p", "xtc", "dry"]
    left = " ".join(found.left_out)
    for name in ("smoothing_factor", "no_repeat_ngram_size", "[1, 2]", "logit bias"):
        assert name in left
    for name in ("tfs", "top_a", "epsilon_cutoff", "mirostat"):
        assert name not in left


def test_a_kobold_save_is_understood(presets: Presets[Sampling], tmp_path: Path) -> None:
    s = imported(presets, tmp_path, KOBOLD).preset.knobs
    assert (s.temperature, s.top_k, s.top_p, s.min_p, s.dynamic_range) == (0.7, 100, 0.92, 0.0, 0.3)
    assert (s.mirostat, s.mirostat_tau, s.mirostat_eta) == (2, 4.0, 0.2)
    assert (s.repetition_penalty, s.penalty_tokens) == (1.07, 360)
    told = [step for step in s.order if step in ("penalties", "top_k", "typical", "top_p", "temperature")]
    assert told == ["penalties", "top_k", "typical", "top_p", "temperature"]


def test_values_out_of_our_bounds_are_fitted_and_told(presets: Presets[Sampling], tmp_path: Path) -> None:
    found = imported(presets, tmp_path, {"temp": 9, "top_p": "0.5", "rep_pen": 0.5, "top_k": "many"})
    s = found.preset.knobs
    assert (s.temperature, s.top_p, s.repetition_penalty, s.top_k) == (5.0, 0.5, 1.0, 0)
    assert len(found.left_out) == 3


def test_mirostat_1_is_left_out(presets: Presets[Sampling], tmp_path: Path) -> None:
    found = imported(presets, tmp_path, {"temp": 1, "top_p": 1, "mirostat_mode": 1})
    assert found.preset.knobs.mirostat == 0
    assert found.left_out == ("mirostat 1",)


def test_half_a_character_in_a_text_is_replaced(presets: Presets[Sampling], tmp_path: Path) -> None:
    found = imported(presets, tmp_path, {"temp": 1, "top_p": 1, "dry_sequence_breakers": '["a\\ud800"]'})
    assert found.preset.knobs.dry_breakers == ("a\ufffd",)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
foreign = st.dictionaries(
    st.sampled_from([*SAME, *SILLY_TAVERN, "savedsettings", "atelier_preset", "sampling", "title", "name"]),
    plain | st.sampled_from(["", "[", '["a"]', [6, 0, 99], {"a": 1}, 1e308, -1e308]),
    max_size=14,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(st.binary(max_size=200), foreign.map(lambda v: json.dumps(v).encode("utf-8", "replace")))
)
def test_any_file_gives_a_preset_or_a_clear_error_and_then_nothing_changed(
    data: bytes, tmp_path: Path
) -> None:
    presets = sampling_presets(tmp_path / "own")
    file = tmp_path / "any.json"
    file.write_bytes(data)
    before = files(presets)
    try:
        found = presets.import_file(file)
    except StudioError as error:
        assert error.kept
        assert files(presets) == before
    else:
        assert presets.find(found.preset.id) == found.preset
        presets.delete(found.preset.id)
    assert presets.problems == ()


def test_a_file_too_deep_too_large_or_gone_is_refused(presets: Presets[Sampling], tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text('{"temp":1,"top_p":1,"logit_bias":' + "[" * 100_000 + "]" * 100_000 + "}")
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 2_000_000)
    for file in (deep, large, tmp_path / "gone.json", tmp_path):
        with pytest.raises(StudioError, match="cannot be read"):
            presets.import_file(file)
    assert files(presets) == {}


# the desk


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> PresetsDesk[Sampling]:
    """A desk with an open panel."""
    knobs = SamplingKnobs()
    qtbot.addWidget(knobs)
    made = PresetsDesk(knobs, sampling_presets(tmp_path / "own"), Tasks(lambda problem: None), knobs, knobs)
    knobs.show()
    return made


def said(desk: PresetsDesk[Sampling]) -> str:
    """The line in the panel."""
    assert desk._knobs.bar is not None
    return desk._knobs.bar.message.text()


def test_the_panel_saves_renames_and_deletes_files(desk: PresetsDesk[Sampling]) -> None:
    knobs = desk._knobs
    assert knobs.bar is not None
    assert knobs.bar.menu.currentText() == "Usual"
    knobs.set_values(FULL)
    knobs.preset_save_requested.emit("Evening")
    assert knobs.bar.menu.currentText() == "Evening"
    assert "Saved" in said(desk)
    own = next(preset for preset in desk.presets.all() if preset.own)
    knobs.preset_renamed.emit(own.id, "Greedy")
    assert "came with Atelier" in said(desk)
    knobs.preset_renamed.emit(own.id, "Night")
    assert knobs.bar.menu.currentText() == "Night"
    knobs.preset_deleted.emit(own.id)
    assert knobs.bar.menu.currentIndex() == -1
    assert knobs.values() == FULL


def test_an_imported_preset_turns_the_knobs_and_says_what_it_lost(
    desk: PresetsDesk[Sampling], qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(SILLY_TAVERN))
    with qtbot.waitSignal(desk.notice) as told:
        desk.import_file(file)
    assert "theirs" in told.args[0]
    assert "smoothing_factor" in told.args[1]
    assert desk._knobs.values().dry_multiplier == 0.8
    assert desk._knobs.bar is not None
    assert desk._knobs.bar.menu.currentText() == "theirs"
