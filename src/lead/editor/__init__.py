"""The route editor: a page in the browser to click routes on a map, and the local server behind it."""

from lead.editor.server import EditorError, EditorServer
from lead.editor.session import Session

__all__ = ["EditorError", "EditorServer", "Session"]
