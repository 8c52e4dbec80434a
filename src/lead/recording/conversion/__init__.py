"""Recordings from LEAD's layout to 123D's logs and back, as far as one has what the other wants."""
