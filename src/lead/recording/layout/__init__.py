"""LEAD's data layout: what the files of a recorded route hold. One module a kind of file, bytes to arrays and back."""

from lead.recording.layout.kinds import KINDS, FileKind, LayoutError
from lead.recording.layout.route import RouteFolder, write_file

__all__ = ["KINDS", "FileKind", "LayoutError", "RouteFolder", "write_file"]
