"""Random programs, always the same ones: a slice of what `make soak` runs.

A case is so many seeds of tests/property/differential.py, which compares
every way of running a program with the others and with a model.
"""
import os
import re
import sys

from common import Result, run, shown

PROGRAMS, PER_CASE = 150, 10


def check(ctx, seed):
    ran = run(ctx, [sys.executable, "tests/property/differential.py",
                    f"--seed={seed}", f"--count={PER_CASE}", "--jobs=1",
                    f"--build={ctx.build}", "--tries=300",
                    f"--out={os.path.join(ctx.build, 'tmp/differences')}"],
              timeout=40 * ctx.timeout)
    last = re.search(r"(\d+) passed, (\d+) failed\s*\Z", ran.out)
    if not last:
        return Result(failed=PER_CASE, text=shown(ran))
    told = ran.out[:ran.out.find(" " * 14 + " ")]
    return Result(int(last[1]), int(last[2]), told)


def cases(ctx):
    for seed in range(1, PROGRAMS, PER_CASE):
        yield f"seed {seed}", lambda seed=seed: check(ctx, seed)
