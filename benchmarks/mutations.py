"""Gold records as drafts, and the same drafts with one thing made wrong: what checks and judge have to tell apart.

`drafts` gives the right ones, `mutations` the wrong ones of one draft. A mutation may only say what the gold doesn't
allow: other forms of an actor, optional actors, groups and accepted values are left alone.
"""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from communique import Document
from communique.evaluation.answers import Answer, Entry, strings
from communique.schemas import Record

sys.path.insert(0, str(Path(__file__).parent))
from articles import KINDS, ROLES, STATE

Json = dict[str, Any]

FLIPS = {
    "meetings": {"held": "planned", "planned": "held", "proposed": "held", "cancelled": "held", "ongoing": "planned"},
    "allegations": {"asserted": "possible", "possible": "asserted"},
    "sanctions_concerns": {
        "imposed": "potential", "potential": "imposed", "alleged": "imposed", "found": "proposed", "proposed": "imposed",
    },
}  # fmt: skip
INVENTED = "Marten Oskilde"
COUNTRIES = ("Portugal", "Paraguay", "Mongolia", "Ghana")
_TITLE = re.compile(
    r"\b(?:(?:Foreign|Prime|Defen[cs]e|Deputy|Finance|Interior)"
    r" )?(?:Minister|President|Secretary|Ambassador|Spokes(?:man|woman)|Governor)"
    r"|(?:Außen|Bundes|Premier)?(?:minister(?:in)?|präsident(?:in)?)|ministre|président|ministro|presidente",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A gold record as a model would have said it.

    Attributes:
        gold: The gold record.
        said: The item of a full answer.
    """

    gold: Entry
    said: Json


@dataclass(frozen=True, slots=True)
class Mutation:
    """A draft with one thing made wrong.

    Attributes:
        name: What was made wrong.
        said: The item.
        wrong: Tells of a record that came out whether the wrong thing is still in it.
    """

    name: str
    said: Json
    wrong: Callable[[Any], bool]


def drafts(document: Document, gold: Answer) -> Iterator[tuple[str, Draft]]:
    """Yield the gold records whose evidence is found in the document, by plural key."""
    for kind in KINDS:
        for record in gold.records[kind]:
            evidence = _numbers(document, record.evidence)
            if not evidence:
                continue
            row = record.row
            said: Json = {"evidence": evidence, **{role: _names(record.required(role)) for role in ROLES[kind]}}
            said[STATE[kind]] = row[STATE[kind]]
            if kind == "meetings":
                said |= {"place": row["place"], "when": row["when"]}
            elif kind == "allegations":
                denied_by = record.required("denied_by")
                said |= {"claim": row["claim"], "responses": _denial(denied_by, evidence) if denied_by else []}
            else:
                said |= {"concern": row["concern"], "regime": row["regime"] or []}
            yield kind, Draft(record, said)


def mutations(document: Document, kind: str, gold: Answer, draft: Draft, rng: Random) -> Iterator[Mutation]:
    """Yield a draft with one thing made wrong, each in its own way.

    Args:
        document: The article.
        kind: Plural key of the record.
        gold: Gold of the whole article.
        draft: One of `drafts`.
        rng: Chooses among names.
    """
    yield from _of_names(document, kind, gold, draft, rng)
    yield from _of_values(document, kind, draft)
    yield from _of_denials(kind, gold, draft)
    used = {n for _, d in drafts(document, gold) for n in d.said["evidence"]}
    free = [s.number for s in document.sentences if s.number not in used and s.kind != "link" and len(s.text) > 40]
    if free:
        n = rng.choice(free)
        yield _with(
            "evidence is another sentence",
            draft,
            {"evidence": [n]},
            lambda r: n in {e.sentence for e in r.evidence},
        )


def _of_names(document: Document, kind: str, gold: Answer, draft: Draft, rng: Random) -> Iterator[Mutation]:
    roles, said = ROLES[kind], draft.said
    if len(roles) == 2 and said[roles[0]] and said[roles[1]]:
        left, right = said[roles[0]][0]["name"], said[roles[1]][0]["name"]
        sides = {roles[0]: said[roles[1]], roles[1]: said[roles[0]]}
        yield _with(
            "sides swapped", draft, sides,
            lambda r: left in _named(r, roles[1]) or right in _named(r, roles[0]),
        )  # fmt: skip
    cited = _cited(document, said)
    others = _others(kind, gold, draft.gold)
    for role in filter(said.get, roles):
        titles = [m.group() for m in _TITLE.finditer(cited)]
        chosen = {
            "invented name": [INVENTED],
            "name from elsewhere": [o for o in others if o not in cited],
            "bystander": [o for o in others if o in cited],
            "title for a name": [t for t in titles if t not in _forms(draft.gold, roles, only_required=True)],
        }
        for name, candidates in chosen.items():
            if candidates:
                other = rng.choice(candidates)
                yield _with(
                    name, draft, {role: [{"name": other}, *said[role][1:]]},
                    lambda r, role=role, other=other: other in _named(r, role),
                )  # fmt: skip


def _of_values(document: Document, kind: str, draft: Draft) -> Iterator[Mutation]:
    said, field = draft.said, STATE[kind]
    to = FLIPS[kind].get(said[field])
    if to and to not in (draft.gold.row.get(f"{field}_ok") or ()):
        name = "planned told as held" if to == "held" else f"{field} flipped"
        yield _with(name, draft, {field: to}, lambda r: getattr(r, field) == to)
    cited = _cited(document, said)
    if kind == "meetings" and said["when"]:
        when = "next Friday" if "Friday" not in cited else "next Sunday"
        yield _with("time not in the text", draft, {"when": when}, lambda r: r.when == when)
    if kind == "meetings" and said["place"]:
        place = next(c for c in COUNTRIES if c not in document.text)
        yield _with(
            "wrong country",
            draft,
            {"place": {"name": place}},
            lambda r: bool(r.place) and r.place.name == place,
        )
    words = {"allegations": "claim", "sanctions_concerns": "concern"}.get(kind, "")
    number = re.search(r"\d+", said.get(words, ""))
    if number:
        wrong = str(int(number.group()) + 3)
        text = said[words][: number.start()] + wrong + said[words][number.end() :]
        yield _with("wrong number", draft, {words: text}, lambda r: wrong in getattr(r, words))


def _of_denials(kind: str, gold: Answer, draft: Draft) -> Iterator[Mutation]:
    if kind != "allegations":
        return
    said, mine = draft.said, _forms(draft.gold, ("denied_by",))
    if said["accused"] and not mine:
        answers = _denial([(said["accused"][0]["name"],)], said["evidence"])
        yield _with(
            "denial that nobody made",
            draft,
            {"responses": answers},
            lambda r: any(x.type == "denial" for x in r.responses),
        )
    accused = _forms(draft.gold, ("accused",))
    for other in gold.records["allegations"]:
        deniers = [d for d in other.required("denied_by") if not set(d) & (mine | accused)]
        if other is not draft.gold and deniers:
            name = deniers[0][0]
            yield _with(
                "denial of another claim", draft, {"responses": _denial([deniers[0]], said["evidence"])},
                lambda r, name=name: any(name in _named(x, "responders") for x in r.responses),
            )  # fmt: skip
            return


def _with(name: str, draft: Draft, changed: Json, wrong: Callable[[Any], bool]) -> Mutation:
    return Mutation(name, copy.deepcopy(draft.said) | copy.deepcopy(changed), wrong)


def _others(kind: str, gold: Answer, record: Entry) -> list[str]:
    """Return names of the article that stand for none of the record's actors."""
    forms = _forms(record, ROLES[kind])
    found = set()
    for other in (entry for entries in gold.records.values() for entry in entries):
        for role in other.actors.keys() - {"attributions"}:
            for actor in other.required(role):
                if not any(form in x or x in form for form in forms for x in actor):
                    found.add(actor[0])
    return sorted(found)


def _forms(record: Entry, roles: Iterable[str], *, only_required: bool = False) -> set[str]:
    """Return the forms that gold accepts for the actors of some roles, those of the whole group, too."""
    if only_required:
        return {form for role in roles for forms in record.required(role) for form in forms}
    single = {form for role in roles for actor in record.actors[role] for form in actor.forms}
    return single | {form for role in roles for form in strings(record.row.get(f"{role}_group"))}


def _named(part: Record, role: str) -> set[str]:
    return {actor.name for actor in getattr(part, role)}


def _names(actors: Iterable[tuple[str, ...]]) -> list[Json]:
    return [{"name": forms[0]} for forms in actors]


def _denial(deniers: Iterable[tuple[str, ...]], evidence: list[int]) -> list[Json]:
    return [{"type": "denial", "responders": _names(deniers), "evidence": evidence}]


def _cited(document: Document, said: Json) -> str:
    return " ".join(s.text for s in document.sentences if s.number in said["evidence"])


def _numbers(document: Document, quotes: Iterable[str]) -> list[int]:
    found: set[int] = set()
    for quote in quotes:
        start = document.text.find(quote)
        end = start + len(quote)
        found |= {s.number for s in document.sentences if start >= 0 and s.start < end and s.end > start}
    return sorted(found)
