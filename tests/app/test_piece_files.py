"""Music into the window and out of it: dialog, drop, export, a take dragged or copied, and what goes wrong."""

import errno
import threading
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from studio.app import exchange_desk, piece_files_desk, piece_reading
from studio.app.piece_drop import FILES_MOST, SUFFIXES, music_in
from studio.app.piece_out import MIDI_MIME, last_wish, sketch
from studio.core import files as core_files
from studio.core.errors import StudioError
from studio.dialogs.export_piece import ExportPieceDialog
from studio.media.music import checks, exchange
from studio.media.music import export as music_export
from studio.media.music.document import notes_from
from studio.media.music.export import PieceWish
from studio.media.music.midi import read_midi
from studio.media.music.midi_write import write_midi
from studio.media.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from tests.app.conftest import Scripted
from tests.app.piece_person import Composer, tune
from tests.app.test_exchange_desk import dialog_of, ends

ABC = "X:1\nT:The Fox\nM:3/4\nL:1/4\nK:D\nDFA|d2A|F2D|\n"


def song(path: Path, bars: int = 2) -> Path:
    """A tune and a bass in D minor."""
    tracks = (
        Track(id="t1", name="Tune", program=73).with_notes(tune(bars)),
        Track(id="t2", name="Bass", program=32).with_notes([Note(0, 38, 960)]),
    )
    score = Score(tracks=tracks, keys=(Key(0, 2, "minor"),), tempos=(Tempo(0, 400_000),))
    path.write_bytes(write_midi(score, title="Nonsense").data)
    return path


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drops(person: Scripted, *paths: Path, shift: bool = False) -> bool:
    """Drag files over the window and let go; whether the window wanted them."""
    mime, buttons = mime_of(*paths), Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    enter = QDragEnterEvent(QPoint(300, 300), actions, mime, buttons, keys)
    enter.setAccepted(False)
    QApplication.sendEvent(person.window, enter)
    drop = QDropEvent(QPointF(300, 300), actions, mime, buttons, keys)
    if shift:
        drop.setDropAction(Qt.DropAction.MoveAction)
    drop.setAccepted(False)
    QApplication.sendEvent(person.window, drop)
    assert enter.isAccepted() == drop.isAccepted()
    assert not drop.isAccepted() or drop.dropAction() == Qt.DropAction.CopyAction, (
        "the file stays where it was"
    )
    return drop.isAccepted()


def pieces(person: Scripted) -> list[str]:
    return [work.title for work in person.session.reader.works() if work.kind == "piece"]


# -- in ----------------------------------------------------------------------------------------------


def test_over_a_text_a_dropped_file_opens_as_a_piece_of_one_step(
    scripted, music_starter: Path, tmp_path: Path
) -> None:
    person = scripted()
    person.types("Mine.")
    assert drops(person, song(tmp_path / "fox.mid"))
    ends(person)
    assert pieces(person) == ["fox"], "called after its file, not after what stands in it"
    composer = Composer(person.wiring, person.qtbot)
    assert composer.piece.work and [track.name for track in composer.score.tracks] == ["Tune", "Bass"]
    assert composer.score.keys == (Key(0, 2, "minor"),) and composer.notes() == tuple(tune(2))
    (node,) = composer.session.history(composer.piece.work).nodes()
    assert (node.kind, node.words) == ("imported", "Import fox")
    assert "imported: 2 tracks, 9 notes" in composer.told
    composer.is_saved()
    composer.does("edit.undo")
    assert composer.score.note_count == 0


def test_an_empty_piece_takes_the_file_in_and_a_full_one_stays(composer: Composer, tmp_path: Path) -> None:
    work = composer.piece.work
    assert drops(composer, song(tmp_path / "fox.mid"))
    ends(composer)
    assert composer.piece.work == work and len(composer.notes()) == 8 and "into this piece" in composer.told
    assert drops(composer, song(tmp_path / "hare.mid", bars=1))
    ends(composer)
    assert composer.piece.work != work and len(composer.notes()) == 4
    assert "Hold Shift" in composer.told and "hare" in pieces(composer)


def test_with_shift_its_tracks_come_behind_those_of_the_open_piece(
    composer: Composer, tmp_path: Path
) -> None:
    composer.writes(tune(1))
    work = composer.piece.work
    assert drops(composer, song(tmp_path / "fox.mid"), shift=True)
    ends(composer)
    assert composer.piece.work == work and len(pieces(composer)) == 1
    assert [(track.id, len(track.notes)) for track in composer.score.tracks] == [
        ("t1", 4), ("t2", 8), ("t3", 1),
    ]  # fmt: skip
    assert composer.score.tempos == (Tempo(0, 500_000),) and "keeps its own tempo and key" in composer.told
    composer.does("edit.undo")
    assert [len(track.notes) for track in composer.score.tracks] == [4]


