"""Read several articles at once with async/await: worth it for a remote model, which answers many requests together.

python examples/03_async.py [MODEL]
"""

import asyncio
import sys
from pathlib import Path

from communique import AsyncExtractor
from communique.documents.readers import read_article

ARTICLES = Path(__file__).parent / "articles"


async def read_all(model):
    documents = [read_article(str(path)) for path in sorted(ARTICLES.glob("*.txt"))]
    async with AsyncExtractor(model) as extractor:
        return await asyncio.gather(*(extractor.extract(document) for document in documents))


def main(model="local"):
    summaries = asyncio.run(read_all(model))
    for summary in summaries:
        print(f"{summary.document.title}: {len(list(summary.all_records()))} records")
    return summaries


if __name__ == "__main__":
    main(*sys.argv[1:])
