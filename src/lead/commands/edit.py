"""`lead routes edit`: click routes on a map in the browser."""

import webbrowser
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from lead.commands.exits import BadInputError
from lead.editor import EditorError, EditorServer, Session
from lead.routes import read_routes
from lead.routes.towns import open_town


def edit(
    file: Annotated[Path, tyro.conf.Positional] = Path("routes.xml"),
    /,
    town: str = "Town05",
    port: int = 8111,
    browser: bool = True,
):
    """Edit a route file on a map in the browser. The page answers to this machine only; Ctrl-C ends it.

    Args:
        file: The route file; it is made when it is saved for the first time.
        town: Where new routes begin.
        port: Port of the page; 0 for a free one.
        browser: Open the page in a browser.
    """
    if file.is_dir():
        raise BadInputError(f"{file} is a folder: name one route file")
    if file.exists():
        read_routes(file)
    else:
        open_town(town)
    try:
        server = EditorServer(Session(file, town), port)
    except EditorError as error:
        raise BadInputError(str(error)) from None
    Console().print(f"{file}: {server.url} (Ctrl-C ends)", highlight=False, soft_wrap=True)
    if browser:
        webbrowser.open(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        Console().print("Ended.")
    finally:
        server.server_close()
