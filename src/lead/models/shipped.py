"""Trained models that come with the package, by name."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "weights"


def shipped_models() -> tuple[str, ...]:
    """Names of all of them, in order."""
    return tuple(sorted(folder.name for folder in _FOLDER.glob("*") if (folder / "config.json").is_file()))


def find_model(source: str | Path) -> Path:
    """The folder of a shipped model when `source` is its name and no such file or folder is there; else `source`."""
    path = Path(source)
    return _FOLDER / path if not path.exists() and str(source) in shipped_models() else path
