"""Inputs: a signature of what a run reads, so that a finished run is known for finished without reading it again."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from communique.documents.readers import ReadOptions


def signature(inputs: Iterable[str], options: ReadOptions) -> str:
    """Return a hash of the names, sizes and times of all input files and of how they are read; "" if that can't be told.

    Args:
        inputs: Files, folders, patterns. Standard input and pipes have no signature.
        options: How they are read.
    """
    digest = hashlib.sha256(repr(options).encode())
    for name in inputs:
        for path in _files(name):
            try:
                stat = path.stat()
            except OSError:
                return ""
            if not path.is_file():
                return ""
            digest.update(f"\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        yield from (p for p in sorted(path.rglob("*")) if not p.is_dir())
    elif path.exists() or not glob.has_magic(name):
        yield path
    else:
        yield from (Path(p) for p in sorted(glob.glob(name, recursive=True)))  # noqa: PTH207 - as the readers expand it
