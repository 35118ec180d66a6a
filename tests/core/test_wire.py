"""Frames cross a pipe unchanged; what is not a frame of ours is refused."""

import io
import os
import threading

import hypothesis.strategies as st
import pytest
from hypothesis import given

from studio.core.events import Command, Delta, Event, Hello, Run, TakeEnd
from studio.core.jobs import TextJob
from studio.core.takes import Token
from studio.core.wire import MAX_FRAME_BYTES, FrameReader, FrameWriter, WireError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
EVENTS = st.one_of(
    st.builds(Hello, protocol=st.integers(0, 9), pid=st.integers(0, 2**31)),
    st.builds(Delta, job=TEXT, pieces=st.lists(st.tuples(st.integers(0, 7), TEXT), max_size=4).map(tuple)),
    st.builds(
        TakeEnd,
        job=TEXT,
        index=st.integers(0, 7),
        text=TEXT,
        tokens=st.just((Token(id=3, end=2, logprob=-0.25),)),
        status=st.sampled_from(["done", "stopped"]),
        seconds=st.floats(0, 1e6),
    ),
)


def written(*values: object) -> bytes:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    for value in values:
        writer.write(value)
    return stream.getvalue()


def reader(data: bytes) -> FrameReader[Event]:
    return FrameReader(io.BytesIO(data), Event)


@given(st.lists(EVENTS, max_size=5))
def test_what_is_written_is_read(events: list[Event]) -> None:
    frames = reader(written(*events))
    assert [frames.read() for _ in events] == events
    assert frames.read() is None


@given(EVENTS, st.integers(min_value=1))
def test_half_a_frame_is_refused(event: Event, cut: int) -> None:
    data = written(event)
    with pytest.raises(WireError):
        reader(data[: 1 + cut % (len(data) - 1)]).read()


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_ends_and_never_anything_else(data: bytes) -> None:
    frames = reader(data)
    try:
        while frames.read() is not None:
            pass
    except WireError:
        pass


def test_a_frame_of_another_kind_is_refused() -> None:
    with pytest.raises(WireError, match="could not be read"):
        reader(written({"type": "unheard of"})).read()


def test_an_absurd_length_is_refused_before_anything_is_read() -> None:
    with pytest.raises(WireError, match="not our wire"):
        reader((MAX_FRAME_BYTES + 1).to_bytes(4, "big")).read()


def test_a_frame_in_dribs_through_a_real_pipe_is_one_frame() -> None:
    read_end, write_end = os.pipe()
    job = TextJob(id="j", prompt="Zoë 😀" * 5_000, model="m", seed=1)
    data = written(Run(job=job))

    def dribble() -> None:
        with os.fdopen(write_end, "wb", buffering=0) as pipe:
            for at in range(0, len(data), 997):
                pipe.write(data[at : at + 997])

    thread = threading.Thread(target=dribble)
    thread.start()
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        frames: FrameReader[Command] = FrameReader(pipe, Command)
        assert frames.read() == Run(job=job)
        assert frames.read() is None
    thread.join()
