"""`atelier`: without a command the window, with one the same jobs without a window."""

import sys


def main() -> int:
    """Entry point of the command `atelier` and of `python -m studio`."""
    from studio.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
