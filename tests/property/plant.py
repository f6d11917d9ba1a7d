#!/usr/bin/env python3
"""Plants the bugs of planted.def, planted_gc.def and planted_window.def.

    plant.py [--build=DIR] [--cc=CC] [--jobs=N] [--times=N] [NAME...]

They are planted one at a time.  A row replaces one piece of text in one source
file; the patched copy lies in DIR/plant/NAME/ in front of the sources, which
stay as they are.  The model must catch a row within the episodes it names;
--times tells how often it does, up to N times.  NAME runs the rows whose name
holds it.  Ends with N caught, N missed.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SOURCES = ["tests/property/model_trail.c", "runtime/pvm/types.c",
           "runtime/obj/idmap.c", "runtime/obj/entries.c",
           "runtime/obj/classes.c", "runtime/obj/compare.c",
           "runtime/obj/equal.c", "runtime/obj/hash.c"]
ROOMS = ["mem", "tape", "gc", "trail", "coll"]
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-fno-strict-aliasing", "-O1", "-w"]
LIBRARIES = ["-lxxhash", "-lm"]
SECONDS = 30            # for one row; more is a hang
SECONDS_EPISODE = 0.01  # and for each of its episodes


class Row:
    """A planted bug: `old` stands once in `path` and becomes `new`."""

    def __init__(self, name):
        self.name, self.path, self.within = name, None, None
        self.by = None    # the program that must notice it
        self.old, self.new = [], []

    def directory(self, base):
        return os.path.join(base, re.sub(r"\W+", "-", self.name).strip("-"))


def rows(path):
    found = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            word, _, rest = line.partition(" ")
            if line.startswith("== "):
                found.append(Row(rest))
            elif not line or line.startswith("#"):
                continue
            elif word == "in":
                found[-1].path = rest
            elif word == "by":
                found[-1].by = rest
            elif word == "within":
                found[-1].within = int(rest)
            elif line[0] == "-":
                found[-1].old.append(line[1:])
            elif line[0] == "+":
                found[-1].new.append(line[1:])
            else:
                sys.exit(f"{path}:{number}: not understood: {line}")
    return found


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


class Planter:
    def __init__(self, options):
        self.cc = options.cc.split()
        self.base = os.path.join(options.build, "plant")
        self.times = options.times
        self.sources = list(SOURCES)
        for room in ROOMS:
            folder = os.path.join("runtime", room)
            self.sources += sorted(os.path.join(folder, n)
                                   for n in os.listdir(folder)
                                   if n.endswith(".c"))
        self.prepare()

    def compile(self, source, folder, front=()):
        """The object of a source that may lie in a patched copy."""
        out = os.path.join(folder, source.replace("/", "_")[:-2] + ".o")
        os.makedirs(folder, exist_ok=True)
        place = source
        for f in front:
            if os.path.exists(os.path.join(f, source)):
                place = os.path.join(f, source)
        includes = [f"-I{f}" for f in front] + ["-I."]
        subprocess.run([*self.cc, *FLAGS, *includes, "-c", "-o", out, place],
                       check=True)
        return out

    def prepare(self):
        """Objects of the sources as they are."""
        self.good = {s: self.compile(s, os.path.join(self.base, "good"))
                     for s in self.sources}

    def affected(self, path):
        """The sources to compile again: a header reaches them all."""
        if path.endswith(".c"):
            return [path]
        return [s for s in self.sources if "/mem/" not in s]

    def plant(self, row):
        """The program with the bug; a sentence when the patch is stale."""
        text, old = read(row.path), "\n".join(row.old)
        if (n := text.count(old)) != 1:
            return None, f"its text stands {n} times in {row.path}"
        folder = row.directory(self.base)
        shutil.rmtree(folder, ignore_errors=True)    # of an earlier text
        write(os.path.join(folder, row.path),
              text.replace(old, "\n".join(row.new)))
        objects = dict(self.good)
        try:
            for source in self.affected(row.path):
                objects[source] = self.compile(source, folder, [folder])
            program = os.path.join(folder, "model_trail")
            subprocess.run([*self.cc, "-o", program, *objects.values(),
                            *LIBRARIES], check=True)
        except subprocess.CalledProcessError:
            return None, "it does not compile"
        return program, None

    def run(self, row):
        """(whether it was caught, what to say)"""
        program, why = self.plant(row)
        if why:
            return False, why
        failed, why = [], ""
        while len(failed) < self.times:
            # a crash ends the program: it goes on behind that episode
            first = failed[-1] if failed else 0
            try:
                ran = self.run_model(program, first, row.within - first,
                                     self.times - len(failed))
            except subprocess.TimeoutExpired:
                return True, "caught: it hangs"
            found = re.findall(r"episode (\d+) failed", ran.stdout)
            told = re.search(r"error: .*?: (?:operation \d+ )?(.*)",
                             ran.stdout)
            why = why or (told.group(1) if told else "")
            failed += [first + int(n) for n in found]
            if not found or failed[-1] in (0, row.within):
                break
        if not failed:
            return False, f"NOT CAUGHT in {row.within} episodes"
        often = f"{len(failed)} in {failed[-1]}, " if self.times > 1 else ""
        return True, f"caught after {failed[0]:>4} episodes  {often}{why}"

    def run_model(self, program, first, episodes, failures):
        return subprocess.run(
            [program, "--seed", str(1 + first), "--episodes", str(episodes),
             "--failures", str(failures)],
            capture_output=True, text=True,
            timeout=SECONDS + SECONDS_EPISODE * episodes)


def plant_all(doc, rows_files, make):
    """The main of a planter: its rows stand in files, whose names are separated
    by blanks; make(options) gives what has run(row), and maybe
    last(rows), more (name, caught, text) once all rows have run."""
    p = argparse.ArgumentParser(description=doc.split("\n")[0])
    p.add_argument("--build", default="build")
    p.add_argument("--cc", default="gcc")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--times", type=int, default=1)
    p.add_argument("names", nargs="*", metavar="NAME")
    options = p.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(os.path.join(here, "../.."))
    planted = [r for f in rows_files.split() for r in rows(f)]
    if options.names:
        planted = [r for r in planted
                   if any(n in r.name for n in options.names)]
    planter, start, caught, missed = make(options), time.time(), 0, 0

    def told():
        with ThreadPoolExecutor(options.jobs) as pool:
            for row, (ok, text) in zip(planted, pool.map(planter.run, planted)):
                yield row.name, ok, text
        yield from getattr(planter, "last", lambda rows: ())(planted)

    for name, ok, text in told():
        print(f"{name:56} {text[:90]}", flush=True)
        caught, missed = caught + ok, missed + (not ok)
    print(f"{caught} caught, {missed} missed ({time.time() - start:.0f} s)")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    plant_all(__doc__, "tests/property/planted.def "
                       "tests/property/planted_gc.def "
                       "tests/property/planted_window.def", Planter)
