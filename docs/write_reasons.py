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

Written by `docs/write_reasons.py`. Every check in the output has a `reason`: the id of a rule below, of a custom check, or what a
person decided in the review. `communique show rules` also prints the rules. Under each policy, a rule is a **note**, which
doesn't change the verdict, a **flag**, which asks a person to check the record, or a **reject**, which excludes the
record. *Left out* means that the value is removed from the record; *corrected* means that it is replaced by the value
that the article's words indicate. The `strong` policy is for models that get about one record in twenty wrong, the
`small` policy for those that get about every second record wrong.
"""
COUNTED = """
The tables show for how many right records, and for how many wrong ones, a rule objected. The likelihood ratio is the second share
divided by the first: how many times more often the rule objects to wrong records than to right ones. A ratio of 1 means that the
rule tells you nothing. Half a record is added to each count, so that none is zero; the interval is for 95 % (log method).

*dev*, *dev2* and *dev3* are 50 news articles and releases of others. The rest is ours: *corpus* and *implied* in
`benchmarks`, *gold* in `tests/gold`, and *training*, every fourth of the articles in 21 languages that the adapter was
trained on, with a record for each sentence that states one.
"""


def reference(ledger: Path = LEDGER) -> str:
    """Return the page.

    Args:
        ledger: Counts by rule and corpus; left out of the page where there is no such file.

    Raises:
        ValueError: The file has another form, or names a rule that no longer exists.
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
    examples = [("Accepts", reason.accepts), ("Objects to", reason.rejects)]
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
            raise ValueError(f"{path} names a rule that no longer exists: {rule}; count again")
        for corpus, n in by.items():
            if not (0 <= n["right"] <= n["of_right"] and 0 <= n["wrong"] <= n["of_wrong"]):
                raise ValueError(f"{path}: {rule}, {corpus}: a count is greater than what it is of")
    return found


if __name__ == "__main__":
    try:
        PAGE.write_text(reference(), "utf-8")
    except ValueError as error:
        sys.exit(str(error))
