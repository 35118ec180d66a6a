"""For the tests of the roll: every view is deleted on the thread it lives on, and before the test ends."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def desks_go(qtbot: QtBot) -> Iterator[None]:
    """Deletes the views of all desks a test made."""
    yield
    for desk in list(qtbot.__dict__.get("roll_desks", ())):
        desk.gone()
