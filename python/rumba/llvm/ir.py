"""Types, constants and the builder of llvmlite, as far as an `intrinsic` may use them.

Nothing here is LLVM's: the builder records what it is told as operations of Rumba's own representation, which the compiler
checks and emits where the intrinsic is called. Types and constants of llvmlite itself are understood, too.
"""

from contextlib import contextmanager

from rumba import types
from rumba.errors import UnsupportedError

Undefined = object()


class Type:
    """A type of LLVM's."""

    def __call__(self, value):
        return Constant(self, value)

    def __eq__(self, other):
        return isinstance(other, Type) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))

    def __repr__(self):
        return f"<ir.{type(self).__name__} {self}>"

    def as_pointer(self):
        return PointerType(self)


class IntType(Type):
    def __init__(self, width):
        self.width = width

    def __str__(self):
        return f"i{self.width}"


class FloatType(Type):
    def __str__(self):
        return "float"


class DoubleType(Type):
    def __str__(self):
        return "double"


class VoidType(Type):
    def __str__(self):
        return "void"


class PointerType(Type):
    def __init__(self, pointee=None):
        self.pointee = pointee and as_type(pointee)

    def __str__(self):
        return f"{self.pointee or ''}*"


class LiteralStructType(Type):
    def __init__(self, elements, packed=False):
        self.elements = tuple(as_type(element) for element in elements)

    def __str__(self):
        return f"{{{', '.join(map(str, self.elements))}}}"


class ArrayType(LiteralStructType):
    """Elements of one type."""

    def __init__(self, element, count):
        super().__init__((element,) * count)
        self.element, self.count = element, count

    def __str__(self):
        return f"[{self.count} x {self.element}]"


class FunctionType(Type):
    def __init__(self, return_type, args, var_arg=False):
        self.return_type = as_type(return_type)
        self.args = tuple(as_type(arg) for arg in args)

    def __str__(self):
        return f"{self.return_type} ({', '.join(map(str, self.args))})"


class OpaqueType(Type):
    """What values of a type of Rumba's consist of that code generators do not look into."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name


class Constant:
    def __init__(self, typ, constant):
        self.type, self.constant = as_type(typ), constant

    def inttoptr(self, typ):
        """A pointer to what is at an address: a function can be called there."""
        typ = as_type(typ)
        if isinstance(typ, PointerType) and isinstance(typ.pointee, FunctionType):
            return Function(f"<function at {self.constant:#x}>", typ.pointee, address=self.constant)
        return Constant(typ, self.constant)


def as_type(typ):
    """A type of ours, of one of llvmlite's."""
    if isinstance(typ, Type):
        return typ
    match type(typ).__name__:
        case "IntType":
            return IntType(typ.width)
        case "FloatType":
            return FloatType()
        case "DoubleType":
            return DoubleType()
        case "VoidType":
            return VoidType()
        case "PointerType":
            return PointerType(getattr(typ, "pointee", None))
        case "ArrayType":
            return ArrayType(as_type(typ.element), typ.count)
        case "LiteralStructType":
            return LiteralStructType(typ.elements)
        case "FunctionType":
            return FunctionType(typ.return_type, typ.args)
    raise UnsupportedError(f"intrinsics have no LLVM type {typ}")


_NUMBERS = {"i1": types.boolean, "i8": types.int8, "i16": types.int16, "i32": types.int32, "i64": types.int64,
            "float": types.float32, "double": types.float64}  # fmt: skip


def rumba_type(typ):
    """The type of ours that a scalar of LLVM's is recorded as: ints are signed until an operation says otherwise."""
    if isinstance(typ, PointerType):
        return types.voidptr
    if str(typ) in _NUMBERS:
        return _NUMBERS[str(typ)]
    raise UnsupportedError(f"intrinsics compute with i1, i8, i16, i32, i64, float, double and pointers, not with {typ}")


def value_type(ty):
    """The type of LLVM's that stands for values of a type of Rumba's."""
    if ty == types.boolean:
        return IntType(1)
    if ty.kind == "int":
        return IntType(ty.bitwidth)
    if ty.kind == "float":
        return FloatType() if ty.bitwidth == 32 else DoubleType()
    if ty.kind == "pointer":
        return PointerType(IntType(8) if ty == types.voidptr else value_type(ty.dtype))
    if ty == types.none:
        return VoidType()
    if isinstance(ty, types.BaseTuple):
        elements = [value_type(element) for element in ty.types]
        if elements and all(element == elements[0] for element in elements):
            return ArrayType(elements[0], len(elements))
        return LiteralStructType(elements)
    return OpaqueType(str(ty))


