"""Do the verdicts tell right records from wrong ones, and do the checks harm a strong model's answers? No model is asked.

    python benchmarks/verdicts.py ARTICLES [--gold DIR] [--answers DIR] [--judge DIR] [--ledger FILE] [--show MUTATION]
    [--name NAME]

ARTICLES holds ID.txt and ID.meta.json; the gold is ID.json beside them or in --gold.

right     Gold fed as drafts: the share that is rejected or flagged, and the share that loses a right value.
wrong     The same with one thing made wrong (`mutations.py`): the share that is rejected, flagged, or lost the wrong value.
answers   Stored answers of a strong model to the full prompt (--answers: ID.json), scored as answered, after the checks, and
          without the flagged records.
judge     Stored judgements of a strong model (--judge: ID.json), by statement: the share of right and wrong records that are
          caught by checks and judge together, over the records whose statements were judged.
ledger    For each reason: of how many right records it spoke, and of how many records with that thing made wrong which it is
          about (`ABOUT`). Written into FILE under --name; docs/write_reasons.py makes the page of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from articles import KINDS, ROLES, STATE, articles, stored
from figures import likelihood_ratio
from mutations import drafts, mutations

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.evaluation import Scores, evaluate
from communique.grounding import load_policy
from communique.grounding.judging import judged, statements
from communique.grounding.rules import RULES
from communique.schemas import Judgement, VerifiedSummary

ALL: tuple[str, ...] = ()
ABOUT: dict[str, tuple[str, ...]] = {
    "not_in_article": ("invented name",),
    "nobody_left": ("invented name",),
    "elsewhere_in_article": ("name from elsewhere",),
    "nobody_in_evidence": ("evidence is another sentence",),
    "place_not_in_article": ("wrong country",),
    "time_not_in_article": ("time not in the text",),
    "time_elsewhere": ("evidence is another sentence",),
    "unsupported_words": ("wrong number",),
    "doubt_words": ("commitment flipped",),
    "no_doubt_words": ("commitment flipped",),
    "plan_words": ("status flipped", "planned told as held"),
    "no_plan_words": ("status flipped", "planned told as held"),
    "no_cancelling_words": ("status flipped",),
    "stage_words": ("stage flipped",),
    "no_denying_words": ("denial that nobody made",),
    "accuser_denies_own_claim": ("denial that nobody made", "denial of another claim"),
    "answers_other_claim": ("denial of another claim",),
    "sides_swapped": ("sides swapped",),
    "suspect_accuses": ("sides swapped", "name from elsewhere"),
    "receiver_not_accused": ("bystander", "name from elsewhere"),
    "no_sanctions_in_evidence": ("evidence is another sentence",),
    "sport_not_diplomacy": ("evidence is another sentence",),
    "opinion_not_allegation": ("evidence is another sentence",),
    # No mutation makes just what these are about.
    "anticipated_not_discussed": ALL,
    "call_words": ALL,
    "date_of_report": ALL,
    "denier_no_accuser": ALL,
    "in_two_roles": ALL,
    "instructions_in_evidence": ALL,
    "mostly_not_in_evidence": ALL,
    "no_name": ALL,
    "nobody_named": ALL,
    "speaker_not_accused": ALL,
    "unverified": ALL,
}
"""Which ways to be wrong (`mutations.py`) a reason is about. The likelihood ratio compares these with all right records."""


@dataclass
class Table:
    """What came out, counted."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    spoke_of_right: Counter[str] = field(default_factory=Counter)
    spoke_of_wrong: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def false_alarms(self) -> float:
        """Share of right records that are rejected or flagged."""
        return (self.right["rejected"] + self.right["flagged"]) / max(self.right["n"], 1)

    @property
    def caught(self) -> float:
        """Share of wrong records that are caught."""
        return sum(w["caught"] for w in self.wrong.values()) / max(sum(w["n"] for w in self.wrong.values()), 1)

    def ledger(self) -> dict[str, dict[str, int]]:
        """Return the counts of each reason."""
        found = {}
        for reason in sorted({*self.spoke_of_right, *(r for c in self.spoke_of_wrong.values() for r in c)}):
            about = [name for name in ABOUT.get(reason, ALL) or tuple(self.wrong) if name in self.wrong]
            found[reason] = {
                "right": self.spoke_of_right[reason],
                "wrong": sum(self.spoke_of_wrong[name][reason] for name in about),
                "of_right": self.right["n"],
                "of_wrong": sum(self.wrong[name]["n"] for name in about),
            }
        return found


