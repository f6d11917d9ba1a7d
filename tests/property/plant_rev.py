#!/usr/bin/env python3
"""Plants the bugs of planted_rev.def, one at a time, in the compiler, and runs
random programs of reversible functions with each.

    plant_rev.py [--build=DIR] [--jobs=N] [NAME...]

A row replaces one piece of text in one source file; the patched copy lies in
DIR/plant/rev/NAME/ in front of the sources, which stay as they are, and `pal`
is linked with it and with the objects that DIR has.  A row must be caught
within the programs it names.  NAME runs the rows whose name holds it.  At
last `pal check --round-trip` is tried on one.  Ends with N caught, N missed.
"""
import glob
import os
import re
import subprocess
import sys

from plant import SECONDS, plant_all, read, write

LIBRARIES = "-ljansson -lzstd -lutf8proc -lxxhash -lm".split()


class Planter:
    def __init__(self, options):
        self.build = options.build
        self.base = os.path.join(options.build, "plant/rev")
        self.command = read(os.path.join(options.build, "flags")).replace(
            "'", "").replace("-Werror", "-w").split()
        self.drivers = sorted(
            glob.glob(os.path.join(self.build, "obj/frontend/driver/*.o")) +
            [o for o in glob.glob(os.path.join(
                self.build, "obj/runtime/driver/*.o"))
             if not o.endswith("/pvmr.o")])

    def plant(self, row):
        """Where bin/pal has the bug; a sentence when the patch is stale."""
        text, old = read(row.path), "\n".join(row.old)
        if (n := text.count(old)) != 1:
            return None, f"its text stands {n} times in {row.path}"
        folder = row.directory(self.base)
        patched = os.path.join(folder, row.path)
        write(patched, text.replace(old, "\n".join(row.new)))
        os.makedirs(os.path.join(folder, "bin"), exist_ok=True)
        pvmr = os.path.join(folder, "bin/pvmr")
        if not os.path.lexists(pvmr):
            os.symlink(os.path.abspath(os.path.join(self.build, "bin/pvmr")),
                       pvmr)
        try:
            made = os.path.join(folder, "patched.o")
            subprocess.run([*self.command, "-c", "-o", made, patched],
                           check=True)
            subprocess.run([self.command[0], "-o",
                            os.path.join(folder, "bin/pal"), *self.drivers,
                            made, os.path.join(self.build, "lib/libpal.a"),
                            *LIBRARIES], check=True)
        except subprocess.CalledProcessError:
            return None, "it does not compile"
        return folder, None

    def run(self, row):
        """(whether it was caught, what to say)"""
        folder, why = self.plant(row)
        if why:
            return False, why
        try:
            ran = subprocess.run(
                [sys.executable, "tests/property/reversible.py", "--first",
                 f"--build={folder}", f"--count={row.within}", "--tries=0",
                 f"--out={folder}"], capture_output=True, text=True,
                timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return False, f"NOT CAUGHT in {SECONDS} seconds"
        told = re.search(r"FAILED seed (\d+): (.*)\n *(.*)", ran.stdout)
        if not told or "the runner" in told[2]:
            return False, f"NOT CAUGHT in {row.within} programs"
        return True, f"caught by program {told[1]:>4}  {told[2]}: {told[3]}"

    def last(self, planted):
        for row in planted:
            if row.name == "an op is its own pair":
                yield ("pal check --round-trip", *self.users_see(row))

    def users_see(self, row):
        """Whether `pal check --round-trip` shows a bug to whom it befalls."""
        folder, why = self.plant(row)
        if why:
            return False, why
        source = os.path.join(folder, "sum.pal")
        write(source, "rev fn add(k: int, mut sum: int, mut other: int) "
                      "{ sum += k }\nfn main() { }\n")
        ran = subprocess.run([os.path.join(folder, "bin/pal"), "check",
                              "--round-trip", "--seed=1", source],
                             capture_output=True, text=True, timeout=SECONDS)
        seen = ("add: FAILED forwards and back: the state is another one\n"
                "    var v1: int = 0\n    var v2: int = 0\n"
                "    add(1, &v1, &v2)\n1 function, 1 failed, seed 1\n")
        if ran.returncode == 1 and ran.stdout == seen:
            return True, "caught and shown as its smallest case"
        return False, f"status {ran.returncode}: {ran.stdout!r}"


if __name__ == "__main__":
    plant_all(__doc__, "tests/property/planted_rev.def", Planter)
