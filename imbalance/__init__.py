"""The library of the study: data sets, subsets, networks, methods, training, evaluation, figures.

It does not use DVC; the stages in `stages/` call it.
"""
