"""What is tried, in order, when memory runs out while drawing."""

from collections.abc import Callable
from typing import Any

from studio.core.errors import StudioError
from studio.core.pictures import RUNGS, Rung, Tiling

_WORDS: dict[Rung, str] = {
    "smaller_batch": "Memory is short: pictures are now drawn {batch} at a time.",
    "vae_tiling": "Memory is short: pictures are now decoded piece by piece.",
    "model_offload": "Memory is short: parts of the model wait in the computer's memory until they are needed.",
    "group_offload": "Memory is short: the model is now moved to the graphics card layer by layer, which is slow.",
}


class Ladder:
    """Stands on some rungs; each step down says what is done next, or fails clearly."""

    def __init__(self, *, batch: int, rungs: tuple[Rung, ...], device: str, tiling: Tiling) -> None:
        """`rungs` are stood on from the start (a recipe's). On a processor there is nothing to move away."""
        self.batch = batch
        self._stood = set(rungs)
        self._open = {"smaller_batch", "vae_tiling"}
        if device.startswith("cuda"):
            self._open |= {"model_offload", "group_offload"}
        if tiling != "none":
            self._open.discard("vae_tiling")  # pieces have edges of their own

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Those stood on, in their order."""
        return tuple(rung for rung in RUNGS if rung in self._stood)

    def step(self) -> Rung:
        """The next rung. Raises StudioError ("no_memory") when there is none."""
        if self.batch > 1:
            self.batch //= 2
            self._stood.add("smaller_batch")
            return "smaller_batch"
        for rung in RUNGS[1:]:
            if rung in self._open and rung not in self._stood:
                self._stood.add(rung)
                return rung
        raise StudioError(
            "The memory does not suffice to draw this picture.",
            kept="Its recipe is kept, and so are the takes that were drawn before.",
            do="Choose a smaller size or a smaller model, or close other programs, and make it again.",
            code="no_memory",
        )

    def words(self, rung: Rung) -> str:
        """What the person is told about a rung."""
        return _WORDS[rung].format(batch=self.batch)


def moved_away(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """The rungs that stay for later jobs, whose recipes have to name them."""
    return tuple(rung for rung in rungs if rung in ("model_offload", "group_offload"))


def stand_on(model: Any, pipe: Any, rungs: tuple[Rung, ...]) -> Callable[[], None]:
    """Set up a pipeline for these rungs; what undoes that of the VAE.

    Where parts were moved away they stay so: the device was too small for this model.
    """
    vae = model.vae
    if "group_offload" in rungs:
        if getattr(pipe, "atelier_offload", "") != "group":
            pipe.remove_all_hooks()
            pipe.enable_group_offload(onload_device=model.device, offload_type="leaf_level", use_stream=True)
            pipe.atelier_offload = "group"
    elif "model_offload" in rungs and getattr(pipe, "atelier_offload", "") != "model":
        pipe.enable_model_cpu_offload(device=model.device)
        pipe.atelier_offload = "model"
    if "vae_tiling" not in rungs or not hasattr(vae, "enable_tiling"):
        return lambda: None
    vae.enable_tiling()
    sliced = hasattr(vae, "enable_slicing")
    if sliced:
        vae.enable_slicing()

    def undo() -> None:
        vae.disable_tiling()
        if sliced:
            vae.disable_slicing()

    return undo
