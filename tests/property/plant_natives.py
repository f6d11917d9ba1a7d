#!/usr/bin/env python3
"""Plants the bugs of planted_natives.def, one at a time, in natives and what
they are built on, and runs a unit test on each.

    plant_natives.py [--build=DIR] [--cc=CC] [--jobs=N] [NAME...]

The patched copies of runtime/obj, runtime/coll and runtime/vm lie in
DIR/plant/vm/NAME/; the sources stay as they are.  NAME runs the rows whose name
holds it.  Ends with N caught, N missed.
"""
import plant
import plant_mem


class Planter(plant_mem.Planter):
    rooms = ["obj", "coll", "vm"]
    test = "unit/test_natives_list"


if __name__ == "__main__":
    plant.plant_all(__doc__, "tests/property/planted_natives.def", Planter)
