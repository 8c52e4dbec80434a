"""What the layout's readers raise."""


class LayoutError(ValueError):
    """Bytes that are not what their kind of file holds; the message says what is wrong."""
