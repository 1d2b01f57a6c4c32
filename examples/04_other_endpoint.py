"""Learn to use another endpoint: any server that speaks OpenAI's protocol; the key comes from the environment."""

import sys

from communique import Extractor

ARTICLE = (
    "The ministers of Norland and Sudmark met in Haugen on Monday. Norland accused Sudmark of dumping ash."
)

with Extractor(sys.argv[1], base_url=sys.argv[2]) as extractor:
    for record in extractor.extract(ARTICLE).all_records():
        print(type(record).__name__, record.verdict, record.evidence[0].exact)
