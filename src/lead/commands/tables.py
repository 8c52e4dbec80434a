"""Tables of numbers by scenario type."""

from collections.abc import Sequence

from rich import box
from rich.table import Table


def scenario_table(columns: Sequence[str], width: int, narrowest: int) -> Table:
    """An empty table of scenario types for a console of so many characters, with a column of numbers for each name.

    Where it is too narrow the types' names are cut, down to `narrowest` characters, and the numbers stay whole.
    """
    numbers = sum(len(name) + 2 for name in columns) + 1
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("scenario", no_wrap=True, min_width=narrowest, max_width=max(width - numbers, narrowest))
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    return table
