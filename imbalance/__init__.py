"""The study's library: profiles, subsets, networks, methods, training, measures. It knows nothing of DVC."""
