"""A wheel built from the project runs from any folder, its resources inside."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_wheel_carries_its_resources_and_runs_elsewhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*build, "-w", str(tmp_path), str(ROOT)], check=True, timeout=110, capture_output=True)
    (wheel,) = tmp_path.glob("atelier_studio-*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        names = archive.namelist()
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]
    environment = os.environ | {"PYTHONPATH": str(site), "ATELIER_HOME": str(tmp_path / "data")}
    call = [sys.executable, "-m", "studio", "tour", str(tmp_path / "out"), "--json"]
    done = subprocess.run(
        call, capture_output=True, text=True, timeout=100, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert Path(answer["model"]["path"]).is_relative_to(site)
    icons = subprocess.run(
        [sys.executable, "-c", "from studio.core.resources import resource_path as r; print(r('icons'))"],
        capture_output=True, text=True, check=True, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert Path(icons.stdout.strip()).is_relative_to(site) and list(Path(icons.stdout.strip()).glob("*.svg"))
