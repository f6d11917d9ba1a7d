#!/usr/bin/env python3
"""Measures programs, compiling and scopes; prints medians and ratios.

    tests/bench/run.py [--build=DIR] [--rounds=N] [--quick] [PART...]

Parts: programs, compile, scopes, barrier.  Commands that are compared run in turn
(A B A B ...) on one core; a figure is the median of the rounds' processor
times, start of the process included.
"""
import argparse
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Used:
    """What one run took: processor seconds, peak bytes, its output."""

    def __init__(self, command):
        read, write = os.pipe()
        p = subprocess.Popen(command, stdout=write, stdin=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read, "rb") as f:
            self.out = f.read()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode != 0:
            sys.exit(f"{' '.join(command)}: status {p.returncode}")
        self.seconds = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * 1024


def in_turn(commands, rounds):
    """[median Used-like (seconds, peak, output)] of commands run in turn."""
    runs = [[] for _ in commands]
    for _ in range(rounds):
        for command, seen in zip(commands, runs):
            seen.append(Used(command))
    return [(statistics.median(u.seconds for u in seen),
             statistics.median(u.peak for u in seen), seen[0].out)
            for seen in runs]


def build(o, source, name):
    image = os.path.join(o.scratch, name + ".pvmb")
    subprocess.run([o.pal, "build", source, "-o", image], check=True)
    return image


# ---- programs against their peers ------------------------------------------------

def programs(o):
    print(f"\n{'program':10} {'pal s':>8} {'lua s':>8} {'ratio':>7}")
    ratios = []
    for name in ("fib", "sieve", "nqueens"):
        image = build(o, os.path.join(HERE, name + ".pal"), name)
        times = "1" if o.quick else "3"
        peer = os.path.join(HERE, "peers", name + ".lua")
        pal, lua = in_turn(
            [[o.pvmr, image, times], ["sh", "-c", f"exec lua5.4 {peer} "
                                      f"{times} 2>/dev/null"]], o.rounds)
        if pal[2] != lua[2]:
            sys.exit(f"{name}: {pal[2]!r} is not the peer's {lua[2]!r}")
        ratios.append(pal[0] / lua[0])
        print(f"{name:10} {pal[0]:8.3f} {lua[0]:8.3f} {ratios[-1]:7.2f}")
    print(f"{'geometric mean':28} {statistics.geometric_mean(ratios):7.2f}")


# ---- compiling -------------------------------------------------------------------

def compile_speed(o):
    lines = 20000 if o.quick else 200000
    pal = os.path.join(o.scratch, "big.pal")
    lua = os.path.join(o.scratch, "big.lua")
    subprocess.run([sys.executable, os.path.join(HERE, "gen_big.py"),
                    str(lines), pal, lua], check=True)
    out = os.path.join(o.scratch, "big.out")
    commands = [("pal check", [o.pal, "check", pal], pal),
                ("pal build -O0", [o.pal, "build", "-O0", pal, "-o", out], pal),
                ("pal build -O2", [o.pal, "build", "-O2", pal, "-o", out], pal),
                ("luac5.4", ["luac5.4", "-o", out, lua], lua)]
    found = in_turn([c for _, c, _ in commands], o.rounds)
    print(f"\n{'compiler':14} {'s':>7} {'lines/s':>10} {'MB/s':>6} "
          f"{'bytes of memory per byte of source':>36}")
    for (name, _, source), (seconds, peak, _) in zip(commands, found):
        size = os.path.getsize(source)
        n = sum(1 for _ in open(source, encoding="utf-8"))
        print(f"{name:14} {seconds:7.3f} {n / seconds:10.0f} "
              f"{size / seconds / 1e6:6.1f} {peak / size:36.1f}")


# ---- scopes ----------------------------------------------------------------------

def nanoseconds(o, image, cases, times):
    """Per iteration: the difference of a long run and one of no iterations."""
    commands = []
    for kind, writes, megabytes in cases:
        for n in (times // max(1, writes // 4), 0):
            commands.append([o.pvmr, image, kind, str(writes), str(n),
                             str(megabytes)])
    found = in_turn(commands, o.rounds)
    return [(found[2 * i][0] - found[2 * i + 1][0]) * 1e9 /
            (times // max(1, case[1] // 4)) for i, case in enumerate(cases)]


def available_megabytes():
    with open("/proc/meminfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) // 1024
    return 0


def scopes(o):
    image = build(o, os.path.join(HERE, "scopes.pal"), "scopes")
    times = 400000 if o.quick else 4000000
    call, empty = nanoseconds(o, image, [("call", 1, 0), ("empty", 1, 0)],
                              times)
    print(f"\nan empty call {call:.0f} ns, an empty undo block {empty:.0f} ns")
    print(f"{'stores':>7} {'into':5} {'plain':>8} {'undo':>8} {'by hand':>8} "
          f"{'undo/hand':>10}   (ns a scope)")
    for writes in (1, 10, 100):
        for where in ("one", "many"):
            plain, undo, hand = nanoseconds(
                o, image, [(where + e, writes, 0)
                           for e in ("-plain", "", "-hand")], times)
            print(f"{writes:7} {where:5} {plain:8.0f} {undo:8.0f} "
                  f"{hand:8.0f} {undo / hand:10.2f}")
    sizes = [1, 64] if o.quick else [1, 64, 1024]
    room = (available_megabytes() - 500) // 2
    for megabytes in [s for s in sizes if s > room]:
        print(f"not enough memory free for {megabytes} MB of heap")
    sizes = [s for s in sizes if s <= room]
    # filling the heap takes as long as millions of scopes: more of them
    found = nanoseconds(o, image, [("one", 10, s) for s in sizes], 8 * times)
    for megabytes, undo in zip(sizes, found):
        print(f"10 stores with {megabytes} MB live: {undo:.0f} ns a scope")


# ---- the store barrier -----------------------------------------------------------

def barrier(o):
    """The loop with the barrier against the loop without, outside scopes."""
    without = os.path.abspath("build/nobarrier/bin/pvmr")
    if not os.path.exists(without):
        print("\nbarrier: make VARIANT=nobarrier builds what is compared")
        return
    print(f"\n{'store barrier':14} {'with s':>8} {'without':>8} "
          f"{'median of paired ratios':>24}")
    rounds = max(o.rounds, 9) if not o.quick else o.rounds
    for name in ("sieve", "nqueens", "stores"):
        image = build(o, os.path.join(HERE, name + ".pal"), name)
        pairs = []
        for _ in range(rounds):
            with_, out = (Used([p, image, "1" if o.quick else "3"])
                          for p in (o.pvmr, without))
            pairs.append((with_.seconds, out.seconds))
        ratio = statistics.median(a / b for a, b in pairs)
        a, b = (statistics.median(x) for x in zip(*pairs))
        print(f"{name:14} {a:8.3f} {b:8.3f} {ratio:24.3f}")


PARTS = {"programs": programs, "compile": compile_speed, "scopes": scopes,
         "barrier": barrier}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--quick", action="store_true", help="small and rough")
    p.add_argument("parts", nargs="*", metavar="PART")
    o = p.parse_args()
    o.pal = os.path.abspath(os.path.join(o.build, "bin/pal"))
    o.pvmr = os.path.abspath(os.path.join(o.build, "bin/pvmr"))
    o.scratch = os.path.join(o.build, "tmp/bench")
    os.makedirs(o.scratch, exist_ok=True)
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    print(f"{o.rounds} rounds on core {core}")
    for part in o.parts or PARTS:
        if part not in PARTS:
            sys.exit(f"tests/bench/run.py: there is no part {part!r}")
        PARTS[part](o)


main()
