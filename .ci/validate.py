"""Validate one result of `communique extract`: its schema, and its evidence against the article. Ends with a count."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from communique.documents.readers import read_article

result_path, schema_path, article = sys.argv[1:]
result = json.loads(Path(result_path).read_text("utf-8"))
schema = json.loads(Path(schema_path).read_text("utf-8"))
text = read_article(article).text

records = [r for key in ("meetings", "allegations", "sanctions_concerns") for r in result[key]]
sentences = {s["sentence"]: s for s in result.get("sentences", [])}  # the lean form has each once
evidence = [sentences[e] if isinstance(e, int) else e for r in records for e in r["evidence"]]
checks = {
    "the result is valid against `communique schema`": Draft202012Validator(schema).is_valid(result),
    "there is at least one record": bool(records),
    "every record has evidence": all(r["evidence"] for r in records),
    "every evidence is the text at its offsets": bool(evidence)
    and all(text[e["start"] : e["end"]] == e["exact"] for e in evidence),
    "nothing cites the related-link line": not any("More to read" in e["exact"] for e in evidence),
}
for fact, holds in checks.items():
    print("ok    " if holds else "FAILED", fact)
failed = sum(not holds for holds in checks.values())
print(f"{len(checks) - failed} passed, {failed} failed")
sys.exit(failed > 0)
