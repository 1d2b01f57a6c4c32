"""Events: which records of many articles tell one event or one claim, who told it first, and where they contradict."""

from communique.errors import MissingExtraError

with MissingExtraError.naming("grouping events", "events"):
    from communique.events.event import Event, notes_of, read_events
    from communique.events.group import Grouping, group_events
    from communique.events.score import Score, compare

__all__ = ["Event", "Grouping", "Score", "compare", "group_events", "notes_of", "read_events"]
