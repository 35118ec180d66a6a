"""The innermost loop of a matrix product, written as vector instructions: R rows times one row of weights.

Each sum has 16 lanes that run through the numbers in order and are folded at the end, in every block alike:
so a row comes out the same to the last bit whichever rows are computed beside it.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
_FLOAT = ir.FloatType()
_LINE = ir.VectorType(_FLOAT, LANES)
_WORDS = ir.VectorType(ir.IntType(32), LANES)
_HALVES = ir.VectorType(ir.IntType(16), LANES)


def block(kind: str, rows: int) -> Any:
    """A numba intrinsic (w, a, size, x, b, y, c, step, add): y[c + r step] = or += w[a:] . x[b + r size:]."""

    @intrinsic
    def compute(
        _context: Any, w: Any, a: Any, size: Any, x: Any, b: Any, y: Any, c: Any, step: Any, add: Any
    ) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
            _Block(builder, kind, rows, given).write()
            return _context.get_dummy_value()

        return types.none(w, a, size, x, b, y, c, step, add), generate

    return compute


class _Block:
    """Writes one block's code where the builder stands."""

    def __init__(self, builder: Any, kind: str, rows: int, given: Any) -> None:
        self._at = builder
        self._kind = kind
        self._rows = range(rows)
        self._w, self._a, self._size, self._x, self._b, self._y, self._c, self._step, self._add = given
        self._int = self._size.type

    def write(self) -> None:
        """Lanes over the whole lines, then the rest one by one, then store or add."""
        at = self._at
        lines = [cgutils.alloca_once_value(at, ir.Constant(_LINE, [0.0] * LANES)) for _ in self._rows]
        rest = at.srem(self._size, self._number(LANES))
        whole = at.sub(self._size, rest)
        with cgutils.for_range_slice(at, self._number(0), whole, self._number(LANES), self._int) as (i, _):
            self._round(lines, i, _LINE)
        sums = [cgutils.alloca_once_value(at, self._folded(at.load(line))) for line in lines]
        with cgutils.for_range_slice(at, whole, self._size, self._number(1), self._int) as (i, _):
            self._round(sums, i, _FLOAT)
        wanted = at.icmp_unsigned("!=", self._add, ir.Constant(self._add.type, 0))
        for r in self._rows:
            target = at.gep(self._y, [at.add(self._c, at.mul(self._step, self._number(r)))])
            value = at.load(sums[r])
            at.store(at.select(wanted, at.fadd(at.load(target), value), value), target)

    def _round(self, sums: list[Any], i: Any, shape: Any) -> None:
        """Multiply what stands at place i, a line or one number, into the sums."""
        at = self._at
        weight = self._weight(at.add(self._a, i), shape)
        for r in self._rows:
            x = self._load(self._x, at.add(i, self._row(self._b, r)), shape, 4)
            at.store(self._fused(weight, x, at.load(sums[r]), shape), sums[r])

    def _row(self, start: Any, number: int) -> Any:
        return self._at.add(start, self._at.mul(self._size, self._number(number)))

    def _number(self, value: int) -> Any:
        return ir.Constant(self._int, value)

    def _load(self, pointer: Any, place: Any, shape: Any, align: int) -> Any:
        spot = self._at.bitcast(self._at.gep(pointer, [place]), shape.as_pointer())
        return self._at.load(spot, align=align)

    def _fused(self, a: Any, b: Any, to: Any, shape: Any) -> Any:
        """a b + to, in one instruction where the processor has it."""
        name = "llvm.fmuladd.v16f32" if shape is _LINE else "llvm.fmuladd.f32"
        function = cgutils.get_or_insert_function(self._at.module, ir.FunctionType(shape, [shape] * 3), name)
        return self._at.call(function, [a, b, to])

    def _weight(self, place: Any, shape: Any) -> Any:
        """Weights as float32."""
        if self._kind == "float32":
            return self._load(self._w, place, shape, 4)
        at, line = self._at, shape is _LINE
        words = _WORDS if line else ir.IntType(32)
        half = self._load(self._w, place, _HALVES if line else ir.IntType(16), 2)
        bits = at.zext(half, words)

        def const(value: int) -> Any:
            return ir.Constant(words, [value] * LANES if line else value)

        if self._kind == "bfloat16":
            return at.bitcast(at.shl(bits, const(16)), shape)
        size = at.bitcast(at.shl(at.and_(bits, const(0x7FFF)), const(13)), shape)
        lift = ir.Constant(shape, [2.0**112] * LANES if line else 2.0**112)  # puts the exponent right
        sign = at.shl(at.and_(bits, const(0x8000)), const(16))
        return at.bitcast(at.or_(at.bitcast(at.fmul(size, lift), words), sign), shape)

    def _folded(self, line: Any) -> Any:
        """The sum of a line's lanes, halves upon halves."""
        at = self._at
        lanes = LANES
        while lanes > 1:
            lanes //= 2
            halves = [
                at.shuffle_vector(
                    line,
                    ir.Constant(line.type, ir.Undefined),
                    ir.Constant(ir.VectorType(ir.IntType(32), lanes), list(range(start, start + lanes))),
                )
                for start in (0, lanes)
            ]
            line = at.fadd(*halves)
        return at.extract_element(line, ir.Constant(ir.IntType(32), 0))
