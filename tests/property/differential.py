#!/usr/bin/env python3
"""Runs random programs in every way there is and compares what they do.

    tests/property/differential.py [--seed=N] [--count=N] [--jobs=N]
                                   [--out=DIR] [--build=DIR] [--tries=N]

Program i of a run is that of the seed N+i.  Each is built with and without
optimisation and run plainly, under stress of the collector, with the state
around every scope hashed, and, one in SAMPLE, through windows of the tape
and through the text forms of the IR and the image.  Output, status, error
and trace must be the same everywhere, and be those of the model.  Where they
are not, the program is shrunk and kept in DIR.

The table says how many places of the programs, by construct, were reached
in each kind of scope.  The last line is: N passed, N failed.
"""
import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from generate import generate
from oracle import Oracle
from shrink import shrink
from tree import program_text
from values import TooLong, Unmodelled

SAMPLE = 8
ROOM = ["--heap=256M", "--stack=1M"]
MODES = {    # name: (optimisation of the image, options of pvmr)
    "O0": ("-O0", []),
    "O2": ("-O2", []),
    "stress": ("-O2", ["--gc-stress=1", "--check-undo", "--check-tape"]),
    "O0-undo": ("-O0", ["--check-undo"]),
}
SAMPLED = {"windows": ("-O2", ["--windows=1000"]),
           "cycles": ("-O2", ["--gc=nursery=64K,growth=1.1,slice=4K",
                              "--gc-stress=97", "--check-tape"])}
OUTCOMES = {"none": "no scope", "undo": "undo", "kept": "undo kept",
            "try": "try", "failed": "try failed", "nested": "nested"}
CANNOT = {("fail", "try"), ("exit", "failed"), ("keep", "none"),
          ("keep", "undo")}    # what there is no such thing as


