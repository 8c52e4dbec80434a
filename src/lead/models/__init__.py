"""Networks that drive: one package a model, each with configuration, modelling, losses, checkpoints and inference."""
