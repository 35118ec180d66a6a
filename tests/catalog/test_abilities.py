"""What models were found able to do: kept, forgotten when model or template change, told in words."""

import json
import shutil
from pathlib import Path

import pytest

from studio.catalog.abilities import Abilities, encoded, model_stamp, shipped_results
from studio.core.events import ActCheck, Checked
from studio.core.jobs import Act, Frame
from studio.core.resources import resource_path, starter_model
from studio.media.frames import frame_sha256, load_frames

FRAMES: dict[Act, Frame] = load_frames([resource_path("acts")])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "abilities.json"


def check(act: str, passed: int = 20, why: str = "") -> ActCheck:
    frame = FRAMES.get(act)  # type: ignore[call-overload]
    sha = frame_sha256(frame) if frame else ""
    return ActCheck(act=act, passed=passed, of=20, need=14, frame_sha256=sha, why=why)  # type: ignore[arg-type]


def checked(model: Path, *acts: ActCheck, sha: str = "0" * 64) -> Checked:
    return Checked(id="c", model=str(model), model_sha256=sha, acts=acts)


def test_an_unchecked_model_continues_and_nothing_else(file: Path, model: Path) -> None:
    known = Abilities(file)
    assert known.of(model, FRAMES) == {}
    assert known.why_not("continue", model, FRAMES) == ""
    assert known.why_not("rewrite", model, FRAMES) == "This model was not checked for rewriting yet."
    assert not file.exists()


def test_results_are_kept_and_told(file: Path, model: Path) -> None:
    failed = check("rewrite", 0, "20 of 20 answers copied the passage")
    Abilities(file).note(checked(model, failed, check("continue", 3), check("shorten"), check("fill_in")))
    known = Abilities(file)
    assert known.why_not("rewrite", model, FRAMES) == (
        "This model rewrote 0 of 20 test passages well (14 are needed): 20 of 20 answers copied the passage."
    )
    assert known.why_not("continue", model, FRAMES).startswith("This model continued 3 of 20")
    assert known.why_not("shorten", model, FRAMES) == ""
    assert set(known.of(model, FRAMES)) == {"rewrite", "continue", "shorten", "fill_in"}


def test_a_later_check_of_some_acts_leaves_the_others(file: Path, model: Path) -> None:
    known = Abilities(file)
    known.note(checked(model, check("rewrite", 2), check("expand", 15)))
    known.note(checked(model, check("rewrite", 18)))
    known.note(checked(model))
    found = Abilities(file).of(model, FRAMES)
    assert (found["rewrite"].passed, found["expand"].passed) == (18, 15)


def test_what_another_window_notes_meanwhile_is_seen_and_stays(
    file: Path, model: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(model, tmp_path / "other"))
    (other / "config.json").write_text("another model")
    here, there = Abilities(file), Abilities(file)
    assert here.of(model, FRAMES) == there.of(model, FRAMES) == {}
    there.note(checked(other, check("rewrite")))
    assert here.why_not("rewrite", other, FRAMES) == ""
    here.note(checked(model, check("shorten")))
    fresh = Abilities(file)
    assert set(fresh.of(other, FRAMES)) == {"rewrite"} and set(fresh.of(model, FRAMES)) == {"shorten"}


def test_a_changed_model_or_template_is_unknown_again(file: Path, model: Path) -> None:
    Abilities(file).note(checked(model, check("rewrite"), check("continue")))
    edited: dict[Act, Frame] = {**FRAMES, "rewrite": FRAMES["rewrite"].changed(system="Do it better.")}
    assert set(Abilities(file).of(model, edited)) == {"continue"}
    (model / "model.safetensors").write_text("fine-tuned")
    assert Abilities(file).of(model, FRAMES) == {}


def test_an_act_whose_template_is_gone_is_not_offered(file: Path, model: Path) -> None:
    assert Abilities(file).why_not("rewrite", model, {}) == "Its template is missing or damaged."


@pytest.mark.parametrize(
    "junk", ["", "[]", "{", '{"checks": 99}', '{"checks": 1, "models": {"x": [{"act": 3}]}}']
)
def test_an_unreadable_file_is_put_aside_not_believed(file: Path, model: Path, junk: str) -> None:
    file.parent.mkdir()
    file.write_text(junk)
    known = Abilities(file)
    assert known.of(model, FRAMES) == {}
    known.note(checked(model, check("rewrite")))
    assert Abilities(file).why_not("rewrite", model, FRAMES) == ""
    if junk in ("", "[]", "{"):
        assert file.with_name("abilities.json.damaged").read_text() == junk


def test_results_that_ship_with_a_model_hold_for_these_weights_only(file: Path, model: Path) -> None:
    import hashlib

    sha = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    (model / "abilities.json").write_bytes(
        encoded(shipped_results(checked(model, check("rewrite", 17), sha=sha)))
    )
    assert Abilities(file).of(model, FRAMES)["rewrite"].passed == 17
    Abilities(file).note(checked(model, check("rewrite", 1)))
    assert Abilities(file).of(model, FRAMES)["rewrite"].passed == 1
    (model / "abilities.json").write_bytes(
        encoded(shipped_results(checked(model, check("expand"), sha="1" * 64)))
    )
    assert "expand" not in Abilities(file).of(model, FRAMES)


def test_no_folder_is_no_model(file: Path, tmp_path: Path) -> None:
    assert model_stamp(tmp_path / "nowhere") == ""
    Abilities(file).note(checked(tmp_path / "nowhere", check("rewrite")))
    assert not file.exists()


def test_a_copy_with_its_times_is_the_same_model(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "copy")
    assert model_stamp(tmp_path / "copy") == model_stamp(model)


def test_the_starter_s_shipped_results_are_of_its_weights_and_these_templates(file: Path) -> None:
    starter = starter_model("story")
    if not (starter / "abilities.json").exists():
        pytest.skip("the starter was not checked here")
    found = Abilities(file).of(starter, FRAMES)
    saved = json.loads((starter / "abilities.json").read_text("utf-8"))
    assert set(found) == {row["act"] for row in saved["acts"]} == {"continue", "fill_in", *FRAMES}