def test_several_files_become_several_pieces(scripted, music_starter: Path, tmp_path: Path) -> None:
    person = scripted()
    assert drops(person, song(tmp_path / "a.mid"), song(tmp_path / "b.MID"))
    ends(person)
    assert pieces(person) == ["a", "b"]


def test_notation_is_read_beside_the_window_and_called_by_its_title(
    composer: Composer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tune.abc").write_text(ABC)

    async def chosen(_parent, _title, _start, *, filters, **_how) -> Path:
        assert "*.abc" in filters[0] and "*.mxl" in filters[0]
        return tmp_path / "tune.abc"

    monkeypatch.setattr(piece_files_desk, "ask_path", chosen)
    composer.writes(tune(1))
    composer.does("file.import_music")
    ends(composer)
    assert "The Fox" in pieces(composer)
    assert composer.score.meters == (Meter(0, 3, 4),) and composer.notes()[0].pitch == 62


def test_what_had_to_be_changed_is_told(composer: Composer, tmp_path: Path) -> None:
    data = write_midi(Score(tracks=(Track(id="t1").with_notes(tune(1)),))).data
    off = bytes([0x80, 62, 64])
    assert data.count(off) == 1
    (tmp_path / "hanging.mid").write_bytes(data.replace(off, bytes([0x80, 1, 64])))
    assert drops(composer, tmp_path / "hanging.mid")
    ends(composer)
    assert (
        "imported into this piece" in composer.told and "Notes that never end left out: 1." in composer.told
    )


@pytest.mark.parametrize("data", [b"", b"MThd", b"MThd\0\0\0\6\0\1\0\1\0\0", b"<html>no</html>", bytes(99)])
def test_garbage_is_told_and_changes_nothing(data: bytes, composer: Composer, tmp_path: Path) -> None:
    (tmp_path / "fox.mid").write_bytes(data)
    assert drops(composer, tmp_path / "fox.mid")
    ends(composer)
    assert "fox.mid" in composer.told and composer.head == "" and len(pieces(composer)) == 1


def test_other_files_go_where_they_went_before(composer: Composer, tmp_path: Path) -> None:
    (tmp_path / "book.xyz").write_text("x")
    assert not drops(composer, tmp_path / "book.xyz")
    assert not drops(composer, song(tmp_path / "fox.mid"), tmp_path / "book.xyz")
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/a.mid")])
    assert music_in(web) == () and music_in(QMimeData()) == ()
    assert set(SUFFIXES) == set(exchange.SUFFIXES) and FILES_MOST > 1


def test_a_take_that_is_dragged_out_and_comes_back_is_no_new_piece(
    composer: Composer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDropEvent, "source", lambda _event: composer.window)
    assert not drops(composer, song(tmp_path / "fox.mid"))


def test_what_is_locked_refuses_the_file_and_only_that_is_told(
    composer: Composer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_asked: object) -> None:
        raise StudioError("That passage is locked.", code="locked")

    monkeypatch.setattr(composer.session, "revise_piece", refused)
    assert drops(composer, song(tmp_path / "fox.mid"))
    ends(composer)
    assert composer.told.startswith("That passage is locked") and composer.score.note_count == 0


def test_the_common_import_takes_music_too(
    composer: Composer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_asked: object, **_how: object) -> Path:
        return song(tmp_path / "fox.kar")

    monkeypatch.setattr(exchange_desk, "ask_path", chosen)
    composer.does("file.import")
    ends(composer)
    assert len(composer.notes()) == 8


def test_a_damaged_piece_is_not_written_into(composer: Composer, tmp_path: Path) -> None:
    composer.piece.damaged = True
    work = composer.piece.work
    assert drops(composer, song(tmp_path / "fox.mid"), shift=True)
    ends(composer)
    assert composer.piece.work != work and "fox" in pieces(composer)


def test_a_stop_while_a_file_is_read_changes_nothing(
    composer: Composer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    read_piece = piece_reading.read_piece

    def slow(path: Path) -> object:
        reads.set()
        go_on.wait(30)
        try:
            return read_piece(path)
        finally:
            ended.set()

    monkeypatch.setattr(piece_reading, "read_piece", slow)
    assert drops(composer, song(tmp_path / "fox.mid"))
    composer.sees(reads.is_set)
    composer.does("take.stop")
    go_on.set()
    composer.sees(ended.is_set)
    ends(composer)
    assert composer.head == "" and composer.told == ""


def test_a_huge_file_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FILE_MOST_BYTES", 100)
    with pytest.raises(StudioError) as caught:
        piece_reading.read_piece(song(tmp_path / "fox.mid"))
    assert caught.value.code == "too big" and "fox.mid" in caught.value.what


def test_joined_scores_keep_their_own_time_and_say_what_stays_behind() -> None:
    ours = Score(tracks=(Track(id="t1"), Track(id="t2")), chords=(Chord(0, 960, "C"),))
    theirs = Score(tracks=(Track(id="t1", name="A"), Track(id="t9", name="B")), meters=(Meter(0, 3, 4),))
    score, told = piece_reading.joined(ours, theirs)
    assert [track.id for track in score.tracks] == ["t1", "t2", "t3", "t4"]
    assert score.meters == ours.meters and told == ("This piece keeps its own metre.",)
    assert piece_reading.joined(ours, Score(tracks=(Track(id="t1"),)))[1] == ()


# -- out ---------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Every question for a path is answered with a file here, its ending as wished."""
    folder = tmp_path / "exports"
    folder.mkdir()

    async def ask_path(_parent, _title, start, *, suffix="", **_how) -> Path:
        (tmp_path / "proposed").write_text(start.name, "utf-8")
        return folder / f"out.{suffix}"

    monkeypatch.setattr(piece_files_desk, "ask_path", ask_path)
    return folder


def exports(composer: Composer, scope: str = "whole", **wish: object) -> None:
    """Through the dialog, to the end."""
    composer.does("file.export")
    decides(composer, scope, **wish)


def decides(composer: Composer, scope: str = "whole", **wish: object) -> None:
    dialog = dialog_of(composer, ExportPieceDialog)
    assert isinstance(dialog, ExportPieceDialog)
    if wish:
        dialog._set(PieceWish(**wish))  # type: ignore[arg-type]
    at = dialog._scope.findData(scope)
    assert at >= 0
    dialog._scope.setCurrentIndex(at)
    dialog.accept()
    ends(composer)


def test_the_open_piece_is_exported_as_notes(composer: Composer, asked: Path, tmp_path: Path) -> None:
    composer.writes(tune(4))
    exports(composer, format="midi")
    read = read_midi((asked / "out.mid").read_bytes())
    assert read.score.tracks[0].notes == tuple(tune(4))
    assert "was exported to" in composer.told and (tmp_path / "proposed").read_text("utf-8").endswith(".mid")
    composer.chooses_bars(1, 2)
    exports(composer, "bars")
    assert len(read_midi((asked / "out.mid").read_bytes()).score.tracks[0].notes) == 8
    composer.roll.choose(composer.notes()[5:7])
    exports(composer, "notes", format="midi")
    (track,) = read_midi((asked / "out.mid").read_bytes()).score.tracks
    assert [note.start for note in track.notes] == [480, 960], "from the bar in which the first one begins"


def test_the_open_piece_is_exported_as_sound(composer: Composer, asked: Path) -> None:
    composer.writes(tune(1))
    exports(composer, format="ogg", rate=22_050, quality=0.2)
    info = soundfile.info(asked / "out.ogg")
    assert info.samplerate == 22_050 and info.duration > 1.9
    assert "peak" in composer.told and not [path for path in asked.iterdir() if path.suffix == ".tmp"]


def test_how_far_it_is_shown_while_it_is_written_and_never_after(
    composer: Composer, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slow(_score, target: Path, *_rest: object) -> object:
        progress = _rest[-1]
        progress(0.34)  # type: ignore[operator]
        reached.set()
        go_on.wait(30)
        progress(1.0)  # type: ignore[operator]
        return music_export.Exported(paths=(target,), words="Fine.")

    monkeypatch.setattr(music_export, "write_piece", slow)
    composer.writes(tune(1))
    composer.does("file.export_music")
    dialog_of(composer, ExportPieceDialog).accept()
    composer.sees(lambda: reached.is_set() and "Writing out.mid… 34 %" in composer.told)
    go_on.set()
    ends(composer)
    composer.wiring.piece_files._progressed.emit("Writing out.mid…", 0.5)  # one that comes late
    assert "was exported" in composer.told and "%" not in composer.told


def test_a_stop_while_sound_is_written_leaves_nothing(composer: Composer, asked: Path) -> None:
    composer.writes(tune(64))
    composer.does("file.export")
    dialog = dialog_of(composer, ExportPieceDialog)
    assert isinstance(dialog, ExportPieceDialog)
    dialog._set(PieceWish(format="wav", rate=96_000))
    dialog.accept()
    composer.sees(lambda: "%" in composer.told)
    composer.does("take.stop")
    ends(composer)
    composer.sees(lambda: not list(asked.iterdir()))
    assert composer.told == ""


def test_a_full_disk_is_told_and_nothing_is_half_written(
    composer: Composer, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    composer.writes(tune(1))
    composer.is_saved()
    with monkeypatch.context() as patch:
        patch.setattr(core_files.os, "fsync", full)
        composer.does("file.export")
        decides(composer)
    assert "the disk is full" in composer.told and "The project is as it was" in composer.told
    assert not list(asked.iterdir())


def test_the_last_wish_is_remembered_but_not_which_bars(composer: Composer, asked: Path) -> None:
    composer.writes(tune(2))
    composer.chooses_bars(1, 1)
    exports(composer, "bars", format="flac", rate=32_000, bits=24)
    composer.does("file.export")
    dialog = dialog_of(composer, ExportPieceDialog)
    assert isinstance(dialog, ExportPieceDialog)
    assert dialog.choice() == PieceWish(format="flac", rate=32_000, bits=24)
    assert last_wish(composer.wiring.settings) == dialog.choice()
    dialog.reject()
    ends(composer)


def test_a_take_is_saved_alone_or_with_its_piece(composer: Composer, asked: Path) -> None:
    composer.writes(tune(4))
    first, _second = composer.asks(takes=2, bars=(2, 3))
    exports(composer, format="flac", rate=22_050)
    composer.strip.save_requested.emit(first.id)
    decides(composer, "take")
    assert last_wish(composer.wiring.settings).format == "flac", (
        "a take is MIDI, whatever pieces are written as"
    )
    said = notes_from(first.text)["t1"]
    alone = read_midi((asked / "out.mid").read_bytes()).score
    assert [note.start for note in alone.tracks[0].notes] == [note.start - 2 * 1920 for note in said]
    composer.strip.save_requested.emit(first.id)
    decides(composer, "whole")
    whole = read_midi((asked / "out.mid").read_bytes()).score
    assert whole.tracks[0].notes[:8] == tuple(tune(2)) and len(whole.tracks[0].notes) == 8 + len(said)


def test_a_dragged_take_is_a_midi_file(composer: Composer, monkeypatch: pytest.MonkeyPatch) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(takes=1, bars=(1, 1))
    dragged: list[Path] = []

    def run(drag: QDrag, *_actions: object) -> Qt.DropAction:
        (url,) = drag.mimeData().urls()
        dragged.append(Path(url.toLocalFile()))
        assert bytes(drag.mimeData().data(MIDI_MIME).data()) == dragged[-1].read_bytes()
        assert not drag.pixmap().isNull()
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", run)
    composer.strip.drag_wanted.emit(take.id)
    clip = read_midi(dragged[0].read_bytes()).score
    assert len(clip.tracks[0].notes) == len(notes_from(take.text)["t1"]) > 0
    assert dragged[0].suffix == ".mid" and "take 1" in dragged[0].name
    composer.window.close()
    composer.sees(lambda: composer.wiring.has_ended)
    assert not dragged[0].exists() and not dragged[0].parent.exists()


def test_a_take_without_notes_is_not_dragged(composer: Composer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDrag, "exec", lambda *_args: pytest.fail("there is nothing to drag"))
    composer.place.drag_wanted.emit("no-such-take")
    assert "no notes yet" in composer.told


def test_piece_and_take_are_copied_as_midi_files(composer: Composer) -> None:
    composer.writes(tune(2))
    (take,) = composer.asks(takes=1, bars=(1, 1))

    def copied() -> Score:
        mime = QGuiApplication.clipboard().mimeData()
        data = bytes(mime.data(MIDI_MIME).data())
        assert Path(mime.urls()[0].toLocalFile()).read_bytes() == data
        return read_midi(data).score

    for copy, count in (
        (lambda: composer.does("file.copy_music"), 8),
        (lambda: composer.strip.copy_requested.emit(take.id), len(notes_from(take.text)["t1"])),
    ):
        QGuiApplication.clipboard().setText("")
        copy()
        composer.sees(lambda: QGuiApplication.clipboard().mimeData().hasFormat(MIDI_MIME))
        ends(composer)
        assert copied().note_count == count and "copied as a MIDI file" in composer.told


def test_what_is_not_there_is_said(composer: Composer) -> None:
    composer.does("file.copy_music")
    composer.sees(lambda: "no notes to copy" in composer.told)
    ends(composer)
    composer.piece.leave()
    composer.wiring.piece_files.export()
    composer.sees(lambda: "No piece is open" in composer.told)
    ends(composer)


def test_the_sketch_at_the_pointer_shows_the_notes(composer: Composer) -> None:
    image = sketch(Score(tracks=(Track(id="t1").with_notes(tune(1)),))).toImage()
    colours = {
        image.pixelColor(x, y).rgb() for x in range(0, image.width(), 3) for y in range(image.height())
    }
    assert len(colours) > 1
