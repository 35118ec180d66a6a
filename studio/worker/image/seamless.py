"""Seamless pictures: convolutions see the opposite edge beyond an edge, while a job asks for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from studio.core.pictures import Tiling


@contextmanager
def seamless(networks: list[nn.Module], tiling: Tiling) -> Iterator[None]:
    """Wrap the convolutions of these networks around in x, y or both, to the end of the block."""
    if tiling == "none":
        yield
        return
    with ExitStack() as undo:
        for network in networks:
            for layer in network.modules():
                if isinstance(layer, nn.Conv2d) and any(layer.padding) and layer.padding_mode == "zeros":
                    _wrap(layer, tiling)
                    undo.callback(_unwrap, layer)
        yield


def _wrap(layer: nn.Conv2d, tiling: Tiling) -> None:
    rows, columns = (int(size) for size in layer.padding)
    round_x = "circular" if tiling in ("x", "both") else "constant"
    round_y = "circular" if tiling in ("y", "both") else "constant"

    def forward(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        padded = functional.pad(inputs, (columns, columns, 0, 0), mode=round_x)
        padded = functional.pad(padded, (0, 0, rows, rows), mode=round_y)
        return functional.conv2d(padded, weight, bias, layer.stride, (0, 0), layer.dilation, layer.groups)

    own: Any = layer
    own._conv_forward = forward


def _unwrap(layer: nn.Conv2d) -> None:
    own: Any = layer
    del own._conv_forward
