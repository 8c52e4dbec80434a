"""Pictures and ranges of a scene: numba kernels over flat arrays of triangles."""
