"""Random programs, always the same ones: a slice of what `make soak` runs.

A case is so many seeds of a program in tests/property: differential.py
compares every way of running a program with the others and with a model;
sums.py does so without a model for options, enums, closures, generics, strings
that grow, errors and what else generate.py does not make; matches.py compares
matches with their rule;
reversible.py for reversible functions, forwards and backwards, and breaks their
rules.
"""
import os
import re
import sys

from common import Result, run, shown

PER_CASE = 10
SUITES = [    # what, program, options, how many
    ("seed", "differential.py", ["--tries=300"], 150),
    ("sums, seed", "sums.py", [], 100),
    ("matches, seed", "matches.py", [], 50),
    ("reversible, seed", "reversible.py", ["--tries=300"], 100),
    ("violations, seed", "reversible.py", ["--tries=300", "--violations"],
     100),
]


def check(ctx, program, options, seed):
    ran = run(ctx, [sys.executable, "tests/property/" + program, *options,
                    f"--seed={seed}", f"--count={PER_CASE}", "--jobs=1",
                    f"--build={ctx.build}",
                    f"--out={os.path.join(ctx.build, 'tmp/differences')}"],
              timeout=40 * ctx.timeout)
    last = re.search(r"(\d+) passed, (\d+) failed\s*\Z", ran.out)
    if not last:
        return Result(failed=PER_CASE, text=shown(ran))
    told = ran.out[:ran.out.find(" " * 14 + " ")]
    return Result(int(last[1]), int(last[2]), told)


def cases(ctx):
    for what, program, options, count in SUITES:
        for seed in range(1, count, PER_CASE):
            yield f"{what} {seed}", \
                lambda p=program, o=options, s=seed: check(ctx, p, o, s)
