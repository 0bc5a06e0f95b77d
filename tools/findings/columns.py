"""The measures that most findings are about, each with its decision rule; no rule changes an AUC."""

AUC, ACCURACY, THRESHOLDED = ("auc", "any"), ("accuracy", "argmax"), ("accuracy", "prior")
