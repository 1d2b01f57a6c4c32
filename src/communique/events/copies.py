"""Copies: articles that are the same text, or nearly, count as one source. MinHash, over five words at a time."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from datasketch import MinHash

from communique.schemas import VerifiedSummary

Basis = Literal["sha256", "text", "cited"]
"""The same text, nearly the same, or nearly the same sentences are cited (of an article without its text)."""
SAME: dict[Basis, float] = {"text": 0.5, "cited": 0.7}
"""Shares of shingles that copies have in common. Texts that were written apart have under a tenth; of outlets that were at
one press conference, each cites the same sentences."""
FEWEST = 30  # words without which nothing is said
SHINGLE = 5  # words that are looked at together
SIGNATURE = r"^((text|cited):[A-Za-z0-9+/]{342}==)?$"  # 64 numbers of 32 bits
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word, or one sign of a script that writes without spaces."""


def signature_of(summary: VerifiedSummary) -> str:
    """Return the MinHash of an article: `text:` or `cited:` and base64, or "" where there is too little of it.

    It is made of the article's text where the result holds it, else of the sentences that the records cite.
    """
    basis, text = "text", summary.document.text
    if text is None:
        cited = {(e.start, e.exact) for record in summary.all_records() for e in record.evidence}
        basis, text = "cited", " ".join(exact for _, exact in sorted(cited))
    tokens = _TOKEN.findall(text.casefold())
    if len(tokens) < FEWEST:
        return ""
    shingles = {" ".join(tokens[i : i + SHINGLE]) for i in range(len(tokens) - SHINGLE + 1)}
    hashed = MinHash(num_perm=64, hashfunc=zlib.crc32)
    hashed.update_batch([shingle.encode("utf-8", "replace") for shingle in shingles])
    return f"{basis}:{base64.b64encode(hashed.hashvalues.astype('<u4').tobytes()).decode()}"


def copies(articles: Sequence[tuple[str, str]]) -> list[tuple[int, Basis] | None]:
    """Return the place of the original of each article that is a copy, and how that was seen; else None.

    Articles are SHA-256 and signature, the earliest first. An original is no copy itself, so that copies don't chain.
    """
    found: list[tuple[int, Basis] | None] = []
    bases: list[Basis | None] = [next((b for b in SAME if signed.startswith(b)), None) for _, signed in articles]
    hashes = [np.frombuffer(base64.b64decode(signature.partition(":")[2]), "<u4") for _, signature in articles]
    for place, ((digest, _), basis) in enumerate(zip(articles, bases, strict=True)):
        match: tuple[int, Basis] | None = None
        for original in (i for i, its_match in enumerate(found) if its_match is None):
            if digest == articles[original][0]:
                match = original, "sha256"
            elif basis and basis == bases[original] and (hashes[place] == hashes[original]).mean() >= SAME[basis]:
                match = original, basis
            if match:
                break
        found.append(match)
    return found
