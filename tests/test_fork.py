"""A forked child computes, compiles and can be interrupted as its parent can."""

from subprocesses import output_of

PROGRAM = """
import os, signal, threading, time
from rumba import njit

@njit
def forever(x):
    while x > 0:
        x += 1
        if x > 10:
            x = 1
    return x

@njit
def add(a, b):
    return a + b

def interrupted(function):
    # Not a thread: compiled code keeps the interpreter lock.
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    started = time.perf_counter()
    try:
        function()
    except KeyboardInterrupt:
        return time.perf_counter() - started < 3
    return False

def in_child(function):
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, 10)
        os._exit(0 if function() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

"""


def test_interrupt_in_a_child_of_an_interrupted_parent():
    program = PROGRAM + (
        "print(interrupted(lambda: forever(1)))\n"
        "print(in_child(lambda: interrupted(lambda: forever(1))))\n"
        "print(in_child(lambda: in_child(lambda: interrupted(lambda: forever(1))) == 0))\n"
        "print(interrupted(lambda: forever(1)))\n"
    )
    assert output_of(program) == "True\n0\n0\nTrue\n"


def test_compiling_in_a_child():
    program = PROGRAM + (
        "add(1, 2)\n"
        "print(in_child(lambda: add(1, 2) == 3 and add(1.5, 2) == 3.5))\n"
        "print(add(1j, 2))\n"
    )
    assert output_of(program) == "0\n(2+1j)\n"


def test_forking_while_threads_compile():
    program = PROGRAM + """
def compile_much():
    for n in range(30):
        njit(lambda x: x + n)(1)

threads = [threading.Thread(target=compile_much) for _ in range(3)]
for thread in threads:
    thread.start()
print({in_child(lambda: add(n, 2.5) == n + 2.5) for n in range(5)})
for thread in threads:
    thread.join()
"""
    assert output_of(program) == "{0}\n"


def test_multiprocessing(tmp_path):
    program = """
import multiprocessing
from rumba import njit

@njit
def cube(x):
    return x * x * x

if __name__ == "__main__":
    cube(3)
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(cube, [1, 2.0, 3]))
"""
    assert output_of(program, file=tmp_path / "pool.py") == "[1, 8.0, 27]\n" * 2


def test_products_that_threads_share_in_a_child():
    program = PROGRAM + (
        "import numpy as np\n"
        "a = np.arange(1_000_000) % 7\n"
        "expected = int((a * a).sum())\n"
        "dot = njit(lambda a: np.dot(a, a))\n"
        "print(dot(a) == expected)\n"
        "print(in_child(lambda: dot(a) == expected and in_child(lambda: dot(a) == expected) == 0))\n"
        "print(dot(a) == expected)\n"
    )
    assert output_of(program) == "True\n0\nTrue\n"
