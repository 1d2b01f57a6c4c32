"""Learn how one article becomes records: the embedded model reads it, the checks keep what holds."""

import sys
from pathlib import Path

from communique import extract
from communique.sinks import render_text

article = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/articles/governor_in_pyongyang.txt")
print(render_text(extract(article.read_text("utf-8"), model=sys.argv[2] if len(sys.argv) > 2 else "local")))
