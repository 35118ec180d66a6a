"""What can be chosen of a piece to write, and what the choice says."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.dialogs.export_piece import ExportPieceDialog, PieceFacts
from studio.media.music.export import PieceWish

TRACKS = (("t1", "Piano"), ("t2", "Bass"), ("t3", "Cello"))
FACTS = PieceFacts(bars=12, tracks=TRACKS, range=(2, 5), chosen_tracks=("t2",), notes=7)


def opened(qtbot: QtBot, facts: PieceFacts = FACTS, last: PieceWish | None = None) -> ExportPieceDialog:
    dialog = ExportPieceDialog(facts, last)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(dialog: ExportPieceDialog, **values: object) -> None:
    for name, value in values.items():
        box = getattr(dialog, f"_{name}")
        assert box.findData(value) >= 0
        box.setCurrentIndex(box.findData(value))


def test_what_is_marked_can_be_chosen_and_the_whole_comes_first(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    titles = [dialog._scope.itemText(row) for row in range(dialog._scope.count())]
    assert titles == [
        "The whole piece",
        "The chosen bars (3–6)",
        "The chosen tracks (Bass)",
        "The chosen notes (7)",
        "Other bars and tracks",
    ]
    assert dialog.choice() == PieceWish() and not dialog.only_notes()
    choose(dialog, scope="bars")
    assert dialog.choice() == PieceWish(first_bar=2, last_bar=5)
    choose(dialog, scope="tracks")
    assert dialog.choice() == PieceWish(tracks=("t2",))
    choose(dialog, scope="notes")
    assert dialog.only_notes() and dialog.choice() == PieceWish()


def test_without_anything_marked_there_is_nothing_to_choose_of_it(qtbot: QtBot) -> None:
    dialog = opened(qtbot, PieceFacts(bars=1, tracks=TRACKS[:1], chosen_tracks=("t1",)))
    assert [dialog._scope.itemData(row) for row in range(dialog._scope.count())] == ["whole", "other"]
    choose(dialog, scope="other")
    assert dialog.choice() == PieceWish() and not dialog._tracks.isVisible()


def test_a_take_goes_alone_or_with_its_piece(qtbot: QtBot) -> None:
    dialog = opened(qtbot, PieceFacts(bars=12, tracks=TRACKS, range=(2, 5), chosen_tracks=("t3",), take=True))
    assert dialog.choice() == PieceWish(first_bar=2, last_bar=5, tracks=("t3",))
    choose(dialog, scope="whole")
    assert dialog.choice() == PieceWish()


def test_other_bars_and_tracks_are_picked_one_by_one(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    assert not dialog._first.isVisible() and not dialog._tracks.isVisible()
    choose(dialog, scope="other")
    assert dialog._first.isVisible() and (dialog._first.value(), dialog._last.value()) == (3, 6)
    dialog._first.setValue(8)
    assert dialog._last.value() == 8, "the last bar is never before the first"
    dialog._last.setValue(4)
    assert dialog._first.value() == 4
    dialog._tracks.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.choice() == PieceWish(first_bar=3, last_bar=3, tracks=("t1", "t3"))
    dialog._first.setValue(1)
    dialog._last.setValue(12)
    assert dialog.choice() == PieceWish(tracks=("t1", "t3"))
    for row in (0, 2):
        dialog._tracks.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog._go.isEnabled() and dialog._go.toolTip()
    choose(dialog, scope="whole")
    assert dialog._go.isEnabled()


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("midi", ()), ("musicxml", ()), ("wav", ("rate", "bits", "stems")), ("flac", ("rate", "bits", "stems")),
        ("ogg", ("rate", "quality", "stems")),
    ],
)  # fmt: skip
def test_only_what_a_format_knows_is_asked(form: str, seen: tuple[str, ...], qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    choose(dialog, format=form)
    for name in ("rate", "bits", "quality", "stems"):
        assert getattr(dialog, f"_{name}").isVisible() is (name in seen)
    assert dialog._about.text()


def test_how_it_was_exported_last_stands_there(qtbot: QtBot) -> None:
    last = PieceWish(format="ogg", rate=48_000, bits=24, quality=0.9, stems=True)
    assert opened(qtbot, last=last).choice() == last
    assert not opened(qtbot, PieceFacts(bars=1, tracks=TRACKS[:1]), last).choice().stems, "of one track"


def test_everything_has_a_name_a_tip_and_a_place_in_the_tab_order(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    for name in ("format", "scope", "first", "last", "tracks", "rate", "bits", "quality", "stems"):
        widget = getattr(dialog, f"_{name}")
        assert widget.accessibleName() and widget.toolTip() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
