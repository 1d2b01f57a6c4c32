"""Copies: articles that are the same text, or nearly, count as one source. MinHash, over five words at a time."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from datasketch import MinHash

from communique.schemas import VerifiedSummary

Basis = Literal["sha256", "text", "cited"]
"""The same text, nearly the same, or nearly the same sentences are cited (of an article without its text)."""
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


def copies(articles: Sequence[tuple[str, str]]) -> list[tuple[int, Basis] | None]:
    """Return what each article is a copy of, its place and how that was seen, or None.

    An original is no copy itself, so that copies don't chain.

    Args:
        articles: SHA-256 and signature of each, the earliest first.
    """
    found: list[tuple[int, Basis] | None] = []
    originals: list[tuple[int, str, Basis, Any]] = []
    for place, (digest, signature) in enumerate(articles):
        basis: Basis = "text" if signature.startswith("text:") else "cited"
        least = SAME_TEXT if basis == "text" else SAME_CITATIONS
        hashes = np.frombuffer(base64.b64decode(signature.partition(":")[2]), "<u4")
        match: tuple[int, Basis] | None = None
        for other, its_digest, its_basis, its_hashes in originals:
            known = basis == its_basis and len(hashes) and len(its_hashes)
            if digest == its_digest:
                match = other, "sha256"
            elif known and (hashes == its_hashes).mean() >= least:
                match = other, basis
            if match:
                break
        else:
            originals.append((place, digest, basis, hashes))
        found.append(match)
    return found
