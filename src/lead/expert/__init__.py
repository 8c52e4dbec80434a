"""A rule-based driver that uses only what a student could know; pure functions over one frozen scene a tick."""
