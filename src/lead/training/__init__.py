"""Training: one loop, its configuration, what it draws samples with, and what it leaves on disk."""
