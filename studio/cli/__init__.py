"""The command line: the same jobs as the window's, through the same engine and recorder. One module a command."""

from studio.cli.parser import run

__all__ = ["run"]
