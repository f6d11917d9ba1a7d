#!/usr/bin/env python3
"""Measures programs, compiling, memory, scopes and reversible functions; prints medians
and ratios.

    tests/bench/run.py [--build=DIR] [--rounds=N] [--quick] [--only=NAMES] [PART...]

Parts: programs, compile, memory, map, sort, gc, scopes, barrier, rev.  Commands that are compared
run in turn (A B A B ...) on one core; a figure is the median of the rounds' processor
times, start of the process included.

rev takes each program of rev/ three ways: its statements as ordinary functions
("plain"), as reversible ones ("rev"), and these backwards ("back"), each from a fresh
copy of the state that the way begins with.  All must tell the same states.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
import collector
import memory

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["PAL_CACHE"] = "off"


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


def runs_in_turn(commands, rounds):
    """[[Used of each round] for each command], the commands run in turn."""
    runs = [[] for _ in commands]
    for _ in range(rounds):
        for command, seen in zip(commands, runs):
            seen.append(Used(command))
    return runs


def in_turn(commands, rounds):
    """[median Used-like (seconds, peak, output)] of commands run in turn."""
    runs = runs_in_turn(commands, rounds)
    return [(statistics.median(u.seconds for u in seen),
             statistics.median(u.peak for u in seen), seen[0].out)
            for seen in runs]


def build(o, source, name):
    image = os.path.join(o.scratch, name + ".pvmb")
    subprocess.run([o.pal, "build", source, "-o", image], check=True)
    return image


# ---- programs against their peers ------------------------------------------------

# How often each does its work, and the peers' commands by the ending of their
# sources.
PROGRAMS = {"fib": 3, "sieve": 3, "nbody": 1, "nqueens": 3, "bintrees": 1,
            "strbuild": 5, "hashmap": 2, "strmap": 2, "sort": 2,
            "json": 3}
PEERS = [("lua", "lua5.4", ["lua5.4"]), ("lua", "luajit", ["luajit"]),
         ("lua", "luajit -joff", ["luajit", "-joff"]),
         ("py", "python3", ["python3"]), ("js", "node", ["node"]),
         ("js", "node --jitless", ["node", "--jitless"])]


def peers_here():
    """Those that are on the machine."""
    return [(end, name, cmd) for end, name, cmd in PEERS
            if shutil.which(cmd[0])]


def quiet(command):
    """The same command, whose own figures on stderr are not wanted."""
    return ["sh", "-c", 'exec "$@" 2>/dev/null', "sh"] + command


def programs(o):
    """Times of the peers by ours, and memory, each program's in turn."""
    peers = peers_here()
    print(f"\n{'program':10} {'pal s':>7} {'MB':>5}" + "".join(
        f"{name:>20}" for _, name, _ in peers) + "    (times its time, MB)")
    ratios = {name: [] for _, name, _ in peers}
    for program, times in PROGRAMS.items():
        if o.only and program not in o.only:
            continue
        image = build(o, os.path.join(HERE, program + ".pal"), program)
        n = "1" if o.quick else str(times)
        commands = [[o.pvmr, image, n]]
        for end, _, cmd in peers:
            source = os.path.join(HERE, "peers", f"{program}.{end}")
            commands.append(quiet(cmd + [source, n]))
        found = in_turn(commands, o.rounds)
        line = f"{program:10} {found[0][0]:7.3f} {found[0][1] / 1e6:5.0f}"
        for (_, name, _), (seconds, peak, out) in zip(peers, found[1:]):
            if out != found[0][2]:
                sys.exit(f"{program}: {out!r} of {name} is not {found[0][2]!r}")
            ratios[name].append(found[0][0] / seconds)
            line += f"{ratios[name][-1]:14.2f} {peak / 1e6:5.0f}"
        print(line, flush=True)
    print(f"{'geometric mean':24}" + "".join(
        f"{statistics.geometric_mean(r):14.2f} {'':5}"
        for r in ratios.values()))


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


# ---- reversible functions --------------------------------------------------------

