"""Logit-adjusted loss (Menon et al. 2021): the logits are adjusted by the class priors in training.

    L = CE(z + tau ln pi_c, y)        pi_c = n_c / N; predictions are argmax z

At the same tau it is `balanced_softmax`: ln pi_c and ln n_c differ by ln N, which the softmax cancels. Two
papers have one formula, each under its own name; the studies have this one with tau = 2. At tau = 1, it is
consistent for the balanced error. The paper's post-hoc form, argmax z_c - tau ln pi_c, is the decision rule
`logit_adjustment`, for networks that are trained by other losses; after this loss, it corrects for the priors
twice.
"""

from imbalance.methods.balanced_softmax import BalancedSoftmax


class LogitAdjusted(BalancedSoftmax):
    """`tau` scales the correction: 1 is the consistent loss, 0 the plain softmax."""
