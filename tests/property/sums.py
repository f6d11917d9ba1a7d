#!/usr/bin/env python3
"""Runs random programs of options, enums, closures, generics, strings, errors
in all modes.

    tests/property/sums.py [--seed=N] [--count=N] [--jobs=N] [--out=DIR]
                           [--build=DIR]

Program i of a run is that of the seed N+i of sums_generate.py.  There is no
model of them: they check themselves that what is taken back reads as before,
and must do the same with and without optimisation, under stress of the
collector, with the state hashed around scopes, and through windows and texts.
One in SAMPLE also runs with plain blocks for the scopes that it keeps, and
must print the same; that run tells what it reached, for a table as that of
differential.py.  Programs that differ are kept in DIR.  The last line is:
N passed, N failed.
"""
import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from differential import MODES, SAMPLE, SAMPLED, Lab, table, unplaced
from sums_generate import generate
from sums_head import LIB
from sums_types import count, plain, told


# What is or stands in a scope of its own kind: there is none in the others.
CANNOT = {(name, kind) for name, kinds in {
    "fail value": "none undo kept try", "nested try": "none undo kept",
    "plain call": "undo kept try failed nested", "try else": "none undo kept",
    "grow leaves": "none try failed", "undo value": "none kept try failed",
    "unwrap": "none undo kept"}.items() for kind in kinds.split()}


def judge(lab, made, reached):
    """What is wrong with the program, or None.  A set of what it reaches is
    filled, None for a program that is not among the sampled."""
    lab.write(plain(made))
    wrong = lab.build()
    if wrong:
        return wrong
    first = None
    modes = MODES if reached is None else {**MODES, **SAMPLED}
    for level, options in modes.values():
        ran = lab.mode(level, options)
        shown = " ".join(["pal build", level, "&& pvmr", *options])
        if ran[0] not in (0, 1) or "check failed" in ran[2] or (
                " is now " in ran[2]):
            return f"{shown}: status {ran[0]}\n{ran[2][:2000]}"
        first = first or unplaced(ran)
        if unplaced(ran) != first:
            return f"{shown}: not as -O0\n{parting(first, ran)}"
    if reached is None:
        return None
    return lab.round_trips() or unscoped(lab, made, first, reached)


def unscoped(lab, made, first, reached):
    """The same for the program without the scopes that it surely keeps."""
    lab.write(told(made))
    wrong = lab.build(("-O2",))
    if wrong:
        return f"told: {wrong}"
    ran = lab.mode("-O2", [])
    count(ran[2], reached)
    if ran[0] != first[0] or ran[0] == 0 and ran[1] != first[1]:
        return f"told: not as with all its scopes\n{parting(first, ran)}"
    return None


def parting(first, ran):
    """Where two runs part, and how they end."""
    a, b = first[1].splitlines(), ran[1].splitlines()
    i = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
             min(len(a), len(b)))
    a, b = (x[i][:600] if i < len(x) else "(no more)" for x in (a, b))
    return "\n".join([f"line {i + 1}", a, "---", b,
                      f"status {first[0]} and {ran[0]}", first[2][-600:],
                      ran[2][-600:]])


def one(job):
    seed, build, out = job
    lab = Lab(build, out)
    made = generate(seed)
    reached = set() if seed % SAMPLE == 0 else None
    wrong = judge(lab, made, reached)
    if wrong:
        with open(os.path.join(out, f"sums-{seed}.pal"), "w",
                  encoding="utf-8") as f:
            f.write(plain(made))
    lab.clean()
    return seed, wrong, Counter(r[:2] for r in reached or ())


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--build", default="build")
    p.add_argument("--out", default="build/tmp/sums")
    o = p.parse_args()
    os.makedirs(o.out, exist_ok=True)
    write_module(o.out)
    jobs = [(o.seed + i, o.build, o.out) for i in range(o.count)]
    counts, failed = Counter(), 0
    with ProcessPoolExecutor(o.jobs) as pool:
        for seed, wrong, found in pool.map(one, jobs, chunksize=4):
            counts.update(found)
            if wrong:
                failed += 1
                print(f"seed {seed}: {wrong}\n", flush=True)
    print(table(counts, CANNOT))
    print(f"{o.count - failed} passed, {failed} failed")
    return 1 if failed else 0


def write_module(place):
    """The module that they import; at once, for others may run there too."""
    path = os.path.join(place, "sums_lib.pal")
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as f:
        f.write(LIB)
    os.replace(f.name, path)


if __name__ == "__main__":
    sys.exit(main())