class Value:
    """A scalar, by its number; or an aggregate, by its elements, of which those that are undefined are None."""

    def __init__(self, type, number=None, elements=None):
        self.type, self.number, self.elements = type, number, elements


class Phi(Value):
    """A value that is another one for each block that leads to its own."""

    def add_incoming(self, value, block):
        # What is known of values is complete when all blocks are.
        self.builder._incoming.append((self, value, block))


class Block:
    """Code that runs as a whole."""

    def __init__(self, builder, number, name=""):
        self.builder, self.number, self.name = builder, number, name
        self.is_terminated = False

    @property
    def function(self):
        return self.builder.function


class Function:
    """A function that a module declares: one of LLVM's intrinsics, or one of C."""

    def __init__(self, module, ftype, name=None, address=None):
        # As llvmlite has it, or by name and type.
        self.name, self.function_type = (module, ftype) if name is None else (name, ftype)
        self.address = address
        self.attributes = set()
        self.args = []


class _Caller:
    """The function that is being written."""

    def __init__(self, builder):
        self.builder = builder
        self.module = builder.module

    def append_basic_block(self, name=""):
        return self.builder.append_basic_block(name)


class Module:
    """Knows functions by their names."""

    def __init__(self):
        self.globals = {}

    def declare_intrinsic(self, intrinsic, tys=(), fnty=None):
        name = ".".join([intrinsic, *map(_suffix, tys)])
        result = fnty.return_type if fnty is not None else as_type(tys[0]) if tys else VoidType()
        return Function(name, FunctionType(result, fnty.args if fnty is not None else tys))


def _suffix(typ):
    return {"float": "f32", "double": "f64"}.get(str(typ), str(typ))


_INTRINSICS = {"sqrt": "sqrt", "fabs": "fabs", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "rint": "round_even",
               "nearbyint": "round_even", "roundeven": "round_even", "copysign": "copysign", "ctpop": "ctpop"}  # fmt: skip
#: Functions of `math` that LLVM has as intrinsics.
_FUNCTIONS = ("exp", "exp2", "log", "log2", "log10", "sin", "cos", "tan", "pow", "fma")


