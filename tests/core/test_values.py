"""Jobs check themselves, ids sort by time, errors read as sentences."""

import msgspec
import pytest

from studio.core.errors import StoppedError, StudioError
from studio.core.ids import new_id
from studio.core.jobs import Adapter, Job, Sampling, TextJob
from studio.core.resources import resource_path

GOOD = {"id": "j", "prompt": "Once", "model": "m", "seed": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("takes", 0),
        ("takes", 9),
        ("tokens", 0),
        ("seed", -1),
        ("seed", 2**63),
        ("prompt", 3),
        ("trim", "word"),
    ],
)
def test_a_job_out_of_bounds_names_the_field(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        TextJob(**{**GOOD, field: value})
    wire = msgspec.msgpack.encode({"type": "text", **GOOD, field: value})
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(wire, type=Job)


def test_a_changed_job_is_checked_again() -> None:
    job = TextJob(**GOOD)
    assert job.changed(seed=5).seed == 5
    with pytest.raises(msgspec.ValidationError, match="takes"):
        job.changed(takes=99)


def test_a_job_comes_back_whole() -> None:
    job = TextJob(**GOOD, adapters=(Adapter(path="p", weight=0.5),), sampling=Sampling(temperature=0.0))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(job), type=Job) == job


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.convert({"type": "text", **GOOD, "colour": 1}, type=Job)


def test_ids_are_unlike_and_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []
    for ns in (10**18, 10**18 + 10**6, 2 * 10**18):
        monkeypatch.setattr("time.time_ns", lambda ns=ns: ns)
        ids.append(new_id())
    assert ids == sorted(ids)
    assert all(len(id_) == 26 for id_ in ids)
    assert len({new_id() for _ in range(1_000)}) == 1_000


def test_an_error_says_what_was_kept_and_what_to_do() -> None:
    error = StudioError("It broke.", kept="Your text is safe.", do="Try again.")
    assert str(error) == "It broke. Your text is safe. Try again."
    assert (error.code, StoppedError().code) == ("failed", "cancelled")


def test_resources_are_found_from_any_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert resource_path("models").parent.is_absolute()
