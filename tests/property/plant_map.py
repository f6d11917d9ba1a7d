#!/usr/bin/env python3
"""Plants the bugs of planted_map.def, one at a time, in maps, and runs their
model on each.

    plant_map.py [--build=DIR] [--cc=CC] [--jobs=N] [NAME...]

The patched copies of runtime/obj and runtime/coll lie in DIR/plant/coll/NAME/;
the sources stay as they are.  NAME runs the rows whose name holds it.  Ends
with N caught, N missed.
"""
import plant
import plant_mem


class Planter(plant_mem.Planter):
    rooms = ["obj", "coll"]
    test = "property/model_map"


if __name__ == "__main__":
    plant.plant_all(__doc__, "tests/property/planted_map.def", Planter)
