#!/usr/bin/env python3
"""Plants the bugs of planted_match.def, one at a time, in the compiler, and runs
random matches with each.

    plant_match.py [--build=DIR] [--jobs=N] [NAME...]

Rows are those of plant_rev.py; matches.py must find each within the programs
it names.  Ends with N caught, N missed.
"""
import os
import re
import subprocess
import sys

import plant_rev
from plant import SECONDS, plant_all


class Planter(plant_rev.Planter):
    def __init__(self, options):
        super().__init__(options)
        self.base = os.path.join(options.build, "plant/match")

    def run(self, row):
        folder, why = self.plant(row)
        if why:
            return False, why
        try:
            ran = subprocess.run(
                [sys.executable, "tests/property/matches.py",
                 f"--build={folder}", f"--count={row.within}",
                 f"--out={folder}"], capture_output=True, text=True,
                timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return False, f"NOT CAUGHT in {SECONDS} seconds"
        last = re.search(r"(\d+) passed, (\d+) failed\s*\Z", ran.stdout)
        if not last or not int(last[2]):
            return False, f"NOT CAUGHT in {row.within} programs"
        return True, f"caught by {last[2]} of {row.within} programs"

    def last(self, planted):
        return ()


if __name__ == "__main__":
    plant_all(__doc__, "tests/property/planted_match.def", Planter)
