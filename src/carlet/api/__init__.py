"""The remote methods, grouped by what they are about: each module has a table METHODS."""
