"""Links out of a document's own data: only web addresses."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_NOISE = re.compile("[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
"""What a browser drops from an address before it reads the scheme, and what hides one from a person."""


def safe_link(address: str | None) -> str | None:
    """Return the address if it is `http` or `https` with a host, without white space and control characters.

    Else None.
    """
    if not address:
        return None
    clean = _NOISE.sub("", address)
    try:
        parts = urlsplit(clean)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return clean if usable and "\\" not in clean else None
