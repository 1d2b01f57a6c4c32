"""Read many articles over one model, which is loaded once and keeps the start of the prompt evaluated.

    python examples/02_many.py [MODEL]

For thousands of documents use `communique batch`: it survives interruptions and keeps to rate limits.
"""

import sys
from pathlib import Path

from communique import CommuniqueError, Extractor
from communique.documents.readers import read_article

ARTICLES = Path(__file__).parent / "articles"


def main(model="local"):
    found = {}
    with Extractor(model) as extractor:
        for path in sorted(ARTICLES.glob("*.txt")):
            try:
                summary = extractor.extract(read_article(str(path)))
            except CommuniqueError as error:  # one bad document doesn't stop the others
                print(f"{path.name}: {error}", file=sys.stderr)
                continue
            found[path.stem] = summary
            for sentence in summary.brief:
                print(f"{path.stem}: {sentence.text}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
