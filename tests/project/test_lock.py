"""One program at a time: a live owner is named, a dead one's lock is taken over."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import psutil
import pytest

from studio.core.errors import StudioError
from studio.core.ids import now_ms
from studio.project.lock import LOCK, Owner, ProjectLock
from studio.project.store import Store

HOLDER = """
import sys
from pathlib import Path
from studio.project.store import Store
store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def owner(**changes: object) -> Owner:
    me = psutil.Process()
    mine = Owner(host=os.uname().nodename, pid=me.pid, started=me.create_time(), at_ms=now_ms())
    return msgspec.structs.replace(mine, **changes)


def leave(folder: Path, owner: Owner) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / LOCK
    path.write_bytes(msgspec.json.encode(owner))
    return path


def test_a_second_program_is_told_who_has_it_and_a_killed_owner_is_succeeded(folder: Path) -> None:
    Store.create(folder).close()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(StudioError, match=f"process {holder.pid} on {os.uname().nodename}") as caught:
            Store.open(folder)
        assert caught.value.code == "locked"
        holder.kill()
    assert (folder / LOCK).exists()
    with Store.open(folder):
        assert (folder / LOCK).exists()
    assert not (folder / LOCK).exists()


def test_the_same_program_is_told_it_has_it_already(store: Store, folder: Path) -> None:
    with pytest.raises(StudioError, match="already open in this program"):
        Store.open(folder)
    assert (folder / LOCK).exists()


def test_a_pid_that_went_to_another_process_is_no_owner(tmp_path: Path) -> None:
    path = leave(tmp_path, owner(pid=os.getppid(), started=1.0))
    ProjectLock(tmp_path).release()
    assert not path.exists()


def test_a_live_process_of_that_start_is_the_owner(tmp_path: Path) -> None:
    parent = psutil.Process(os.getppid())
    leave(tmp_path, owner(pid=parent.pid, started=parent.create_time()))
    with pytest.raises(StudioError, match=f"process {parent.pid} "):
        ProjectLock(tmp_path)


def test_a_lock_of_another_computer_is_live_and_says_what_to_do(tmp_path: Path) -> None:
    path = leave(tmp_path, owner(host="attic", pid=1, started=1.0))
    with pytest.raises(StudioError, match="attic") as caught:
        ProjectLock(tmp_path)
    assert str(path) in caught.value.do
    assert path.exists()


def test_an_unreadable_lock_is_respected_while_young(tmp_path: Path) -> None:
    path = tmp_path / LOCK
    path.write_bytes(b"")
    with pytest.raises(StudioError, match="just opening"):
        ProjectLock(tmp_path)
    os.utime(path, (1, 1))
    ProjectLock(tmp_path).release()


def test_a_lock_that_is_no_longer_ours_is_left_alone(tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path)
    path = leave(tmp_path, owner(host="attic"))
    lock.release()
    assert path.exists()


def test_a_takeover_whose_maker_died_blocks_nobody_for_long(tmp_path: Path) -> None:
    leave(tmp_path, owner(pid=os.getppid(), started=1.0))
    guard = tmp_path / f".{LOCK}.takeover"
    guard.touch()
    with pytest.raises(StudioError, match="just opening"):
        ProjectLock(tmp_path)
    os.utime(guard, (1, 1))
    ProjectLock(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("round_", range(10))
def test_of_many_that_find_a_dead_lock_one_gets_it(tmp_path: Path, round_: int) -> None:
    leave(tmp_path, owner(pid=os.getppid(), started=1.0))
    barrier = threading.Barrier(6)
    won: list[ProjectLock] = []
    refused: list[StudioError] = []

    def tries() -> None:
        barrier.wait()
        try:
            won.append(ProjectLock(tmp_path))
        except StudioError as error:
            refused.append(error)

    threads = [threading.Thread(target=tries) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(refused)) == (1, 5)
    won[0].release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows does not move a folder whose files are open")
def test_the_lock_of_a_project_that_was_moved_while_open_goes_with_it(folder: Path) -> None:
    store = Store.create(folder)
    moved = folder.with_name("Moved.atelier")
    folder.rename(moved)
    leave(folder, mine := owner(host="elsewhere"))  # what stands at the old place now is not ours
    store.close()
    assert not (moved / LOCK).exists()
    assert msgspec.json.decode((folder / LOCK).read_bytes(), type=Owner) == mine
    (folder / LOCK).unlink()
    Store.open(moved).close()
