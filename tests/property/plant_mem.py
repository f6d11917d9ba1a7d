#!/usr/bin/env python3
"""Plants the bugs of planted_mem.def, one at a time, in the allocators, and
runs their model on each.

    plant_mem.py [--build=DIR] [--cc=CC] [--jobs=N] [NAME...]

The patched copy of runtime/mem lies in DIR/plant/mem/NAME/; the sources stay as
they are.  NAME runs the rows whose name holds it.  Ends with N caught, N
missed.
"""
import glob
import os
import shutil
import subprocess

from plant import FLAGS, plant_all, read, write

LIBRARIES = ["-lcmocka", "-lxxhash", "-lutf8proc", "-lm"]
SECONDS = 120    # for one row; more is a hang


class Planter:
    rooms = ["mem"]                 # compiled anew, with the bug in one file
    test = "property/model_mem"     # what is to notice it

    def __init__(self, options):
        self.cc = options.cc.split()
        self.base = os.path.join(options.build, "plant", self.rooms[-1])
        self.lib = os.path.join(options.build, "lib/libpal.a")

    def build(self, row):
        """The program with the bug; a sentence when the patch is stale."""
        text, old = read(row.path), "\n".join(row.old)
        if (n := text.count(old)) != 1:
            return None, f"its text stands {n} times in {row.path}"
        folder = row.directory(self.base)
        shutil.rmtree(folder, ignore_errors=True)
        for room in self.rooms:
            shutil.copytree(f"runtime/{room}",
                            os.path.join(folder, "runtime", room))
        write(os.path.join(folder, row.path),
              text.replace(old, "\n".join(row.new)))
        program = os.path.join(folder, "program")
        test = f"tests/{row.by or self.test}.c"
        made = subprocess.run(
            [*self.cc, *FLAGS, "-DNDEBUG", f"-I{folder}", "-I.", "-o", program,
             test, *glob.glob(f"{folder}/runtime/*/*.c"), self.lib,
             *LIBRARIES], capture_output=True, text=True)
        return (None, "it does not compile") if made.returncode else (
            program, None)

    def run(self, row):
        """(whether it was caught, what to say)"""
        program, why = self.build(row)
        if why:
            return False, why
        try:
            ran = subprocess.run([program], capture_output=True,
                                 timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return True, "caught: it hangs"
        if ran.returncode < 0:
            return True, "caught: it crashes"
        return ran.returncode != 0, "caught" if ran.returncode else "NOT CAUGHT"


if __name__ == "__main__":
    plant_all(__doc__, "tests/property/planted_mem.def", Planter)
