"""The driver's settings, and how a line of text sets them."""

from dataclasses import dataclass, fields, replace

from lead.suggestions import suggest


class ExpertConfigError(ValueError):
    """A setting that does not exist or has no such value; the message is one sentence."""


@dataclass(frozen=True)
class ExpertConfig:
    """Settings of the expert. The first three are LEAD's interventions, to be switched off one by one in ablations."""

    visibility: bool = True
    """React only to what a student's sensors can see; off: to all within `sight_m`."""
    uncertainty: bool = True
    """Slow down at night, in rain, in clutter and where the view is blocked; keep wide margins."""
    intent: bool = True
    """Of two ways round an obstacle take the one to which the target points lead."""
    sight_m: float = 96.0
    """How far away an actor may be to count."""
    memory_s: float = 1.5
    """How long an actor counts that has just gone out of sight (s)."""
    max_speed: float = 20.0
    """Never faster than this (m/s)."""
    min_free_speed: float = 6.75
    """No rule of thumb lowers the free speed below this (m/s)."""
    junction_speed: float = 25.0 / 3.6
    """In junctions of slow roads (m/s)."""
    overtaking_speed: float = 40.0 / 3.6
    """On the wrong side of the road (m/s)."""
    acceleration: float = 5.0
    """With which the ego is assumed to speed up in forecasts, at 10 m/s (m/s2)."""
    braking: float = 5.0
    """With which it can stop without trouble (m/s2)."""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not isinstance(value, bool) and not value > 0.0:
                raise ExpertConfigError(f"{one.name} must be above zero, not {value}")


def parse_config(text: str, base: ExpertConfig | None = None) -> ExpertConfig:
    """The settings `base` with changes such as `visibility=false max_speed=15` (blanks or commas part them).

    Raises ExpertConfigError for a name or a value that there is not.
    """
    config = ExpertConfig() if base is None else base
    for item in text.replace(",", " ").split():
        name, _, value = item.partition("=")
        config = replace(config, **{name: _value(name, value)})
    return config


def _value(name: str, text: str) -> bool | float:
    kinds = {one.name: type(one.default) for one in fields(ExpertConfig)}
    if name not in kinds:
        raise ExpertConfigError(f"the expert has no setting {name!r}{suggest(name, kinds)}")
    if kinds[name] is bool:
        if text.lower() not in ("true", "false"):
            raise ExpertConfigError(f"{name} must be true or false, not {text!r}")
        return text.lower() == "true"
    try:
        return float(text)
    except ValueError:
        raise ExpertConfigError(f"{name} must be a number, not {text!r}") from None