class Lab:
    """Builds and runs one program at a time, in files of its own."""

    def __init__(self, build, place):
        self.pal = os.path.join(build, "bin/pal")
        self.pvmr = os.path.join(build, "bin/pvmr")
        plain = os.path.relpath(build, "build") in (".", "clang", "debug")
        self.timeout = 20 if plain else 200
        os.makedirs(place, exist_ok=True)
        self.base = os.path.join(place, f"generated-{os.getpid()}")
        self.source = self.base + ".pal"
        self.env = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8",
                        PAL_CACHE="off")

    def run(self, *command):
        """(status, stdout, stderr); a status of None: it took too long."""
        try:
            p = subprocess.run(command, capture_output=True, env=self.env,
                               timeout=self.timeout,
                               stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None, "", "(too slow)"
        return (p.returncode, p.stdout.decode("utf-8", "replace"),
                p.stderr.decode("utf-8", "replace"))

    def write(self, text):
        with open(self.source, "w", encoding="utf-8") as f:
            f.write(text)

    def image(self, level):
        return self.base + level + ".pvmb"

    def build(self, levels=("-O0", "-O2")):
        """What went wrong, or None."""
        for level in levels:
            status, _, err = self.run(self.pal, "build", level, self.source,
                                      "-o", self.image(level))
            if status != 0:
                return f"build {level}: status {status}\n{err}"
        return None

    def mode(self, level, options):
        return self.run(self.pvmr, *ROOM, *options, self.image(level))

    def round_trips(self):
        """What differs after text and back: the IR's and the image's."""
        for level in ("-O0", "-O2"):
            status, _, err = self.run(self.pal, "ir", level, "--round-trip",
                                      self.source)
            if status != 0:
                return f"ir {level} --round-trip: {err}"
        text, again = self.base + ".pvm", self.base + ".again"
        status, out, err = self.run(self.pal, "disasm", self.image("-O2"))
        with open(text, "w", encoding="utf-8") as f:
            f.write(out)
        if status == 0:
            status, _, err = self.run(self.pal, "asm", text, "-o", again)
        if status != 0:
            return f"disasm, asm: {err}"
        with open(self.image("-O2"), "rb") as a, open(again, "rb") as b:
            same = a.read() == b.read()
        return None if same else "disasm, asm: another image"

    def clean(self):
        for ending in (".pal", ".pvm", ".again", "-O0.pvmb", "-O2.pvmb"):
            if os.path.exists(self.base + ending):
                os.remove(self.base + ending)


# ---- judging ---------------------------------------------------------------

def against_model(model, ran):
    """How a run differs from the model's; None where it does not."""
    status, out, err = ran
    if out != "".join(model.out):
        return "stdout is not the model's"
    if status != model.status:
        return f"status {status}, the model's is {model.status}"
    said = "".join(model.err)
    if model.error is None:
        return None if err == said else "stderr is not the model's"
    e = model.error
    if e.message is not None:
        said += f"error: {e.message} ({e.kind})\n"
    if not err.startswith(said):
        return "the error is not the model's"
    if called(err) != list(e.trace):
        return "the trace is not the model's"
    return None


def called(err):
    """The functions of a trace; lines that are alike are told as one."""
    lines = re.findall(r"^  at .*:\d+ (\w+)(?: \((\d+) times\))?$", err, re.M)
    return [name for name, times in lines for _ in range(int(times or 1))]


def unplaced(ran):
    """A run without what may differ: the marks under a source line."""
    status, out, err = ran
    return status, out, re.sub(r"(?m)^ *\|? *\^[~^]*$\n?", "", err)


def judge(lab, program, model, sampled):
    """(which way of running it, what is wrong), or None."""
    lab.write(program_text(program))
    wrong = lab.build()
    if wrong:
        return "build", wrong
    first = None
    for name, (level, options) in {**MODES,
                                   **(SAMPLED if sampled else {})}.items():
        ran = lab.mode(level, options)
        shown = " ".join(["pal build", level, "&& pvmr", *options])
        if ran[0] is None or ran[0] < 0 or "check failed" in ran[2] or (
                ran[0] >= 2 and ran[0] != model.status):
            return name, f"{shown}: status {ran[0]}\n{ran[2][:2000]}"
        wrong = against_model(model, ran)
        if wrong:
            return name, f"{shown}: {wrong}\n{seen(model, ran)}"
        first = first or unplaced(ran)
        if unplaced(ran) != first:
            return name, f"{shown}: not as -O0\n{first[2]}\n{ran[2]}"
    wrong = lab.round_trips() if sampled else None
    return ("text", wrong) if wrong else None


def seen(model, ran):
    """The first line that differs, and how both end."""
    want, got = "".join(model.out).splitlines(), ran[1].splitlines()
    for i in range(max(len(want), len(got))):
        a, b = (x[i] if i < len(x) else "(no more)" for x in (want, got))
        if a != b:
            return f"line {i + 1}\n  model: {a[:300]}\n  seen:  {b[:300]}"
    return f"  model: {model.error!r}\n  seen:  {ran[2][:500]}"


def kind_of(wrong):
    """What must stay when a program is shrunk: how it was run, and the
    first words of a message without its numbers."""
    how, text = wrong
    first = text.splitlines()[0]
    if how == "build":
        first = " ".join(re.findall(r"error\[\w+\]|check|verif\w+", text)[:1])
    return how, re.sub(r"\d+", "#", first)


def still_wrong(lab, wanted, sampled):
    def test(program):
        try:
            model = Oracle(program).run()
        except (TooLong, Unmodelled, RecursionError, LookupError, TypeError,
                AttributeError, ValueError):
            return False
        wrong = judge(lab, program, model, sampled)
        return wrong is not None and kind_of(wrong) == wanted
    return test


# ---- one program, many programs --------------------------------------------

def try_seed(seed, build, out, tries):
    """(problem text or None, counts of the model's table)."""
    sys.setrecursionlimit(5000)
    program, model = generate(seed)
    counts = Counter({key: len(nodes) for key, nodes in model.counts.items()
                      if key[0]})
    lab = Lab(build, os.path.join(build, "tmp/generated"))
    sampled = seed % SAMPLE == 0
    wrong = judge(lab, program, model, sampled)
    if not wrong:
        lab.clean()
        return None, counts
    os.makedirs(out, exist_ok=True)
    kept = os.path.join(out, f"generated_{seed}")
    with open(kept + ".pal", "w", encoding="utf-8") as f:
        f.write(program_text(program))
    if tries:
        shrink(program, still_wrong(lab, kind_of(wrong), sampled), tries)
        wrong = judge(lab, program, Oracle(program).run(), sampled) or wrong
        with open(kept + ".small.pal", "w", encoding="utf-8") as f:
            f.write(program_text(program))
    lab.clean()
    return (f"FAILED seed {seed}: {wrong[0]}\n  {wrong[1].rstrip()}\n"
            f"  see {kept}{'.small' if tries else ''}.pal"), counts


def guarded(job):
    """Of a problem in here too, something is to be told."""
    try:
        return try_seed(*job)
    except Exception as e:
        return f"FAILED seed {job[0]}: the runner: {e!r}", Counter()


def table(counts, cannot=CANNOT):
    names = sorted({name for name, _ in counts})
    lines = [f"{'':14}" + "".join(f"{t:>11}" for t in OUTCOMES.values())]
    for name in names:
        lines.append(f"{name:14}" + "".join(
            f"{'-' if (name, o) in cannot else counts[name, o]:>11}"
            for o in OUTCOMES))
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
    o = p.parse_args()
    jobs = [(s, o.build, o.out, o.tries)
            for s in range(o.seed, o.seed + o.count)]
    counts, failed = Counter(), 0
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
