"""Memory: bounded heaps, the errors when it ends, statistics, settings."""
import json
import os
import re
import resource
import subprocess
import sys

from common import Ran, Result, run, shown, text, verdict

HELLO = b'fn main() { print("hello") }\n'

# Nothing of it was collected by the end.
YOUNG = b"""struct Node { n: int }
fn main() {
    for i in 0..1000 { let one = Node(i) }
}
"""

# Builds trees and drops them; what lives is small beside what is allocated.
TREES = """import os
struct Node { kids: [Node] }
fn make(depth: int) -> Node {
    if depth == 0 { return Node([]) }
    return Node([make(depth - 1), make(depth - 1)])
}
fn count(n: Node) -> int {
    var sum = 1
    for k in n.kids { sum += count(k) }
    return sum
}
fn main() {
    let kept = make(12)
    var sum = 0
    for i in 0..int(os.args()[0]) { sum += count(make(10)) }
    print(sum, count(kept))
}
"""


def trees(times):
    return f"{times * 2047} 8191\n"


def problems(ran, status, out):
    if ran.status == status and ran.out == out:
        return []
    return [shown(ran), f"  status {ran.status}, not {status}"
            if ran.status != status else f"  said {ran.out[:200]!r}"]


# ---- statistics ------------------------------------------------------------

TEXT = re.compile(
    r"memory: [\d.]+ (bytes|KB|MB) peak, (\d+) minor"
    r"( \(mean [\d.]+ ms, max [\d.]+\))? and (\d+) major collections?"
    r"( in \d+ slices? \(mean [\d.]+ ms, max [\d.]+\))?"
    r"(, longest pause [\d.]+ ms)?\n"
    r"objects: \d+( k)? allocated \([\d.]+ \w+\), \d+( k)? live "
    r"\([\d.]+ \w+\), \d+( k)? ticks?\n\Z")


def statistics_text(ctx):
    said = []
    ran = run(ctx, [ctx.pal, "run", "--stats", "-"], HELLO)
    said += problems(ran, 0, "hello\n")
    if not TEXT.fullmatch(ran.err) or ", 1 tick\n" not in ran.err:
        said.append(f"  {ran.err!r}")
    ran = run(ctx, [ctx.pal, "run", "--stats", "--gc", "nursery=64K", "-",
                    "60"], TREES.encode())
    said += problems(ran, 0, trees(60))
    ran_young = run(ctx, [ctx.pal, "run", "--stats", "-"], YOUNG)
    said += problems(ran_young, 0, "")
    if not re.search(r"objects: (\d+) allocated \(([\d.]+ KB)\), \1 live \(\2\)",
                     ran_young.err):
        said.append(f"  {ran_young.err!r}")
    found = TEXT.fullmatch(ran.err)
    if not found or int(found[2]) < 10 or int(found[4]) < 1:
        said.append(f"  {ran.err!r}")
    return verdict(said)


def statistics_numbers(ctx):
    """JSON and CSV tell the same; the numbers agree with each other."""
    said = []
    args = ["--gc", "nursery=256K", "-", "60"]
    ran = run(ctx, [ctx.pal, "run", "--stats=json", *args], TREES.encode())
    said += problems(ran, 0, trees(60))
    s = json.loads(ran.err)
    table = run(ctx, [ctx.pal, "run", "--stats=csv", *args], TREES.encode())
    names, values = (line.split(",") for line in table.err.splitlines())
    again = dict(zip(names, map(int, values)))
    for name in names:
        if "_ns" not in name and s[name] != again[name]:
            said.append(f"  {name}: {s[name]} as JSON, {again[name]} as CSV")
    classes = s["classes"]
    ends = [end for end, _ in s["pause_histogram"]]
    checks = {
        "objects of the classes are what lives":
            sum(c["objects"] for c in classes) + s["young_objects"] ==
            s["live_objects"],
        "bytes of the classes are what lives":
            sum(c["bytes"] for c in classes) + s["young"] == s["live"],
        "pages of the classes are the heap":
            sum(c["pages"] for c in classes) == s["heap"],
        "objects fit their pages":
            all(c["bytes"] <= c["pages"] for c in classes),
        "what lives was allocated": s["live"] <= s["allocated"],
        "headers are part of it":
            16 * (s["live_objects"] - s["young_objects"]) <= s["headers"] <
            s["live"],
        "peak": s["heap"] <= s["peak"] < s["allocated"],
        "the histogram counts all pauses":
            sum(n for _, n in s["pause_histogram"]) == s["pauses"],
        "the histogram ends with the longest":
            ends == sorted(set(ends)) and ends[-1] == s["pause_ns_max"],
        "pauses ascend": 0 < s["pause_ns_p50"] <= s["pause_ns_p99"] <=
            s["pause_ns_max"] <= s["pause_ns"],
        "collections": s["minors"] > 3 and s["majors"] >= 1 and
            s["slices"] >= s["majors"],
        "what was promoted": 0 < s["promoted"] < s["allocated"],
        "what is young was allocated": s["live_objects"] + s["young_objects"] <
            s["objects"],
    }
    said += [f"  not so: {what}: {s}" for what, so in checks.items() if not so]
    return verdict(said)


