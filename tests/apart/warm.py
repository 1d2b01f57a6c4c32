"""What a process works out at its first document, worked out once before all forks. It leaves no thread: none is forked."""

from communique import Document, Extractor
from communique.backends.scripted import ScriptedBackend
from communique.languages import languages_digest

ANSWER = {
    "meetings": [{"evidence": [1], "status": "held", "participants": ["Anna Novak"], "when": "on Monday"}],
    "allegations": [],
    "sanctions_concerns": [],
}

with Extractor(ScriptedBackend([ANSWER])) as extractor:
    extractor.extract(
        Document.from_text("Minister Anna Novak met an envoy in Vienna on Monday.", published="2024-05-14")
    )
languages_digest()
