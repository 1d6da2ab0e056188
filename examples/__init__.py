"""Ten small numeric programs, compiled by Rumba and checked against the interpreter.

`python -m examples` runs them all; `python -m examples mandelbrot fibonacci` runs two. Every program is a module with

    TITLE            what it is, as it stands in the table
    prepare()        the inputs: a tuple of arguments for `kernel`
    smaller(*inputs) inputs that the interpreter can do in seconds, and how many times less work they are (or 1)
    kernel(*inputs)  the program itself, decorated with `@njit`
    check(result, expected)
                     raises AssertionError where the two differ by more than rounding
    with_numpy(*inputs)   the same without a compiler (where NumPy has it)
    picture(result)       an image of the result (where it is one)
"""

PROGRAMS = (
    "running_maximum",
    "sum_of_tanh",
    "neighbour_list",
    "merge_photographs",
    "monte_carlo_pi",
    "insertion_sort",
    "fibonacci",
    "mandelbrot",
    "heat_equation",
    "levenshtein",
)
