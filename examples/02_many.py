"""Learn to keep one extractor for many articles: the model is loaded once and its prefix is reused."""

import sys
from pathlib import Path

from communique import Document, Extractor

with Extractor(sys.argv[1] if len(sys.argv) > 1 else "local") as extractor:
    for path in sorted(Path("examples/articles").glob("*.txt")):
        summary = extractor.extract(Document.from_text(path.read_text("utf-8"), source=path.name))
        print(path.name, {kind: len(records) for kind, records in summary.records.items()})
