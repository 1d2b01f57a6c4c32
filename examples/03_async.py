"""Learn the async driver: same results, as many articles at once as your server takes."""

import asyncio
import sys
from pathlib import Path

from communique import AsyncExtractor


async def main(model: str, texts: list[str]) -> None:
    """Read all articles at once."""
    async with AsyncExtractor(model) as extractor:
        for summary in await asyncio.gather(*map(extractor.extract, texts)):
            print(summary.document.title, "|", *(statement.text for statement in summary.brief))


articles = [path.read_text("utf-8") for path in sorted(Path("examples/articles").glob("*.txt"))]
asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "local", articles))
