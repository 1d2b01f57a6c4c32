"""communique: structured summaries of news, every field checked against the text.

    >>> from communique import Extractor
    >>> summary = Extractor("local").extract(open("article.txt").read())  # doctest: +SKIP
    >>> summary.meetings[0].evidence[0].exact  # doctest: +SKIP

Names are imported when they are used, so that `import communique` and the command line start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from communique.documents import Document, Sentence
    from communique.engine import AsyncExtractor, Extractor, FailedDocument, Plan, aextract, extract, extract_many
    from communique.errors import CommuniqueError
    from communique.schemas import (
        Allegation,
        Meeting,
        Mentioned,
        Provenance,
        Quoted,
        Record,
        Rejection,
        SanctionsConcern,
        StatedDate,
        StatedNumber,
        StatedPlace,
        Summary,
        Usage,
        VerifiedSummary,
        Worded,
    )

_HOME = {
    "Allegation": "schemas",
    "AsyncExtractor": "engine",
    "CommuniqueError": "errors",
    "Document": "documents",
    "Extractor": "engine",
    "FailedDocument": "engine",
    "Meeting": "schemas",
    "Mentioned": "schemas",
    "Plan": "engine",
    "Provenance": "schemas",
    "Quoted": "schemas",
    "Record": "schemas",
    "Rejection": "schemas",
    "SanctionsConcern": "schemas",
    "Sentence": "documents",
    "StatedDate": "schemas",
    "StatedNumber": "schemas",
    "StatedPlace": "schemas",
    "Summary": "schemas",
    "Usage": "schemas",
    "VerifiedSummary": "schemas",
    "Worded": "schemas",
    "aextract": "engine",
    "extract": "engine",
    "extract_many": "engine",
}

__all__ = [
    "Allegation",
    "AsyncExtractor",
    "CommuniqueError",
    "Document",
    "Extractor",
    "FailedDocument",
    "Meeting",
    "Mentioned",
    "Plan",
    "Provenance",
    "Quoted",
    "Record",
    "Rejection",
    "SanctionsConcern",
    "Sentence",
    "StatedDate",
    "StatedNumber",
    "StatedPlace",
    "Summary",
    "Usage",
    "VerifiedSummary",
    "Worded",
    "__version__",
    "aextract",
    "extract",
    "extract_many",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"communique.{_HOME[name]}"), name)
    raise AttributeError(f"module 'communique' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
