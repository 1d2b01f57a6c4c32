"""Write docs/reference/vocabulary.md: what a record is, and what each field and value means, as a capable model reads it."""

import inspect
import sys
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

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from figures import markdown

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

## Gold

Gold for `communique evaluate` is written in these words: a folder of `ID.json` or a JSONL file, an article each, with `id`,
`language`, and the lists `meetings`, `allegations`, `sanctions_concerns`. Annotate from the text alone; title and day of
publication only resolve dates. No record is a right answer, too.

```json
{
  "id": "lund", "language": "en",
  "meetings": [{
    "status": "planned", "status_ok": ["proposed"],
    "participants": [{"name": "Tilda Brask", "aliases": ["Brask"]}, {"name": "Ole Vang", "optional": true}],
    "participants_group": ["the two ministers"],
    "place": {"name": "Lund"}, "place_ok": ["Sweden", null],
    "when": "on Monday", "derived": {"date": "2024-05-13"}, "topics": ["fish"],
    "attributions": [{"source": [{"name": "TT"}]}],
    "evidence": ["The two ministers, Tilda Brask and Ole Vang, will meet in Lund on Monday, TT wrote."]
  }],
  "allegations": [], "sanctions_concerns": []
}
```

A record has the fields of the output. These are scored: evidence, actors (`participants`, `accusers`, `accused`, `raised_by`,
`subjects`), `status`, `commitment`, `stage`, and of a meeting `place`, `when` and `attributions`; of an allegation the responders
of each response of type `denial`, which are told as `denied_by`. What gold says in its own way:

| key | meaning |
| --- | --- |
| `name`, `aliases` of an actor | every form in which the text names it, copied, the fullest first |
| `"optional": true` of record, actor, response, attribution | may be missing, and is right where it is found |
| `ROLE_group` | forms that stand for all actors of a role |
| `status_ok`, `commitment_ok`, `stage_ok`, `place_ok`, `when_ok` | further values that are right; a null: none, too |
| `evidence` | the sentences that carry the record, copied whole; without any it can't be paired |
| `derived.date` | the day of `when` in EDTF, from the day of publication |
| `note` | why; nobody reads it but people |

Values that gold doesn't tell apart count as one: `ongoing` and `broken_off` as `held`, a meeting `refused` as `cancelled`,
`probable` as `possible`, `eased` and `lifted` as `imposed`, a measure `refused` as `proposed`. A claim of the output that
names no accuser counts as `unspecified`.
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
        rows = ((f"`{value}`", meaning) for value, meaning in values)
        parts.append(f"## Values of `{name}`\n\n{markdown(('value', 'meaning'), rows)}")
    return "\n\n".join(p.strip("\n") for p in (*parts, TAIL)) + "\n"


def _fields(model) -> str:
    wanted = [(name, info) for name, info in wire_fields(model, "full") if name != "evidence"]
    if model is SanctionsConcern:
        wanted.append(("stage", model.model_fields["stage"]))
    return markdown(("field", "meaning"), ((f"`{name}`", info.description or "") for name, info in wanted))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
