"""Group records into events, from nothing or into events that are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from communique.events.blocking import Blocks, pairs
from communique.events.compose import compose
from communique.events.event import Event
from communique.events.linkage import clusters, components, join, links
from communique.events.mention import Key, Mention, mentions
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary


@dataclass(slots=True)
class Grouping:
    """Which records tell one event.

    Attributes:
        groups: The records of each event.
        known: For each group, the event that it was before, or None.
        changed: For each group, whether anything in it is new.
        types: Record types of the records.
        blocks: What blocking came to.
        cut: Links that were cut since a component had too many members; see `communique.events.linkage`.
    """

    groups: list[list[Mention]]
    known: list[Event | None]
    changed: list[bool]
    types: Sequence[type[Record]] = STANDARD_RECORDS
    blocks: Blocks = field(default_factory=Blocks)
    cut: int = 0

    def events(self) -> Iterator[Event]:
        """Yield the events: the known ones in their order, then the new ones, the earliest told first."""
        for group, known, changed in zip(self.groups, self.known, self.changed, strict=True):
            yield known if known and not changed else compose(group, self.types, known.id if known else None)

    def record_ids(self) -> list[list[str]]:
        """Return the ids of the records of each event."""
        return [[mention.key[2] for mention in group] for group in self.groups]


def group(
    results: Iterable[VerifiedSummary],
    known: Iterable[Event] = (),
    types: Sequence[type[Record]] = STANDARD_RECORDS,
) -> Grouping:
    """Group the records of results; those of known events stay where they are, and the ids of the events, too.

    A record that is given again takes the place of the one before. What the checks rejected takes no part; what they
    flagged does.

    Args:
        results: Results as `extract` gives them.
        known: Events of an earlier grouping, which the records may join.
        types: Record types of the known events' records; those of the results are known from them.
    """
    events = list(known)
    found: list[Mention] = []
    places: dict[Key, int] = {}
    members: dict[int, list[int]] = {}
    changed = [False] * len(events)
    home: dict[int, int] = {}
    for number, event in enumerate(events):
        signatures = {(source.document, source.sha256): source.signature for source in event.sources}
        for member in event.members:
            one = VerifiedSummary.from_json(member, types)
            for mention in mentions(one, signatures.get((one.document.id, one.document.sha256), "")):
                places[mention.key] = len(found)
                home[len(found)] = number
                members.setdefault(number, []).append(len(found))
                found.append(mention)
    old = len(found)
    kinds = {kind.plural: kind for kind in types}
    for result in results:
        kinds |= {type(record).plural: type(record) for record in result.all_records()}
        for mention in mentions(result):
            place = places.setdefault(mention.key, len(found))
            if place == len(found):
                found.append(mention)
            elif found[place].result != mention.result:
                found[place] = mention
                if place < old:
                    changed[home[place]] = True
    fresh = sorted(found[old:], key=lambda m: m.order)
    found[old:] = fresh
    both, blocks = pairs(found, old)
    linked = links(both, found)
    among = [link for link in linked if link[0] >= old]
    whole, cut = components(among, len(found))
    inside = {place for component in whole for place in component}
    new = [cluster for component in whole for cluster in clusters(component, found)]
    new += [[place] for place in range(old, len(found)) if place not in inside]
    if old:
        near: dict[int, set[int]] = {}
        for left, right, _ in linked:
            if left < old:
                near.setdefault(right, set()).add(home[left])
        sizes = {number: len(places) for number, places in members.items()}
        new = join(sorted(new), members, lambda place: near.get(place, ()), found)
        changed = [was or len(members.get(n, ())) != sizes.get(n, 0) for n, was in enumerate(changed)]
    new.sort()
    return Grouping(
        groups=[[found[i] for i in sorted(members.get(n, ()))] for n in range(len(events))]
        + [[found[i] for i in places] for places in new],
        known=[*events, *[None] * len(new)],
        changed=[*changed, *[True] * len(new)],
        types=tuple(kinds.values()),
        blocks=blocks,
        cut=cut,
    )


def group_events(
    results: Iterable[VerifiedSummary],
    known: Iterable[Event] = (),
    types: Sequence[type[Record]] = STANDARD_RECORDS,
) -> list[Event]:
    """Return the events that results tell; see `group`, which gives them one at a time and says what was compared."""
    return list(group(results, known, types).events())
