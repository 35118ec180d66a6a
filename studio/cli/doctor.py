"""`atelier doctor`: is everything here that Atelier needs?"""

import argparse
from collections.abc import Callable

from studio.app.doctor import check_installation
from studio.app.places import Places
from studio.cli.console import FAILED, OK, Report


def main(_options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Check, with the cure for what is wrong."""
    checks = check_installation(Places.default())
    for check in checks:
        say(
            f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.found}"
            + (f"\n    {check.cure}" if check.cure else "")
        )
    return Report(body={"checks": checks}, status=OK if all(check.ok for check in checks) else FAILED)
