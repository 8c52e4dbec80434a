"""One world: town, actors, clock, settings and weather."""

from carlet.episode.episode import SPECTATOR_ID, Attachment, Episode, EpisodeError

__all__ = ["SPECTATOR_ID", "Attachment", "Episode", "EpisodeError"]
