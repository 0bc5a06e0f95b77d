"""Many networks of one architecture, trained together: alone, a small one leaves nearly all of a GPU idle.

`stacking.py` makes one model of K networks, `solvers.py` changes all of them at once, `data.py` has their
images and batches on the device, `loop.py` is the loop, which `capturing.py` hands to the GPU as a whole,
and `chunks.py` keeps fleets as small as the memory needs. A network of a fleet gets the batches that it would
get alone; its weights differ from those by rounding, and from those of another fleet's size, too.
"""
