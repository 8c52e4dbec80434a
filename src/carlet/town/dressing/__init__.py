"""Everything that stands in a town: where it is put, and its triangles."""

from carlet.town.dressing.level import build_dressing

__all__ = ["build_dressing"]
