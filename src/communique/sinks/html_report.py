"""HTML: one self-contained page for one document or ten thousand.

All article text reaches the page as JSON in inert `<script type="application/json">` elements and is put on it with
`textContent`. The policy in the first line of the page allows our own style and script by their hash, and nothing else:
no request, no image, no form, no base.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import IO, Any, ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from communique.schemas import VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import NotesOf
from communique.sinks.plain_text import render_text
from communique.sinks.remarks import GROUPS, VERDICTS
from communique.sinks.report_content import Names, beside, cards_of, document_of, line, row_of
from communique.sinks.sink import SinkOptions

_SCRIPTS = ("elements.js", "document.js", "filters.js", "table.js", "timeline.js", "network.js", "pages.js")
_PLAIN = 50
"""Documents up to which the page also holds the plain text, for readers without JavaScript."""


class HtmlSink:
    """One page: article and records side by side; for a set also a table, a timeline and a network."""

    name: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"
    tables: ClassVar[bool] = False

    _file: IO[str]
    _spool: IO[str]
    _title: str | None
    _rows: list[list[Any]]
    _documents: list[list[Any]]
    _plain: list[str]
    _names: Names
    _rejected: int
    _notes: tuple[NotesOf, ...]

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the page; documents are spooled beside it until the end."""
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=path.parent)  # noqa: SIM115 - closed in close()
        self._title = options.title
        self._rows, self._documents, self._plain = [], [], []
        self._names, self._rejected, self._notes = Names(), 0, options.notes

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        number = len(self._documents)
        pairs = cards_of(summary)
        content = document_of(summary, [card for card, _ in pairs], text, number)
        for shown, (_, record) in zip(content["cards"], pairs, strict=True):
            shown["beside"] = beside(note for notes in self._notes for note in notes(summary, record))
        self._spool.write(json_line(content) + "\n")
        info = summary.document
        self._documents.append([content["title"], line(info.outlet), line(info.published), len(pairs)])
        self._rows += [row_of(number, n, card, record, self._names) for n, (card, record) in enumerate(pairs)]
        self._rejected += len(summary.rejections)
        if number < _PLAIN:
            self._plain.append(render_text(summary))

    def close(self) -> None:
        try:
            page = _environment().get_template("report.html.j2")
            for piece in page.generate(**self._content()):
                self._file.write(piece)
        finally:
            self._spool.close()
            self._file.close()

    def _content(self) -> dict[str, Any]:
        several = len(self._documents) > 1
        style = _own("report.css")
        script = "\n".join(_own(f"js/{name}") for name in _SCRIPTS)
        vendored = _own("cytoscape.min.js", folder="vendor") if several else ""
        index = {
            "rows": self._rows,
            "documents": self._documents,
            "names": self._names.labels,
            "rejected": self._rejected,
            "verdicts": VERDICTS,
            "groups": GROUPS,
        }
        self._spool.seek(0)
        title = self._title or (self._documents[0][0] if len(self._documents) == 1 else "communique report")
        return {
            "title": title,
            "several": several,
            "style": Markup(style),  # noqa: S704 - our own file
            "script": Markup(script),  # noqa: S704 - our own files
            "vendored": Markup(vendored),  # noqa: S704 - a file of our wheel
            "style_hash": _hash(style),
            "script_hashes": [_hash(s) for s in (script, vendored) if s],
            "documents": map(json.loads, self._spool),
            "index": index,
            "plain": self._plain if len(self._documents) <= _PLAIN else [],
        }


def _environment() -> Environment:
    made = Environment(
        autoescape=True, loader=PackageLoader("communique.sinks"), undefined=StrictUndefined, trim_blocks=True
    )
    made.policies["json.dumps_function"] = lambda value, **_: json_line(value)
    return made


def _own(name: str, *, folder: str = "templates") -> str:
    return (files("communique.sinks") / folder / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
