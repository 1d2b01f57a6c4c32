"""Make results.jsonl anew: five of the invented articles in benchmarks/events/tune, with an assistant model's stored answers.

    python examples/five_articles/make.py

No model is asked: the stored answers go through today's checks, as a remote model's would. The guide "Many articles, one
event" is written from what comes out.
"""

import json
from pathlib import Path

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend

HERE = Path(__file__).parent
ARTICLES = HERE.parents[1] / "benchmarks/events/tune"
FIVE = ("own_fr_amdigra_12", "own_fr_amdigra_15", "own_en_suwalki_wire", "own_de_suwalki", "own_ru_vilnius")


def main(target=HERE / "results.jsonl"):
    lines = []
    for name in FIVE:
        about = json.loads((ARTICLES / f"{name}.meta.json").read_text("utf-8"))
        answer = json.loads((ARTICLES / "strong" / f"{name}.json").read_text("utf-8"))
        document = Document.from_text(
            (ARTICLES / f"{name}.txt").read_text("utf-8"),
            id=name.removeprefix("own_"),
            title=about["title"],
            published=about["published"],
            language=about["language"],
        )
        with Extractor(ScriptedBackend(lambda _, answer=answer: answer), plan=Plan(keep_text=True)) as extractor:
            lines.append(extractor.extract(document).to_json(full=True, indent=None))
    target.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
