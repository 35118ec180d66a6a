"""The dialog of other engines: what it says, asks and refuses."""

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.endpoint import Endpoint
from studio.dialogs.endpoints import EndpointsDialog

HERE = Endpoint(id="a", title="Ollama", url="http://localhost:11434/v1", model="tiny", context_tokens=8192)
FAR = Endpoint(id="b", title="Far", url="https://example.org/v1", key="keyring", api="chat")


def dialog_of(qtbot: QtBot, *endpoints: Endpoint) -> EndpointsDialog:
    dialog = EndpointsDialog(endpoints)
    qtbot.addWidget(dialog)
    return dialog


def field(dialog: EndpointsDialog, name: str) -> QLineEdit:
    return next(edit for edit in dialog.findChildren(QLineEdit) if edit.accessibleName().startswith(name))


def press(dialog: EndpointsDialog, words: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == words).click()


def said(dialog: EndpointsDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_chosen_server_is_shown_and_saved_as_it_stands(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE, FAR)
    assert dialog.endpoint() == HERE
    with qtbot.waitSignal(dialog.saved) as told:
        press(dialog, "Save")
    assert told.args == [HERE, ""]


def test_a_typed_key_is_told_apart_from_the_endpoint(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE)
    field(dialog, "Key").setText("s3cret")
    with qtbot.waitSignal(dialog.saved) as told:
        press(dialog, "Save")
    endpoint, key = told.args
    assert key == "s3cret"
    assert "s3cret" not in repr(endpoint)


def test_a_kept_key_stays_unless_another_is_typed(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, FAR)
    assert dialog.endpoint().key == "keyring"
    assert field(dialog, "Key").text() == ""
    field(dialog, "Key").setText("env:FAR_KEY")
    assert dialog.endpoint().key == "env:FAR_KEY"


def test_a_new_server_gets_an_id_and_a_name(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE)
    press(dialog, "Add")
    field(dialog, "Address").setText("http://localhost:8080/v1/")
    dialog.findChildren(QComboBox)[0].setCurrentText("big")
    endpoint = dialog.endpoint()
    assert endpoint.id not in ("a", "")
    assert (endpoint.title, endpoint.url, endpoint.model) == ("big", "http://localhost:8080/v1", "big")


def test_a_bad_address_is_named_and_not_saved(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot)
    field(dialog, "Address").setText("localhost:8080")
    with qtbot.assertNotEmitted(dialog.saved):
        press(dialog, "Save")
    assert "no http or https address" in said(dialog)


def test_a_key_to_an_unencrypted_far_address_is_refused(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot)
    field(dialog, "Address").setText("http://example.org/v1")
    field(dialog, "Key").setText("s3cret")
    with qtbot.assertNotEmitted(dialog.saved), qtbot.assertNotEmitted(dialog.asked):
        press(dialog, "Save")
        press(dialog, "Test")
    assert "unencrypted" in said(dialog)


def test_it_is_said_when_text_leaves_the_computer(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE, FAR)
    assert "not your computer" not in said(dialog)
    rows = dialog.findChild(QListWidget)
    assert rows is not None
    rows.setCurrentRow(1)
    assert "not your computer" in said(dialog)


def test_models_of_the_server_fill_the_list_and_the_name_stays(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE)
    dialog.show_models(["big", "small"])
    assert dialog.endpoint().model == "tiny"
    assert "2 models" in said(dialog)


def test_removing_tells_which(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, HERE, FAR)
    with qtbot.waitSignal(dialog.removed) as told:
        press(dialog, "Remove")
    assert told.args == ["a"]
