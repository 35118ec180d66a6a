"""The music pane's measurements, at the real window or of its parts, for `atelier bench music` (see probe)."""

import statistics
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio.cli.probe import wait, with_window
from studio.cli.probe_pictures import looped

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.wiring import Wiring
    from studio.media.music.score import Note, Score

LATE_TICKS: Final = 400
ROLL_TRACKS, ROLL_NOTES = 4, 20_000
MIXED_TRACKS, MIXED_BARS, BLOCK_FRAMES = 8, 32, 1024
QUIET: Final = 1e-4  # a block whose peak is higher is heard
NOTE_S, NOTE_MOST_S = 0.25, 2.0
SCALE = (0, 2, 4, 5, 7, 5, 4, 2)
PARTS = ((40, 72), (41, 64), (42, 55), (43, 43))  # a string quartet: program and lowest pitch


def roll(folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer that scrolls 20,000 notes at each tick, then drags some, while takes are written."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.widgets.roll.replay import replay_drag, replay_scroll
        from studio.widgets.ticks import worst

        desk = opened(wiring, many_notes())
        view = desk.pane.roll
        writing(wiring, desk)
        scrolled = worst(replay_scroll(view, LATE_TICKS, each=lambda: again(wiring, desk)))
        view.show_tick(0)
        view.choose(view.track().notes[:64])
        dragged = worst(replay_drag(view, LATE_TICKS, each=lambda: again(wiring, desk)))
        ended(desk)
        told = (("scroll", scrolled), ("drag", dragged))
        return {f"{name}_{key}": value for name, row in told for key, value in row.items()}

    return with_model(folder, measure)


def late(folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer while takes are written and shown and the piece plays."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.widgets.ticks import Ticks, worst

        desk = opened(wiring, four_parts(32))
        player = wiring.pieces.parts.playing.player
        player.set_loop((0, desk.score.end))
        player.play(0)
        writing(wiring, desk)
        wait(lambda: player.tick > 0)

        ticks = Ticks(lambda _due_s: again(wiring, desk))
        ticks.start()
        wait(lambda: len(ticks.late_ms) >= LATE_TICKS)
        ticks.stop()
        player.stop()
        ended(desk)
        return worst(ticks.late_ms)

    return with_model(folder, measure)


def mixing(_folder: Path) -> dict[str, float]:
    """How much faster than it sounds eight tracks are made into sound, and then mixed block by block."""
    from studio.media.music.fonts import open_font
    from studio.media.music.mix import Mixer, view_of
    from studio.media.music.stems import Stage, Stems

    score = four_parts(MIXED_BARS, MIXED_TRACKS)
    whole: list[Stage] = []
    made = threading.Event()

    def ready(stage: Stage) -> None:
        if not stage.missing:
            whole[:] = [stage]
            made.set()

    font = open_font(None)
    began_s = time.perf_counter()
    stems = Stems(font, ready)
    stems.show(score)
    if not made.wait(NOTE_MOST_S * 60):
        raise TimeoutError("the stems were not made")
    made_s = time.perf_counter() - began_s
    stems.stop()
    mixer = Mixer()
    mixer.show(view_of(whole[0]))
    mixer.play()
    sounds_s = whole[0].end / mixer.rate
    began_s = time.perf_counter()
    for _ in range(whole[0].end // BLOCK_FRAMES):
        mixer.pull(BLOCK_FRAMES)
    return {"mix": sounds_s / (time.perf_counter() - began_s), "stems": sounds_s / made_s}


def note(_folder: Path) -> dict[str, float]:
    """Milliseconds from drawing a note until its sound is pulled, with a device's own buffer; argument 2: how many."""
    from PySide6.QtWidgets import QApplication

    from studio.app.player import Player
    from studio.media.music.mix import Mixer

    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    app = QApplication([])
    heard_s: list[float] = []
    plain = Mixer.pull

    def listening(mixer: Mixer, frames: int) -> Any:
        block = plain(mixer, frames)
        if mixer.peak > QUIET:
            heard_s.append(time.perf_counter())
        return block

    Mixer.pull = listening  # type: ignore[method-assign, assignment]
    player = Player()
    player.show(four_parts(4))
    started: list[tuple[float, bool]] = []
    player.out.started.connect(lambda latency_ms, heard: started.append((latency_ms, heard)))
    player.note("t0", 60, 96)
    wait(lambda: bool(heard_s and started))
    times_ms = []
    for number in range(runs):
        silent(heard_s)
        asked_s = time.perf_counter()
        player.note("t0", 60 + number % 12, 96)
        wait(lambda: bool(heard_s))
        times_ms.append((heard_s[0] - asked_s) * 1000 + started[-1][0])
    closed = player.close()
    del app
    ordered = sorted(times_ms)
    return {
        "median_ms": statistics.median(ordered),
        "p99_ms": ordered[int(len(ordered) * 0.99)],
        "runs": runs,
        "device_ms": started[-1][0],
        "heard": float(started[-1][1]),
        "closed": float(closed),
    }


def reading(_folder: Path) -> dict[str, float]:
    """MIDI files of a folder read by us and by symusic alone, in turns; arguments 2 and 3: the folder, how many."""
    from symusic import Score as Symusic

    from studio.core.errors import StudioError
    from studio.media.music.midi import read_midi

    corpus, most = Path(sys.argv[2]), int(sys.argv[3])
    ours_s = theirs_s = 0.0
    files = 0
    for name, data in islice(midi_files(corpus), most):
        try:
            began_s = time.perf_counter()
            Symusic.from_midi(data)
            between_s = time.perf_counter()
            read_midi(data, name)
        except (RuntimeError, StudioError):
            continue  # damaged: one of the two refuses it
        ours_s += time.perf_counter() - between_s
        theirs_s += between_s - began_s
        files += 1
    if not files:
        return {"files": 0}
    return {
        "files": files,
        "midi_import_files_per_s": files / ours_s,
        "midi_import_x_symusic": ours_s / theirs_s,
    }


# -- helpers ---------------------------------------------------------------------------------------


def with_model(folder: Path, measure: Any) -> dict[str, float]:
    """The same at the window, with the model that argument 2 names as one the person added."""
    from studio.app.places import Places
    from studio.catalog.catalog import Catalog
    from studio.core.resources import starter_models

    model = Path(sys.argv[2])
    if model not in starter_models():
        Catalog(Places(data=folder).models_file, starter_models()).add(model)
    return with_window(looped(measure))


def opened(wiring: "Wiring", score: "Score") -> "PieceDesk":
    """A new piece with these notes, and its desk, with a model chosen that stands in memory."""
    desk = wiring.pieces.new("Bench")
    wait(lambda: bool(wiring.models.cards("music")))
    desk.models.choose(sys.argv[2])
    desk.revise(score, "Bench")
    wait(lambda: wiring.engine.worker_phase() == "ready")
    return desk


def again(wiring: "Wiring", desk: "PieceDesk") -> None:
    """Ask for eight takes of eight bars, unless some are being written."""
    if not desk.running:
        desk.set_range((4, 11))
        desk.knobs.set_task("infill")
        desk.pane.prompt.set_takes(8)
        wiring.pieces.parts.proposals.propose()


def writing(wiring: "Wiring", desk: "PieceDesk") -> None:
    """Ask for takes and wait until the first notes come."""
    seen: list[object] = []

    def on_grew(pieces: object) -> None:
        seen.append(pieces)

    wiring.engine.takes_grew.connect(on_grew)
    again(wiring, desk)
    wait(lambda: bool(seen))
    wiring.engine.takes_grew.disconnect(on_grew)


def ended(desk: "PieceDesk") -> None:
    """Stop what is being written and wait for it."""
    desk.stop()
    wait(lambda: not desk.running)


def silent(heard_s: list[float]) -> None:
    """Wait until nothing has been heard for a while."""
    deadline_s = time.perf_counter() + NOTE_MOST_S
    wait(lambda: time.perf_counter() - heard_s[-1] > NOTE_S or time.perf_counter() > deadline_s)
    heard_s.clear()


def four_parts(bars: int, tracks: int = len(PARTS)) -> "Score":
    """Quarters in so many parts, those of a quartet over and over."""
    from studio.media.music.score import TICKS, Key, Note, Score, Track

    made = []
    for part in range(tracks):
        program, low = PARTS[part % len(PARTS)]
        row = [Note(TICKS * at, low + SCALE[(at + part) % 8], TICKS, 80) for at in range(4 * bars)]
        made.append(Track(id=f"t{part}", name=f"Part {part + 1}", program=program).with_notes(row))
    return Score(tracks=tuple(made), keys=(Key(0, 0),))


def many_notes() -> "Score":
    """20,000 notes: half of them in the track that is shown, the others in three behind it."""
    from studio.media.music.score import TICKS, Note, Score, Track

    def row(count: int, low: int) -> "list[Note]":
        step = TICKS // 4
        return [
            Note(step * (at // 4), low + 4 * (at % 4) + SCALE[at // 4 % 8], step, 80) for at in range(count)
        ]

    counts = [ROLL_NOTES // 2, *[ROLL_NOTES // 2 // (ROLL_TRACKS - 1)] * (ROLL_TRACKS - 1)]
    counts[-1] += ROLL_NOTES - sum(counts)
    return Score(
        tracks=tuple(
            Track(id=f"t{at}", name=f"Part {at + 1}").with_notes(row(count, 40 + 6 * at))
            for at, count in enumerate(counts)
        )
    )


def midi_files(corpus: Path) -> Iterator[tuple[str, bytes]]:
    """The MIDI files below a folder; of archives in it, in turns, so that each has its share of the first ones."""
    for file in sorted(corpus.rglob("*.mid*")):
        yield file.name, file.read_bytes()
    rows = zip_longest(*(_packed(archive) for archive in sorted(corpus.rglob("*.tar*"))))
    for row in rows:
        yield from (found for found in row if found is not None)


def _packed(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as packed:
        for member in packed:
            found = packed.extractfile(member) if member.isfile() and member.name.endswith(".mid") else None
            if found is not None:
                yield member.name, found.read()


PROBES = {
    "music-roll": roll,
    "music-late": late,
    "music-mix": mixing,
    "music-note": note,
    "music-import": reading,
}
