"""Write docs/reference/vocabulary.md: what a record is, and what each field and value means, as a capable model reads it."""

import inspect
from pathlib import Path

from communique.prompts.wire import wire_fields
from communique.schemas import (
    STANDARD_RECORDS,
    Actor,
    Attribution,
    Meanings,
    Participant,
    Place,
    Response,
    field_markers,
)
from communique.schemas.sanctions_concern import SanctionsConcern

PAGE = Path(__file__).parent / "reference" / "vocabulary.md"
HEAD = """# Vocabulary

Written by `docs/write_vocabulary.py` from the docstrings and descriptions of the record types: the same words that a
capable model is asked with, and the guide for whoever annotates. Where they leave you a choice, that is a bug to
report.

Terms come from PLOVER (meeting, mode, capacity, activity, accusation), FollowTheMoney and OpenSanctions (kinds of
actor, measures, programmes), FactBank (commitment), PolNeAR (source, cue, content), schema.org (Claim), EDTF (dates),
W3C Web Annotation (evidence).

Evidence is all sentences that carry the record, who, what, when and the answer, and no more. Title and day of
publication are shown to the model, and are never evidence. `claim` and `concern` are in English, or as `--claim-
language` says.
"""
TAIL = """## What code adds

| field | values |
| --- | --- |
| `derived.date` | EDTF (ISO 8601-2): a day, an interval, a season, an approximate year |
| `derived.response_status` | denied, admitted, contested, none_reported |
| `derived.programs` | keys of sanctions programmes, as OpenSanctions has them |
| `country_code` | ISO 3166-1 alpha-2, small letters |
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for kind in STANDARD_RECORDS:
        first, _, rest = inspect.cleandoc(kind.__doc__).partition("\n\n")
        parts.append(f"## {kind.__name__}\n\n{first}\n\n{' '.join(rest.split())}\n\n{_fields(kind)}")
    parts += [f"## {part.__name__}\n\n{_fields(part)}" for part in (Actor, Participant, Place, Attribution, Response)]
    lists = dict.fromkeys(
        (name, marker.of)
        for kind in (*STANDARD_RECORDS, Actor, Participant, Response)
        for name in kind.model_fields
        for marker in field_markers(kind, name)
        if isinstance(marker, Meanings)
    )
    for name, values in lists:
        rows = "\n".join(f"| `{value}` | {meaning} |" for value, meaning in values)
        parts.append(f"## Values of `{name}`\n\n| value | meaning |\n| --- | --- |\n{rows}")
    return "\n\n".join(p.strip("\n") for p in (*parts, TAIL)) + "\n"


def _fields(model) -> str:
    wanted = [(name, info) for name, info in wire_fields(model, "full") if name != "evidence"]
    if model is SanctionsConcern:
        wanted.append(("stage", model.model_fields["stage"]))
    rows = "\n".join(f"| `{name}` | {info.description or ''} |" for name, info in wanted)
    return f"| field | meaning |\n| --- | --- |\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