# How often each does its work: about a third of a second of the plain functions.
REV = {
    "balanced_ternary": 300, "cellular_second_order": 500, "collatz": 550,
    "division": 700, "factorial": 450, "feistel": 1500, "fib": 350, "gcd": 900,
    "hanoi": 300, "insertion_sort": 900, "isqrt": 700, "lehmer": 500,
    "lfsr": 400, "margolus": 1500, "move_to_front": 550, "ntt": 1500,
    "prime_factors": 550, "random": 1500, "rans": 400, "run_length": 100,
    "schrodinger": 400, "speck64": 700, "triangular_product": 1500,
    "turing_machine": 200, "wavelet_53": 1500, "xtea": 750}


def build_rev(o, name):
    """The program with the main that all of them share behind it."""
    joined = os.path.join(o.scratch, f"rev_{name}.pal")
    with open(joined, "w", encoding="utf-8") as out:
        for part in (name, "main"):
            path = os.path.join(HERE, "rev", part + ".pal")
            with open(path, encoding="utf-8") as f:
                out.write(f.read())
    return build(o, joined, "rev_" + name)


def median_ratio(runs, others):
    return statistics.median(a.seconds / b.seconds
                             for a, b in zip(runs, others))


def rev(o):
    """Reversible functions against plain ones, and backwards against forwards."""
    print(f"\n{'reversible':22} {'plain s':>8} {'rev s':>8} {'rev/plain':>10} "
          f"{'back s':>8} {'back/rev':>9}   (medians of paired ratios)")
    costs, backs = [], []
    for name, times in REV.items():
        if o.only and name not in o.only:
            continue
        image = build_rev(o, name)
        n = str(max(1, times // 20) if o.quick else times)
        runs = runs_in_turn([[o.pvmr, image, way, n]
                             for way in ("plain", "forth", "back")], o.rounds)
        plain, forth, back = runs
        for way, seen in (("forwards", forth), ("backwards", back)):
            if seen[0].out != plain[0].out:
                sys.exit(f"{name}: {way} {seen[0].out!r} is not the plain "
                         f"functions' {plain[0].out!r}")
        costs.append(median_ratio(forth, plain))
        backs.append(median_ratio(back, forth))
        p, f, b = (statistics.median(u.seconds for u in seen) for seen in runs)
        print(f"{name:22} {p:8.3f} {f:8.3f} {costs[-1]:10.2f} {b:8.3f} "
              f"{backs[-1]:9.2f}", flush=True)
    print(f"{'geometric mean':40} {statistics.geometric_mean(costs):10.2f} "
          f"{'':8} {statistics.geometric_mean(backs):9.2f}")


def maps(o):
    """The table of map.c."""
    print(f"{'ns an entry':16}" + "".join(f"{w:>9}" for w in (
        "put", "hit", "miss", "walk", "queue", "remove", "bytes")))
    for keys in ("int", "shifted", "str"):
        for n in (1000, 100000) if o.quick else (1000, 100000, 1000000):
            (_, _, out), = in_turn(
                [[os.path.join(o.build, "tests/bench/map"), keys, str(n)]], 1)
            figures = out.decode().split()
            print(f"{keys:8} {n:7}" + "".join(f"{f:>9}" for f in figures),
                  flush=True)


def sorting(o):
    """The table of sort.c."""
    print(f"{'ns an item':16}" + "".join(f"{w:>9}" for w in (
        "random", "sorted", "by keys", "qsort")))
    for items in ("int", "small", "float", "str"):
        for n in (10, 1000) if o.quick else (10, 1000, 100000, 1000000):
            (_, _, out), = in_turn(
                [[os.path.join(o.build, "tests/bench/sort"), items, str(n)]],
                1)
            figures = out.decode().split()
            print(f"{items:8} {n:7}" + "".join(f"{f:>9}" for f in figures),
                  flush=True)


PARTS = {"programs": programs, "compile": compile_speed,
         "memory": lambda o: memory.memory(o, in_turn), "map": maps,
         "sort": sorting,
         "gc": lambda o: collector.collector(o, runs_in_turn), "scopes": scopes,
         "barrier": barrier, "rev": rev}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--quick", action="store_true", help="small and rough")
    p.add_argument("--only", default="", metavar="NAMES",
                   help="of the parts programs and rev these, with commas "
                        "between")
    p.add_argument("parts", nargs="*", metavar="PART")
    o = p.parse_args()
    o.only = [name for name in o.only.split(",") if name]
    unknown = set(o.only) - set(REV) - set(PROGRAMS)
    if unknown:
        sys.exit(f"tests/bench/run.py: there is no program {unknown!r}")
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
