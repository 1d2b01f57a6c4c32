"""Copies: articles that are the same text, or nearly, count as one source. MinHash, over five words at a time."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from datasketch import MinHash

from communique.schemas import VerifiedSummary

PERMUTATIONS = 64
SHINGLE = 5
"""Words that are looked at together."""
SAME_TEXT = 0.5
"""Share of the shingles that two articles must have in common; two that were written apart have under a tenth."""
SAME_CITATIONS = 0.7
"""The same where only the cited sentences are at hand: outlets that were at one press conference quote one sentence."""
FEWEST = 30
"""Words without which nothing is said."""
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
    hashed = MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
    hashed.update_batch(
        {" ".join(tokens[i : i + SHINGLE]).encode("utf-8", "replace") for i in range(len(tokens) - SHINGLE + 1)}
    )
    return f"{basis}:{base64.b64encode(hashed.hashvalues.astype('<u4').tobytes()).decode()}"


def copies(articles: Sequence[tuple[str, str]]) -> list[tuple[int, str] | None]:
    """Return what each article is a copy of, its place and the basis (`sha256`, `text`, `cited`), or None.

    An original is no copy itself, so that copies don't chain.

    Args:
        articles: SHA-256 and signature of each, the earliest first.
    """
    found: list[tuple[int, str] | None] = []
    originals: dict[str, list[tuple[int, Any]]] = {"text": [], "cited": []}
    digests: dict[str, int] = {}
    for place, (digest, signature) in enumerate(articles):
        basis, _, encoded = signature.partition(":")
        hashes = np.frombuffer(base64.b64decode(encoded), "<u4") if encoded else None
        match = None
        if digest in digests:
            match = digests[digest], "sha256"
        elif hashes is not None and originals[basis]:
            shares = (np.stack([other for _, other in originals[basis]]) == hashes).mean(axis=1)
            best = int(shares.argmax())
            if shares[best] >= (SAME_TEXT if basis == "text" else SAME_CITATIONS):
                match = originals[basis][best][0], basis
        found.append(match)
        if match is None:
            digests[digest] = place
            if hashes is not None:
                originals[basis].append((place, hashes))
        else:
            digests.setdefault(digest, match[0])
    return found
