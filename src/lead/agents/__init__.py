"""The CARLA leaderboard agent interface and our own agents."""
