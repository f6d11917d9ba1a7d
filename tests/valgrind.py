#!/usr/bin/env python3
"""A sample of the programs under valgrind: no error, no lost block.

    tests/valgrind.py [--build=DIR] [--every=N] [NAME...]

Every Nth program of tests/lang runs, both by the compiler and by the runtime
alone, and the unit tests do.  Ends with one line: N passed, N failed.
"""
import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests/harness"))

import lang
import programs
from common import Context, files, run, shown

VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--main-stacksize=8388608"]


def commands(ctx, every, names):
    """(what, command, stdin) of everything to watch."""
    chosen = [p for p in files("tests/lang", ".pal")
              if not names or any(n in p for n in names)]
    for path in chosen[::1 if names else every]:
        p = lang.Program(path)
        verb = "test" if p.is_test else "run" if p.runs() else "check"
        yield path, [ctx.pal, verb, path, *p.args], p.stdin
        if verb == "run" and not p.all("error"):
            problems, image = lang.build_image(ctx, p)
            if not problems:
                yield image, [ctx.pvmr, image, *p.args], p.stdin
    if not names:
        for name, path in programs.built(ctx, "unit"):
            yield name, [path], b""


def watch(ctx, what, command, stdin):
    ran = run(ctx, VALGRIND + command, stdin, timeout=600)
    if ran.status not in (99, None) and ran.status >= 0 and \
            not re.search(r"^==\d+==", ran.err, re.M):
        return True
    print(f"FAILED valgrind: {what}\n{shown(ran)}\n", flush=True)
    return False


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--every", type=int, default=8)
    p.add_argument("names", nargs="*")
    o = p.parse_args()
    os.chdir(ROOT)
    ctx = Context(o.build)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        good = list(pool.map(lambda c: watch(ctx, *c),
                             commands(ctx, o.every, o.names)))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(0 if all(good) else 1)


main()
