"""kill -9 in a loop of commits: what was acknowledged is there, twenty times of twenty."""

import os
import random
import subprocess
import sys
from pathlib import Path

from studio.project.reader import Reader
from studio.project.store import Store

RUNS = 20
CHILD = Path(__file__).with_name("crash_child.py")


def acknowledged(folder: Path, commits: int) -> list[tuple[str, str]]:
    """Let a child commit, kill it after about so many commits; what it said before it died."""
    root = CHILD.parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(commits)]
        child.kill()
        lines += child.stdout.readlines()
    whole = [line for line in lines if line.endswith("\n")]
    return [(line.split()[0], line.split()[1]) for line in whole]


def test_every_acknowledged_commit_survives_a_kill(folder: Path) -> None:
    Store.create(folder).close()
    chance = random.Random(20)
    said: list[tuple[str, str]] = []
    for _ in range(RUNS):
        new = acknowledged(folder, chance.randint(1, 60))
        assert new
        said += new
        with Store.open(folder) as store:
            assert store.check() == ()
            work = store.works()[0]
            history = store.history(work.id)
            takes = {take.id: take for take in store.takes_of(work.id)}
            assert all(id_ in history for kind, id_ in said if kind in ("revision", "head") and id_ != "root")
            assert all(takes[id_].text.startswith("some text") for kind, id_ in said if kind == "part")
            assert all(takes[id_].status == "done" for kind, id_ in said if kind == "end")
            assert all(takes[id_].verdict == "accepted" for kind, id_ in said if kind == "accept")
            last_accept = {take for kind, take in said if kind == "accept"}
            revised = {node.take for node in history.nodes() if node.take}
            assert last_accept <= revised
            assert history.text == store.text_of(work.id)
    assert len(said) > RUNS


def test_a_window_may_look_before_anyone_recovers(folder: Path) -> None:
    Store.create(folder).close()
    said = acknowledged(folder, 9)
    with Reader(folder) as reader:
        takes = {take.id for take in reader.takes_of(reader.works()[0].id)}
    assert {id_ for kind, id_ in said if kind in ("part", "end", "accept")} <= takes
    with Store.open(folder) as store:
        assert {take.status for take in store.takes_of(store.works()[0].id)} <= {"done", "failed"}
