"""Route files, the lane graph and plans."""
