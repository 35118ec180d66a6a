"""The place where a preview waits for the window: a slow window gets the latest one, not all of them."""

import threading

from msgspec.structs import replace

from studio.engine.views import PreviewView


class LatestPreview:
    """Filled on the engine's thread, emptied on the window's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: PreviewView | None = None

    def put(self, view: PreviewView) -> bool:
        """True when the place was empty: then the window is to be told.

        A step without pictures leaves those of the step before it.
        """
        with self._lock:
            before, self._view = self._view, view
            if before is not None and before.job == view.job and not view.pictures:
                self._view = replace(view, pictures=before.pictures)
            return before is None

    def take(self) -> PreviewView | None:
        """What waits; the place is empty then."""
        with self._lock:
            view, self._view = self._view, None
            return view
