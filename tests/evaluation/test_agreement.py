"""Agreement with the reference scorer: the same counts, on good, empty, moved and spoilt predictions, on real answers.

The scorer and its corpora are not part of this repository. The tests look for them in $COMMUNIQUE_SHARED, then in
`../shared` beside the checkout, and are skipped where neither is there. Its gold is in the words that were used before
the schema's; ours is in the schema's. Its stored answers of a strong model go through the checks as they are now.
"""

import importlib.util
import json
import os
import sys
from functools import cache
from pathlib import Path

import pytest

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.evaluation import evaluate

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("COMMUNIQUE_SHARED") or ROOT.parent / "shared") / "eval"
SPLITS = ("founding", "dev", "dev2", "dev3")
pytestmark = pytest.mark.skipif(
    not (SHARED / "score.py").is_file(),
    reason="the reference scorer is not beside the checkout (set COMMUNIQUE_SHARED)",
)


@cache
def _module(path):
    spec = importlib.util.spec_from_file_location(f"agreement_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = bytecode
    return module


HERE = Path(__file__).parent
spoil = _module(HERE / "perturbation.py").spoil
in_reference_words = _module(HERE / "reference_words.py").in_reference_words


@cache
def _corpus(name):
    """Return gold as it is written, gold in the reference's words, and the texts, each by id."""
    gold, texts = (SHARED / "gold" / name, SHARED / name) if name in SPLITS else (ROOT / "tests" / "gold",) * 2
    rows = {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(gold.glob("*.json")) if ".meta" not in p.name}
    rows = {i: row for i, row in rows.items() if "meetings" in row}
    older = rows if name in SPLITS else {i: in_reference_words(row, i) for i, row in rows.items()}
    return rows, older, {i: (texts / f"{i}.txt").read_bytes().decode("utf-8") for i in rows}


@pytest.fixture(params=[*SPLITS, "ours"])
def corpus(request):
    return _corpus(request.param)


def compare(corpus, ours, theirs=None, *, with_texts=True):
    """Demand the same counts from both; `theirs` are the same predictions in the words of the reference."""
    gold, older, texts = corpus
    scorer = _module(SHARED / "score.py")
    scores = evaluate(gold.values(), ours.values(), texts if with_texts else {})
    for document in scores.documents:
        text = scorer.Text(texts[document.id]) if with_texts else scorer.NoText()
        expected = scorer.score_doc(older[document.id], (theirs or ours).get(document.id, {}), text)
        for kind, counts in expected.items():
            tally = document.pairings[kind].tally
            found = {
                "tp_req": tally.tp - tally.optional_found, "tp_opt": tally.optional_found, "req": tally.required,
                "opt": tally.optional, "pred": tally.predicted, "state_ok": tally.state_ok, "state_n": tally.state_n,
            }  # fmt: skip
            assert found == {name: counts[name] for name in found}, (document.id, kind)
            slots = {name: [found.tp, found.fp, found.fn] for name, found in tally.slots.items()}
            slots |= {"reported_by": slots.pop("attributions")} if "attributions" in slots else {}
            assert slots == counts["slots"], (document.id, kind)
    return scores


def test_gold_against_gold_is_perfect_for_both(corpus):
    scores = compare(corpus, corpus[0], corpus[1])
    assert scores.micro.f1 == 1.0
    assert scores.micro.state_accuracy == 1.0


def test_no_prediction_at_all(corpus):
    assert compare(corpus, {}).micro.recall == 0.0


def test_predictions_of_another_article(corpus):
    ids = list(corpus[0])
    moved = [
        {i: {**rows[j], "id": i} for i, j in zip(ids, ids[1:] + ids[:1], strict=True)}
        for rows in (corpus[0], corpus[1])
    ]
    scores = compare(corpus, *moved)
    assert len(ids) == 1 or scores.micro.f1 < 0.2


@pytest.mark.parametrize("seed", range(int(os.environ.get("COMMUNIQUE_AGREEMENT_SEEDS", "3"))))
def test_spoilt_predictions(corpus, seed):
    spoilt = {i: spoil(row, corpus[2][i], f"{seed} {i}") for i, row in corpus[1].items()}
    compare(corpus, spoilt, with_texts=seed % 3 != 2)


@pytest.mark.parametrize("split", SPLITS)
def test_answers_of_a_strong_model_as_answered_and_as_checked(split):
    corpus = _corpus(split)
    answered, checked = {}, {}
    for i, text in corpus[2].items():
        answer = json.loads((SHARED / "strong" / f"{i}.json").read_text("utf-8"))
        document = Document.from_text(text, id=i)
        told = {s.number: s.text for s in document.sentences}
        answered[i] = {"id": i} | {
            kind: [{**r, "evidence": [told[n] for n in r["evidence"] if n in told]} for r in records]
            for kind, records in answer.items()
        }
        with Extractor(ScriptedBackend([answer]), plan=Plan(repair_rounds=0)) as extractor:
            checked[i] = extractor.extract(document).model_dump(mode="json")
    for rows, ours in ((answered, False), (checked, True)):
        scores = compare(corpus, rows, {i: in_reference_words(row, i, ours=ours) for i, row in rows.items()})
        assert scores.micro.f1 > 0.9


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the scorer leaves its files to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_figures_over_all_documents_are_the_same(tmp_path, capsys):
    gold, _, texts = _corpus("dev")
    spoilt = {i: spoil(row, texts[i], f"figures {i}") for i, row in gold.items()}
    for i, row in spoilt.items():
        (tmp_path / f"{i}.json").write_text(json.dumps(row), encoding="utf-8")
    arguments = [str(SHARED / "gold" / "dev"), str(tmp_path), "--json", "--bootstrap", "20"]
    theirs = _module(SHARED / "score.py").main(arguments)
    capsys.readouterr()
    ours = evaluate(SHARED / "gold" / "dev", tmp_path, bootstrap=20).to_json()
    for mine, figures in (
        (ours["micro"], theirs["micro"]),
        *((ours["types"][k], f) for k, f in theirs["types"].items()),
    ):
        assert (mine["precision"], mine["recall"], mine["F1"]) == (figures["P"], figures["R"], figures["F1"])
    assert {k: figures["F1_95"] for k, figures in (*ours["types"].items(), ("micro", ours["micro"]))} == theirs["F1_95"]
    assert ours["empty"] == theirs["empty"]
    assert ours["quotes_not_in_text"] + ours["gold_quotes_not_in_text"] == theirs["quotes_not_in_text"]
