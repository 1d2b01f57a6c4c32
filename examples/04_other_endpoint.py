"""Use a server that speaks OpenAI's protocol: Ollama, vLLM, LM Studio, llama.cpp, a gateway.

    python examples/04_other_endpoint.py http://127.0.0.1:11434/v1 qwen2.5:7b

A server on this machine needs no key; for another one set COMMUNIQUE_API_KEY or OPENAI_API_KEY.
"""

import sys
from pathlib import Path

from communique import Extractor

ARTICLE = Path(__file__).parent / "articles" / "ferry_talks.txt"


def main(base_url, model):
    with Extractor(f"openai/{model}", base_url=base_url) as extractor:
        summary = extractor.extract(ARTICLE.read_text("utf-8"))
    for sentence in summary.brief:
        print(sentence.text)
    return summary


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
