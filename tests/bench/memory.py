"""run.py's part memory: the allocators against malloc, the compiler on both.

The loops are those of memory.c; instructions are counted by valgrind, and the
allocators' own part of the compiler's with them, from the places that the
code has in the sources, inlined code included.
"""
import glob
import os
import re
import statistics
import subprocess
import sys

LOOPS = [("arena, phases of 100", "arena", 100),
         ("arena, phases of 500", "arena", 500),
         ("arena, phases of 20000", "arena", 20000),
         ("pool, pair, 24 B", "pair", 24),
         ("pool, pair, 256 B", "pair", 256),
         ("pool, in order, 24 B", "batch", 24),
         ("pool, in order, 256 B", "batch", 256),
         ("pool, random, 24 B", "random", 24),
         ("pool, random, 256 B", "random", 256),
         ("pool, replaced, 24 B", "churn", 24),
         ("pool, replaced, 256 B", "churn", 256)]
COUNTED = 400000  # operations whose instructions are counted

ALLOCATOR = re.compile(r"runtime/mem/(mem|pool|arena|where|context)\.[ch]$")
LIBC = re.compile(r"(_int_(malloc|free|realloc|memalign)|malloc|calloc|realloc"
                  r"|c?free|posix_memalign|unlink_chunk|malloc_consolidate"
                  r"|sysmalloc|systrim|tcache_\w+|_mid_memalign)"
                  r"(\.\w+|@.*)*$|memset|__memset")


# ---- instructions ----------------------------------------------------------------

def instructions(o, command):
    """[(file, function, instructions)]; valgrind would count every byte of a
    string instruction, so memset is told to use none."""
    out = os.path.join(o.scratch, "cachegrind.out")
    env = dict(os.environ, GLIBC_TUNABLES="glibc.cpu.x86_rep_stosb_threshold="
               "1000000000:glibc.cpu.x86_rep_movsb_threshold=1000000000")
    try:
        subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "-q",
                        "--cachegrind-out-file=" + out, *command], check=True,
                       env=env, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    rows, file, function = {}, "", ""
    with open(out, encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("fl="):
                file = line[3:].strip()
            elif line.startswith("fn="):
                function = line[3:].strip()
            elif line[:1].isdigit():
                key = file, function
                rows[key] = rows.get(key, 0) + int(line.split()[1])
    return [(*key, n) for key, n in rows.items()]


def counted(o, command):
    """Instructions of an operation: many against none."""
    totals = []
    for times in (COUNTED, 0):
        rows = instructions(o, [*command[:3], str(times), command[4]])
        if rows is None:
            return None
        totals.append(sum(n for _, _, n in rows))
    return (totals[0] - totals[1]) / COUNTED


# ---- loops -----------------------------------------------------------------------

def printed(command):
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def loops(o):
    program = os.path.abspath(os.path.join(o.build, "tests/bench/memory"))
    times = "2000000" if o.quick else "20000000"
    print(f"\n{'allocation and free':24} {'ours ns':>8} {'malloc':>8} "
          f"{'ratio':>7} {'ours instr.':>12} {'malloc':>8} {'ratio':>7}")
    for title, case, n in LOOPS:
        commands = [[program, case, who, times, str(n)]
                    for who in ("ours", "malloc")]
        rounds = [[printed(c) for c in commands] for _ in range(o.rounds)]
        ours, theirs = (statistics.median(x) for x in zip(*rounds))
        ratio = statistics.median(a / b for a, b in rounds)
        found = [counted(o, c) for c in commands]
        text = "   (no valgrind)" if None in found else \
            f"{found[0]:12.0f} {found[1]:8.0f} {found[0] / found[1]:7.2f}"
        print(f"{title:24} {ours:8.2f} {theirs:8.2f} {ratio:7.2f} {text}",
              flush=True)
    reset = statistics.median(printed([program, "reset", "ours", "1"])
                              for _ in range(o.rounds))
    print(f"a reset of 100 MB takes {reset:.1f} µs")


# ---- the compiler ----------------------------------------------------------------

def allocation(rows):
    return sum(n for file, function, n in rows
               if ALLOCATOR.search(file) or LIBC.match(function))


def compiler(o, in_turn):
    plain = os.path.abspath("build/malloc/bin/pal")
    if not os.path.exists(plain):
        print("\ncompiler: make VARIANT=malloc builds what is compared")
        return
    big, small = (generated(o, n) for n in (20000 if o.quick else 200000, 20000))
    out = os.path.join(o.scratch, "memory.out")
    size = os.path.getsize(big)
    for verb in (["check"], ["build", "-O2", "-o", out]):
        ours, theirs = in_turn([[p, *verb, big] for p in (o.pal, plain)],
                               o.rounds)
        print(f"\npal {' '.join(verb[:2]):10} {'s':>8} {'peak MB':>8} "
              f"{'bytes per byte of source':>25}")
        for name, (seconds, peak, _) in (("ours", ours), ("malloc", theirs)):
            print(f"{name:14} {seconds:8.3f} {peak / 1e6:8.1f} "
                  f"{peak / size:25.1f}")
        print(f"{'ratio':14} {ours[0] / theirs[0]:8.2f} "
              f"{ours[1] / theirs[1]:8.2f}")
        found = [instructions(o, [p, *verb, small]) for p in (o.pal, plain)]
        if None in found:
            print("no valgrind: no instructions are counted")
            continue
        a, b = (allocation(rows) for rows in found)
        all_, all_b = (sum(n for _, _, n in rows) for rows in found)
        print(f"allocation's instructions for 20000 lines: ours {a / 1e6:.1f} M "
              f"({a / all_:.1%} of all), malloc {b / 1e6:.1f} M "
              f"({b / all_b:.1%}): ratio {a / b:.2f}")


def generated(o, lines):
    pal = os.path.join(o.scratch, f"memory_{lines}.pal")
    subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__),
                                                 "gen_big.py"), str(lines), pal,
                    os.path.join(o.scratch, "memory.lua")], check=True)
    return pal


def memory(o, in_turn):
    loops(o)
    compiler(o, in_turn)
    for path in glob.glob(os.path.join(o.scratch, "cachegrind.out")):
        os.remove(path)
