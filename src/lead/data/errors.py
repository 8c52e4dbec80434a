"""What loading raises."""


class DataError(ValueError):
    """Recordings, records or settings that cannot be used; one sentence that names the file or key."""
