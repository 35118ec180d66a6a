"""Changes of a text by one revision, whether it is open or not."""

from collections.abc import Sequence

from studio.app.session import Session
from studio.app.text_desk import TextDesk
from studio.media.spans import Edit
from studio.project.records import RevisionKind


def rewrite(
    desk: TextDesk,
    work_id: str,
    edit: Edit,
    kind: RevisionKind = "replaced",
    *,
    steps: Sequence[Edit] = (),
    caret: int | None = None,
    moves_locks: bool = False,
) -> None:
    """One revision of any work; the open text shows it (`steps` do the same as `edit`, in smaller pieces).

    What is being typed must have been told before (`pane.flush`). Raises StudioError "locked", nothing changed,
    when the edit breaks into locked text, unless it is moved to another text with its lock (`moves_locks`).
    """
    session = open_session(desk)
    session.revise(work_id, edit, kind, moves_locks=moves_locks)
    if work_id == desk.work:
        desk.pane.apply(steps or (edit,), caret)
        desk.judged.refresh()
        desk.lineage_changed.emit()


def open_session(desk: TextDesk) -> Session:
    """The project of the open text. Raises RuntimeError without one."""
    if desk.session is None:
        raise RuntimeError("no text is open")
    return desk.session
