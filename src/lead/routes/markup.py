"""XML into plain elements that remember their line, so that an error can name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from lead.routes.errors import RouteError


@dataclass(frozen=True)
class Element:
    """One XML element; text between elements is not kept."""

    tag: str
    line: int
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Element"]:
        """The children of that tag, in order."""
        return (child for child in self.children if child.tag == tag)


def parse_xml(path: Path) -> Element:
    """The root element of a file; RouteError when it cannot be read, is no XML or declares a document type."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: builder.start(tag, attributes, parser.CurrentLineNumber)
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    try:
        parser.Parse(path.read_bytes(), True)
    except OSError as error:
        raise RouteError(f"{path}: cannot be read ({error.strerror or error})") from error
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise RouteError(f"{path}, line {error.lineno}: not well-formed XML ({reason})") from error
    except _DoctypeError as error:
        raise RouteError(f"{path}: a route file must not declare a document type") from error
    return builder.root()


class _DoctypeError(Exception):
    """Document types can pull in other files and blow up entities; route files have no use for them."""


class _Builder:
    def __init__(self):
        self._document = Element("", 0, {})
        self._open = [self._document]

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        element = Element(tag, line, attributes)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def refuse_doctype(self, *_declaration: object) -> None:
        raise _DoctypeError

    def root(self) -> Element:
        return self._document.children[0]
