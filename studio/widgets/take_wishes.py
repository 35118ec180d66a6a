"""What a person may want of a take, as the signals that every view of takes shares."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class TakeWishes(QWidget):
    """The base of strips, grids, comparisons and galleries: whoever listens to one can listen to all.

    A signal's first value is the take's id. With several chosen takes it comes once for each, in order.
    """

    accept_requested = Signal(str)
    reject_requested = Signal(str, str)  # take id, reason
    restore_requested = Signal(str)
    regenerate_requested = Signal(str)
    branch_requested = Signal(str)
    more_like_this = Signal(str)
    again_requested = Signal(str)  # the very same once more
    enlarge_requested = Signal(str)  # the picture itself, larger
    open_requested = Signal(str)  # large, with its recipe
    compare_requested = Signal(str, str)  # with another take; "" asks which
    recall_requested = Signal(str, str)  # into the knobs: "all", "prompt", "seed" or "size"
    save_requested = Signal(str)
    copy_requested = Signal(str)
    play_requested = Signal(str)  # hear it in its place; once more: stop
    drag_wanted = Signal(str)  # a drag began on it
    image_wanted = Signal(str)  # it is to be shown and its pixels are not here: `show_image` answers

    def wish(self, what: str, take_id: str, detail: str = "") -> None:
        """Say a wish by its name: the signal's, without the ending. Raises KeyError for one that is none."""
        plain = {
            "accept": self.accept_requested,
            "restore": self.restore_requested,
            "regenerate": self.regenerate_requested,
            "branch": self.branch_requested,
            "more_like": self.more_like_this,
            "again": self.again_requested,
            "enlarge": self.enlarge_requested,
            "open": self.open_requested,
            "save": self.save_requested,
            "copy": self.copy_requested,
            "play": self.play_requested,
            "drag": self.drag_wanted,
            "image": self.image_wanted,
        }
        detailed = {
            "reject": self.reject_requested,
            "compare": self.compare_requested,
            "recall": self.recall_requested,
        }
        if what in detailed:
            detailed[what].emit(take_id, detail)
        else:
            plain[what].emit(take_id)
