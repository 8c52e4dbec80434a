"""Recording drives in LEAD's data layout, and reading what was recorded."""
