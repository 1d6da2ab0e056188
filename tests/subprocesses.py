"""Runs a program in a fresh interpreter, for what may hang or take the process with it when it is wrong."""

import subprocess
import sys
import textwrap


def run_program(program, *, file=None, arguments=(), timeout=60, environment=None):
    """Runs `program`, given as text, from `file` (which is written) or with `-c`; the completed process."""
    program = textwrap.dedent(program).lstrip("\n")
    if file is None:
        command = [sys.executable, "-c", program]
    else:
        file.write_text(program)
        command = [sys.executable, str(file)]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=timeout, env=environment, check=False
    )


def output_of(program, **options):
    """What a program that must succeed prints."""
    done = run_program(program, **options)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout
