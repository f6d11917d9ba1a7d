"""run.py's part gc: what the collector costs, how long it stops a program, and
how much of its pages it fills.

The loads are those of gc.c, which takes processor time for all that it prints;
programs are taken from here and from peers/.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MS = 1e6

# A program, and what it is called with.
PROGRAMS = [("bintrees", "bintrees.pal"), ("lists", "lists.pal"),
            ("words", "words.pal"), ("structs", "structs.pal")]
LIMITS = (1.5, 2, 3, 4)  # times the most that lives
# Command before a peer's file, and the file's ending.
PEERS = [("lua5.4", "lua", ["lua5.4"]), ("python3", "py", [sys.executable]),
         ("luajit", "lua", ["luajit"]),
         ("node --jitless", "js", ["node", "--jitless"]),
         ("ocamlrun", "ml", ["ocamlrun"])]


def driver(o, *args):
    """What gc.c prints."""
    program = os.path.abspath(os.path.join(o.build, "tests/bench/gc"))
    out = subprocess.run([program, *map(str, args)], check=True,
                         capture_output=True).stdout
    return json.loads(out)


def images(o):
    """{name: its image}"""
    found = {}
    for name, source in PROGRAMS:
        found[name] = os.path.join(o.scratch, name + ".pvmb")
        verb = "asm" if source.endswith(".pvm") else "build"
        subprocess.run([o.pal, verb, os.path.join(HERE, source), "-o",
                        found[name]], check=True)
    return found


# ---- the nursery -----------------------------------------------------------------

def minor(o):
    print(f"\n{'minor collections of 2 MB':26} {'mean ms':>8} {'p99':>7} "
          f"{'worst':>7} {'ns an object promoted':>22} {'slices ms':>10}")
    n = 100 if o.quick else 400
    for survival in (1, 5, 10, 20, 40, 60):
        seen = [driver(o, "minor", survival, n) for _ in range(o.rounds)]
        mean, p99, each, slices = (
            statistics.median(x[key] for x in seen)
            for key in ("mean", "p99", "object", "slices"))
        worst = max(x["worst"] for x in seen)
        print(f"{survival:3} % survive{'':14} {mean / MS:8.3f} {p99 / MS:7.3f} "
              f"{worst / MS:7.3f} {each:22.1f} {slices / MS:10.3f}", flush=True)


# ---- pauses ----------------------------------------------------------------------

def pause_row(title, p):
    print(f"  {title:24} {p['n']:7} {p['p50'] / MS:8.2f} {p['p99'] / MS:8.2f} "
          f"{p['worst'] / MS:8.2f}", flush=True)


def pauses(o):
    """The entries of a scope are made in one go, or with allocation between."""
    sizes = (32,) if o.quick else (32, 512)
    cycles = 2 if o.quick else 4
    most = 10 ** 5 if o.quick else 10 ** 7
    print(f"\n{'pauses, ms':26} {'number':>7} {'p50':>8} {'p99':>8} "
          f"{'worst':>8}")
    for megabytes in sizes:
        for entries, allocating in ((0, 0), (most, 0), (most, 1)):
            x = driver(o, "pauses", megabytes, entries, cycles, allocating)
            title = f"{megabytes} MB live"
            if entries:
                title += (f", {x['entries']} entries"
                          f"{' made while allocating' if allocating else ''}, "
                          f"{x['holes']} of them holes at the end; undone in "
                          f"{x['undo'] / MS:.0f} ms")
            print(title)
            for name in ("minors", "slices", "pauses"):
                pause_row({"pauses": "all"}.get(name, name), x[name])


# ---- heap limits -----------------------------------------------------------------

def share(o, image):
    """The program's share of the time at each limit; None: out of memory."""
    live = driver(o, "live", image, 1)["live"]
    times = 1 if o.quick else 3
    rows = {limit: [] for limit in LIMITS}
    for _ in range(o.rounds):
        for limit in LIMITS:
            x = driver(o, "run", int(live * limit), image, times)
            rows[limit].append(1 - x["pauses"]["total"] / x["time"]
                               if x["ended"] else None)
    return live, [None if None in seen else statistics.median(seen)
                  for seen in rows.values()]


def shares(o, programs):
    print(f"\n{'the program’s share':20} {'most live MB':>13} "
          + " ".join(f"{f'{limit}x':>7}" for limit in LIMITS)
          + "   (heap limit, by what lives)")
    for name, image in programs.items():
        live, row = share(o, image)
        print(f"{name:20} {live / 1e6:13.1f} "
              + " ".join(" failed" if x is None else f"{100 * x:5.1f} %"
                         for x in row), flush=True)


# ---- counting --------------------------------------------------------------------

def counting(o, runs_in_turn, programs):
    without = os.path.abspath("build/nostats/bin/pvmr")
    if not os.path.exists(without):
        print("\ncounting: make VARIANT=nostats builds what is compared")
        return
    print(f"\n{'statistics':14} {'with s':>8} {'without':>8} "
          f"{'median of paired ratios':>24}")
    ratios = []
    for name, image in programs.items():
        pairs = runs_in_turn([[p, image, "1" if o.quick else "4"]
                              for p in (o.pvmr, without)],
                             o.rounds if o.quick else max(o.rounds, 15))
        with_, out = (statistics.median(u.seconds for u in seen)
                      for seen in pairs)
        ratios.append(statistics.median(a.seconds / b.seconds
                                        for a, b in zip(*pairs)))
        print(f"{name:14} {with_:8.3f} {out:8.3f} {ratios[-1]:24.3f}",
              flush=True)
    print(f"{'geometric mean':31} {statistics.geometric_mean(ratios):24.3f}")


# ---- space -----------------------------------------------------------------------

def space(o, programs):
    """Right after a collection, where most lives."""
    print(f"\n{'space after a collection':26} {'pages MB':>9} {'objects':>9} "
          f"{'ratio':>6} {'in cells':>9} {'headers':>8}")
    rows = [(name, driver(o, "live", image, 1))
            for name, image in programs.items()]
    rows += [(f"sizes, {kind}", driver(o, "space", kind))
             for kind in ("grown", "mixed", "shifted")]
    for name, x in rows:
        print(f"{name:26} {x['heap'] / 1e6:9.2f} {x['live'] / 1e6:9.2f} "
              f"{x['heap'] / x['live']:6.2f} {x['cells'] / x['live']:9.2f} "
              f"{x['headers'] / x['live']:8.0%}")


# ---- peers -----------------------------------------------------------------------

def peer_command(o, name, ending, command, times):
    """None: not installed, or there is no such program."""
    path = os.path.join(HERE, "peers", f"{name}.{ending}")
    tools = command[:1] + (["ocamlc"] if ending == "ml" else [])
    if not os.path.exists(path) or not all(map(shutil.which, tools)):
        return None
    if command == ["luajit"] and name == "lists":
        return None    # it has no integer division
    if ending == "ml":
        copy = os.path.join(o.scratch, name + ".ml")
        shutil.copy(path, copy)    # what is compiled lies beside its source
        path = os.path.join(o.scratch, name + ".byte")
        subprocess.run(["ocamlc", "-o", path, copy], check=True)
    return ["sh", "-c", 'exec "$@" 2>/dev/null', "sh", *command, path, times]


def peers(o, runs_in_turn, programs):
    for title, _, command in PEERS:
        if not shutil.which(command[0]):
            print(f"\n{title} is not installed", end="")
    print(f"\n\n{'time, by the peer’s':20} {'pal s':>8} {'peer s':>8} "
          f"{'ratio':>7}")
    times = "1" if o.quick else "3"
    for name in ("bintrees", "lists"):
        found = [(title, peer_command(o, name, ending, command, times))
                 for title, ending, command in PEERS]
        found = [(title, command) for title, command in found if command]
        pal, *others = runs_in_turn(
            [[o.pvmr, programs[name], times]] + [c for _, c in found], o.rounds)
        for (title, _), seen in zip(found, others):
            if seen[0].out != pal[0].out:
                sys.exit(f"{name}: {pal[0].out!r} is not {title}'s "
                         f"{seen[0].out!r}")
            ours, theirs = (statistics.median(u.seconds for u in x)
                            for x in (pal, seen))
            ratio = statistics.median(a.seconds / b.seconds
                                      for a, b in zip(pal, seen))
            print(f"{name + ', ' + title:20} {ours:8.3f} {theirs:8.3f} "
                  f"{ratio:7.2f}", flush=True)


def collector(o, runs_in_turn):
    programs = images(o)
    minor(o)
    pauses(o)
    shares(o, programs)
    counting(o, runs_in_turn, programs)
    space(o, programs)
    peers(o, runs_in_turn, programs)
