"""The lean Llama's decode step in plain loops, for numba to compile; imported by the process that compiles only.

Everything is C-like on purpose: flat pointers and whole numbers, no arrays, no allocation, nothing that could
raise. So the compiled object needs neither numba nor Python to run (`compiled` loads it), and it releases the
interpreter. Weights are read in the number type of their file (bf16 and f16 halve the memory to be read) and
multiplied in float32. Letters as in `llama`: N rows, D hidden units, H query heads, K key heads, C units a head,
I inner units, V vocabulary, L layers.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, njit, types
from numba.extending import intrinsic

from studio.worker.causal.blocks import block

# sums may be regrouped, so that they run in vectors; not-a-number keeps its meaning (the maker looks for it)
_SUMS = {"reassoc", "contract", "nsz"}
_STRICT = {"contract"}
_PLAIN = {"error_model": "numpy", "nogil": True}

f32 = np.float32
_FLOATS = types.CPointer(types.float32)
_HALVES = types.CPointer(types.uint16)
_IDS = types.CPointer(types.int64)
_INT = types.int64


@intrinsic
def _bits_to_float(_context: Any, _bits: Any) -> Any:
    """The float32 with these 32 bits."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


@njit(fastmath=_STRICT, **_PLAIN)
def _from_f32(value):  # type: ignore[no-untyped-def]
    return value


@njit(fastmath=_STRICT, **_PLAIN)
def _from_bf16(half):  # type: ignore[no-untyped-def]
    return _bits_to_float(np.uint32(half) << np.uint32(16))


@njit(fastmath=_STRICT, **_PLAIN)
def _from_f16(half):  # type: ignore[no-untyped-def]
    """The exponent is put right by a multiplication, which handles small numbers too (weights are finite)."""
    bits = np.uint32(half)
    size = _bits_to_float((bits & np.uint32(0x7FFF)) << np.uint32(13)) * f32(5.192296858534828e33)  # 2^112
    sign = _bits_to_float(((bits & np.uint32(0x8000)) << np.uint32(16)) | np.uint32(0x3F800000))
    return size * sign


_WIDE = {"float32": (_from_f32, _FLOATS), "bfloat16": (_from_bf16, _HALVES), "float16": (_from_f16, _HALVES)}


@njit(fastmath=_STRICT, **_PLAIN)
def _exp(x):  # type: ignore[no-untyped-def]
    """e^x in float32 within 2 units of the last place, in arithmetic that runs in vectors. Source: Cephes expf."""
    inside = min(max(x, f32(-87.0)), f32(88.0))
    n = np.floor(inside * f32(1.4426950408889634) + f32(0.5))
    r = inside - n * f32(0.693359375) - n * f32(-2.12194440e-4)
    p = f32(1.9875691500e-4) * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    power = _bits_to_float(np.uint32(np.int32(n) + np.int32(127)) << np.uint32(23))
    return (p * r * r + r + f32(1.0)) * power if x == x else x  # not-a-number stays


@njit(fastmath=_SUMS, **_PLAIN)
def _normed(x, rows, size, floor, weight, at, y):  # type: ignore[no-untyped-def]
    """y (N, D) = x w[at:] / sqrt(|x|^2 + floor)."""
    for n in range(rows):
        total = floor
        for i in range(size):
            total += x[n * size + i] * x[n * size + i]
        total = f32(1.0) / np.sqrt(total)
        for i in range(size):
            y[n * size + i] = x[n * size + i] * total * weight[at + i]


def _times_of(kind: str) -> Any:
    """The product of rows with a matrix of this number type; a row's bits do not depend on the rows beside it."""
    one, two, four = block(kind, 1), block(kind, 2), block(kind, 4)

    @njit(fastmath=_SUMS, **_PLAIN)
    def times(w, start, outs, size, x, rows, y, add):  # type: ignore[no-untyped-def]
        """y (N, O) = x (N, I) w[start:] (O, I)^T, or added to y. The weights are read once, in their order:
        reading several rows of them side by side was three to five times slower (the memory's own look-ahead).
        """
        fours, twos = rows - rows % 4, rows - rows % 2
        for o in range(outs):
            a = start + o * size
            for n in range(0, fours, 4):
                four(w, a, size, x, n * size, y, n * outs + o, outs, add)
            for n in range(fours, twos, 2):
                two(w, a, size, x, n * size, y, n * outs + o, outs, add)
            for n in range(twos, rows):
                one(w, a, size, x, n * size, y, n * outs + o, outs, add)

    return times


@njit(fastmath=_SUMS, **_PLAIN)
def _scores(q, a, keys, b, count, units, scale, scores, at):  # type: ignore[no-untyped-def]
    """scores[at:] = q[a:] . keys[b:] (count, C) * scale; the largest."""
    top = f32(-3.0e38)
    for s in range(count):
        total = f32(0.0)
        for c in range(units):
            total += q[a + c] * keys[b + s * units + c]
        total *= scale
        scores[at + s] = total
        top = max(top, total)
    return top


@njit(fastmath=_SUMS, **_PLAIN)
def _mix(values, b, count, units, scores, at, out, to):  # type: ignore[no-untyped-def]
    """out[to:] += scores[at:] values[b:] (count, C), four positions at a time."""
    whole = count - count % 4
    for s in range(0, whole, 4):
        e0, e1, e2, e3 = scores[at + s], scores[at + s + 1], scores[at + s + 2], scores[at + s + 3]
        v = b + s * units
        for c in range(units):
            out[to + c] += (e0 * values[v + c] + e1 * values[v + units + c]) + (
                e2 * values[v + 2 * units + c] + e3 * values[v + 3 * units + c]
            )
    for s in range(whole, count):
        e0 = scores[at + s]
        for c in range(units):
            out[to + c] += e0 * values[b + s * units + c]