def statistics_file(ctx):
    """PAL_MEM_STATS: a line for each command; one that cannot be written is
    told, and changes nothing."""
    path = ctx.scratch("memory", "stats.json")
    if os.path.exists(path):
        os.remove(path)
    env = {"PAL_MEM_STATS": path}
    said = problems(run(ctx, [ctx.pal, "run", "-"], HELLO, env=env), 0,
                    "hello\n")
    said += problems(run(ctx, [ctx.pal, "check", "-"], HELLO, env=env), 0, "")
    image = ctx.scratch("memory", "hello.pvmb")
    said += problems(run(ctx, [ctx.pal, "build", "-", "-o", image], HELLO,
                         env=env), 0, "")
    said += problems(run(ctx, [ctx.pvmr, image], env=env), 0, "hello\n")
    said += problems(run(ctx, [ctx.pvmr, "--back", image], env=env), 0,
                     "hello\n")
    with open(path, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    kinds = [line.get("command", "run") for line in lines]
    if kinds != ["run", "check", "build", "run", "run"]:
        said.append(f"  lines of {kinds}")
    ran = run(ctx, [ctx.pal, "run", "-"], HELLO,
              env={"PAL_MEM_STATS": "no/such/file"})
    said += problems(ran, 0, "hello\n")
    if "PAL_MEM_STATS: cannot write no/such/file" not in ran.err:
        said.append(f"  {ran.err!r}")
    return verdict(said)


def statistics_of_compiling(ctx):
    said = []
    for command in (["check"], ["build", "-o", "-"]):
        ran = run(ctx, [ctx.pal, *command, "--stats=json", "-"], HELLO)
        s = json.loads(ran.err)
        if ran.status or s["source"] != len(HELLO) or s["used"] or \
                not 0 < s["used_peak"] <= s["peak"]:
            said += [shown(ran)]
    ran = run(ctx, [ctx.pal, "check", "--stats", "-"], HELLO)
    if not re.search(r"^memory: .* peak, .*\nobjects: .* allocated", ran.err):
        said += [shown(ran)]
    return verdict(said)


# ---- settings --------------------------------------------------------------

SETTINGS = ["throughput", "latency", "small", "nursery=64K", "growth=1.1",
            "slice=4K", "small,nursery=1M", "nursery=256K,growth=3,slice=1M"]


def settings(ctx):
    """Each leaves the program's output as it is, on the command line and in
    the environment; the command line goes before."""
    said = []
    for s in SETTINGS:
        by_option = run(ctx, [ctx.pal, "run", "--gc", s, "--stats=json", "-",
                              "30"], TREES.encode())
        by_env = run(ctx, [ctx.pal, "run", "--stats=json", "-", "30"],
                     TREES.encode(), env={"PAL_GC": s})
        said += problems(by_option, 0, trees(30))
        said += problems(by_env, 0, trees(30))
        a, b = json.loads(by_option.err), json.loads(by_env.err)
        if (a["minors"], a["majors"]) != (b["minors"], b["majors"]):
            said.append(f"  {s}: {a} {b}")
    plain = run(ctx, [ctx.pal, "run", "--gc=nursery=2M", "--stats=json", "-",
                      "30"], TREES.encode(), env={"PAL_GC": "nursery=64K"})
    unset = run(ctx, [ctx.pal, "run", "--stats=json", "-", "30"],
                TREES.encode())
    if json.loads(plain.err)["minors"] != json.loads(unset.err)["minors"]:
        said.append("  PAL_GC goes before the command line")
    return verdict(said)


def debugging(ctx):
    """PAL_MEM_DEBUG=1 verifies the heap around collections, and changes
    nothing that a program does."""
    ran = run(ctx, [ctx.pal, "run", "--gc=nursery=64K", "-", "20"],
              TREES.encode(), env={"PAL_MEM_DEBUG": "1"})
    return verdict(problems(ran, 0, trees(20)))


def bad_settings(ctx):
    said = []
    for s in ("", "nursery", "nursery=", "nursery=0", "nursery=63K",
              "nursery=2G", "growth=1", "growth=nan", "growth=", "growth=1e9",
              "growth=0x2", "growth= 2", "slice=1", "slice=x", "fast", "small,",
              ",small", "small;latency", "Nursery=1M"):
        ran = run(ctx, [ctx.pal, "run", f"--gc={s}", "-"], HELLO)
        if ran.status != 2 or "pal: --gc: `" not in ran.err:
            said.append(shown(ran))
        ran = run(ctx, [ctx.pal, "run", "-"], HELLO, env={"PAL_GC": s})
        if s and (ran.status != 2 or "pal: PAL_GC: `" not in ran.err):
            said.append(shown(ran))
    return verdict(said)


# ---- heaps that end --------------------------------------------------------

# A list that grows until the heap is full, taken back, again and again.
FULL = b"""
struct Item { name: str, next: [Item] }
fn fill(all: [Item]) {
    var n = 0
    while true {
        all.push(Item("item {n}", []))
        n += 1
    }
}
fn main() {
    let all: [Item] = []
    all.push(Item("first", []))
    for i in 0..4 {
        try {
            fill(all)
        } undo e {
            print(e.kind, all.len, all[0].name)
        }
    }
    all.push(Item("last", []))
    print(all.len, all[1].name)
}
"""


def full_heap(ctx):
    """Out of memory is an error; what it undid is garbage, and there is room
    again."""
    said = []
    want = "memory 1 first\n" * 4 + "2 last\n"
    for heap in ("6M", "20M", "64M"):
        for more in ([], ["--gc", "nursery=64K"]):
            ran = run(ctx, [ctx.pal, "run", "--heap", heap, *more, "-"], FULL,
                      timeout=ctx.timeout * 2)
            said += problems(ran, 0, want)
    return verdict(said)


# Cycles: only what traces finds that they are dead.
CYCLES = b"""
struct Ring { next: [Ring], weight: [int] }
fn main() {
    var sum = 0
    for i in 0..200000 {
        let a = Ring([], [i])
        let b = Ring([a], [1])
        a.next.push(b)
        sum += b.next[0].weight[0] % 3
    }
    print(sum)
}
"""


def cycles_are_collected(ctx):
    ran = run(ctx, [ctx.pal, "run", "--heap", "8M", "--gc", "nursery=256K",
                    "--stats=json", "-"], CYCLES)
    said = problems(ran, 0, "199999\n")
    s = json.loads(ran.err) if not said else {}
    if s and not s["peak"] < s["allocated"] / 4:
        said.append(f"  {s}")
    return verdict(said)


# What is handed over does not depend on when.
WATCHED = b"""struct File { id: int }
fn use(g: Guardian[File]) -> weak[File] {
    for i in 0..3 { g.watch(File(i)) }
    return weak(File(3))
}
fn main() {
    let g: Guardian[File] = guardian()
    let w = use(g)
    var ids = [0; 0]
    while ids.len < 3 or w.get() != none {
        let xs = [0; 1000]
        while let f = g.next() { ids.push(f.id + xs[0]) }
    }
    ids.sort()
    print(ids, g.next())
}
"""


def watching(ctx):
    """Guardians hand over and weak references are emptied, however the heap is
    collected."""
    said = []
    for s in SETTINGS:
        ran = run(ctx, [ctx.pal, "run", "--gc", s, "-"], WATCHED)
        said += problems(ran, 0, "[0, 1, 2] none\n")
    return verdict(said)


# Old objects, much larger than the heap altogether, of sizes that alternate.
SIZES = b"""import os
fn main() {
    let kept: [[int]] = []
    for i in 0..400 { kept.push([]) }
    var sum = 0
    for i in 0..int(os.args()[0]) {
        let a = [i; (i * 7919) % 3001 + 1]
        kept[(i * 31) % 400] = a
        sum += kept[(i * 17) % 400].len % 2
    }
    print(sum > 0)
}
"""


# Objects of 32 bytes, each dead at once.
SMALL = b"""import os
struct Item { n: int }
fn main() {
    var sum = 0
    for i in 0..int(os.args()[0]) {
        let it = Item(i)
        sum += it.n % 3
    }
    print(sum > 0)
}
"""


def bounded(ctx):
    """What is allocated altogether does not matter, only what lives does: in
    SIZES at most 10 MB, in lists of 8 bytes to 24 KB.  PAL_SOAK=SECONDS goes
    on for longer: from 200 on until 100 GB and 10^9 objects."""
    share = min(float(os.environ.get("PAL_SOAK", 0)) / 200, 1)
    said = []
    for program, times, each, heap in ((TREES.encode(), 1500, 10**5, "8M"),
                                       (SIZES, 30000, 10**4, "24M"),
                                       (SMALL, 10**6, 32, "4M")):
        most = 10**11 // each if each > 32 else 10**9
        times = max(times, int(share * most))
        ran = run(ctx, [ctx.pal, "run", "--heap", heap, "--stats=json", "-",
                        str(times)], program, timeout=ctx.timeout * 20)
        if ran.status or json.loads(ran.err)["allocated"] < times * each:
            said.append(shown(ran))
        elif share:
            print(f"  in {heap}: {ran.err.splitlines()[-1][:400]}")
    return verdict(said)


# Each list is born old, and dead when the next is made.
LARGE = b"""
fn main() {
    var sum = 0
    for i in 0..300 {
        let a = [i; 100000]
        sum += a.len + a[i]
        if i % 100 == 99 {
            try {
                let all: [[int]] = []
                while true { all.push([i; 200000]) }
            } undo e {
                sum += 1
                print(e.kind)
            }
        }
    }
    print(sum)
}
"""


# Little is left of the heap, and errors of other kinds are to stay what they
# are.
TIGHT = b"""struct N { v: int, next: [N] }
fn main() {
    let held: [N] = []
    while held.len < 20000 { held.push(N(held.len, [])) }
    let xs = [1, 2, 3]
    var others = 0
    var n = 0
    for i in 0..20000 {
        try {
            let t = "s{i}"
            let w = [i]
            n = t.len + w.len
            if i % 3 == 0 { fail "x{i}" }
            print(xs[i + 5])
        } undo e {
            if e.kind != "index" and e.kind != "fail" { others += 1 }
        }
    }
    for i in 0..60000 {
        let t = "s{i}"
        n += t.len
    }
    print(others, n)
}
"""

ARGUMENTS = b"""import os
fn main() {
    try { print(os.args().len) } undo e { print(e.kind) }
}
"""


def tight_windows(ctx):
    """Windows that end for want of room change nothing else, and end again
    and again."""
    said = []
    for source, heap, args, out in (
            (TIGHT, "2800K", [], "0 348890\n"),
            (TIGHT, "4000K", [], "0 348890\n"),
            (ARGUMENTS, "2500K", ["a"] * 60000, "memory\n")):
        image = ctx.scratch("memory", "tight.pvmb")
        said += problems(run(ctx, [ctx.pal, "build", "-", "-o", image],
                             source), 0, "")
        for more in ([], ["--windows=1000"], ["--windows=100000"]):
            ran = run(ctx, [ctx.pvmr, f"--heap={heap}", "--gc=nursery=64K",
                            *more, image, *args])
            said += problems(ran, 0, out)
    return verdict(said)


def windows(ctx):
    """A traced window that finds no room ends before the instruction, and a
    collection comes first."""
    image = ctx.scratch("memory", "large.pvmb")
    said = problems(run(ctx, [ctx.pal, "build", "-", "-o", image], LARGE), 0,
                    "")
    for more in ([], ["--windows=1"], ["--windows=100"], ["--windows=100000"]):
        ran = run(ctx, [ctx.pvmr, "--heap=16M", *more, image],
                  timeout=ctx.timeout * 2)
        said += problems(ran, 0, "memory\n" * 3 + "30044853\n")
    return verdict(said)


# ---- the compiler's own ----------------------------------------------------

def limited(ctx, command, kilobytes):
    """Runs a command that may have so much address space."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (kilobytes * 1024,) * 2)
    p = subprocess.run(command, capture_output=True, preexec_fn=limit,
                       timeout=ctx.timeout * 2, stdin=subprocess.DEVNULL,
                       env=dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8"))
    return Ran(command, p.returncode, text(p.stdout), text(p.stderr))


def compiling(ctx, lines, enough):
    """A program of so many lines compiles where there is enough memory; below
    that there is a message, status 2, and no part of a file."""
    if not ctx.plain:
        return Result()    # sanitizers reserve terabytes
    source = ctx.scratch("memory", f"big{lines}.pal")
    subprocess.run([sys.executable, "tests/bench/gen_big.py", str(lines),
                    source, os.devnull], check=True, stdout=subprocess.DEVNULL)
    image = ctx.scratch("memory", f"big{lines}.pvmb")
    said = []
    compiled = 0
    for kilobytes in (enough, enough // 2, enough // 4, enough // 8, 12000):
        if os.path.exists(image):
            os.remove(image)
        ran = limited(ctx, [ctx.pal, "build", source, "-o", image], kilobytes)
        whole = os.path.exists(image)
        compiled += whole
        if ran.status == 0 and whole:
            continue
        if kilobytes == enough or whole or ran.status != 2 or \
                "pal: " not in ran.err and "error" not in ran.err:
            said += [f"  with {kilobytes} KB:", shown(ran)]
    left = [n for n in os.listdir(os.path.dirname(image))
            if n.startswith(f"big{lines}.pvmb.")]
    if left or compiled == 5:
        said.append(f"  left: {left}; compiled {compiled} times of 5")
    return verdict(said)


def cases(ctx):
    for check in (statistics_text, statistics_numbers, statistics_file,
                  statistics_of_compiling, settings, debugging, bad_settings,
                  full_heap,
                  cycles_are_collected, watching, bounded,
                  windows, tight_windows):
        yield check.__name__, lambda check=check: check(ctx)
    for lines, enough in ((10000, 60000), (200000, 400000)):
        yield (f"compiling {lines} lines",
               lambda lines=lines, enough=enough: compiling(ctx, lines, enough))
