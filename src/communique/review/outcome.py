"""What decisions make of results: reviewed results, figures of how often the verdicts were right, and gold."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from communique.batch.export import written_whole
from communique.documents import Document, number_sentences
from communique.errors import ConfigurationError, OutputError
from communique.evaluation.counts import wilson
from communique.grounding import check_record, load_policy, supported_anew
from communique.grounding.article import article_of
from communique.grounding.changes import with_aliases
from communique.grounding.derive import derive
from communique.grounding.mentions import aliases
from communique.review.decision import (
    JUDGES,
    OPEN,
    DecisionsFile,
    Standing,
    edited_fingerprint_of,
    fingerprint_of,
    key_of,
    stated,
)
from communique.review.queue import Queue
from communique.schemas import Actor, Check, Evidence, Record, Rejection, Statement, VerifiedSummary, leaves
from communique.schemas.stored import json_text, loaded
from communique.sinks.cards import values_of
from communique.sinks.identifiers import identified
from communique.sinks.remarks import path_label

MISSING = "records_missing_in_review"
"""Warning: a person marked sentences that state something for which there is no record."""
_ANEW = frozenset({"accepted_in_review", "not_reviewed"})  # what an earlier pass said of a record is said again
_NAME = re.compile(r"(?!.*\.meta$)[\w-][\w.-]*", re.IGNORECASE)
_LONGEST = 200  # bytes of an id that is a file name: file systems take 255, and a temporary name is longer


class CorrectionError(ConfigurationError):
    """What a person wants is no record of its type; `path` leads to the field: `("participants", 0, "name")`."""

    def __init__(self, said: str, *path: str | int) -> None:
        names = ".".join(part for part in path if isinstance(part, str))
        super().__init__(f"{path_label(names)}: {said}" if names else said)
        self.path = path


def sentences_of(summary: VerifiedSummary) -> dict[int, Evidence]:
    """Return the sentences that a record may cite: all of a kept text, else those that some record cites."""
    info = summary.document
    if not info.text:
        return {item["sentence"]: Evidence.model_validate(item) for item in summary.to_dict()["sentences"]}
    numbered = number_sentences(info.text, info.language or "en")
    return {s.number: Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end) for s in numbered}


def corrected(record: Record, edited: Mapping[str, Any], summary: VerifiedSummary) -> Record:
    """Return the record that a person wants instead of one of a result; `edited` is as `stated` gives it.

    Its values are the person's; codes and dates are derived anew. If the text was kept, `checks` has what the rules say
    of it; else it is a `draft`, which nobody compared with the article. Raises CorrectionError if it is none of this type.
    """
    info, cited = summary.document, edited.get("evidence")
    known = sentences_of(summary) | {e.sentence: e for e in record.evidence}  # which have the page of a PDF
    if not isinstance(cited, list) or not cited:
        raise CorrectionError("cite a sentence", "evidence")
    if unknown := [n for n in cited if not isinstance(n, int) or n not in known]:
        raise CorrectionError(f"there is no sentence {str(unknown[0])[:20]} to cite", "evidence")
    try:
        made = loaded(type(record), edited, {n: e.model_dump(mode="json") for n, e in known.items()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CorrectionError(first["msg"], *first["loc"]) from error
    except TypeError as error:
        raise CorrectionError("a list was expected") from error
    text, published = info.text or "\n".join(e.exact for e in known.values()) or info.id, None
    with suppress(ValueError):
        published = dt.date.fromisoformat((info.published or "")[:10])
    document = Document(text=text, id=info.id, language=info.language or "en", published=published)
    article, old = article_of(document), (leaf.owner for leaf in leaves(record))
    forms = {actor.name: actor.aliases for actor in old if isinstance(actor, Actor)}
    named = with_aliases(made, lambda name: forms.get(name) or (aliases(name, article) if info.text else ()))
    made = made.model_copy(update=named)
    made = derive([made], document)[0].model_copy(update={"id": record.id, "verdict": "draft"})
    if not info.text:
        return made
    checks = []  # without what they would do: a person decides
    for check in check_record(made, article, frozenset(), load_policy("strong")).checks:
        severity = "flag" if check.severity == "reject" or check.change != "kept" else check.severity
        checks.append(check.model_copy(update={"severity": severity, "change": "kept", "was": None}))
    verdict = "flagged" if any(check.severity == "flag" for check in checks) else "supported"
    return supported_anew(made, document).model_copy(update={"checks": tuple(checks), "verdict": verdict})


def reviewed(summary: VerifiedSummary, decisions: DecisionsFile) -> VerifiedSummary:
    """Return a result after review.

    A record that stays has a check that tells what a person decided: `accepted_in_review`, one `corrected_in_review`
    for each field with both values, or `not_reviewed`. A rejected record becomes a rejection.
    """
    sha, rejections, provenance = summary.document.sha256, [*summary.rejections], summary.provenance
    groups: dict[str, list[Record]] = {kind: [] for kind in summary.records}
    for kind, record, named in identified(summary):
        states = fingerprint_of(record), edited_fingerprint_of(record)
        standing = decisions.standing_of(key_of(sha, named.id), named.id, *states)
        if standing.state == "rejected":
            because = _check("rejected_in_review", "contradicted", f"Rejected by {standing.told}", "reject")
            rejections.append(Rejection.of(record, because, stated(record)).model_copy(update={"kind": kind}))
        else:
            groups[kind].append(marked(record, standing, summary))
    kept = (r for group in groups.values() for r in group if summary.brief)
    brief = tuple(Statement(text=r.headline, record=r.id, evidence=r.evidence) for r in kept)
    if decisions.missing(sha) and MISSING not in provenance.warnings:
        provenance = provenance.model_copy(update={"warnings": (*provenance.warnings, MISSING)})
    changed = {"records": {kind: tuple(group) for kind, group in groups.items()}, "rejections": tuple(rejections)}
    return summary.model_copy(update={**changed, "brief": brief, "provenance": provenance})


def marked(record: Record, standing: Standing, summary: VerifiedSummary) -> Record:
    """Return a record, unless it is rejected, as its review left it, with the checks that say so, each once.

    A record on which nobody decided is `flagged`; what a person accepted is not: its flags become notes.
    """
    checks, state = [check for check in record.checks if check.reason not in _ANEW], standing.state
    why = f"Decided by {standing.told}, but {standing.why}" if standing.why else "Nobody decided on it yet"
    if state == "corrected" and standing.last:
        try:
            new = corrected(record, standing.last.edited or {}, summary)
        except ConfigurationError as error:  # the record type has changed
            state, why = "again", f"The correction no longer fits: {error}"
        else:
            if changes := [*_changes(record, new, f"Corrected by {standing.told}")]:
                return new.model_copy(update={"checks": (*new.checks, *changes)})
            if any(check.reason == "corrected_in_review" for check in checks):
                return record
    if state in {"accepted", "corrected"}:
        checks = [check.model_copy(update={"severity": "note"}) for check in checks]
        mark = _check("accepted_in_review", "supported", f"{state.capitalize()} by {standing.told}")
        verdict = "supported" if record.verdict == "flagged" else str(record.verdict)
    else:
        mark, verdict = _check("not_reviewed", "not_checked", why, "flag"), "flagged"
    return record.model_copy(update={"checks": (*checks, mark), "verdict": verdict})


def _check(reason: str, outcome: str, detail: str, severity: str = "note", **more: Any) -> Check:
    told = {"field": "record", "reason": reason, "outcome": outcome, "detail": detail, "severity": severity}
    return Check.model_validate(told | more)


def _changes(record: Record, other: Record, detail: str) -> Iterator[Check]:
    old, new = stated(record), stated(other)
    for name in new:
        if old.get(name) != new[name]:
            was, proposal = (_brief(getattr(r, name, None)) for r in (record, other))
            values = {"field": name, "change": "replaced", "was": was, "proposal": proposal or "nothing"}
            yield _check("corrected_in_review", "contradicted", detail, **values)


def _brief(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Evidence):
        return ", ".join(str(e.sentence) for e in value)
    return "; ".join(map(str, values_of(value)))


def figures(queue: Queue) -> list[dict[str, Any]]:
    """Return, for all and by verdict, how many of the decided records were accepted as they are.

    Each row has `of` (`all`, `supported`), `decided`, `articles`, `accepted`, `corrected`, `rejected`, `precision`
    (accepted / decided) and its 95 % interval `low` to `high`. Records of one article are not independent: the interval
    is as wide as if they were right or wrong together.
    """
    settled = [(entry, standing.state) for entry, standing in queue.standings() if standing.state not in OPEN]
    rows = []
    for name in ("all", "flagged", "draft", "supported", "verified"):
        group = [(entry, state) for entry, state in settled if name in {"all", entry.verdict}]
        if group:
            found, sizes = Counter(state for _, state in group), Counter(entry.document for entry, _ in group)
            share = found["accepted"] / len(group)
            low, high = wilson(share, len(group) ** 2 / sum(n * n for n in sizes.values()))
            row = {"of": name, "decided": len(group), "articles": len(sizes)} | {s: found[s] for s in JUDGES.values()}
            rows.append({**row, "precision": share, "low": low, "high": high})
    return rows


def write_gold(queue: Queue, folder: Path) -> dict[str, int]:
    """Write each article of which every record was decided: `ID.json`, `ID.meta.json`, `ID.txt` if the text was kept.

    What is marked as missing becomes a record of its type with evidence alone. Half of the articles, by the hash of
    their text, have `held_out`: no article is on both sides. Gold that is there stays: somebody may have completed it.

    Returns the numbers of articles: `written` (also what is there already as it would be written), and left out:
    `undecided`, `unnamed` (the id is no file name), and `taken` (other gold has the id, upper and lower case being one).
    Raises OutputError.
    """
    told: dict[str, int] = {"written": 0, "undecided": 0, "unnamed": 0, "taken": 0}
    there = {path.name.casefold(): path for path in folder.glob("*")}
    for number in sorted({entry.rank[-2] for entry in queue.entries.values()}):
        after = reviewed(queue.summary(number), queue.decisions)
        info = after.document
        if any(check.reason == "not_reviewed" for record in after.all_records() for check in record.checks[-1:]):
            told["undecided"] += 1
        elif not _NAME.fullmatch(info.id) or len(info.id.encode()) > _LONGEST:
            told["unnamed"] += 1
        else:
            gold: dict[str, Any] = {kind: [*map(_gold, records)] for kind, records in after.records.items()}
            for mark in queue.decisions.missing(info.sha256):
                gold.setdefault(mark.kind, []).append({"evidence": [e.exact for e in mark.sentences]})
            gold |= {"id": info.id, "language": info.language}
            held_out = int(key_of(info.sha256, "")[:8], 16) % 2 == 0
            meta = {"id": info.id, "title": info.title, "held_out": held_out}
            files = {".json": json_text(gold, 1), ".meta.json": json_text(meta, 1), ".txt": info.text or ""}
            named = {info.id + end: text for end, text in files.items() if text}
            told["written" if _write(folder, named, there) else "taken"] += 1
    return told


def _gold(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = stated(record, lambda e: e.exact)
    if record.derived.date:  # without it, every resolved time would count as wrong
        found["derived"] = {"date": record.derived.date}
    return found


def _write(folder: Path, files: dict[str, str], there: dict[str, Path]) -> bool:
    """Write files unless one of them is `there`, by its name in lower case, with other content."""
    try:
        found = ((there.get(name.casefold()), text) for name, text in files.items())
        if any(path and path.read_bytes() != text.encode() for path, text in found):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with written_whole(folder / name) as file:
                file.write(text)
            there[name.casefold()] = folder / name
    except OSError as error:
        raise OutputError(f"can't write to {folder}: {error.strerror or error}") from error
    return True
