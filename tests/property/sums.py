#!/usr/bin/env python3
"""Runs random programs of options, enums, closures and generics in all modes.

    tests/property/sums.py [--seed=N] [--count=N] [--jobs=N] [--out=DIR]
                           [--build=DIR]

Program i of a run is that of the seed N+i of sums_generate.py.  There is no
model of them: they check themselves that what is taken back reads as before,
and must do the same with and without optimisation, under stress of the
collector, with the state hashed around scopes, and through windows and texts.
Programs that differ are kept in DIR.  The last line is: N passed, N failed.
"""
import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from differential import MODES, SAMPLE, SAMPLED, Lab, unplaced
from sums_generate import generate


def judge(lab, text, sampled):
    """What is wrong with the program, or None."""
    lab.write(text)
    wrong = lab.build()
    if wrong:
        return wrong
    first = None
    for level, options in {**MODES, **(SAMPLED if sampled else {})}.values():
        ran = lab.mode(level, options)
        shown = " ".join(["pal build", level, "&& pvmr", *options])
        if ran[0] not in (0, 1) or "check failed" in ran[2] or (
                " is now " in ran[2]):
            return f"{shown}: status {ran[0]}\n{ran[2][:2000]}"
        first = first or unplaced(ran)
        if unplaced(ran) != first:
            return (f"{shown}: not as -O0\n{first[1][-600:]}{first[2][:600]}\n"
                    f"---\n{ran[1][-600:]}{ran[2][:600]}")
    return lab.round_trips() if sampled else None


def one(job):
    seed, build, out = job
    lab = Lab(build, out)
    text = generate(seed)
    wrong = judge(lab, text, seed % SAMPLE == 0)
    if wrong:
        with open(os.path.join(out, f"sums-{seed}.pal"), "w",
                  encoding="utf-8") as f:
            f.write(text)
    lab.clean()
    return seed, wrong


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--build", default="build")
    p.add_argument("--out", default="build/tmp/sums")
    o = p.parse_args()
    os.makedirs(o.out, exist_ok=True)
    jobs = [(o.seed + i, o.build, o.out) for i in range(o.count)]
    failed = 0
    with ProcessPoolExecutor(o.jobs) as pool:
        for seed, wrong in pool.map(one, jobs, chunksize=4):
            if wrong:
                failed += 1
                print(f"seed {seed}: {wrong}\n")
    print(f"{o.count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