def read(document: Document, answer: dict[str, Any], policy: str | None = None) -> VerifiedSummary:
    """Check an answer as if a model had given it."""
    plan = Plan(repair_rounds=0, policy=policy)
    with Extractor(ScriptedBackend(lambda _: answer), plan=plan) as extractor:
        return extractor.extract(document)


def table(folder: Path, gold_folder: Path, *, show: str = "") -> Table:
    """Feed right and wrong drafts of every article through the checks."""
    found, rng = Table(), Random(7)
    for document, gold in articles(folder, gold_folder):
        for kind, draft in drafts(document, gold):
            summary = read(document, {kind: [draft.said]})
            found.right.update(_of_right(summary, kind, draft.said))
            found.spoke_of_right.update(_reasons(summary))
            for mutation in mutations(document, kind, gold, draft, rng):
                summary = read(document, {kind: [mutation.said]})
                left = [r for r in summary.all_records() if mutation.wrong(r)]
                caught = all(r.verdict == "flagged" for r in left)
                found.wrong[mutation.name].update({"n": 1, "caught": caught, "gone": not left})
                found.spoke_of_wrong[mutation.name].update(_reasons(summary))
                if show == mutation.name and not caught:
                    print(
                        document.id,
                        document.language,
                        kind,
                        json.dumps(mutation.said, ensure_ascii=False)[:300],
                    )
            if show == "right" and summary_flags(read(document, {kind: [draft.said]})):
                print(document.id, document.language, kind, json.dumps(draft.said, ensure_ascii=False)[:300])
    return found


def judged_table(folder: Path, gold_folder: Path, judgements: Path) -> Table:
    """The same with the judge's say, over the records all of whose statements were judged."""
    found, rng = Table(), Random(7)
    policy = load_policy("strong")
    for document, gold in articles(folder, gold_folder):
        judged_before = stored(judgements, document.id)
        if judged_before is None:
            continue
        said = {j["text"]: (j["probability"], tuple(j["sentences"])) for j in judged_before}

        def verdict(key: str, item: dict[str, Any], document: Document = document, said: Any = said) -> Any:
            summary = read(document, {key: [item]})
            record = next(summary.all_records(), None)
            if record is None:
                return "rejected"
            asked = statements(record)
            if any(a.text not in said for a in asked):
                return None
            given = (
                Judgement(field=a.field, statement=a.text, probability=said[a.text][0], sentences=said[a.text][1])
                for a in asked
            )
            judged_record = record.model_copy(update={"judgements": tuple(given)})
            return judged(judged_record, accept=policy.accept, refute=policy.refute)

        for kind, draft in drafts(document, gold):
            record = verdict(kind, draft.said)
            if record is not None:
                flagged = record == "rejected" or record.verdict == "flagged"
                verified = record != "rejected" and record.verdict == "verified"
                found.right.update({"n": 1, "flagged": flagged, "verified": verified})
            for mutation in mutations(document, kind, gold, draft, rng):
                record = verdict(kind, mutation.said)
                if record is not None:
                    gone = record == "rejected" or not mutation.wrong(record)
                    caught = gone or record.verdict == "flagged"
                    verified = not gone and record.verdict == "verified"
                    found.wrong[mutation.name].update({"n": 1, "caught": caught, "verified": verified})
    return found


def summary_flags(summary: VerifiedSummary) -> list[str]:
    """Return what is said against the records of a summary."""
    return [f"{c.field}: {c.reason}" for r in summary.all_records() for c in r.flags]


def _of_right(summary: VerifiedSummary, kind: str, said: dict[str, Any]) -> dict[str, int]:
    record = next(summary.all_records(), None)
    if record is None:
        return {"n": 1, "rejected": 1}
    lost = any(len(getattr(record, role)) < len(said[role]) for role in ROLES[kind])
    lost |= getattr(record, STATE[kind]) != said[STATE[kind]]
    return {"n": 1, "flagged": record.verdict == "flagged", "lost": lost}


def _reasons(summary: VerifiedSummary) -> set[str]:
    spoken = {c.reason for r in summary.all_records() for c in r.checks if c.outcome != "supported"}
    return spoken | {c.reason for r in summary.rejections for c in r.checks}


