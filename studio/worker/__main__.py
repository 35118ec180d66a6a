"""`python -m studio.worker`: the process that makes takes. Speaks frames on stdin and stdout."""

import os
import sys

from studio.worker.startup import (
    die_with_parent,
    leave_interrupts_to_parent,
    lower_priority,
    settle_environment,
    take_pipes,
)


def main(arguments: list[str]) -> int:
    """Work for a window, or take the bench's measurements (`measure ...`), or compile (`kernels KIND ...`), or
    fine-tune (`run RUN_DIR`), or look through a folder before that (`survey`)."""
    settle_environment(os.environ)
    if arguments[:1] == ["run"]:  # it outlives whoever started it
        from studio.worker.tune.runner import main as fine_tune

        return fine_tune(arguments[1:])
    die_with_parent()
    if arguments[:1] == ["measure"]:
        from studio.worker.measure import main as measure

        return measure(arguments[1:])
    if arguments[:1] == ["kernels"]:
        from studio.worker.causal.compiled import main as build

        return build(arguments[1:])
    if arguments[:1] == ["survey"]:
        from studio.worker.tune.surveying import main as look_through

        return look_through(arguments[1:])
    leave_interrupts_to_parent()
    lower_priority()
    commands, events = take_pipes()
    from studio.worker.process import Worker

    code = Worker(commands, events).run()
    sys.stderr.flush()
    os._exit(code)  # the reading thread still waits on stdin; nothing is left to be put in order


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
