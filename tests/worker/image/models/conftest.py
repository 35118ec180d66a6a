"""Tiny pipelines of every family, made once; nothing may reach the network."""

import socket
from pathlib import Path
from typing import Any

import pytest
import tqdm

from tests import tiny_pictures

Pipelines = dict[str, Path]


@pytest.fixture(scope="session")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Pipelines:
    """A tiny random pipeline folder for each family."""
    tqdm.tqdm.monitor_interval = 0  # its watching thread would be left behind
    base = tmp_path_factory.mktemp("pipelines")
    return {family: tiny_pictures.make_pipeline(base / family, family) for family in tiny_pictures.FAMILIES}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails the test."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something tried to reach the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
