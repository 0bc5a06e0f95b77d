"""Fleets: many networks of one architecture, trained together, as one small network leaves a GPU nearly idle.

`stacking.py` makes one model of K networks, `solvers.py` updates all of them at once, `data.py` keeps their
images and batches on the device, `loop.py` is the training loop, whose iterations `capturing.py` submits to
the GPU as a whole, and `chunks.py` limits fleets to the memory. A network in a fleet gets the same batches as
alone; its weights differ by rounding, which also depends on the size of the fleet.
"""
