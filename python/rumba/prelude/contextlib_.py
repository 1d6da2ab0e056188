"""`contextlib`: managers that are generators, and what `with` does to them.

What Python has no names for has one with an underscore here.
"""

import contextlib

from rumba.prelude import always, implements


@always(contextlib.contextmanager)
def contextmanager(func):
    def helper(*args, **kwds):
        return contextlib._GeneratorContextManager(func, args, kwds)

    return helper


@always("contextlib._entered")
def entered(generator):
    try:
        return next(generator)
    except StopIteration:
        raise RuntimeError("generator didn't yield") from None


@implements("contextlib._left")
def choose_left(generator, *exception):
    if exception:

        def left(generator, exception):
            try:
                generator.throw(exception)
            except StopIteration:
                return True
            generator.close()
            raise RuntimeError("generator didn't stop after throw()")

    else:

        def left(generator):
            try:
                next(generator)
            except StopIteration:
                return False
            generator.close()
            raise RuntimeError("generator didn't stop")

    return left


@always("contextlib._closed")
def closed(thing):
    thing.close()
