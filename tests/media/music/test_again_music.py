"""A take that was made once more: the same notes or not, and what may be why."""

from msgspec.structs import replace

from studio.core.pieces import PieceJob
from studio.core.takes import Made, Recipe, Take
from studio.media.music.again import verdict_of

JOB = PieceJob(id="j", score="s", model="m", seed=1, first_bar=0, last_bar=0, tracks=("t1",))
MADE = Made(model_sha256="a", family="llama", device="cpu", dtype="float32", threads=2, torch="2")
TAKE = Take(
    id="t", job="j", work="w", parent="", index=0, seed=1, status="done", created_ms=0,
    recipe=Recipe(job=JOB, index=0, made=MADE), text="track t1\n0 60 480 80\n480 62 480 80\n",
)  # fmt: skip


def test_the_same_notes_are_told_as_the_same_whatever_their_lines_order() -> None:
    other = replace(TAKE, text="track t1\n480 62 480 80\n0 60 480 80\n")
    assert verdict_of(TAKE, other) == ("Made again exactly: every note is the same.", "", "success")


def test_other_notes_are_told_with_what_changed_meanwhile() -> None:
    other = replace(
        TAKE,
        text="track t1\n0 60 480 81\n480 62 480 80\n",
        recipe=Recipe(job=JOB, index=0, made=replace(MADE, threads=4, device="cuda")),
    )
    what, advice, tone = verdict_of(TAKE, other)
    assert "not every note" in what and tone == "warning"
    assert advice == "The device, the number of threads changed meanwhile."
    assert (
        verdict_of(TAKE, replace(TAKE, text="track t1\n0 61 480 80\n"))[1]
        == "Nothing in the recipe says why."
    )


def test_a_stopped_one_says_nothing_of_its_notes() -> None:
    assert verdict_of(TAKE, replace(TAKE, status="stopped"))[2] == "info"
