"""What the readers make of public corpora: nothing is fetched, a folder is given.

    python benchmarks/reading.py fundus tests/resources/parser/test_data     # flairNLP/fundus
    python benchmarks/reading.py scrapinghub .                               # scrapinghub/article-extraction-benchmark
    python benchmarks/reading.py readability test/test-pages                 # mozilla/readability
    python benchmarks/reading.py trafilatura tests                           # adbar/trafilatura
    python benchmarks/reading.py word FOLDER                                 # .docx files, against all their text
    python benchmarks/reading.py files FOLDER                                # any files: PDF, DOCX, mail, feeds, WARC

Pages: F1 of tokens (words; single characters of Chinese, Japanese and Korean) between the article that the corpus
expects and the document, the mean over all pages; a page that is skipped counts 0. trafilatura's corpus names pieces
that must come out and pieces that must not. Files: how many were read, why not, and how many of a document's pieces are
taken for headings. `--out` keeps a line of JSON for each file, to compare two runs.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from communique.documents import Document
from communique.documents.readers.opening import open_documents
from communique.documents.readers.reader import ReadOptions, Skipped

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_WORD = re.compile(r"word/(document\d*|footnotes|endnotes)\.xml$")
_SLOW = ReadOptions(seconds=60.0)


@dataclass(frozen=True)
class Expected:
    """What a corpus says of one page; None where it says nothing."""

    path: Path
    text: str | None = None
    title: str | None = None
    published: str | None = None
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def fundus(folder: Path) -> Iterator[Expected]:
    for known in sorted(folder.glob("*/*.json")):
        versions = [v for _, v in sorted(json.loads(known.read_text("utf-8")).items())]
        pages = sorted(known.parent.glob(f"{known.stem}_*.html.gz"))
        if len(versions) != len(pages):
            continue
        for page, version in zip(pages, versions, strict=True):
            body = version.get("body") or {}
            parts = [*body.get("summary", [])]
            for section in body.get("sections", []):
                parts += [*section["headline"], *section["paragraphs"]]
            if parts:
                day = str(version.get("publishing_date") or "")[:10] or None
                yield Expected(page, "\n".join(parts), version.get("title"), day)


def scrapinghub(folder: Path) -> Iterator[Expected]:
    known = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    for name, found in sorted(known.items()):
        yield Expected(folder / "html" / f"{name}.html.gz", found["articleBody"])


def readability(folder: Path) -> Iterator[Expected]:
    for page in sorted(folder.glob("*/source.html")):
        yield Expected(page, _TAG.sub(" ", page.with_name("expected.html").read_text("utf-8")))


def trafilatura(folder: Path) -> Iterator[Expected]:
    for found in json.loads((folder / "evaldata.json").read_text("utf-8")).values():
        for path in (folder / "cache" / found["file"], folder / "eval" / found["file"]):
            if path.exists():
                yield Expected(path, inside=tuple(found["with"]), outside=tuple(found["without"]))


def word(folder: Path) -> Iterator[Expected]:
    """All text of the document and its notes but deletions, hidden runs and the copies for older programs."""
    for path in sorted(folder.glob("**/*.docx")):
        try:
            with zipfile.ZipFile(path) as parts:
                names = [n for n in parts.namelist() if _WORD.match(n)]
                found = [t for n in names for t in _word_text(ET.fromstring(parts.read(n)))]
        except (zipfile.BadZipFile, ET.ParseError):
            continue
        if text := "".join(found).strip():
            yield Expected(path, text)


def _word_text(element: ET.Element) -> Iterator[str]:
    name = element.tag.rpartition("}")[2]
    if name in {"del", "moveFrom", "Fallback", "instrText"} or element.find("{*}rPr/{*}vanish") is not None:
        return
    if name == "t" and "math" not in element.tag:
        yield element.text or ""
    for child in element:
        yield from _word_text(child)
    if name in {"p", "tc", "tab", "br"}:
        yield " "


PAGES: dict[str, Callable[[Path], Iterator[Expected]]] = {
    f.__name__: f for f in (fundus, scrapinghub, readability, trafilatura, word)
}


def f1(expected: str, found: str) -> float:
    """F1 of two texts as bags of tokens."""
    one, two = (collections.Counter(_TOKEN.findall(t.casefold())) for t in (expected, found))
    common = (one & two).total()
    return 2 * common / (one.total() + two.total()) if common else 0.0


def read(path: Path) -> list[Document | Skipped]:
    try:
        return list(open_documents([path], _SLOW))
    except Exception as error:  # noqa: BLE001 - a crash is what is counted
        return [Skipped(str(path), "crash", repr(error))]


def page_row(expected: Expected) -> dict[str, Any]:
    """What came of one page."""
    (found, *_) = read(expected.path)
    document = found if isinstance(found, Document) else None
    text = (
        f"{document.title or ''}\n{document.text}"
        if document and not expected.text
        else document.text
        if document
        else ""
    )
    row: dict[str, Any] = {"file": str(expected.path), "reason": None if document else found.reason}  # type: ignore[union-attr]
    if document:
        row["notes"] = document.notes
    if expected.text is not None:
        row["f1"] = round(f1(expected.text, text), 4)
    if expected.inside or expected.outside:
        row["inside"] = [p in text for p in expected.inside]
        row["outside"] = [p in text for p in expected.outside]
    if expected.title:
        row["title"] = bool(document and _flat(document.title) == _flat(expected.title))
        row["titles"] = [document and document.title, expected.title]
    if expected.published:
        row["date"] = bool(document and document.published and document.published.isoformat() == expected.published)
        row["no_date"] = not (document and document.published)
    return row


def file_rows(path: Path) -> Iterator[dict[str, Any]]:
    """What came of one file: a row for each of its documents."""
    for found in read(path):
        if isinstance(found, Skipped):
            yield {"file": found.source, "reason": found.reason, "detail": found.detail}
            continue
        kinds = collections.Counter(s.kind for s in found.sentences)
        yield {
            "file": str(path),
            "reason": None,
            "chars": len(found.text),
            "pieces": len(found.sentences),
            "headings": kinds["heading"],
            "hyphens": len(re.findall(r"[^\W\d_]-\n[^\W\d_]", found.text)),
            "words": len(_TOKEN.findall(found.text)),
            "title": found.title,
            "published": found.published.isoformat() if found.published else None,
            "notes": found.notes,
        }


def _flat(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def _report(rows: list[dict[str, Any]]) -> None:
    reasons = collections.Counter(r["reason"] for r in rows if r["reason"])
    print(
        f"{len(rows):,} documents, {len(rows) - reasons.total():,} read, {reasons['crash']} crashes; skipped:"
        f" {dict(reasons)}"
    )
    if scores := [r["f1"] for r in rows if "f1" in r]:
        print(f"token F1 {statistics.mean(scores):.4f}, below .5: {sum(s < 0.5 for s in scores)}")
    if any("inside" in r for r in rows):
        kept = [x for r in rows for x in r.get("inside", ())]
        strange = [x for r in rows for x in r.get("outside", ())]
        print(f"pieces kept {sum(kept)} of {len(kept)}, strange pieces {sum(strange)} of {len(strange)}")
    for name in ("title", "date"):
        if known := [r[name] for r in rows if isinstance(r.get(name), bool)]:
            print(f"{name} right {sum(known)} of {len(known)}")
    if pieces := [r for r in rows if r.get("pieces", 0) >= 5]:
        share = statistics.median(r["headings"] / r["pieces"] for r in pieces)
        print(
            f"{sum(r['chars'] for r in pieces):,} characters, {sum(r['words'] for r in pieces):,} words in"
            f" {sum(r['pieces'] for r in pieces):,} pieces, of them headings {sum(r['headings'] for r in pieces):,}"
            f" (median {share:.0%}); {sum(r['hyphens'] for r in pieces):,} words cut by a hyphen at a line's end"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", choices=[*PAGES, "files"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--glob", default="**/*", help="which files of a folder")
    parser.add_argument("--out", type=Path, help="a line of JSON for each document")
    args = parser.parse_args()
    begun = time.monotonic()
    if args.corpus == "files":
        rows = [r for p in sorted(args.folder.glob(args.glob)) if p.is_file() for r in file_rows(p)]
    else:
        rows = [page_row(e) for e in PAGES[args.corpus](args.folder)]
    if args.out:
        args.out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    _report(rows)
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