class IRBuilder:
    """Records operations. Each of its methods does what llvmlite's of the same name does."""

    def __init__(self):
        self.module = Module()
        self.steps = []
        self.n_params = 0
        self.function = _Caller(self)
        self.block = Block(self, 0, "entry")
        self._n_blocks = 1
        self._incoming = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnsupportedError(f"intrinsics have no `builder.{name}`")

    # What is recorded.

    def _step(self, type, name, operands=(), ty=None, number=None):
        self.steps.append((name, [operand.number for operand in operands], ty, number))
        return Value(type, self.n_params + len(self.steps) - 1)

    def _value(self, value):
        if isinstance(value, Value):
            return value
        if not hasattr(value, "constant") or not hasattr(value, "type"):
            raise TypeError(f"the builder takes values and constants, not {value!r}")
        typ, constant = as_type(value.type), value.constant
        undefined = constant is None or constant is Undefined or type(constant).__name__ == "_Undefined"
        if isinstance(typ, LiteralStructType):
            if undefined:
                return Value(typ, elements=[None] * len(typ.elements))
            return Value(typ, elements=[self._value(part if hasattr(part, "type") else Constant(of, part))
                                        for part, of in zip(constant, typ.elements, strict=True)])  # fmt: skip
        constant = 0 if undefined else constant
        if isinstance(typ, IntType) and typ.width > 1:
            # As LLVM has it: the lowest bits, with a sign.
            constant = int(constant) & ((1 << typ.width) - 1)
            constant -= (constant >> (typ.width - 1)) << typ.width
        return self._step(typ, "const", ty=rumba_type(typ), number=constant)

    def _member(self, value, typ, name):
        value = self._value(value)
        if value.type != typ:
            raise TypeError(f"the member {name!r} is {typ}, not {value.type}")
        return value

    def _scalar(self, value):
        value = self._value(value)
        rumba_type(value.type)
        return value

    def _same(self, name, *values):
        values = [self._scalar(value) for value in values]
        if any(value.type != values[0].type for value in values):
            kinds = ", ".join(str(value.type) for value in values)
            raise TypeError(f"`builder.{name}` takes operands of one type, not of {kinds}")
        return values

    def _ints(self, name, *values, bits=False):
        values = self._same(name, *values)
        if not isinstance(values[0].type, IntType) or values[0].type.width == 1 and not bits:
            raise TypeError(f"`builder.{name}` takes integers, not {values[0].type}")
        return values

    def _floats(self, name, *values):
        values = self._same(name, *values)
        if not isinstance(values[0].type, (FloatType, DoubleType)):
            raise TypeError(f"`builder.{name}` takes floats, not {values[0].type}")
        return values

    def _convert(self, value, ty, type=None):
        return self._step(type or value.type, "convert", [value], ty)

    def _unsigned(self, value):
        return value if value.type == IntType(1) else self._convert(value, getattr(types, f"uint{value.type.width}"))

    def _signed(self, value, typ):
        return self._convert(value, rumba_type(typ), typ)

    def _as_unsigned(self, operation, lhs, rhs):
        result = self._step(lhs.type, operation, [self._unsigned(lhs), self._unsigned(rhs)])
        return self._signed(result, lhs.type)

    # Blocks.

    @property
    def basic_block(self):
        return self.block

    def append_basic_block(self, name=""):
        self._n_blocks += 1
        return Block(self, self._n_blocks - 1, name)

    def position_at_end(self, block):
        self.block = block
        self._step(None, "block", number=block.number)

    def _end(self, *step, **options):
        if self.block.is_terminated:
            raise TypeError("the block has an end already")
        self._step(None, *step, **options)
        self.block.is_terminated = True

    def branch(self, target):
        self._end("jump", number=target.number)

    def cbranch(self, cond, truebr, falsebr):
        (cond,) = self._ints("cbranch", cond, bits=True)
        if cond.type != IntType(1):
            raise TypeError(f"`builder.cbranch` takes an i1, not {cond.type}")
        self._end("branch", [cond], number=truebr.number << 32 | falsebr.number)

    def raise_exception(self, exc, args=()):
        """What `context.call_conv.return_user_exc` does."""
        if len(args) > 1 or not all(isinstance(arg, str) for arg in args):
            raise UnsupportedError("exceptions of intrinsics have one text at most")
        self._end(f"raise {exc.__name__}:{''.join(args)}")

    @contextmanager
    def goto_block(self, block):
        before = self.block
        self.position_at_end(block)
        yield
        self.position_at_end(before)

    @contextmanager
    def if_then(self, pred, likely=None):
        then, after = self.append_basic_block("then"), self.append_basic_block("after")
        self.cbranch(pred, then, after)
        self.position_at_end(then)
        yield after
        if not self.block.is_terminated:
            self.branch(after)
        self.position_at_end(after)

    @contextmanager
    def if_else(self, pred, likely=None):
        then, otherwise, after = (self.append_basic_block(name) for name in ("then", "otherwise", "after"))
        self.cbranch(pred, then, otherwise)

        @contextmanager
        def way(block):
            self.position_at_end(block)
            yield
            if not self.block.is_terminated:
                self.branch(after)

        yield way(then), way(otherwise)
        self.position_at_end(after)

    def phi(self, typ, name="", flags=()):
        typ = as_type(typ)
        made = self._step(typ, "phi", ty=rumba_type(typ))
        phi = Phi(typ, made.number)
        phi.builder = self
        return phi

    def finish(self):
        """Notes what phis are, where the values are made that come in."""
        for phi, value, block in self._incoming:
            self._step(None, "incoming", [phi, self._value(value)], number=block.number)

    # Integers.

    def shl(self, lhs, rhs, name="", flags=()):
        lhs, rhs = self._ints("shl", lhs, rhs)
        return self._step(lhs.type, "shl", [lhs, rhs])

    def ashr(self, lhs, rhs, name="", flags=()):
        lhs, rhs = self._ints("ashr", lhs, rhs)
        return self._step(lhs.type, "shr", [lhs, rhs])

    def lshr(self, lhs, rhs, name="", flags=()):
        return self._as_unsigned("shr", *self._ints("lshr", lhs, rhs))

    def udiv(self, lhs, rhs, name="", flags=()):
        return self._as_unsigned("div", *self._ints("udiv", lhs, rhs))

    def urem(self, lhs, rhs, name="", flags=()):
        return self._as_unsigned("rem", *self._ints("urem", lhs, rhs))

    def neg(self, value, name="", flags=()):
        (value,) = self._ints("neg", value)
        return self._step(value.type, "neg", [value])

    def not_(self, value, name="", flags=()):
        (value,) = self._ints("not_", value, bits=True)
        return self._step(value.type, "not" if value.type == IntType(1) else "bit_not", [value])

    def icmp_signed(self, cmpop, lhs, rhs, name=""):
        return self._icmp(cmpop, lhs, rhs, lambda value: value)

    def icmp_unsigned(self, cmpop, lhs, rhs, name=""):
        return self._icmp(cmpop, lhs, rhs, self._unsigned)

    def _icmp(self, cmpop, lhs, rhs, prepared):
        lhs, rhs = self._same("icmp", lhs, rhs)
        if isinstance(lhs.type, PointerType):
            lhs, rhs = (self.ptrtoint(value, IntType(64)) for value in (lhs, rhs))
        lhs, rhs = self._ints("icmp", lhs, rhs, bits=True)
        return self._step(IntType(1), _comparison(cmpop), [prepared(lhs), prepared(rhs)])

    # Floats.

    def fneg(self, value, name="", flags=()):
        (value,) = self._floats("fneg", value)
        return self._step(value.type, "neg", [value])

    def fma(self, a, b, c, name="", flags=()):
        return self._function("fma", a, b, c)

    def _function(self, name, *values):
        values = self._floats(name, *values)
        return self._step(values[0].type, f"call math.{name}", values)

    def fcmp_ordered(self, cmpop, lhs, rhs, name="", flags=()):
        lhs, rhs = self._floats("fcmp_ordered", lhs, rhs)
        compare = lambda op, a, b: self._step(IntType(1), op, [a, b])  # noqa: E731
        if cmpop in ("ord", "uno"):
            known = self.and_(compare("==", lhs, lhs), compare("==", rhs, rhs))
            return known if cmpop == "ord" else self.not_(known)
        if cmpop == "!=":
            return self.or_(compare("<", lhs, rhs), compare(">", lhs, rhs))
        return compare(_comparison(cmpop), lhs, rhs)

    def fcmp_unordered(self, cmpop, lhs, rhs, name="", flags=()):
        if cmpop in ("ord", "uno"):
            return self.fcmp_ordered(cmpop, lhs, rhs)
        inverse = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
        return self.not_(self.fcmp_ordered(inverse[_comparison(cmpop)], lhs, rhs))

    # Conversions.

    def trunc(self, value, typ, name=""):
        return self._between_ints("trunc", value, as_type(typ), lambda old, new: new < old)

    def sext(self, value, typ, name=""):
        value, typ = self._between_ints("sext", value, as_type(typ), lambda old, new: new > old, only_checks=True), as_type(typ)
        extended = self._signed(value, typ)
        return self.neg(extended) if value.type == IntType(1) else extended

    def zext(self, value, typ, name=""):
        value = self._between_ints("zext", value, as_type(typ), lambda old, new: new > old, only_checks=True)
        return self._signed(self._unsigned(value), as_type(typ))

    def _between_ints(self, name, value, typ, fits, only_checks=False):
        (value,) = self._ints(name, value, bits=True)
        if not isinstance(typ, IntType) or not fits(value.type.width, typ.width):
            raise TypeError(f"`builder.{name}` does not make {typ} of {value.type}")
        if only_checks:
            return value
        if typ.width == 1:
            # The lowest bit, where a conversion would ask for any.
            one = self._value(Constant(value.type, 1))
            return self.icmp_signed("!=", self.and_(value, one), Constant(value.type, 0))
        return self._signed(value, typ)

    def fptosi(self, value, typ, name=""):
        (value,) = self._floats("fptosi", value)
        return self._signed(value, self._int_type("fptosi", typ))

    def fptoui(self, value, typ, name=""):
        (value,) = self._floats("fptoui", value)
        typ = self._int_type("fptoui", typ)
        return self._signed(self._convert(value, getattr(types, f"uint{typ.width}")), typ)

    def sitofp(self, value, typ, name=""):
        (value,) = self._ints("sitofp", value)
        return self._signed(value, self._float_type("sitofp", typ))

    def uitofp(self, value, typ, name=""):
        (value,) = self._ints("uitofp", value, bits=True)
        return self._signed(self._unsigned(value), self._float_type("uitofp", typ))

    def fpext(self, value, typ, name=""):
        (value,) = self._floats("fpext", value)
        return self._signed(value, self._float_type("fpext", typ))

    fptrunc = fpext

    def _int_type(self, name, typ):
        typ = as_type(typ)
        if not isinstance(typ, IntType) or typ.width == 1:
            raise TypeError(f"`builder.{name}` makes integers, not {typ}")
        return typ

    def _float_type(self, name, typ):
        typ = as_type(typ)
        if not isinstance(typ, (FloatType, DoubleType)):
            raise TypeError(f"`builder.{name}` makes floats, not {typ}")
        return typ

    def bitcast(self, value, typ, name=""):
        value, typ = self._scalar(value), as_type(typ)
        if value.type == typ or isinstance(typ, PointerType) and isinstance(value.type, PointerType):
            return Value(typ, value.number)
        bits = [{"i8": 8, "i16": 16, "i32": 32, "i64": 64, "float": 32, "double": 64}.get(str(of)) for of in (value.type, typ)]
        if bits[0] is None or bits[0] != bits[1]:
            raise TypeError(f"`builder.bitcast` does not make {typ} of {value.type}")
        return self._step(typ, "reinterpret", [value], rumba_type(typ))

    def inttoptr(self, value, typ, name=""):
        (value,), typ = self._ints("inttoptr", value), as_type(typ)
        if not isinstance(typ, PointerType):
            raise TypeError(f"`builder.inttoptr` makes pointers, not {typ}")
        word = value if value.type == IntType(64) else self.zext(value, IntType(64))
        return self._step(typ, "reinterpret", [word], types.voidptr)

    def ptrtoint(self, value, typ, name=""):
        value, typ = self._pointer("ptrtoint", value), self._int_type("ptrtoint", typ)
        word = self._step(IntType(64), "reinterpret", [value], types.int64)
        return word if typ == IntType(64) else self.trunc(word, typ)

    # Choices and aggregates.

    def select(self, cond, lhs, rhs, name="", flags=()):
        (cond,) = self._same("select", cond)
        if cond.type != IntType(1):
            raise TypeError(f"`builder.select` takes an i1 first, not {cond.type}")
        lhs, rhs = self._same("select", lhs, rhs)
        return self._step(lhs.type, "select", [cond, lhs, rhs])

    def extract_value(self, agg, idx, name=""):
        agg = self._value(agg)
        for position in idx if isinstance(idx, (tuple, list)) else (idx,):
            if agg.elements is None or not 0 <= position < len(agg.elements):
                raise TypeError(f"`builder.extract_value`: {agg.type} has no element {position}")
            agg = agg.elements[position]
            if agg is None:
                raise TypeError("`builder.extract_value`: the element has no value yet")
        return agg

    def insert_value(self, agg, value, idx, name=""):
        agg, value = self._value(agg), self._value(value)
        if isinstance(idx, (tuple, list)):
            if len(idx) > 1:
                value = self.insert_value(self.extract_value(agg, idx[0]), value, idx[1:])
            idx = idx[0]
        if agg.elements is None or not 0 <= idx < len(agg.elements) or agg.type.elements[idx] != value.type:
            raise TypeError(f"`builder.insert_value`: {agg.type} has no element {idx} of type {value.type}")
        return Value(agg.type, elements=[*agg.elements[:idx], value, *agg.elements[idx + 1 :]])

    def is_null(self, value):
        return self.icmp_unsigned("==", value, Constant(value.type, None))

    # Memory.

    def _pointer(self, name, value):
        value = self._scalar(value)
        if not isinstance(value.type, PointerType):
            raise TypeError(f"`builder.{name}` takes a pointer, not {value.type}")
        return value

    def _pointee(self, name, pointer, typ=None):
        pointee = as_type(typ) if typ is not None else pointer.type.pointee
        if pointee is None:
            raise TypeError(f"`builder.{name}` does not know to what the pointer is: `typ=`")
        return pointee

    def alloca(self, typ, size=None, name=""):
        typ = as_type(typ)
        if size is not None:
            raise UnsupportedError("intrinsics have no `builder.alloca` with a size")
        return self._step(PointerType(typ), "stack", number=_size(typ))

    def load(self, ptr, name="", align=None, typ=None):
        ptr = self._pointer("load", ptr)
        return self._load(ptr, self._pointee("load", ptr, typ))

    def _load(self, ptr, typ):
        if isinstance(typ, LiteralStructType):
            return Value(typ, elements=[self._load(self._element(ptr, typ, idx), of) for idx, of in enumerate(typ.elements)])
        return self._step(typ, "load", [ptr], rumba_type(typ))

    def store(self, value, ptr, align=None):
        value, ptr = self._value(value), self._pointer("store", ptr)
        if ptr.type.pointee is not None and ptr.type.pointee != value.type:
            raise TypeError(f"`builder.store`: {value.type} is not stored at {ptr.type}")
        self._store(value, ptr)

    def _store(self, value, ptr):
        if value is None:
            return
        if value.elements is not None:
            for idx, element in enumerate(value.elements):
                self._store(element, self._element(ptr, value.type, idx))
            return
        rumba_type(value.type)
        self._step(VoidType(), "store", [ptr, value])

    def _element(self, ptr, typ, idx):
        size = _size(typ.elements[0]) if isinstance(typ, ArrayType) else _SIZE_IN_STRUCT
        distance = self._value(Constant(IntType(64), idx * size))
        return self._step(PointerType(typ.elements[idx]), "offset", [ptr, distance])

    def gep(self, ptr, indices, inbounds=False, name="", source_etype=None):
        ptr = self._pointer("gep", ptr)
        typ = self._pointee("gep", ptr, source_etype)
        for position, index in enumerate(indices):
            if position:
                if not isinstance(typ, LiteralStructType):
                    raise TypeError(f"`builder.gep` does not step into {typ}")
                if not isinstance(typ, ArrayType):
                    constant = getattr(index, "constant", None)
                    if not isinstance(constant, int) or not 0 <= constant < len(typ.elements):
                        raise TypeError(f"`builder.gep` takes a constant index into {typ}")
                    ptr, typ = self._element(ptr, typ, constant), typ.elements[constant]
                    continue
                typ = as_type(typ.element)
            (index,) = self._ints("gep", index)
            index = index if index.type == IntType(64) else self.sext(index, IntType(64))
            distance = self.mul(index, Constant(IntType(64), _size(typ)))
            ptr = self._step(PointerType(typ), "offset", [ptr, distance])
        return Value(PointerType(typ), ptr.number)

    # Calls.

    def call(self, fn, args, name="", **options):
        intrinsic = getattr(fn, "name", None)
        if not isinstance(intrinsic, str):
            raise UnsupportedError(f"intrinsics call functions that a module declares, not {fn}")
        if not intrinsic.startswith("llvm."):
            return self._call_c(fn, list(args))
        parts = [part for part in intrinsic.split(".")[1:]]
        while len(parts) > 1 and (parts[-1][1:].isdigit() or parts[-1] == "p0"):
            parts.pop()
        return self._intrinsic(".".join(parts), list(args))

    def _call_c(self, fn, args):
        function_type = as_type(fn.function_type)
        if not isinstance(function_type, FunctionType) or len(function_type.args) != len(args):
            raise TypeError(f"`builder.call`: {fn.name} does not take {len(args)} arguments")
        args = [self._scalar(arg) for arg in args]
        for arg, wanted in zip(args, function_type.args, strict=True):
            if arg.type != wanted and not isinstance(arg.type, PointerType):
                raise TypeError(f"`builder.call`: {fn.name} takes {wanted} here, not {arg.type}")
        address = getattr(fn, "address", None)
        if address is None:
            from rumba.llvm.binding import address_of_symbol

            address = address_of_symbol(fn.name)
            if address is None:
                raise TypeError(f"`builder.call`: no library that is loaded has a function {fn.name}")
        place = self._step(PointerType(), "const", ty=types.voidptr, number=address)
        result = function_type.return_type
        ty = None if isinstance(result, VoidType) else rumba_type(result)
        return self._step(result, f"call_c {fn.name}", [place, *args], ty)

    def _intrinsic(self, name, args):
        if name in _INTRINSICS:
            values = (self._ints if name == "ctpop" else self._floats)(f"call of llvm.{name}", *args)
            return self._step(values[0].type, _INTRINSICS[name], values)
        if name in _FUNCTIONS or name == "fmuladd":
            return self._function("fma" if name == "fmuladd" else name, *args)
        match name, args:
            case ("ctlz" | "cttz"), [value, *_]:
                (value,) = self._ints(f"call of llvm.{name}", value)
                return self._step(value.type, name, [value])
            case "bswap", [value]:
                return self._swapped(*self._ints("call of llvm.bswap", value))
            case "abs", [value, *_]:
                (value,) = self._ints("call of llvm.abs", value)
                return self.select(self.icmp_signed("<", value, Constant(value.type, 0)), self.neg(value), value)
            case ("smin" | "smax" | "umin" | "umax"), [lhs, rhs]:
                compare = self.icmp_signed if name[0] == "s" else self.icmp_unsigned
                return self.select(compare("<" if name.endswith("in") else ">", lhs, rhs), lhs, rhs)
            case ("minnum" | "maxnum"), [lhs, rhs]:
                lhs, rhs = self._floats(f"call of llvm.{name}", lhs, rhs)
                first = self.fcmp_ordered("<" if name == "minnum" else ">", lhs, rhs)
                return self.select(self.or_(first, self.fcmp_ordered("uno", rhs, rhs)), lhs, rhs)
        raise UnsupportedError(f"intrinsics have no `llvm.{name}`")

    def _swapped(self, value):
        n_bytes = value.type.width // 8
        result = Constant(value.type, 0)
        for position in range(n_bytes):
            byte = self.and_(self.lshr(value, Constant(value.type, 8 * position)), Constant(value.type, 0xFF))
            result = self.or_(result, self.shl(byte, Constant(value.type, 8 * (n_bytes - 1 - position))))
        return result

    def ctpop(self, value, name=""):
        return self._intrinsic("ctpop", [value])

    def ctlz(self, value, flag=None, name=""):
        return self._intrinsic("ctlz", [value])

    def cttz(self, value, flag=None, name=""):
        return self._intrinsic("cttz", [value])

    def bswap(self, value, name=""):
        return self._intrinsic("bswap", [value])


