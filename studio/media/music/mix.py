"""The mixer: a pure function from stems and a position to a block, and the player's side of it, which never waits."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from studio.media.music.clicks import Accent, Click, click_sound
from studio.media.music.curves import Sound
from studio.media.music.score import Track
from studio.media.music.stems import CHUNK, Stage
from studio.media.music.transport import RATE, Slice, Transport

FADE: Final = 256  # frames (6 ms) in which what is left fades out, and one view passes into another
RISE: Final = (
    64  # frames (1.5 ms) in which what is jumped to comes in: short, or attacks would lose their edge
)
KNEE: Final = 0.7  # the limiter leaves everything below as it is
SHOTS_MOST: Final = 64
Move = Callable[[Transport], Transport]


class Strip(NamedTuple):
    """A stem in the mix: its chunks (None is silence) and its two gains."""

    track: str
    chunks: tuple[Sound | None, ...]
    left: float
    right: float


class View(Struct, frozen=True, kw_only=True):
    """What is heard: strips, the metronome's clicks (none when it is off), the gain of the whole."""

    strips: tuple[Strip, ...] = ()
    clicks: tuple[Click, ...] = ()
    gain: float = 1.0


def gains(track: Track, soloed: bool) -> tuple[float, float]:
    """A track's left and right gain. `soloed`: some track of the piece is; then only those sound, unless muted.

    Volume as General MIDI has it, 40 log10(v/127) dB; the pan keeps the power, the middle is 1 on both sides.
    """
    if track.mute or (soloed and not track.solo):
        return 0.0, 0.0
    level = (max(0, min(127, track.volume)) / 127) ** 2
    turn = (max(-1.0, min(1.0, track.pan)) + 1) * np.pi / 4
    return float(level * np.cos(turn) * np.sqrt(2)), float(level * np.sin(turn) * np.sqrt(2))


def view_of(
    stage: Stage, tracks: Iterable[Track] | None = None, clicks: Sequence[Click] = (), gain: float = 1.0
) -> View:
    """A stage as its tracks' mixer values have it, or as those of `tracks` do (a fader that moves needs no stems)."""
    values = {track.id: track for track in (stage.score.tracks if tracks is None else tracks)}
    soloed = any(track.solo for track in values.values())
    strips = tuple(
        Strip(stem.track, stem.chunks, *gains(values[stem.track], soloed))
        for stem in stage.stems
        if stem.track in values
    )
    return View(strips=strips, clicks=tuple(clicks), gain=gain)


def mix(view: View, frame: int, frames: int) -> Sound:
    """The piece from a frame on, float32 (2, frames), before the limiter, without clicks. Pure."""
    out = np.zeros((2, frames), np.float32)
    spare = np.empty((2, min(frames, CHUNK)), np.float32)
    for strip in view.strips:
        gain = np.array([[strip.left], [strip.right]], np.float32) * np.float32(view.gain)
        if not gain.any():
            continue
        begin = max(frame, 0)
        while begin < frame + frames:
            index = begin // CHUNK
            if index >= len(strip.chunks):
                break
            end = min(frame + frames, (index + 1) * CHUNK)
            chunk = strip.chunks[index]
            if chunk is not None:
                part = np.multiply(
                    chunk[:, begin - index * CHUNK : end - index * CHUNK], gain, out=spare[:, : end - begin]
                )
                out[:, begin - frame : end - frame] += part
            begin = end
    return out


def limit(block: Sound) -> Sound:
    """The soft limiter, in place: below KNEE nothing changes, above it bends by tanh and never reaches 1."""
    size = np.abs(block)
    if size.max(initial=0.0) > KNEE:
        over = size > KNEE
        bent = KNEE + (1 - KNEE) * np.tanh((size[over] - KNEE) / (1 - KNEE))
        block[over] = np.copysign(np.minimum(bent, np.float32(0.9999)), block[over])
    return block


class Shot:
    """A sound that began outside the stems: a drawn note, a key, a click, the rest of what was left."""

    def __init__(self, sound: Sound, offset: int = 0) -> None:
        self._sound = sound
        self._offset = offset
        self._at = 0
        self._fall = 0

    def let_go(self, frames: int) -> None:
        """Die away within so many frames, from the next block on; may come from any thread."""
        self._fall = frames

    def add(self, out: Sound) -> bool:
        """Add the next stretch; whether some is left."""
        if self._fall:
            rest = self._sound[:, self._at : self._at + self._fall]
            fall = (1 - np.arange(rest.shape[1]) / self._fall).astype(np.float32)
            self._sound, self._at, self._fall = rest * fall, 0, 0
        first, self._offset = self._offset, 0
        count = min(out.shape[1] - first, self._sound.shape[1] - self._at)
        out[:, first : first + count] += self._sound[:, self._at : self._at + count]
        self._at += count
        return bool(self._at < self._sound.shape[1])


