"""Many networks of one architecture, trained together: alone, a small one leaves nearly all of a GPU idle.

`stacking.py` makes one model of K networks, `solvers.py` changes all of them at once, `training.py` is the
loop, which `capturing.py` hands to the GPU as a whole. A network of a fleet gets the batches that it would
get alone; its weights differ from those by rounding, and from those of another fleet's size, too.
"""
