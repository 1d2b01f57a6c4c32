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

_ROOMS = ("errors", "schemas", "documents", "engine")
"""Where the names are, what costs least to import first."""

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
    for room in _ROOMS if name in __all__ else ():
        if (found := getattr(importlib.import_module(f"communique.{room}"), name, None)) is not None:
            return found
    raise AttributeError(f"module 'communique' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
