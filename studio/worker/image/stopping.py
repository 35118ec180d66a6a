"""A cancel is heard inside a step: before every block of a network it is asked whether to go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from torch import nn

from studio.core.errors import StoppedError

Stopped = Callable[[], bool]
_SMALL_LISTS = ("to_out", "net")  # lists inside one layer of attention: too fine to ask at


class Gate:
    """Asks the running job whether it was stopped; open to all while none runs."""

    def __init__(self) -> None:
        self._stopped: Stopped | None = None
        self._guarded: WeakSet[nn.Module] = WeakSet()

    @contextmanager
    def during(self, stopped: Stopped) -> Iterator[None]:
        """Ask `stopped` from here to the end of the block."""
        self._stopped = stopped
        try:
            yield
        finally:
            self._stopped = None

    def check(self) -> None:
        """Raises StoppedError when the running job was stopped."""
        if self._stopped is not None and self._stopped():
            raise StoppedError()

    def guard(self, network: nn.Module) -> None:
        """Ask before each of a network's blocks; a second call for the same network changes nothing."""
        if network in self._guarded:
            return
        self._guarded.add(network)
        for block in _blocks(network):
            block.register_forward_pre_hook(self._before)

    def _before(self, _module: nn.Module, _inputs: Any) -> None:
        if self._stopped is not None and self._stopped():
            raise StoppedError()


def _blocks(network: nn.Module) -> Iterator[nn.Module]:
    """The elements of all its lists of blocks, at every depth."""
    for name, child in network.named_children():
        if isinstance(child, nn.ModuleList) and name not in _SMALL_LISTS:
            yield from (block for block in child if block is not None)
        yield from _blocks(child)
