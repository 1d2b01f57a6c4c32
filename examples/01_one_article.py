"""Read one article: its records, each with the sentence that says so.

    python examples/01_one_article.py [MODEL]

MODEL is `local` (the embedded model) if none is given; `openai/gpt-5-mini` takes its key from the environment.
"""

import sys
from pathlib import Path

from communique import Document, extract

ARTICLE = Path(__file__).parent / "articles" / "governor_in_pyongyang.txt"


def main(model="local"):
    document = Document.from_text(ARTICLE.read_text("utf-8"), published="2023-12-13")
    summary = extract(document, model=model)
    for record in summary.all_records():
        print(type(record).__name__, record.verdict)
        for evidence in record.evidence:
            assert document.text[evidence.start : evidence.end] == evidence.exact
            print(f"  [{evidence.sentence}] {evidence.exact}")
    return summary


if __name__ == "__main__":
    main(*sys.argv[1:])
