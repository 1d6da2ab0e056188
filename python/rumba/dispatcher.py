"""The attributes of jitted functions.

The type itself is in the extension module, where calls are fast; what is used now and then is added to it
here.
"""

import sys

from rumba import _core, errors
from rumba._core import Dispatcher

_COPIED = ("__module__", "__name__", "__qualname__", "__doc__", "__defaults__", "__kwdefaults__", "__code__")


def make(function, options, compiler_options, signatures):
    """A dispatcher for a function; compiled at once, and for good, if there are signatures."""
    is_forced = bool(options.get("forceobj"))
    object_mode = None
    if is_forced or options.get("nopython") is False:
        from rumba.object_mode import ObjectMode

        object_mode = ObjectMode(function, options, compiler_options)
    made = _core.make_dispatcher(function, compiler_options, bool(options.get("nogil")), object_mode, is_forced)
    attributes = made.__dict__
    attributes.update(function.__dict__)
    for name in _COPIED:
        attributes[name] = getattr(function, name)
    attributes["__wrapped__"] = function
    attributes["targetoptions"] = options
    attributes["_signatures"] = signatures
    if object_mode is not None:
        attributes["_object_mode"] = object_mode
    for signature in signatures or ():
        try:
            made.compile(signature)
        except errors.RumbaError as error:
            if object_mode is None:
                raise
            object_mode.explain(error)
    if signatures is not None and object_mode is None:
        made.disable_compile()
    return made


def _attribute(function):
    """Adds a function to the type, as a method or (where it has one parameter) as a property."""
    setattr(Dispatcher, function.__name__, function)
    return function


def _property(function):
    setattr(Dispatcher, function.__name__, property(function))
    return function


class Overload:
    """What is known about one specialisation."""

    __slots__ = ("signature", "timings")

    def __init__(self, signature, timings):
        self.signature = signature
        self.timings = timings

    @property
    def return_type(self):
        return self.signature.return_type

    def __repr__(self):
        return f"<compiled {self.signature}>"


@_property
def py_func(self):
    """The Python function."""
    return _core.py_func(self)


@_property
def signatures(self):
    """The argument types for which the function is compiled, in order."""
    return [args for args, _, _ in _core.compiled(self)]


@_property
def nopython_signatures(self):
    """The signatures of what is compiled, with result types."""
    return [_core.Signature(list(args), result) for args, result, _ in _core.compiled(self)]


@_property
def overloads(self):
    """What is compiled, by argument types."""
    return {
        args: Overload(_core.Signature(list(args), result), timings) for args, result, timings in _core.compiled(self)
    }


@_property
def lifted(self):
    """The loops that are compiled for the object mode of the function, as jitted functions."""
    object_mode = self.__dict__.get("_object_mode")
    loops = object_mode.loops if object_mode is not None else ()
    made = (dispatcher for loop in loops if loop.has_run for dispatcher, _ in loop.variants.values())
    return tuple(dispatcher for dispatcher in made if dispatcher.signatures)


@_property
def stats(self):
    """How often compiled code came from the disk cache, which does not exist yet."""
    from collections import namedtuple

    return namedtuple("Stats", ["cache_path", "cache_hits", "cache_misses"])(None, {}, {})


@_attribute
def compile(self, signature):
    """Compiles for a signature unless that has been done."""
    from rumba.signatures import normalise

    args, return_type = normalise(signature)
    if not self.targetoptions.get("forceobj"):
        _core.compile(self, args, return_type)


@_attribute
def recompile(self):
    """Compiles again what is compiled: globals and closure cells are read anew."""
    could_compile = self.__dict__.get("_can_compile", True)
    _core.set_can_compile(self, True)
    try:
        for args in _core.clear(self):
            _core.compile(self, list(args))
    finally:
        _core.set_can_compile(self, could_compile)


@_attribute
def disable_compile(self, val=True):
    """From now on only the types that are compiled are accepted, and what converts to them."""
    self.__dict__["_can_compile"] = not val
    _core.set_can_compile(self, not val)


@_attribute
def get_metadata(self, signature=None):
    """Seconds per stage of the compiler, by argument types or for one signature."""
    metadata = {args: {"pipeline_times": timings} for args, _, timings in _core.compiled(self)}
    if signature is None:
        return metadata
    return metadata[_args_of(self, signature)]


def _args_of(self, signature):
    from rumba.signatures import normalise

    args = tuple(normalise(signature)[0])
    if args not in self.overloads:
        raise KeyError(f"`{self.__name__}` is not compiled for {args}")
    return args


def _inspect(self, signature, stage):
    if signature is not None:
        return _core.inspect(self, list(_args_of(self, signature)), stage)
    return {args: _core.inspect(self, list(args), stage) for args in self.signatures}


@_attribute
def inspect_types(self, file=None, pretty=False, signature=None, **_style):
    """Prints what inference found: the function in typed form, for each specialisation."""
    file = sys.stdout if file is None else file
    for args in self.signatures if signature is None else [_args_of(self, signature)]:
        print(f"{self.__name__} {args}", file=file)
        print("-" * 80, file=file)
        print(_core.inspect(self, list(args), "typed"), file=file)
        print("=" * 80, file=file)


@_attribute
def inspect_llvm(self, signature=None):
    """The optimised LLVM IR of a signature, or of all by argument types."""
    return _inspect(self, signature, "optimised")


@_attribute
def inspect_asm(self, signature=None):
    """The machine code as assembly of a signature, or of all by argument types."""
    return _inspect(self, signature, "assembly")


@_attribute
def __reduce__(self):
    """By reference where the name leads back here, otherwise from the function (needs cloudpickle)."""
    module = sys.modules.get(self.__module__)
    found = module
    for name in self.__qualname__.split("."):
        found = getattr(found, name, None)
    if found is self and module is not None and (self.__module__ != "__main__" or not _is_cloudpickling()):
        return _import, (self.__module__, self.__qualname__)
    state = (self.py_func, self.targetoptions, self._signatures, self.__dict__.get("_can_compile", True))
    return _rebuild, (_function_id(self), *state)


def _is_cloudpickling():
    """Whether the pickler is cloudpickle's, or a copy of it: what it makes is read where `__main__` is another one."""
    return "cloudpickle" in sys._getframe(2).f_globals.get("__name__", "")


def _import(module, qualname):
    found = __import__(module, fromlist=["_"])
    for name in qualname.split("."):
        found = getattr(found, name)
    return found


def _function_id(self):
    """Names the dispatcher across processes, so that unpickling twice gives one object."""
    import uuid

    return self.__dict__.setdefault("_uuid", uuid.uuid4().hex)


def _rebuild(uuid, function, options, signatures, can_compile):
    from rumba.decorators import jit

    known = _rebuilt.get(uuid)
    if known is not None:
        return known
    made = jit(signatures, **options)(function)
    if type(made) is Dispatcher:
        made.__dict__["_uuid"] = uuid
        made.disable_compile(not can_compile)
        _rebuilt[uuid] = made
    return made


class _WeakValues:
    """A dictionary that does not keep its values alive; `weakref` is imported when it is needed."""

    def __init__(self):
        self.values = None

    def get(self, key):
        return self.values.get(key) if self.values is not None else None

    def __setitem__(self, key, value):
        if self.values is None:
            from weakref import WeakValueDictionary

            self.values = WeakValueDictionary()
        self.values[key] = value


_rebuilt = _WeakValues()