def harm(folder: Path, gold_folder: Path, answers: Path) -> dict[str, Scores]:
    """Score stored answers as answered, after the checks, and without the flagged records."""
    rows: dict[str, list[dict[str, Any]]] = {"answered": [], "checked": [], "unflagged": []}
    for document, _ in articles(folder, gold_folder):
        answer = stored(answers, document.id)
        if answer is None:
            continue
        told = {s.number: s.text for s in document.sentences}
        quoted = [
            (kind, {**record, "evidence": [told[n] for n in record["evidence"] if n in told]})
            for kind in KINDS
            for record in answer[kind]
        ]
        # An answer has times in words only, so dates that code added count in none of the three.
        checked = [
            (kind, {k: v for k, v in record.items() if k != "derived"})
            for kind, records in read(document, answer).model_dump(mode="json").items()
            if kind in KINDS
            for record in records
        ]
        unflagged = [(kind, record) for kind, record in checked if record["verdict"] != "flagged"]
        for name, records in (("answered", quoted), ("checked", checked), ("unflagged", unflagged)):
            rows[name].append({"id": document.id} | {k: [r for kind, r in records if kind == k] for k in KINDS})
    ids = {row["id"] for row in rows["answered"]}
    return {name: evaluate(gold_folder, several, folder, only=ids) for name, several in rows.items()}


def _print_table(found: Table) -> None:
    right = found.right
    print(
        f"right records: {right['n']}; rejected {right['rejected'] / right['n']:.1%}, flagged"
        f" {right['flagged'] / right['n']:.1%}, a right value lost {right['lost'] / right['n']:.1%}"
    )
    for name, w in sorted(found.wrong.items()):
        print(f"wrong, {name}: {w['n']}; caught {w['caught'] / w['n']:.0%}, taken out {w['gone'] / w['n']:.0%}")
    count = sum(w["n"] for w in found.wrong.values())
    print(
        f"all wrong: {count}; caught {found.caught:.1%}; caught minus false alarms"
        f" {found.caught - found.false_alarms:+.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--name", default="own")
    parser.add_argument("--show", default="")
    args = parser.parse_args()
    if unsaid := sorted({rule.reason.id for rule in RULES} - set(ABOUT)):
        parser.error(f"{', '.join(unsaid)}: say in ABOUT which of the ways to be wrong this rule is about, or ALL")
    gold = args.gold or args.articles
    found = table(args.articles, gold, show=args.show)
    if not found.right["n"]:
        parser.error(f"no gold record in {gold} is about an article in {args.articles}: give the folder with --gold")
    _print_table(found)
    for reason, n in found.ledger().items():
        share, *_ = likelihood_ratio(**n)
        print(
            f"    {reason:28s} {n['right']:4d} of {n['of_right']:4d} right, {n['wrong']:4d} of {n['of_wrong']:4d} wrong"
            f"  {share:6.1f}"
        )
    if args.judge:
        both = judged_table(args.articles, gold, args.judge)
        print("with the judge:")
        _print_table(both)
        print(f"right records verified {both.right['verified'] / both.right['n']:.1%}")
    if args.ledger:
        rules = json.loads(args.ledger.read_text("utf-8"))["rules"] if args.ledger.exists() else {}
        for counted in rules.values():
            counted.pop(args.name, None)  # a rule that is silent now has no row
        for reason, counts in found.ledger().items():
            rules.setdefault(reason, {})[args.name] = counts
        args.ledger.write_text(
            json.dumps({"rules": {k: v for k, v in rules.items() if v}}, indent=1, sort_keys=True) + "\n", "utf-8"
        )
    if args.answers:
        for name, scores in harm(args.articles, gold, args.answers).items():
            row = scores.to_json()
            print(f"{name:10s} micro F1 {scores.micro.f1:.3f}", json.dumps(_slots(row)))


def _slots(row: dict[str, Any]) -> dict[str, float]:
    found = {}
    for kind, values in row["types"].items():
        found[kind] = values["F1"]
        found |= {f"{kind}.{slot}": v["F1"] for slot, v in values["slots"].items()}
        found[f"{kind}.state"] = values["state_accuracy"]
    return {k: round(v, 3) for k, v in found.items() if v is not None}


if __name__ == "__main__":
    main()
