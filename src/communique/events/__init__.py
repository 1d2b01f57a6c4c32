"""Events: which records of many articles tell one event or one claim, who told it first, and where they contradict."""

from communique.errors import MissingExtraError

try:
    from communique.events.group import Grouping, group, group_events
except ModuleNotFoundError as error:
    if error.name and error.name.partition(".")[0] in {"datasketch", "numpy", "rigour", "scipy"}:
        raise MissingExtraError.of("grouping events", "events") from error
    raise
from communique.events.event import Event, notes_of, read_events
from communique.events.score import Score, compare

__all__ = ["Event", "Grouping", "Score", "compare", "group", "group_events", "notes_of", "read_events"]
