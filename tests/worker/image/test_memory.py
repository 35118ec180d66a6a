"""After a job its memory is back."""

import os
import subprocess
import sys
from pathlib import Path

from tests.worker.image.conftest import Painter

GROWTH = 0.03
CODE = """
import io, sys, psutil, torch
from pathlib import Path
from tests.worker.image.conftest import Painter, noise, png
from studio.core.pictures import Inpaint, Upscale
torch.set_num_threads(1)
painter = Painter(Path(sys.argv[1]), Path(sys.argv[2]))
init = noise(64, 64, 3)
mask = noise(64, 64, seed=1)
files = {"init": png(init), "mask": png(mask)}
kinds = [
    {"takes": 4}, {"width": 128, "height": 96}, {"mode": "image", "init": "init", "takes": 2},
    {"mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask")},
    {"mode": "upscale", "init": "init", "upscale": Upscale(tile_px=64, overlap_px=16)}, {"tiling": "both"},
]
def jobs(count):
    for number in range(count):
        stop = number % 5 == 4
        painter.draw(files, lambda came: stop and len(came.events) > 1, seed=number, **kinds[number % len(kinds)])
    return psutil.Process().memory_info().rss
before = jobs(len(kinds) * 2)
print(jobs(30) / before - 1)
"""


def test_thirty_jobs_leave_the_worker_as_large_as_it_was(painter: Painter, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, str(painter.folder), str(tmp_path)],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= GROWTH
