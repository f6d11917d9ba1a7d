#!/usr/bin/env python3
"""Runs random matches on ints, bytes, variants and options of them.

    tests/property/matches.py [--seed=N] [--count=N] [--jobs=N] [--out=DIR]
                              [--build=DIR]

The model is the language's rule: the arms are tried in order, and the first
that fits gives the value.  A program prints which arm took each of many values,
under two flags that guards ask for.  Programs that differ are kept in DIR.  The
last line is: N passed, N failed.
"""
import argparse
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from differential import Lab, unplaced

WAYS = [("-O0", []), ("-O2", []), ("-O2", ["--windows=1000"])]
LOW, HIGH = -2**63, 2**63 - 1

# A pattern is (text, fits, bound): `fits` of a value, and whether it binds x.
# A value is None, an int, or (variant, payload or None).


def literal(n):
    return str(n), lambda v: v == n, False


def span(a, b):
    return f"{a}..{b}", lambda v: v is not None and a <= v < b, False


def either(p, q):
    return f"{p[0]} | {q[0]}", lambda v: p[1](v) or q[1](v), False


class Ints:
    """Ints, or bytes, near each other and at the ends."""

    def __init__(self, rng, low=LOW, high=HIGH):
        self.rng, self.type = rng, "byte" if low == 0 else "int"
        self.low, self.high = low, high
        at = rng.choice([0, low + 6, high - 6, 100])
        self.near = sorted({min(max(at + rng.randint(-20, 20), low), high)
                            for _ in range(rng.randint(2, 24))})
        self.declared = ""

    def one(self):
        if self.rng.random() < 0.6:
            return literal(self.number())
        a, b = self.number(), self.number()
        return span(min(a, b), max(a, b)) if a != b else literal(a)

    def number(self):
        # the least int has no literal of its own
        return max(self.rng.choice(self.near), self.low + 1 if self.low else 0)

    def values(self):
        ends = [n + d for n in self.near for d in (-1, 0, 1)]
        return sorted({n for n in [*ends, self.low, self.high, 0]
                       if self.low <= n <= self.high})

    def shown(self, v):
        if v == LOW:
            return f"({LOW + 1} - 1)"
        return f"byte({v})" if self.type == "byte" else str(v)


class Variants:
    """An enum, some of whose variants hold an int."""

    def __init__(self, rng):
        self.rng, self.type = rng, "E"
        self.holds = [rng.random() < rng.choice([0, 0.6])
                      for _ in range(rng.randint(2, 12))]
        self.declared = "enum E { " + ", ".join(
            f"V{i}(n: int)" if h else f"V{i}"
            for i, h in enumerate(self.holds)) + " }\n"

    def one(self):
        k = self.rng.randrange(len(self.holds))
        if not self.holds[k]:
            return f"V{k}", lambda v: v == (k, None), False
        part = self.rng.choice(["x", "_", "0", "0..2"])
        lo, hi = {"0": (0, 1), "0..2": (0, 2)}.get(part, (LOW, HIGH))
        return (f"V{k}({part})",
                lambda v: v is not None and v[0] == k and lo <= v[1] < hi,
                part == "x")

    def values(self):
        return [v for k, h in enumerate(self.holds)
                for v in ([(k, n) for n in (-1, 0, 1, 2)] if h
                          else [(k, None)])]

    def shown(self, v):
        return f"V{v[0]}({v[1]})" if v[1] is not None else f"V{v[0]}"


def pattern(rng, kind, option):
    """A pattern of one or several sides; those of several bind nothing."""
    sides = [kind.one()]
    while rng.random() < 0.3:
        sides.append(kind.one())
    if option and rng.random() < 0.15:
        sides.append(("none", lambda v: v is None, False))
    rng.shuffle(sides)
    sides = [s for s in sides if not s[2]] if len(sides) > 1 else sides
    if not sides:
        return pattern(rng, kind, option)
    made = sides[0]
    for s in sides[1:]:
        made = either(made, s)
    return made


def catch_all(rng, option):
    return ("_", lambda v: True, False) if option or rng.random() < 0.7 else (
        "y", lambda v: True, False)


def arms_of(rng, kind, option):
    """[(pattern, guard or None)]; the last takes everything."""
    arms = []
    for _ in range(rng.randint(1, 14)):
        p = (catch_all(rng, option) if rng.random() < 0.06
             else pattern(rng, kind, option))
        all_of_it = p[0] in "_y"
        guard = rng.choice([0, 1]) if all_of_it or rng.random() < 0.2 else None
        arms.append((p, guard))
    arms.append((catch_all(rng, option), None))
    return arms


def match_text(name, kind, option, arms):
    lines = []
    for i, ((text, _, binds), guard) in enumerate(arms):
        test = "" if guard is None else f" if f == {guard}"
        lines.append(f"    {text}{test} => {i}{' + 1000 * x' if binds else ''}")
    of = kind.type + "?" * option
    return (f"fn {name}(v: {of}, f: int) -> int = match v {{\n"
            + "\n".join(lines) + "\n}\n")


def taken(arms, v, flag):
    for i, ((_, fits, binds), guard) in enumerate(arms):
        if fits(v) and guard in (None, flag):
            return i + (1000 * v[1] if binds else 0)
    return None


def generate(seed):
    """(program, what it prints)."""
    rng = random.Random(seed)
    kinds = [Ints(rng), Ints(rng, 0, 255), Variants(rng)]
    text, calls, out = "".join(k.declared for k in kinds), [], []
    for n in range(6):
        kind, option = kinds[n % 3], rng.random() < 0.4
        arms = arms_of(rng, kind, option)
        text += match_text(f"m{n}", kind, option, arms)
        values = kind.values() + [None] * option
        shown = ["none" if v is None else kind.shown(v) for v in values]
        calls.append(
            f"    let vs{n}: [{kind.type}{'?' * option}] = "
            f"[{', '.join(shown)}]\n    for v in vs{n} "
            f"{{ print(m{n}(v, 0), m{n}(v, 1)) }}\n")
        out += [f"{taken(arms, v, 0)} {taken(arms, v, 1)}\n" for v in values]
    return text + "fn main() {\n" + "".join(calls) + "}\n", "".join(out)


def judge(lab, text, want):
    """What is wrong, or None."""
    lab.write(text)
    wrong = lab.build()
    for level, options in [] if wrong else WAYS:
        status, out, err = unplaced(lab.mode(level, options))
        if (status, out) != (0, want):
            a, b = want.splitlines(), out.splitlines()
            first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
                         min(len(a), len(b)))
            return (f"{level} {options}: status {status}, line {first + 1}: "
                    f"{b[first:first + 1]} for {a[first:first + 1]}\n{err}")
    return wrong


def one(job):
    seed, build, place = job
    lab = Lab(build, place)
    text, want = generate(seed)
    wrong = judge(lab, text, want)
    if wrong:
        with open(os.path.join(place, f"matches-{seed}.pal"), "w",
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
    p.add_argument("--out", default="build/tmp/matches")
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
