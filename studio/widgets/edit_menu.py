"""The editor's context menu: corrections of a word, a look inside the model, and the usual."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from studio.widgets.icons import icon

if TYPE_CHECKING:
    from studio.widgets.authored_edit import AuthoredEdit

MOST_SUGGESTIONS: Final = 5


def edit_menu(edit: "AuthoredEdit", at: int, point: QPoint) -> QMenu:
    """What can be done at a character (-1: none in particular); the caller owns the menu."""
    menu = QMenu(edit)
    if at >= 0:
        _add_spelling(menu, edit, at)
        if edit.is_by_model(at):
            action = menu.addAction("Look inside this word")
            action.setToolTip("How likely the model found it, and what else could have stood here")
            action.triggered.connect(lambda: edit.look_inside(at, point))
            menu.addSeparator()
    _add_usual(menu, edit)
    if edit.actions():  # what the window lends its editor
        menu.addSeparator()
        menu.addActions(edit.actions())
    return menu


def _add_usual(menu: QMenu, edit: "AuthoredEdit") -> None:
    writable = not edit.isReadOnly()
    selected = edit.textCursor().hasSelection()
    key = QKeySequence.StandardKey
    entries = (
        ("Undo", "undo", key.Undo, edit.undo_requested.emit, writable),
        ("Redo", "redo", key.Redo, edit.redo_requested.emit, writable),
        None,
        ("Cut", "cut", key.Cut, edit.cut, writable and selected),
        ("Copy", "copy", key.Copy, edit.copy, selected),
        ("Paste", "paste", key.Paste, edit.paste, writable and edit.canPaste()),
        None,
        ("Select all", "", key.SelectAll, edit.selectAll, bool(edit.value().text)),
    )
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        title, name, shortcut, slot, enabled = entry
        action = menu.addAction(title)
        if name:
            action.setIcon(icon(name))
        action.setShortcut(QKeySequence(shortcut))
        action.setEnabled(enabled)
        action.triggered.connect(slot)


def _add_spelling(menu: QMenu, edit: "AuthoredEdit", at: int) -> None:
    text = edit.value().text
    start, end = edit.spelling.word_at(text, at)
    word = text[start:end]
    if not word or not edit.spelling.is_wrong(word):
        return
    waiting = menu.addAction("Looking…")
    waiting.setEnabled(False)
    menu.addSeparator()
    add = menu.addAction("Add to dictionary")
    add.triggered.connect(partial(edit.spelling.accept, word))
    add.triggered.connect(partial(edit.spelling_added.emit, word))
    ignore = menu.addAction("Ignore")
    ignore.triggered.connect(partial(edit.spelling.accept, word))
    ignore.triggered.connect(partial(edit.spelling_ignored.emit, word))
    menu.addSeparator()
    replace = partial(_correct, edit, start, word)
    if edit.suggest is None or edit.isReadOnly():
        waiting.setVisible(False)
    else:
        edit.suggest(word, partial(_fill, menu, waiting, replace))


def _fill(menu: QMenu, waiting: QAction, replace: Callable[[str], None], words: list[str]) -> None:
    """Put the suggestions in the place of the entry that waited for them, unless the menu is gone."""
    if not isValid(menu) or not isValid(waiting):
        return
    if not words:
        waiting.setText("No suggestions")
        return
    for word in words[:MOST_SUGGESTIONS]:
        action = QAction(word, menu)
        font = action.font()
        font.setBold(True)
        action.setFont(font)
        action.triggered.connect(partial(_chosen, replace, word))
        menu.insertAction(waiting, action)
    menu.removeAction(waiting)


def _chosen(replace: Callable[[str], None], word: str, _checked: bool = False) -> None:
    replace(word)


def _correct(edit: "AuthoredEdit", start: int, word: str, better: str) -> None:
    """Put the better word there, if the wrong one still is."""
    end = start + len(word)
    if edit.value().text[start:end] == word:
        edit.replace_range(start, end, better)
