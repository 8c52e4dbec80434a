"""`lead train`: from recorded drives to a checkpoint; see `lead.training.train`."""

from lead.training.train import main

__all__ = ["main"]
