"""How fast the training is: measurements that print tables."""
