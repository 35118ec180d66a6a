"""The line under the roll."""

from pytestqt.qtbot import QtBot

from studio.panes.music.status_line import MusicStatus
from studio.widgets.labels import label


def test_it_says_what_is_chosen_where_and_whether_all_is_saved(qtbot: QtBot) -> None:
    notice = label("Ctrl+Return proposes.")
    status = MusicStatus(notice)
    qtbot.addWidget(status)
    status.resize(760, 28)
    status.show()
    status.show_chosen("12 notes, C3 to G4")
    status.show_place("bar 3 beat 2, E4")
    status.show_key("D minor")
    assert status.text() == "12 notes, C3 to G4  bar 3 beat 2, E4  D minor  Saved"
    status.set_saved(False)
    assert status.text().endswith("Saving…")
    status.show_place("")
    status.show_chosen("")
    assert status.text() == "D minor  Saving…"
    assert notice.isVisible() and notice.x() < status._chosen.x()


def test_a_long_word_is_cut_and_told_in_full_while_the_line_stays_narrow(qtbot: QtBot) -> None:
    status = MusicStatus(label(""))
    qtbot.addWidget(status)
    words = "C#4, bar 112 beat 2.25, dotted eighth, velocity 80, by a model, locked; surprising, 12.4 nats of surprise"
    status.show_chosen(words)
    assert status.minimumSizeHint().width() < 360
    assert status._chosen.toolTip() == words
