"""The tensors of a model folder, taken one by one, with a check that all were wanted."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.catalog.headers import damaged, read_weights
from studio.core.errors import StudioError


class WeightFiles:
    """Open safetensors files; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Raises StudioError when a file is missing or damaged."""
        self._folder = folder
        self._stack = ExitStack()
        self._where: dict[str, Any] = {}
        weights = read_weights(folder)
        self.parameters = weights.parameters
        try:
            for file in weights.files:
                opened = self._stack.enter_context(safe_open(file, framework="pt"))
                self._where.update(dict.fromkeys(opened.keys(), opened))
        except SafetensorError as error:
            self._stack.close()
            raise damaged(file, str(error)) from error

    def __enter__(self) -> "WeightFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def take(self, name: str, size: tuple[int, ...]) -> Tensor:
        """A tensor by name. Raises StudioError when it is not there or has another shape."""
        if name not in self._where:
            raise self._wrong(f"the tensor {name} is missing")
        tensor: Tensor = self._where.pop(name).get_tensor(name)
        if tuple(tensor.shape) != size:
            raise self._wrong(f"the tensor {name} is {tuple(tensor.shape)}, config.json says {size}")
        return tensor

    def finish(self, spare: tuple[str, ...]) -> None:
        """Raises StudioError when tensors were left over, but for names that end in one of `spare`."""
        left = sorted(name for name in self._where if not name.endswith(spare))
        if left:
            raise self._wrong(f"the tensor {left[0]} does not belong to this architecture")

    def _wrong(self, why: str) -> StudioError:
        return StudioError(
            f"The weights in {self._folder} do not fit config.json: {why}.",
            do="Copy or download config.json and the weights again, from the same place.",
            code="damaged_model",
        )
