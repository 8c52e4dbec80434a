"""TransFuser v6: cameras, LiDAR and radar fused by transformers; perception heads; a planner of queries.

Source: LEAD (CVPR 2026). Frames: CARLA's ego frame (x forward, y right, metres); a bird's-eye raster has rows along
y and columns along x.
"""
