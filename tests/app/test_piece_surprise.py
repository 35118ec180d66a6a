"""The surprise view in the real window: asked for while it is on, renewed when notes change, the odd ones redone."""

import pytest
from PySide6.QtCore import Qt

from studio.app.piece_surprise_desk import PieceSurpriseDesk
from studio.media.music.score import Note, Track
from tests.app.piece_person import Composer, tune

ODD = Note(1920, 90, 480)  # the fake model likes middle C


def bar(composer: Composer):
    return composer.piece.pane.bar


def desk(composer: Composer) -> PieceSurpriseDesk:
    return composer.place.parts.surprise


def shown(composer: Composer) -> dict[Note, float]:
    """The surprise that the roll shows; nothing when it shows authors."""
    return dict(composer.roll.state.surprise or {})


def said(composer: Composer) -> str:
    return bar(composer).odd._said.text()


@pytest.fixture
def surprised(composer: Composer) -> Composer:
    """A piece with the view on and everything measured."""
    composer.writes([*tune(1), ODD])
    bar(composer).set_switch("surprise", True)
    composer.sees(lambda: len(shown(composer)) == 5)
    return composer


def test_each_note_is_coloured_by_its_surprise_and_the_odd_ones_are_counted(surprised: Composer) -> None:
    assert shown(surprised) == {note: abs(note.pitch - 60) / 2 for note in surprised.notes()}
    assert desk(surprised).odd() == (ODD,)
    assert said(surprised) == "A note, 15.0 nats and more"
    assert surprised.roll.legend.isVisible()


def test_turned_off_the_notes_are_coloured_by_author_again(surprised: Composer) -> None:
    bar(surprised).set_switch("surprise", False)
    assert surprised.roll.state.surprise is None and desk(surprised).odd() == ()
    surprised.writes([Note(3840, 64, 480)])
    assert not desk(surprised)._later.isActive()


def test_what_is_drawn_is_measured_soon_and_what_stayed_keeps_its_colour(surprised: Composer) -> None:
    surprised.writes([Note(3840, 72, 480)])
    assert len(shown(surprised)) == 5 and shown(surprised)[ODD] == 15.0
    surprised.sees(lambda: shown(surprised).get(Note(3840, 72, 480)) == 6.0)


def test_another_share_makes_more_notes_odd(surprised: Composer) -> None:
    bar(surprised).odd._slider.setValue(bar(surprised).odd._slider.maximum())
    assert desk(surprised).odd() == (*surprised.notes()[2:4], ODD)
    assert said(surprised) == "3 notes, 2.0 nats and more"


def test_the_odd_ones_are_chosen_in_the_roll(surprised: Composer) -> None:
    surprised.qtbot.mouseClick(bar(surprised).odd._choose, Qt.MouseButton.LeftButton)
    assert surprised.roll.selection() == (ODD,)
    assert "surprising, 15.0 nats of surprise" in surprised.piece.pane.status.text()


def test_redoing_the_odd_ones_asks_for_exactly_these(surprised: Composer) -> None:
    assert surprised.window.actions_by_id["roll.redo_odd"].isEnabled()
    surprised.waits_for_takes(lambda: surprised.does("roll.redo_odd"))
    job = surprised.job()
    assert job.task == "vary"
    assert [(pick.track, pick.start, pick.pitch) for pick in job.picks] == [("t1", 1920, 90)]
    assert surprised.roll.selection() == (ODD,)


def test_the_button_beside_the_slider_redoes_them_too(surprised: Composer) -> None:
    button = bar(surprised).odd._redo
    surprised.waits_for_takes(lambda: surprised.qtbot.mouseClick(button, Qt.MouseButton.LeftButton))
    assert [pick.pitch for pick in surprised.job().picks] == [90]


def test_chosen_notes_are_redone_without_the_view(composer: Composer) -> None:
    composer.writes(tune(2))
    composer.roll.choose(composer.notes()[2:4])
    composer.waits_for_takes(lambda: composer.does("roll.redo_notes"))
    assert [(pick.start, pick.pitch) for pick in composer.job().picks] == [(960, 64), (1440, 65)]


def test_another_track_is_measured_when_it_is_shown(surprised: Composer) -> None:
    score = surprised.score
    kit = Track(id="t3", drums=True).with_notes([Note(0, 36, 480)])
    more = score.with_track(Track(id="t2", name="Bass").with_notes([Note(0, 40, 480)])).with_track(kit)
    surprised.piece.revise(more, "Add")
    surprised.piece.show_track("t2")
    surprised.sees(lambda: shown(surprised) == {Note(0, 40, 480): 10.0})
    surprised.piece.show_track("t3")
    surprised.sees(lambda: "cannot say" in said(surprised))
    assert shown(surprised) == {} and not bar(surprised).odd._redo.isEnabled()


def test_an_empty_track_says_so_and_nothing_is_asked(composer: Composer) -> None:
    bar(composer).set_switch("surprise", True)
    assert said(composer) == "There are no notes in this track yet."
    assert desk(composer)._asked[0] == ""


def test_a_model_that_cannot_be_read_is_told_and_the_notes_stay_plain(composers) -> None:
    composer = composers("unweighed")
    composer.writes(tune(1))
    bar(composer).set_switch("surprise", True)
    composer.sees(lambda: "The model cannot be read." in said(composer))
    assert "could not be found out" in composer.told
    assert shown(composer) == {} and desk(composer).odd() == ()


def test_the_answer_of_a_piece_that_was_left_is_not_shown(surprised: Composer) -> None:
    surprised.does("work.piece")
    assert shown(surprised) == {} and desk(surprised).odd() == ()
    assert said(surprised) == "There are no notes in this track yet."


def test_in_a_text_nothing_is_odd_and_back_in_the_piece_it_is_measured_again(surprised: Composer) -> None:
    piece = surprised.piece.work
    scene = next(work for work in surprised.session.reader.works() if work.kind == "scene")
    surprised.wiring.projects.choose(scene.id)
    surprised.sees(lambda: surprised.piece.session is None)
    assert desk(surprised).odd() == () and not desk(surprised)._later.isActive()
    surprised.wiring.projects.choose(piece)
    surprised.sees(lambda: desk(surprised).odd() == (ODD,))
