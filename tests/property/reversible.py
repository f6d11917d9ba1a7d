#!/usr/bin/env python3
"""Runs random programs of reversible functions forwards and backwards.

    tests/property/reversible.py [--seed=N] [--count=N] [--jobs=N]
                                 [--build=DIR] [--out=DIR] [--tries=N]
                                 [--first] [--violations]

Program i of a run is that of the seed N+i.  Each is checked, built with and
without optimisation, run plainly and under stress of the collector, and
inverted as text; what it prints must be the model's, and what went well must
have been taken back (rev_check.py).  One in SAMPLE is run through windows of
the tape too, and once more with a main that opens no scopes.  Where something
differs, the program is shrunk and kept in DIR.

With --first, all of them run without optimisation alone before one runs in
every way.

With --violations, one rule of reversible code is broken in each program
(rev_violate.py), and the checker must refuse it on that line.

The table says how many statements of the programs, by construct, ran
forwards, ran backwards and failed.  The last line is: N passed, N failed.
"""
import argparse
import os
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from rev_check import Refused, RevLab, judge
from rev_generate import generate
from rev_main import without_scopes
from rev_model import RevOracle
from rev_shrink import rev_shrink
from rev_tree import program_text
from rev_violate import violate
from values import TooLong, Unmodelled

SAMPLE = 8
WAYS = ("forward", "backward", "failed")


def accepted(lab, seed, quick=False):
    """(program, model, how many were refused before it, problem)"""
    attempt = refused = 0
    while True:
        program, model, attempt = generate(seed, attempt)
        try:
            wrong = judge(lab, program, model, seed % SAMPLE == 0, quick)
        except Refused:
            refused += 1
            continue
        if not wrong and seed % SAMPLE == 0 and not quick:
            wrong = bare(lab, program, model)
        return program, model, refused, wrong


def bare(lab, program, model):
    """The same without scopes, as far as nothing fails."""
    program = without_scopes(program, "".join(model.out))
    return judge(lab, program, RevOracle(program).run(), False)


def kind_of(wrong):
    """What must stay when a program is shrunk."""
    how, text = wrong
    words = re.sub(r"\d+", "#", text.splitlines()[0])
    if how in ("check", "build", "invert"):
        words = " ".join(sorted(set(re.findall(
            r"error\[\w+\]|compile|verif\w+", text))))
    return how, words


def still_wrong(lab, wanted, seed):
    def test(program):
        try:
            model = RevOracle(program).run()
            wrong = judge(lab, program, model, seed % SAMPLE == 0)
        except (Refused, TooLong, Unmodelled, RecursionError, LookupError,
                TypeError, AttributeError, ValueError):
            return False
        return wrong is not None and kind_of(wrong) == wanted
    return test


def keep(out, name, text):
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def try_seed(seed, build, out, tries, quick=False):
    """(problem text or None, counts)"""
    sys.setrecursionlimit(5000)
    lab = RevLab(build, os.path.join(build, "tmp/reversible"))
    program, model, refused, wrong = accepted(lab, seed, quick)
    counts = Counter({key: len(nodes) for key, nodes in model.counts.items()
                      if key[1] in WAYS})
    counts["refused", ""] += refused
    if not wrong:
        lab.clean()
        return None, counts
    kept = keep(out, f"reversible_{seed}.pal", program_text(program))
    if tries:
        rev_shrink(program, still_wrong(lab, kind_of(wrong), seed), tries)
        wrong = judge(lab, program, RevOracle(program).run(),
                      seed % SAMPLE == 0) or wrong
        kept = keep(out, f"reversible_{seed}.small.pal",
                    program_text(program))
    lab.clean()
    return (f"FAILED seed {seed}: {wrong[0]}\n  {wrong[1].rstrip()}\n"
            f"  see {kept}"), counts


def try_violation(seed, build, out, tries):
    sys.setrecursionlimit(5000)
    lab = RevLab(build, os.path.join(build, "tmp/reversible"))
    attempt = 0
    while True:
        program, _, attempt = generate(seed, attempt)
        lab.write(program_text(program))
        try:
            wrong = lab.check()
            break
        except Refused:
            continue
    rule, text, line, codes = violate(program, seed)
    lab.write(text)
    wrong = wrong or lab.refuses(line, codes)
    lab.clean()
    counts = Counter({(rule, "planted"): 1})
    if not wrong:
        return None, counts
    kept = keep(out, f"violation_{seed}.pal", text)
    return (f"FAILED seed {seed}: {rule}, line {line}\n  {wrong.rstrip()}\n"
            f"  see {kept}"), counts


def guarded(job):
    """Of a problem in here too, something is to be told."""
    what, *rest = job
    try:
        return what(*rest)
    except Exception as e:
        return f"FAILED seed {rest[0]}: the runner: {e!r}", Counter()


def table(counts):
    refused = counts.pop(("refused", ""), None)
    ways = [w for w in WAYS + ("planted",) if any(k[1] == w for k in counts)]
    names = sorted({name for name, _ in counts})
    lines = [f"{'':24}" + "".join(f"{w:>12}" for w in ways)]
    lines += [f"{n:24}" + "".join(f"{counts[n, w]:>12}" for w in ways)
              for n in names]
    if refused is not None:
        lines.append(f"{refused} programs were refused by the checker")
    return "\n".join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--build", default="build")
    p.add_argument("--out", default="build/tmp/differences")
    p.add_argument("--tries", type=int, default=1500,
                   help="edits to try when shrinking")
    p.add_argument("--first", action="store_true",
                   help="end at the first that fails; what hangs, soon")
    p.add_argument("--violations", action="store_true")
    o = p.parse_args()
    what = try_violation if o.violations else try_seed
    jobs = [(what, s, o.build, o.out, o.tries)
            for s in range(o.seed, o.seed + o.count)]
    counts, failed = Counter(), 0
    if o.first:
        RevLab.patience = 4
        quick = [(*j, True) for j in jobs]
        problem = next(filter(None, (guarded(j)[0] for j in quick + jobs)),
                       None)
        print(problem or f"{o.count} passed, 0 failed")
        sys.exit(1 if problem else 0)
    with ProcessPoolExecutor(o.jobs) as pool:
        for problem, found in pool.map(guarded, jobs, chunksize=4):
            counts.update(found)
            if problem:
                failed += 1
                print(problem, flush=True)
    print(table(counts))
    print(f"{o.count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