class Mixer:
    """Gives the player its blocks. `pull` belongs to one thread and takes no lock; all else may come from any thread.

    Views and moves of the transport are handed over whole and count from the next block on. Every change is faded.
    """

    def __init__(self, rate: int = RATE) -> None:
        self.rate = rate
        self.transport = Transport()  # after the last block; read only
        self.peak = 0.0  # of the last block, before the limiter
        self._view = View()
        self._next_view = self._view
        self._moves: deque[Move] = deque()
        self._new_shots: deque[Shot] = deque()
        self._counts: deque[tuple[Click, ...]] = deque()
        self._count: tuple[Click, ...] = ()
        self._shots: list[Shot] = []
        self._expected: int | None = None  # the frame that would go on sounding
        self._risen = RISE  # frames since a jump, up to RISE
        self._old: View | None = None  # what is still fading out
        self._turned = FADE  # frames since the view changed, up to FADE
        self._clicks = tuple(self._click(accent, rate) for accent in (0, 1, 2))

    @staticmethod
    def _click(accent: Accent, rate: int) -> Sound:
        return np.repeat(click_sound(accent, rate)[None], 2, axis=0)

    def show(self, view: View) -> None:
        """Hear this from the next block on."""
        self._next_view = view

    def move(self, change: Move) -> None:
        """Change the transport: `mixer.move(lambda transport: transport.seek(frame))`."""
        self._moves.append(change)

    def play(self, count: tuple[int, tuple[Click, ...]] = (0, ())) -> None:
        """Play on from here, after a count-in (`clicks.count_in`)."""
        self._counts.append(count[1])
        self.move(lambda transport: transport.play(count[0]))

    def sound(self, sound: Sound, left: float = 1.0, right: float = 1.0) -> Shot:
        """Let a note be heard now, float32 (2, frames), whatever else plays; the answer can end it."""
        shot = Shot(sound * np.array([[left], [right]], np.float32))
        self._new_shots.append(shot)
        return shot

    def pull(self, frames: int) -> Sound:
        """The next block as players want it, float32 (frames, 2), within -1 to 1."""
        if self._next_view is not self._view:
            self._old, self._turned = self._view, 0
            self._view = self._next_view
        now = self.transport
        while self._counts:
            self._count = self._counts.popleft()
        while self._moves:
            now = self._moves.popleft()(now)
        after, slices = now.advance(frames)
        out = np.zeros((2, frames), np.float32)
        self._play(out, slices)
        if after.state == "stopped" or not slices:
            self._leave(sum(part.frames for part in slices))
        self._turned = min(FADE, self._turned + frames)
        if self._turned == FADE:
            self._old = None
        while self._new_shots:
            self._shots.append(self._new_shots.popleft())
        self._shots = [shot for shot in self._shots if shot.add(out)][-SHOTS_MOST:]
        self.transport = after
        self.peak = float(np.abs(out).max(initial=0.0))
        return np.ascontiguousarray(limit(out).T)

    def _play(self, out: Sound, slices: tuple[Slice, ...]) -> None:
        """Put the slices into the block; the first FADE frames of a view pass over from the one before."""
        for part in slices:
            if part.counting:
                self._leave(part.offset)
                self._tick(self._count, part)
                continue
            sound = mix(self._view, part.frame, part.frames)
            begun = self._turned + part.offset
            count = min(FADE - begun, part.frames)
            if self._old is not None and count > 0:
                turn = np.arange(begun, begun + count, dtype=np.float32) / FADE
                sound[:, :count] *= turn
                sound[:, :count] += mix(self._old, part.frame, count) * (1 - turn)
            if self._expected != part.frame:
                self._leave(part.offset)
                self._risen = 0
            if self._risen < RISE:
                count = min(RISE - self._risen, part.frames)
                sound[:, :count] *= np.arange(self._risen, self._risen + count, dtype=np.float32) / RISE
                self._risen += count
            out[:, part.offset : part.offset + part.frames] += sound
            self._tick(self._view.clicks, part)
            self._expected = part.frame + part.frames

    def _leave(self, offset: int) -> None:
        """Let what was playing fade out from there; where one view passes into another it goes on to."""
        if self._expected is not None:
            share = (np.arange(FADE, dtype=np.float32) / FADE).astype(np.float32)
            sound = mix(self._view, self._expected, FADE)
            if self._old is not None:
                turn = np.minimum(1, share + (self._turned + offset) / FADE).astype(np.float32)
                sound = sound * turn + mix(self._old, self._expected, FADE) * (1 - turn)
            self._shots.append(Shot(sound * (1 - share), offset))
            self._expected = None

    def _tick(self, clicks: Sequence[Click], part: Slice) -> None:
        """Begin the clicks that fall into a slice."""
        for at in range(bisect_left(clicks, (part.frame, 0)), len(clicks)):
            click = clicks[at]
            if click.frame >= part.frame + part.frames:
                break
            self._shots.append(Shot(self._clicks[click.accent], part.offset + click.frame - part.frame))
