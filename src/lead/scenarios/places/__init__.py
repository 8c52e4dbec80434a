"""Places for scenarios: where in a town a type finds what it needs, and routes made of that."""
