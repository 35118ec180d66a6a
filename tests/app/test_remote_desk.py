"""An endpoint in the window: added by the dialog, chosen in the menu, takes by it; its key in the keyring."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from studio.dialogs.endpoints import EndpointsDialog
from tests.app.conftest import Scripted
from tests.engine.remote.server import WORDS, Server


class Ring(KeyringBackend):
    """A keyring in memory, spoken to through the real library."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[Server]:
    from tests.engine.remote.server import good

    server = Server(good)
    yield server
    server.close()


def dialog_of(person: Scripted) -> EndpointsDialog:
    person.does("tools.endpoints")

    def open_ones() -> list[EndpointsDialog]:
        return [dialog for dialog in person.window.findChildren(EndpointsDialog) if dialog.isVisible()]

    person.sees(lambda: bool(open_ones()))
    return open_ones()[0]


def fill(dialog: EndpointsDialog, url: str, key: str = "") -> None:
    for edit in dialog.findChildren(QLineEdit):
        if edit.accessibleName().startswith("Address"):
            edit.setText(url)
        elif edit.accessibleName().startswith("Key"):
            edit.setText(key)


def press(dialog: EndpointsDialog, words: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == words).click()


def said(dialog: EndpointsDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def added(person: Scripted, server: Server, key: str = "") -> str:
    """Add the server by the dialog; the path of its line in the model menu."""
    dialog = dialog_of(person)
    fill(dialog, server.url, key)
    press(dialog, "Test")
    person.sees(lambda: "2 models" in said(dialog))
    press(dialog, "Save")
    person.sees(lambda: "Saved" in said(dialog))
    dialog.reject()
    return next(path for path in person.wiring.models.titles() if path.startswith("remote:"))


def test_a_server_is_tested_added_chosen_and_writes(person: Scripted, server: Server, ring: Ring) -> None:
    path = added(person, server, key="s3cret")
    assert list(ring.kept.values()) == ["s3cret"]
    assert "s3cret" not in person.wiring.places.endpoints_file.read_text()
    person.wiring.models.choose(path)
    person.pane.prompt.set_values(person.pane.prompt.values().__class__(model=path, takes=2))
    person.types("Once upon a time")
    takes = person.proposes(count=2)
    assert [take.text for take in takes] == ["".join(WORDS)] * 2
    posts = [(path, headers) for path, headers, said in server.asked if said]
    assert all(headers["authorization"] == "Bearer s3cret" for _, headers in posts)


def test_a_server_that_does_not_answer_is_said_in_the_dialog(person: Scripted, ring: Ring) -> None:
    dialog = dialog_of(person)
    fill(dialog, "http://127.0.0.1:9/v1")
    press(dialog, "Test")
    person.sees(lambda: "No server answers" in said(dialog))
    dialog.reject()


def test_without_a_keyring_the_key_is_not_kept_and_said(person: Scripted, server: Server) -> None:
    before = keyring.get_keyring()
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())
    try:
        dialog = dialog_of(person)
        fill(dialog, server.url, key="s3cret")
        press(dialog, "Save")
        person.sees(lambda: "keyring takes no keys" in said(dialog))
        assert not person.wiring.places.endpoints_file.exists()
        dialog.reject()
    finally:
        keyring.set_keyring(before)


def test_a_removed_server_leaves_menu_and_keyring(person: Scripted, server: Server, ring: Ring) -> None:
    path = added(person, server, key="s3cret")
    person.wiring.models.choose(path)
    dialog = dialog_of(person)
    press(dialog, "Remove")
    person.sees(lambda: not ring.kept)
    assert path not in person.wiring.models.titles()
    menu = next(box for box in person.pane.prompt.findChildren(QComboBox) if box.accessibleName() == "Model")
    assert "remote" not in str(menu.currentData())
    dialog.reject()
