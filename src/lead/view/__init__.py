"""Pictures and videos of what happened."""
