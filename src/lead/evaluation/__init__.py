"""Protocols, criteria, scoring, the runner, records and the report."""
