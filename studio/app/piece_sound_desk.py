"""What the sound goes through: soundfont, sound device, MIDI ports; chosen in the transport's menu and remembered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.midi_ports import (
    NONE_FOUND,
    Listener,
    open_in,
    open_out,
    port_names,
    why_no_ports,
)
from studio.app.midi_sending import Sender
from studio.app.player import Player
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.core.errors import StudioError
from studio.media.music.score import Score
from studio.widgets.transport_bar import TransportBar
from studio.widgets.transport_menu import Choice, Choices

FONT, FONTS, DEVICE = "music/font", "music/fonts", "music/device"
MIDI_IN, MIDI_OUT = "music/midi_in", "music/midi_out"
FONTS_MOST: Final = 6
FILTER: Final = "Soundfonts (*.sf2 *.sf3)"
NO_KEYBOARD: Final = "To record, choose a MIDI keyboard in the menu at the right"


class PieceSoundDesk(QObject):
    """Owns the MIDI ports and their threads; `close` ends them."""

    notice = Signal(str, str)  # what, do
    _lost = Signal(str)

    def __init__(
        self,
        player: Player,
        bar: TransportBar,
        settings: Settings,
        tasks: Tasks,
        window: QWidget,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.hear_keys: Callable[[Any, float], object] = lambda _message, _when_s: None
        self._player, self._bar = player, bar
        self._settings, self._tasks, self._window = settings, tasks, window
        self._listener: Listener | None = None
        self._sender: Sender | None = None
        self._in_name = self._out_name = ""
        self._score = Score()
        self._recalled = False
        self._lost.connect(self._on_lost)
        bar.more_opening.connect(self.offer)
        bar.choice_wanted.connect(self.choose)
        player.state_changed.connect(self._on_state)
        player.failed.connect(self._on_failed)
        bar.set_recordable(NO_KEYBOARD)
        font = settings.text(FONT)
        player.sound.font = Path(font) if font else None
        player.device = settings.text(DEVICE)
        self._on_state()

    # -- what is played ----------------------------------------------------------------------------

    def show(self, score: Score) -> None:
        """The out port plays this from now on; ports that were chosen the last time are opened now."""
        self._score = score
        if not self._recalled:
            self._recalled = True
            self._recall_ports()
        if self._sender is not None:
            self._sender.show(score)

    def set_playing(self, on: bool) -> None:
        """The out port follows."""
        if self._sender is not None:
            self._sender.set_playing(on)

    def _recall_ports(self) -> None:
        """Those of the last time, if they are there: who has unplugged one need not hear of it."""
        for kind, key in (("in", MIDI_IN), ("out", MIDI_OUT)):
            name = self._settings.text(key)
            if name and name in port_names(kind):  # type: ignore[arg-type]
                self.choose(f"midi_{kind}", name)

    # -- the menu ----------------------------------------------------------------------------------

    @Slot()
    def offer(self) -> None:
        """Fill the menu with what there is now."""
        bar, player = self._bar, self._player
        player.out.look_again()
        fonts = [Choice(id="", title="Built-in General MIDI")]
        fonts += [Choice(id=str(path), title=path.stem, tip=str(path)) for path in self._fonts()]
        bar.set_choices(
            "font",
            Choices(offered=tuple(fonts), chosen=str(player.sound.font or ""), more="Choose a soundfont…"),
        )
        devices = [Choice(id=device.id, title=device.name) for device in player.out.devices]
        bar.set_choices(
            "device",
            Choices(
                offered=(Choice(id="", title="The system's own"), *devices) if devices else (),
                chosen=player.device if any(one.id == player.device for one in devices) else "",
                note=player.silent,
            ),
        )
        missing = why_no_ports()
        for kind, chosen in (("in", self._in_name), ("out", self._out_name)):
            names = port_names(kind)  # type: ignore[arg-type]
            offered = (Choice(id="", title="None"), *(Choice(id=name, title=name) for name in names))
            bar.set_choices(
                f"midi_{kind}",  # type: ignore[arg-type]
                Choices(
                    offered=offered if names else (),
                    chosen=chosen,
                    note=missing or ("" if names else NONE_FOUND),
                ),
            )

    @Slot(str, str)
    def choose(self, kind: str, chosen: str) -> None:
        """Take another font, device or port."""
        if (kind, chosen) == ("font", "…"):
            self._tasks.start(self._ask_font())
        elif kind == "font":
            self.set_font(Path(chosen) if chosen else None)
        elif kind == "device":
            self._player.set_device(chosen)
            self._settings.keep(DEVICE, chosen)
        elif kind == "midi_in":
            self._choose_port(MIDI_IN, chosen, lambda: self.listen(open_in(chosen), chosen), self.end_in)
        else:
            self._choose_port(MIDI_OUT, chosen, lambda: self.send_to(open_out(chosen), chosen), self.end_out)

    def _choose_port(
        self, key: str, name: str, begin: Callable[[], object], end: Callable[[], object]
    ) -> None:
        end()
        self._settings.keep(key, name)
        if not name:
            return
        try:
            begin()
        except StudioError as error:
            self.notice.emit(error.what, error.do)

    # -- fonts -------------------------------------------------------------------------------------

    async def _ask_font(self) -> None:
        start = self._player.sound.font.parent if self._player.sound.font else Path.home()
        path = await ask_path(
            self._window,
            "Choose a soundfont",
            start,
            mode=QFileDialog.FileMode.ExistingFile,
            filters=(FILTER,),
        )
        if path is not None:
            self.set_font(path)

    def set_font(self, path: Path | None) -> None:
        """Sound like this one from now on, and after the next launch; a broken one is told and not kept."""
        self._player.set_font(path)
        self._keep_font(path)

    def _keep_font(self, path: Path | None) -> None:
        self._settings.keep(FONT, str(path or ""))
        if path is not None:
            kept = [str(path), *(str(one) for one in self._fonts() if one != path)]
            self._settings.keep(FONTS, msgspec.json.encode(kept[:FONTS_MOST]).decode())

    def _fonts(self) -> list[Path]:
        """The person's own, the last first, as far as they are still there."""
        try:
            names = msgspec.json.decode(self._settings.text(FONTS, "[]"), type=list[str])
        except msgspec.DecodeError:
            names = []
        return [Path(name) for name in names if Path(name).is_file()]

    @Slot(object)
    def _on_failed(self, error: StudioError) -> None:
        if error.code == "font_broken":
            broken = self._settings.text(FONT)
            self._settings.keep(FONT, "")
            kept = [str(path) for path in self._fonts() if str(path) != broken]
            self._settings.keep(FONTS, msgspec.json.encode(kept).decode())

    # -- ports -------------------------------------------------------------------------------------

    def listen(self, port: Any, name: str) -> None:
        """Hear this keyboard (mido's port interface)."""
        self.end_in()
        self._in_name = name
        self._listener = Listener(port, self.hear_keys, self._lost.emit)
        self._player.hold_awake(True)
        self._bar.set_recordable("")

    def send_to(self, port: Any, name: str) -> None:
        """Play on this instrument too (mido's port interface)."""
        self.end_out()
        self._out_name = name
        self._sender = Sender(port, self._player.clock.heard, self._lost.emit)
        self._sender.show(self._score)
        self._sender.set_playing(self._player.playing)

    def end_in(self) -> bool:
        """Let go of the keyboard; whether its thread ended."""
        listener, self._listener, self._in_name = self._listener, None, ""
        if listener is None:
            return True
        self._player.hold_awake(False)
        self._bar.set_recordable(NO_KEYBOARD)
        return listener.close()

    def end_out(self) -> bool:
        """Let go of the instrument; whether its thread ended."""
        sender, self._sender, self._out_name = self._sender, None, ""
        return sender.close() if sender is not None else True

    @Slot(str)
    def _on_lost(self, words: str) -> None:
        self.notice.emit(words, "Plug it in and choose it again in the transport's menu.")

    # -- the device --------------------------------------------------------------------------------

    @Slot()
    def _on_state(self) -> None:
        self._bar.set_sound(self._player.silent)

    def close(self) -> bool:
        """End the ports' threads; whether they ended."""
        ended = self.end_in()
        return self.end_out() and ended
