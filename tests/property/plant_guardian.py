#!/usr/bin/env python3
"""Plants the bugs of planted_guardian.def, one at a time, in guardians and the
collector's part of them, and runs their model on each.

    plant_guardian.py [--build=DIR] [--cc=CC] [--jobs=N] [NAME...]

The patched copies of runtime/gc, runtime/trail and runtime/coll lie in
DIR/plant/guardian/NAME/; the sources stay as they are.  NAME runs the rows
whose name holds it.  Ends with N caught, N missed.
"""
import os

import plant
import plant_mem


class Planter(plant_mem.Planter):
    rooms = ["gc", "trail", "coll"]
    test = "property/model_guardian"

    def __init__(self, options):
        super().__init__(options)
        self.base = os.path.join(options.build, "plant/guardian")


if __name__ == "__main__":
    plant.plant_all(__doc__, "tests/property/planted_guardian.def", Planter)
