"""What goes along with a job to whoever computes it, and who cannot."""

from studio.core.errors import StudioError
from studio.core.jobs import Job, TextJob, files_of
from studio.core.wire import MAX_FRAME_BYTES
from studio.project.store import Store

_KEPT = "The job and all its settings stay in the queue; the rest of the project is as it was."
_ROOM_BYTES = 1024 * 1024  # for the job itself, beside its files


def files_for(store: Store, job: Job) -> dict[str, bytes]:
    """The files a job reads, proved against their names.

    Raises StudioError "asset" when one is lost or damaged, "too_large" when they do not go over the wire together.
    """
    files: dict[str, bytes] = {}
    for name in files_of(job):
        try:
            files[name] = store.asset(name)
        except (StudioError, ValueError) as error:
            why = error.what if isinstance(error, StudioError) else f"“{name}” is no file of this project."
            raise StudioError(
                f"A picture that this job begins from is not there. {why}",
                kept=_KEPT,
                do="Bring the file back from a copy of the project and retry, or ask again from what is there now.",
                code="asset",
            ) from error
    size = sum(map(len, files.values()))
    if size > MAX_FRAME_BYTES - _ROOM_BYTES:
        raise StudioError(
            f"The pictures that this job begins from are too large together ({size / 2**20:.0f} MiB).",
            kept=_KEPT,
            do="Scale them down, or use fewer guides.",
            code="too_large",
        )
    return files


def for_endpoint(job: Job) -> TextJob:
    """The job, when an endpoint can do it. Raises StudioError "no_pictures" for another than a text."""
    if isinstance(job, TextJob):
        return job
    raise StudioError(
        "This endpoint writes text; it cannot draw or write music.",
        kept=_KEPT,
        do="Choose a model on this computer.",
        code="no_pictures",
    )
