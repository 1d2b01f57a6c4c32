"""Write docs/reference/reasons.md from the rules, the policies, and the counts in benchmarks/ledger.json."""

import json
import sys
from pathlib import Path

from communique.cli.show import effects
from communique.grounding.rules import REASONS
from communique.sinks.remarks import VERDICTS

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from figures import likelihood_ratio, markdown

PAGE = Path(__file__).parent / "reference" / "reasons.md"
LEDGER = Path(__file__).parents[1] / "benchmarks" / "ledger.json"
HEAD = """# Rules and reasons

Written by `docs/write_reasons.py`. What a check says has a `reason`: one of the rules below. `communique show rules` prints them,
too. Under each policy a rule is a **note**, which changes no verdict, a **flag**, which asks a person to look, or a **reject**,
which keeps the record out. *Left out* means that the value is taken out of the record, *corrected* that the value for which the
words speak takes its place. Policy `strong` is for models that are wrong in one record of twenty, `small` for those that are
wrong in every second one.
"""
COUNTED = """
The counts say of how many right records a rule spoke, and of how many wrong ones. The likelihood ratio is the second share
divided by the first: how many times more often the rule speaks of what is wrong. At 1 it tells nothing. Half a record is added
to each count, so that none is zero; the interval is for 95 % (log method).
"""


def reference(ledger: Path = LEDGER) -> str:
    """Return the page.

    Args:
        ledger: Counts by rule and corpus; left out of the page where there is no such file.

    Raises:
        ValueError: The file has another form, or names a rule that there is no more.
    """
    counts = _counts(ledger) if ledger.exists() else {}
    verdicts = "\n".join(f"- **{told}**: {meaning}." for told, meaning in VERDICTS.values())
    parts = [HEAD + COUNTED * bool(counts), f"## Verdicts\n\n{verdicts}", "## Rules"]
    parts += [_rule(reason, counts.get(reason.id, {})) for reason in REASONS.values()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _rule(reason, counts):
    done = effects(reason)
    said = (
        f"{done.popitem()[1]} under both policies"
        if len(set(done.values())) == 1
        else "; ".join(f"{how} under `{policy}`" for policy, how in done.items())
    )
    lines = [f"### {reason.id}", "", f"{reason.message} *({said})*"]
    examples = [("Lets pass", reason.accepts), ("Speaks against", reason.rejects)]
    lines += [f"{'' if i else chr(10)}- {what}: {text}" for i, (what, text) in enumerate(e for e in examples if e[1])]
    if counts:
        head = ("counted on", "of right records", "of wrong records", "likelihood ratio")
        lines += ["", markdown(head, (_counted(corpus, **n) for corpus, n in sorted(counts.items())))]
    return "\n".join(lines)


def _counted(corpus, right, wrong, of_right, of_wrong):
    told = "-"
    if of_right and of_wrong:
        figures = likelihood_ratio(right, wrong, of_right, of_wrong)
        told = "{} ({} to {})".format(*(f"{x:,.0f}" if x >= 10 else f"{x:.1f}" for x in figures))
    return corpus, f"{right} of {of_right}", f"{wrong} of {of_wrong}", told


def _counts(path):
    try:
        rules = json.loads(path.read_text("utf-8"))["rules"]
        keys = ("right", "wrong", "of_right", "of_wrong")
        found = {r: {c: {k: int(n[k]) for k in keys} for c, n in by.items()} for r, by in rules.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: {type(error).__name__}: {error}; write it with benchmarks/verdicts.py --ledger"
        ) from None
    for rule, by in found.items():
        if rule not in REASONS:
            raise ValueError(f"{path} names a rule that there is no more: {rule}; count again")
        for corpus, n in by.items():
            if not (0 <= n["right"] <= n["of_right"] and 0 <= n["wrong"] <= n["of_wrong"]):
                raise ValueError(f"{path}: {rule}, {corpus}: a count is greater than what it is of")
    return found


if __name__ == "__main__":
    try:
        PAGE.write_text(reference(), "utf-8")
    except ValueError as error:
        sys.exit(str(error))