def _plain(method, operation, check, **options):
    """A method that is one operation."""

    def record(self, lhs, rhs, name="", flags=()):
        lhs, rhs = getattr(self, check)(method, lhs, rhs, **options)
        return self._step(lhs.type, operation, [lhs, rhs])

    record.__name__ = method
    setattr(IRBuilder, method, record)


for _name, _operation in [("add", "add"), ("sub", "sub"), ("mul", "mul"), ("sdiv", "div"), ("srem", "rem")]:
    _plain(_name, _operation, "_ints")
for _name, _operation in [("and_", "and"), ("or_", "or"), ("xor", "xor")]:
    _plain(_name, _operation, "_ints", bits=True)
for _name, _operation in [("fadd", "add"), ("fsub", "sub"), ("fmul", "mul"), ("fdiv", "fdiv")]:
    _plain(_name, _operation, "_floats")


def _comparison(cmpop):
    if cmpop not in ("==", "!=", "<", "<=", ">", ">="):
        raise ValueError(f"comparisons are ==, !=, <, <=, > and >=, not {cmpop!r}")
    return cmpop


#: Scalars of several sizes would need padding.
_SIZE_IN_STRUCT = 8


def _size(typ):
    """The bytes that a value of a type takes in memory."""
    if isinstance(typ, ArrayType):
        return typ.count * _size(as_type(typ.element))
    if isinstance(typ, LiteralStructType):
        for element in typ.elements:
            rumba_type(element)
        return _SIZE_IN_STRUCT * len(typ.elements)
    if isinstance(typ, PointerType):
        return 8
    return {"i1": 1, "float": 4, "double": 8}.get(str(typ)) or rumba_type(typ).bitwidth // 8
