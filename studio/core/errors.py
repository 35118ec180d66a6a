"""The user's world going wrong, told apart from our bugs."""


class StudioError(Exception):
    """Something a person can act on: what happened, what was kept, what to do next.

    Shown as written in the window and printed by the command line. Every other
    exception is a bug: it goes to the log with its traceback.
    """

    def __init__(self, what: str, *, kept: str = "", do: str = "", code: str = "failed") -> None:
        super().__init__(what)
        self.what = what
        self.kept = kept
        self.do = do
        self.code = code

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.kept, self.do) if part)


class StoppedError(StudioError):
    """The person stopped it."""

    def __init__(self, what: str = "Stopped.", *, kept: str = "") -> None:
        super().__init__(what, kept=kept, code="cancelled")
