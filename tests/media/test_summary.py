"""The running summary: what is summarised next, and the job for it."""

from hypothesis import given
from hypothesis import strategies as st

from studio.core.resources import resource_path
from studio.media.frames import load_frames
from studio.media.summary import Stretch, stretch, summary_job

PARAGRAPH = "The fox went down to the river and sang. The owl listened and said nothing at all.\n\n"
STORY = PARAGRAPH * 60  # 84 characters each, 5,040 in all


def test_what_is_still_read_is_not_summarised() -> None:
    assert stretch(STORY, 0, 0, 2_000) is None
    assert stretch(STORY, 0, 500, 2_000) is None
    assert stretch(STORY, 1_500, 1_600, 2_000) is None


def test_what_no_longer_fits_is_taken_up_to_the_next_paragraph() -> None:
    part = stretch(STORY, 0, 1_000, 2_000)
    assert part == Stretch(start=0, end=1_008)
    assert STORY[part.start : part.end].endswith(".\n\n")
    later = stretch(STORY, 1_008, 2_600, 2_000)
    assert later == Stretch(start=1_008, end=2_604)


def test_a_long_gap_is_taken_in_pieces_that_end_at_scenes_first() -> None:
    scenes = PARAGRAPH * 15 + "* * *\n\n" + PARAGRAPH * 45
    part = stretch(scenes, 0, 4_000, 2_000)
    assert part is not None
    assert scenes[: part.end].endswith("* * *\n\n")
    again = stretch(scenes, part.end, 4_000, 2_000)
    assert again is not None
    assert again.start == part.end
    assert scenes[: again.end].endswith(".\n\n")


@given(
    st.text(alphabet="ab .\n", max_size=400),
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(1, 300),
)
def test_stretches_go_on_without_gaps_and_end(text: str, covers: int, cut: int, limit: int) -> None:
    at, steps = covers, 0
    while (part := stretch(text, at, cut, limit)) is not None:
        assert part.start == at
        assert part.start < part.end <= min(len(text), part.start + limit)
        at, steps = part.end, steps + 1
        assert steps <= 500
    assert min(cut, len(text)) - at < 800


def test_the_job_carries_the_summary_on() -> None:
    frame = load_frames([resource_path("acts")])["summarise"]
    part = Stretch(start=84, end=168)
    job = summary_job(
        id="s", work="w", model="m", frame=frame, previous=" A fox sang. ", text=STORY, part=part
    )
    assert job.act == "summarise"
    assert job.selection == "A fox sang.\n\n" + PARAGRAPH.strip()
    assert job.prompt == ""
    assert job.frame == frame
    assert job.takes == 1
    first = summary_job(id="s", work="w", model="m", frame=frame, previous="", text=STORY, part=part)
    assert first.selection == PARAGRAPH.strip()
