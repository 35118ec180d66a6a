"""What the worker settles before it imports torch."""

import subprocess
import sys

import pytest

from studio.worker.startup import settle_environment
from studio.worker.threads import forced_threads, planned_threads, settle_threads, usable_cores


def test_the_environment_is_offline_and_leaves_a_core_to_the_window() -> None:
    environ: dict[str, str] = {}
    settle_environment(environ)
    assert environ["HF_HUB_OFFLINE"] == environ["TRANSFORMERS_OFFLINE"] == "1"
    assert environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert int(environ["OMP_NUM_THREADS"]) == max(1, usable_cores() - 1)


@pytest.mark.parametrize(
    ("asked", "threads"), [("3", 3), ("", None), ("0", None), ("many", None), ("-1", None)]
)
def test_the_thread_count_can_be_forced(asked: str, threads: int | None) -> None:
    assert forced_threads({"ATELIER_THREADS": asked}) == threads
    assert planned_threads({"ATELIER_THREADS": asked}) == (threads or max(1, usable_cores() - 1))


def test_a_stray_print_cannot_reach_the_wire() -> None:
    code = """if True:
        import os, sys
        from studio.worker.startup import take_pipes
        commands, events = take_pipes()
        print("stray"); os.write(1, b"stray"); sys.stdout.flush()
        events.write(commands.read(3))
        sys.exit(bool(sys.stdin.read()))
    """
    ran = subprocess.run([sys.executable, "-c", code], input=b"abc", capture_output=True, check=True)
    assert ran.stdout == b"abc"
    assert ran.stderr.count(b"stray") == 2


def test_settling_sets_torchs_threads() -> None:
    import torch

    before = torch.get_num_threads()
    try:
        assert settle_threads(10, {"ATELIER_THREADS": "2"}) == torch.get_num_threads() == 2
        assert 1 <= settle_threads(10, {}) <= 4
        assert 1 <= settle_threads(10**9, {}) <= max(1, usable_cores() - 1)
    finally:
        torch.set_num_threads(before)
