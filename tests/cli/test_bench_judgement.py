"""When a figure is met, and what follows when one is not."""

import argparse
import sys

import pytest

from studio.cli import bench
from studio.cli.bench import _judged, _reach_words
from studio.cli.console import FAILED, OK
from studio.cli.figures import Figure
from studio.cli.figures import run as _run
from studio.core.errors import StudioError


@pytest.mark.parametrize(
    ("value", "at", "met"),
    [
        (9.9, "most", True),
        (10.0, "most", True),
        (10.001, "most", False),
        (10.0004, "most", True),
        (10.1, "least", True),
        (10.0, "least", True),
        (9.999, "least", False),
        (None, "most", False),
        (None, "least", False),
        (float("nan"), "most", False),
    ],
)
def test_a_figure_is_judged_by_what_is_shown(value: float | None, at: str, met: bool) -> None:
    figure = _judged(Figure(value=value, unit="ms", reach=10, at=at))
    assert figure.met is met
    assert _reach_words(figure) == f" (at {at} 10: {'met' if met else 'NOT met'})"


@pytest.mark.parametrize("value", [3.0, None])
def test_a_number_to_read_beside_is_not_judged(value: float | None) -> None:
    figure = _judged(Figure(value=value, unit="ms"))
    assert figure.met is None and _reach_words(figure) == ""


@pytest.fixture
def measures(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What the measurements will find, by figure."""
    found = {
        "_window": 1.0,
        "_worker": 1.0,
        "_first_take": 1.0,
        "_streaming": 1.0,
        "_novel": 1.0,
        "_regenerate": 1.0,
        "_accept": 1.0,
        "_memory": 1.0,
    }

    def measure(name: str):
        def run(_quick: bool) -> dict[str, Figure]:
            return {name.strip("_"): Figure(value=found[name], unit="ms", reach=2)}

        run.__doc__ = f"measuring {name}"
        return run

    for name in found:
        monkeypatch.setattr(bench, name, measure(name))
    monkeypatch.setattr(bench, "IMAGE", ())
    monkeypatch.setattr(bench, "of_music", lambda options: ())
    monkeypatch.setattr(bench, "of_tune", lambda options: ())
    return found


@pytest.mark.parametrize("part", [None, "text"])
@pytest.mark.parametrize(
    ("value", "check", "status"), [(1.0, True, OK), (9.0, False, OK), (9.0, True, FAILED)]
)
def test_check_fails_when_a_figure_is_not_met_and_names_it(
    measures: dict[str, float], value: float, check: bool, status: int, part: str | None
) -> None:
    measures["_accept"] = value
    said: list[str] = []
    report = bench.main(argparse.Namespace(quick=True, check=check, part=part), said.append)
    assert report.status == status
    assert report.body["figures"]["accept"].met is (value <= 2)
    assert len(report.body["figures"]) == 8 and report.body["machine"]["cores"] >= 1
    if status == FAILED:
        assert report.error is not None and report.error.what == "Not met: accept."
        assert report.error.code == "not_met"
    else:
        assert report.error is None
    assert any("NOT met" in line for line in said) is (value > 2)


FOUND = {
    "text_tokens_per_s": 900.0, "takes4_tokens_per_s": 1800.0, "takes8_tokens_per_s": 2000.0,
    "generate_tokens_per_s": 100.0, "generate4_tokens_per_s": 300.0, "x_generate": 9.0,
    "takes4_x_generate": 2.4, "takes4_cost": 1.7, "regenerate_first_token": 0.02, "take_bytes": 2048.0,
    "kernel": "native", "runs": 3, "llama_cpp_why": "",
}  # fmt: skip
LLAMA = {
    f"{x}llama_cpp_{kind}{s}": 1.1
    for kind in ("f32", "f16", "q8_0")
    for x, s in (("x_", ""), ("", "_tokens_per_s"))
}


def test_the_worker_is_measured_beside_generate_and_llama_cpp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_run", lambda command: FOUND | LLAMA)
    figures = bench._worker(True)
    assert figures["memory_per_extra_take_kib"].value == 2
    assert (figures["x_generate"].reach, figures["x_generate"].at) == (2.5, "least")
    assert not _judged(figures["takes4_x_generate"]).met
    assert (figures["x_llama_cpp_f32"].reach, figures["x_llama_cpp_q8_0"].reach) == (0.9, None)


def test_without_llama_cpp_its_figures_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_run", lambda command: FOUND | {"llama_cpp_why": "Needs the extra"})
    figures = bench._worker(True)
    assert figures["llama_cpp_f32_tokens_per_s"].value is None
    assert figures["llama_cpp_f32_tokens_per_s"].why == "Needs the extra"
    assert "x_llama_cpp_f32" not in figures


def test_a_measurement_is_the_last_line_its_process_prints() -> None:
    assert _run([sys.executable, "-c", "print('words'); print('{\"ms\": 1.5}')"]) == {"ms": 1.5}


@pytest.mark.parametrize("code", ["import sys; sys.exit('no model here')", "pass"])
def test_a_measurement_that_fails_is_told_with_its_last_words(code: str) -> None:
    with pytest.raises(StudioError) as caught:
        _run([sys.executable, "-c", code])
    assert caught.value.do and ("no model here" in caught.value.what or code == "pass")