@njit(fastmath=_SUMS, **_PLAIN)
def _attend(q, a, prompt, keys, values, past, tail, own_keys, own_values, own, units, scores, out, to):  # type: ignore[no-untyped-def]
    """One head of one row over the prompt's positions, shared by all rows, and its own."""
    scale = f32(1.0) / np.sqrt(f32(units))
    top = _scores(q, a, prompt, keys, past, units, scale, scores, 0)
    top = max(top, _scores(q, a, tail, own_keys, own, units, scale, scores, past))
    total = f32(0.0)
    for s in range(past + own):
        scores[s] = _exp(scores[s] - top)
        total += scores[s]
    for c in range(units):
        out[to + c] = f32(0.0)
    _mix(prompt, values, past, units, scores, 0, out, to)
    _mix(tail, own_values, own, units, scores, past, out, to)
    total = f32(1.0) / total
    for c in range(units):
        out[to + c] *= total


@njit(fastmath=_SUMS, **_PLAIN)
def _turned(qkv, a, heads, units, turns, t):  # type: ignore[no-untyped-def]
    """Rotate heads (.., C) by one position's turns[t:] (C/2, 2), in place; pairs lie side by side."""
    for h in range(heads):
        for c in range(units // 2):
            at = a + h * units + 2 * c
            real, imaginary, cos, sin = qkv[at], qkv[at + 1], turns[t + 2 * c], turns[t + 2 * c + 1]
            qkv[at] = real * cos - imaginary * sin
            qkv[at + 1] = real * sin + imaginary * cos


def _step_of(kind: str) -> Any:
    """One token for each row, through all layers. Rows are takes, or successive tokens of one take."""
    wide, times = _WIDE[kind][0], _times_of(kind)

    @njit(fastmath=_SUMS, **_PLAIN)
    def attention(sizes, slots, places, layer, turns, prompt, tail, qkv, scores, mixed):  # type: ignore[no-untyped-def]
        """Turn queries and keys, keep keys and values, and mix: qkv (N, (H + 2K) C) to mixed (N, H C)."""
        rows, heads, keys, units, takes = sizes[0], sizes[3], sizes[4], sizes[5], sizes[7]
        past, prompt_room, own_room = sizes[8], sizes[9], sizes[10]
        shared = layer * 2 * keys * prompt_room * units
        for n in range(rows):
            a, own = n * (heads + 2 * keys) * units, places[n]
            _turned(qkv, a, heads + keys, units, turns, (past + own) * units)
            base = (layer * takes + slots[n]) * 2 * keys * own_room * units
            for h in range(2 * keys):
                for c in range(units):
                    tail[base + (h * own_room + own) * units + c] = qkv[a + (heads + h) * units + c]
            for h in range(heads):
                k = h * keys // heads
                _attend(
                    qkv, a + h * units,
                    prompt, shared + k * prompt_room * units, shared + (keys + k) * prompt_room * units, past,
                    tail, base + k * own_room * units, base + (keys + k) * own_room * units, own + 1,
                    units, scores, mixed, (n * heads + h) * units,
                )  # fmt: skip

    def step(  # type: ignore[no-untyped-def]
        sizes, floor, ids, slots, places, embed, norms, qkv_w, out_w, gate_w, down_w, head_w, turns, prompt, tail,
        x, y, qkv, mixed, both, inner_rows, scores, logits,
    ):  # fmt: skip
        rows, hidden, layers, heads, keys, units, inner = (
            sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6],
        )  # fmt: skip
        all_heads = (heads + 2 * keys) * units
        for n in range(rows):
            for i in range(hidden):
                x[n * hidden + i] = wide(embed[ids[n] * hidden + i])
        for layer in range(layers):
            _normed(x, rows, hidden, floor, norms, 2 * layer * hidden, y)
            times(qkv_w, layer * all_heads * hidden, all_heads, hidden, y, rows, qkv, False)
            attention(sizes, slots, places, layer, turns, prompt, tail, qkv, scores, mixed)
            times(out_w, layer * hidden * heads * units, hidden, heads * units, mixed, rows, x, True)
            _normed(x, rows, hidden, floor, norms, (2 * layer + 1) * hidden, y)
            times(gate_w, layer * 2 * inner * hidden, 2 * inner, hidden, y, rows, both, False)
            _gated(both, rows, inner, inner_rows)
            times(down_w, layer * hidden * inner, hidden, inner, inner_rows, rows, x, True)
        _normed(x, rows, hidden, floor, norms, 2 * layers * hidden, y)
        times(head_w, 0, sizes[11], hidden, y, rows, logits, False)

    return step


@njit(fastmath=_SUMS, **_PLAIN)
def _gated(both, rows, inner, out):  # type: ignore[no-untyped-def]
    """out (N, I) = silu(gate) up, from both (N, 2I)."""
    for n in range(rows):
        for i in range(inner):
            g = both[2 * n * inner + i]
            out[n * inner + i] = g / (f32(1.0) + _exp(-g)) * both[(2 * n + 1) * inner + i]


def compile_kernels(kind: str) -> tuple[str, str]:
    """(symbol of `step`, its LLVM code) for weights of this number type, for this processor."""
    weights = _WIDE[kind][1]
    numbers = [_FLOATS] * 11
    step = cfunc(
        types.void(
            types.CPointer(_INT),
            types.float32,
            _IDS,
            _IDS,
            _IDS,
            weights,
            _FLOATS,
            *([weights] * 5),
            *numbers,
        ),
        error_model="numpy",
        fastmath=_SUMS,
    )(_step_of(kind))
    return step.native_name, step.inspect_llvm()
