"""A weight matrix that multiplies fast for one row and for several."""

import torch
from torch import Tensor
from torch.nn import functional

_PACK_AT_MOST = 8 * 1024 * 1024  # numbers; a larger matrix is not worth a second copy
_PACK_ONE_ROW = 1024 * 1024


class Matrix:
    """A weight (out, in) with its products; on a processor it keeps a copy packed for oneDNN.

    Measured on two cores, 4 rows of 256 by 4,096: 229 us plain, 105 us packed; one row of
    256 by 512: 12 us plain, 22 us packed.
    """

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self._packed = pack(weight)
        self._one_row = self._packed is not None and weight.numel() >= _PACK_ONE_ROW

    def __call__(self, x: Tensor) -> Tensor:
        """x (T, in) to (T, out)."""
        if self._packed is not None and (self._one_row or x.shape[0] > 1):
            return torch.ops.mkldnn._linear_pointwise(x, self._packed, None, "none", [], "")
        return functional.linear(x, self.weight)

    def add(self, x: Tensor, to: Tensor) -> Tensor:
        """x (T, in) to (T, out), added to `to` (T, out)."""
        if self._packed is not None and (self._one_row or x.shape[0] > 1):
            return torch.ops.mkldnn._linear_pointwise.binary(x, to, self._packed, None, "add")
        return torch.addmm(to, x, self.weight.t())


def pack(weight: Tensor) -> Tensor | None:
    """The weight in oneDNN's own layout; None where that does not exist or would cost too much memory."""
    if weight.device.type != "cpu" or weight.dtype != torch.float32 or weight.numel() > _PACK_AT_MOST:
        return None
    try:
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
        torch.ops.mkldnn._linear_pointwise(weight.new_zeros(2, weight.shape[1]), packed, None, "none", [], "")
    except (RuntimeError, AttributeError, NotImplementedError):
        return None
    return packed
