"""The envelope on stdout, the words on stderr, the exit status."""

import argparse
import json

import pytest

from studio.cli.console import CANCELLED, FAILED, OK, PARTLY, USAGE, Report, UsageError, execute
from studio.cli.parser import run
from studio.core.errors import StoppedError, StudioError


def options(*, as_json: bool = False, debug: bool = False) -> argparse.Namespace:
    return argparse.Namespace(command="make", json=as_json, debug=debug)


def raising(error: BaseException):
    def command(_options, _say):
        raise error

    return command


def test_a_good_answer_is_one_json_object_in_utf8(capfdbinary) -> None:
    def command(_options, say) -> Report:
        say("Wörter")
        return Report(
            body={"text": "“Fuchs” 狐狸 \ud800"}, device={"kind": "cpu", "dtype": "f", "threads": 2}
        )

    assert execute(options(as_json=True), command) == OK
    out, err = capfdbinary.readouterr()
    assert out.count(b"\n") == 1 and err == b""
    answer = json.loads(out)
    assert answer["text"] == "“Fuchs” 狐狸 ?"
    assert (answer["schema"], answer["command"], answer["ok"], answer["error"]) == (1, "make", True, None)
    assert answer["device"] == {"kind": "cpu", "dtype": "f", "threads": 2} and answer["seconds"] >= 0


def test_words_go_to_stderr_unless_json_is_asked_for(capsys) -> None:
    def command(_options, say) -> Report:
        say("working…")
        return Report(body={})

    execute(options(), command)
    said = capsys.readouterr()
    assert said.err == "working…\n" and json.loads(said.out)["ok"]
    assert said.out.count("\n") > 1, "for people it has lines"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (KeyboardInterrupt(), CANCELLED, "cancelled"),
        (StoppedError("Cancelled.", kept="Two takes."), CANCELLED, "cancelled"),
        (UsageError("No such key."), USAGE, "usage"),
        (StudioError("The disk is full.", kept="All.", do="Make room.", code="full"), FAILED, "full"),
        (ZeroDivisionError("by zero"), FAILED, "failed"),
    ],
)
def test_every_end_has_its_status_and_an_error_in_the_envelope(
    capsys, error: BaseException, status: int, code: str
) -> None:
    assert (CANCELLED, USAGE, FAILED, PARTLY) == (130, 2, 1, 3)
    assert execute(options(), raising(error)) == status
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["ok"] is False and answer["error"]["code"] == code and answer["error"]["what"]
    assert "Traceback" not in said.err and answer["error"]["what"] in said.err
    if isinstance(error, StudioError):
        assert (answer["error"]["kept"], answer["error"]["do"]) == (error.kept, error.do)


def test_a_bug_asks_for_a_report_and_debug_shows_the_traceback(capsys) -> None:
    execute(options(debug=True), raising(ZeroDivisionError("by zero")))
    said = capsys.readouterr()
    assert "Traceback" in said.err and "ZeroDivisionError: by zero" in said.err
    error = json.loads(said.out)["error"]
    assert "ZeroDivisionError" in error["what"] and "--debug" in error["do"]


def test_debug_shows_where_a_users_error_came_from(capsys) -> None:
    execute(options(debug=True), raising(StudioError("The disk is full.")))
    assert "Traceback" in capsys.readouterr().err


def test_a_command_may_answer_partly_with_an_error_of_its_own(capsys) -> None:
    report = Report(body={"takes": [1]}, status=PARTLY, error=StudioError("One is missing.", code="partly"))
    assert execute(options(), lambda _options, _say: report) == PARTLY
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["takes"], answer["error"]["code"]) == (False, [1], "partly")


def test_wrong_usage_points_to_the_help_of_what_was_typed(capsys) -> None:
    image = argparse.Namespace(command="make", kind="image", json=True, debug=False)
    execute(image, raising(UsageError("--size 100 is not WxH.")))
    assert json.loads(capsys.readouterr().out)["error"]["do"] == "See “atelier make image --help”."
    for arguments, do in (
        (["make", "image", "--takes", "zero"], "See “atelier make image --help”."),
        (["models", "paint"], "See “atelier models --help”."),
        (["paint"], "See “atelier --help”."),
    ):
        assert run(arguments) == USAGE
        assert json.loads(capsys.readouterr().out)["error"]["do"] == do
