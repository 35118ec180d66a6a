"""Memory: telling that it ran out, how much is free, giving it back."""

import ctypes
import gc
import sys

import psutil
import torch

_MIB = 1024 * 1024
_WORDS = ("not enough memory", "out of memory", "can't allocate", "cannot allocate", "could not allocate")


def ran_out(error: BaseException) -> bool:
    """Whether an exception says that memory did not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error).lower() for word in _WORDS)


def free_mib(device: str) -> int:
    """Memory a job may still take on that device."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info()[0] + _cached_bytes()) // _MIB
    return int(psutil.virtual_memory().available) // _MIB


def _cached_bytes() -> int:
    """What torch holds of the device without using it."""
    return int(torch.cuda.memory_reserved() - torch.cuda.memory_allocated())


def settle() -> None:
    """A model stands now: what it is made of need not be looked through after every job (a third of a second)."""
    gc.collect()
    gc.freeze()


def unsettle() -> None:
    """A model goes: all may be looked through again."""
    gc.unfreeze()
    gc.collect()


def give_back(device: str) -> None:
    """Return to the system what no object holds any more."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(
            ctypes.CDLL(None), "malloc_trim", None
        )  # glibc's; other libraries give back by themselves
        if trim is not None:
            trim(0)
