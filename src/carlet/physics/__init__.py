"""Vehicle dynamics, walkers, contacts: array kernels over the actor table."""
