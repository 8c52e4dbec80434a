"""What a word that is not known was meant to be."""

import difflib
from collections.abc import Iterable

_FEW = 20


def suggest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """How a sentence about an unknown word ends: `; did you mean X?` for the known word nearest to it.

    Without one of a likeness of 0 to 1 all known words are named where they are few, else nothing is said.
    """
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=likeness)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(words)}" if len(words) <= _FEW else ""
