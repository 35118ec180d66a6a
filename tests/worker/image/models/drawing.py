"""Drawing a tiny picture with a pipeline, for comparisons."""

from inspect import signature
from typing import Any

import numpy as np
import torch
from PIL import Image

from studio.catalog.inspect import inspect_model
from studio.core.pictures import Mode
from studio.worker.image.loading import ImageModel, load_image
from tests.tiny_pictures import SIZE_PX

SQUARE = Image.new("RGB", (SIZE_PX, SIZE_PX), (200, 30, 40))
GUIDE = Image.new("RGB", (SIZE_PX, SIZE_PX), (0, 0, 0))
GUIDE.paste((255, 255, 255), (10, 10, 30, 60))
MASK = Image.new("L", (SIZE_PX, SIZE_PX), 0)
MASK.paste(255, (16, 16, 48, 48))


def load(path: Any, dtype: torch.dtype = torch.float32) -> ImageModel:
    """A model in memory, on the processor."""
    return load_image(inspect_model(path), "cpu", dtype, lambda _done: None)


def draw(pipe: Any, mode: Mode, steps: int = 2, **more: Any) -> np.ndarray:
    """A picture of the size of the tiny pipelines, rows of RGB in 0..1."""
    given: dict[str, Any] = {
        "prompt": "a red fox", "num_inference_steps": steps, "output_type": "np", "height": SIZE_PX, "width": SIZE_PX,
    }  # fmt: skip
    if mode != "text":
        given |= {"image": SQUARE, "strength": 0.9}
    if mode == "inpaint":
        given |= {"mask_image": MASK}
    known = signature(pipe.__call__).parameters
    given = {name: value for name, value in given.items() if name in known}
    made = pipe(**{**given, **more}, generator=torch.Generator().manual_seed(3)).images[0]
    return np.asarray(made)
