"""The list of endpoints: kept in order, never with a key, a damaged file put aside."""

import json
from pathlib import Path

import pytest

from studio.catalog.endpoints import Endpoints
from studio.core.endpoint import Endpoint


def one(number: int, **values: object) -> Endpoint:
    return Endpoint(
        **{"id": f"e{number}", "title": f"Server {number}", "url": "http://localhost:1/v1", **values}
    )  # type: ignore[arg-type]


def test_endpoints_are_kept_in_order_and_changed_in_place(tmp_path: Path) -> None:
    kept = Endpoints(tmp_path / "deep" / "endpoints.json")
    assert kept.all() == ()
    kept.put(one(1))
    kept.put(one(2))
    kept.put(one(1, model="tiny"))
    assert Endpoints(tmp_path / "deep" / "endpoints.json").all() == (one(1, model="tiny"), one(2))
    kept.remove("e1")
    assert kept.all() == (one(2),)


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"endpoints": [{"id": 3}]}', '{"endpoints": [{"id": "x", "title": "", "url": "u"}]}'],
)
def test_a_damaged_list_counts_as_empty_and_is_put_aside(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(damage)
    kept = Endpoints(file)
    assert kept.all() == ()
    kept.put(one(1))
    assert kept.all() == (one(1),)
    assert (tmp_path / "endpoints.json.damaged").read_text() == damage


def test_no_field_can_hold_a_key(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    Endpoints(file).put(one(1, key="keyring"))
    (said,) = json.loads(file.read_text())["endpoints"]
    assert said["key"] == "keyring"
