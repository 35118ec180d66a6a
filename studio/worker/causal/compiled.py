"""The compiled decode step: an object file in the user's cache, made once by numba in a process of its own.

The worker itself never imports numba (it would cost a second and 100 MiB): it loads the object with llvmlite.
Whether the object is there decides between the compiled and the torch path; that is looked up once when a
model is loaded, so one job never changes its path.
"""

import ctypes
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import platformdirs

from studio.worker.startup import lower_priority

_SOURCES = ("kernels.py", "blocks.py")
_FORMAT = "1"
KINDS = ("float32", "bfloat16", "float16")
_USUAL = "bfloat16"
# numba declares these for exceptions; the kernels raise none
_NEVER_CALLED = ("numba_", "NRT_", "Py")
_P = ctypes.c_void_p
_STEP = ctypes.CFUNCTYPE(None, _P, ctypes.c_float, *([_P] * 21))


def cache_folder() -> Path:
    """Where compiled kernels lie: $ATELIER_KERNELS when set, else a folder of the user's cache.

    It is native code, as trusted as the byte code Python keeps: a folder that only the user may write to.
    """
    own = os.environ.get("ATELIER_KERNELS")
    return Path(own) if own else platformdirs.user_cache_path("Atelier", appauthor=False) / "kernels"


class Kernels:
    """The compiled step, kept alive. It lets go of the interpreter while it runs."""

    def __init__(self, engine: Any, step: int) -> None:
        self._engine = engine
        self.step: Callable[..., None] = _STEP(step)


def kernels_file(kind: str) -> Path | None:
    """The object file for weights of this number type on this processor; None when llvmlite is not there."""
    try:
        import llvmlite.binding as llvm

        made_by = [version("numba"), version("llvmlite")]
    except (ImportError, OSError, PackageNotFoundError):
        return None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    source = b"".join(Path(__file__).with_name(name).read_bytes() for name in _SOURCES)
    given = [_FORMAT, *made_by, llvm.get_process_triple(), llvm.get_host_cpu_name(), features, kind]
    key = hashlib.sha256("\0".join(given).encode() + source).hexdigest()
    return cache_folder() / f"{kind}-{key[:32]}.o"


def load_kernels(file: Path | None) -> Kernels | None:
    """The kernels of that file when they have been compiled on this computer, else None."""
    if file is None or not file.is_file():
        return None
    try:
        head, code = _read(file)
        return _linked(head, code)
    except (OSError, ValueError, KeyError, RuntimeError):
        with suppress(OSError):
            file.unlink()  # damaged: it is compiled anew the next time
        return None


def _read(file: Path) -> tuple[dict[str, Any], bytes]:
    """What is known of the object, and the object. Raises ValueError when the file is not what was written."""
    sha256, _, rest = file.read_bytes().partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != sha256:
        raise ValueError("the compiled kernels are damaged")
    head, _, code = rest.partition(b"\n")
    return json.loads(head), code


def _linked(head: dict[str, Any], code: bytes) -> Kernels:
    import llvmlite.binding as llvm

    stop = ctypes.cast(ctypes.CDLL("msvcrt" if sys.platform == "win32" else None).abort, _P).value
    for name in head["outside"]:
        if name.startswith(_NEVER_CALLED):
            llvm.add_symbol(name, stop)
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    step = engine.get_function_address(head["step"])
    if not step:
        raise ValueError("the compiled kernels lack their function")
    return Kernels(engine, step)


def build_kernels(kind: str) -> bool:
    """Compile the kernels into the cache (seconds, numba); False when numba is not there.

    Raises OSError when the cache cannot be written.
    """
    file = kernels_file(kind)
    if file is None:
        return False
    if file.is_file():
        return True
    import llvmlite.binding as llvm

    from studio.worker.causal.kernels import compile_kernels

    step, text = compile_kernels(kind)
    module = llvm.parse_assembly(text)
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
    code = target.emit_object(module)
    outside = [item.name for item in module.functions if item.is_declaration]
    rest = json.dumps({"step": step, "outside": outside}).encode() + b"\n" + code
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as fresh:
        fresh.write(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
    Path(fresh.name).replace(file)
    for old in file.parent.glob(f"{kind}-*.o"):  # of other versions
        if old != file:
            old.unlink(missing_ok=True)
    return True


def main(kinds: list[str]) -> int:
    """Compile the kernels for these number types (none named: for bf16, which models are mostly stored in)."""
    lower_priority()
    for kind in kinds or [_USUAL]:
        if kind not in KINDS:
            print(f"usage: kernels {{{'|'.join(KINDS)}}} ...", file=sys.stderr)  # noqa: T201
            return 2
        if not build_kernels(kind):
            print("numba is not installed: nothing was compiled.", file=sys.stderr)  # noqa: T201
            return 1
    return 0
