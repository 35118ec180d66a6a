"""Checkpoints on disk: whole or not there, pruned, damaged ones passed over, a full disk said so."""

import errno
import json
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.worker.tune import checkpoints as module
from studio.worker.tune.checkpoints import Checkpoints


def write(folder: Path) -> None:
    """Something to keep."""
    (folder / "weights").write_bytes(b"123")
    (folder / "deep").mkdir()
    (folder / "deep" / "more.json").write_text("{}")


def test_a_checkpoint_is_there_whole_with_the_hash_of_every_file(tmp_path: Path) -> None:
    made = Checkpoints(tmp_path, identity="x").save(100, write, {"best_step": 50})
    assert made.folder == tmp_path / "step-000100"
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert sorted(manifest["files"]) == ["deep/more.json", "weights"]
    assert manifest["step"] == 100 and manifest["facts"] == {"best_step": 50}
    found = Checkpoints(tmp_path, identity="x").newest()
    assert found is not None and found.step == 100 and found.facts == {"best_step": 50}
    assert [path.name for path in tmp_path.iterdir()] == ["step-000100"]


def test_the_newest_stay_and_what_is_still_needed(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, keep=2)
    for step in (10, 20, 30, 40):
        kept.save(step, write)
    (tmp_path / ".staged-left").mkdir()
    kept.prune(frozenset({10}))
    assert kept.steps() == [10, 30, 40]
    assert not (tmp_path / ".staged-left").exists()
    kept.drop_beyond(30)
    assert kept.steps() == [10, 30]


def test_best_weights_stand_beside_the_steps(tmp_path: Path) -> None:
    steps, best = Checkpoints(tmp_path), Checkpoints(tmp_path, keep=1, prefix="best")
    steps.save(3, write)
    best.save(2, write)
    best.save(3, write)
    best.prune()
    assert steps.steps() == [3] and best.steps() == [3]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: (folder / "weights").write_bytes(b"124"), "weights is damaged"),
        (lambda folder: (folder / "weights").unlink(), "weights is missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "No such file"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "truncated"),
    ],
)
def test_a_damaged_one_is_told_and_the_one_before_is_taken(damage: object, why: str, tmp_path: Path) -> None:
    told: list[str] = []
    kept = Checkpoints(tmp_path, damaged=told.append)
    kept.save(1, write)
    damage(kept.save(2, write).folder)  # type: ignore[operator]
    found = kept.newest()
    assert found is not None and found.step == 1
    assert len(told) == 1 and told[0].startswith("step-000002 was passed over") and why in told[0]


def test_one_of_another_training_is_passed_over(tmp_path: Path) -> None:
    told: list[str] = []
    Checkpoints(tmp_path, identity="a").save(1, write)
    assert Checkpoints(tmp_path, identity="b", damaged=told.append).newest() is None
    assert "another training" in told[0]


def full(_: Path) -> None:
    """The system's refusal."""
    raise OSError(errno.ENOSPC, "No space left on device")


def full_in_torch(folder: Path) -> None:
    """The same as torch.save words it."""
    (folder / "weights").write_bytes(b"1")
    raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")


def full_in_safetensors(_: Path) -> None:
    """The same as safetensors words it."""
    raise RuntimeError("I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize("refuse", [full, full_in_torch, full_in_safetensors])
def test_a_full_disk_is_said_so_and_the_older_ones_stay(refuse: object, tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.save(1, write)
    with pytest.raises(StudioError) as caught:
        kept.save(2, refuse)  # type: ignore[arg-type]
    assert caught.value.code == "full" and "step 2" in caught.value.what
    assert "checkpoints before it are kept" in caught.value.kept
    assert [path.name for path in tmp_path.iterdir()] == ["step-000001"]
    found = kept.newest()
    assert found is not None and found.step == 1


def test_full_at_the_manifest_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Checkpoints(tmp_path)
    kept.save(1, write)

    def refused(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "write_whole", refused)
    with pytest.raises(StudioError):
        kept.save(2, write)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000001"]


def test_a_bug_is_not_called_a_full_disk(tmp_path: Path) -> None:
    def wrong(_: Path) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        Checkpoints(tmp_path).save(1, wrong)
    assert not list(tmp_path.iterdir())


def test_a_step_is_written_anew_over_one_of_an_earlier_life(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.save(1, write, {"life": 1})
    kept.save(1, write, {"life": 2})
    found = kept.newest()
    assert found is not None and found.facts == {"life": 2}
