"""What code generators of intrinsics take from `numba.core.cgutils`."""

from rumba.llvm import ir

bool_t = ir.IntType(1)
int8_t = ir.IntType(8)
int32_t = ir.IntType(32)
intp_t = ir.IntType(64)
voidptr_t = int8_t.as_pointer()
true_bit = bool_t(1)
false_bit = bool_t(0)
true_byte = int8_t(1)
false_byte = int8_t(0)


def alloca_once(builder, ty, size=None, name="", zfill=False):
    place = builder.alloca(ty, size, name)
    if zfill:
        builder.store(ir.Constant(ty, None), place)
    return place


def alloca_once_value(builder, value, name="", zfill=False):
    place = builder.alloca(value.type)
    builder.store(value, place)
    return place


def get_or_insert_function(module, fnty, name):
    return ir.Function(name, ir.as_type(fnty))




def unpack_tuple(builder, tup, count=None):
    return [builder.extract_value(tup, position) for position in range(len(tup.type.elements) if count is None else count)]


def pack_array(builder, values, ty=None):
    made = ir.Value(ir.ArrayType(values[0].type if values else ty, len(values)), elements=[None] * len(values))
    for position, value in enumerate(values):
        made = builder.insert_value(made, value, position)
    return made


def pack_struct(builder, values):
    made = ir.Value(ir.LiteralStructType([value.type for value in values]), elements=[None] * len(values))
    for position, value in enumerate(values):
        made = builder.insert_value(made, value, position)
    return made


def gep(builder, ptr, *inds, inbounds=False, name=""):
    return builder.gep(ptr, [intp_t(index) if isinstance(index, int) else index for index in inds])


def gep_inbounds(builder, ptr, *inds, name=""):
    return gep(builder, ptr, *inds)


def pointer_add(builder, ptr, offset, return_type=None):
    moved = builder.gep(builder.bitcast(ptr, voidptr_t), [intp_t(offset) if isinstance(offset, int) else offset])
    return builder.bitcast(moved, return_type or ptr.type)


def is_null(builder, value):
    return builder.icmp_unsigned("==", value, get_null_value(value.type))


def is_not_null(builder, value):
    return builder.icmp_unsigned("!=", value, get_null_value(value.type))


def get_null_value(ty):
    return ir.Constant(ty, None)


def sizeof(builder, ptr_type):
    return intp_t(ir._size(ir.as_type(ptr_type).pointee))


