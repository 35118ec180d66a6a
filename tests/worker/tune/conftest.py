"""For every test of fine-tuning: nothing runs beside it."""

import pytest


@pytest.fixture(autouse=True)
def no_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread watches progress bars that nobody sees."""
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)
