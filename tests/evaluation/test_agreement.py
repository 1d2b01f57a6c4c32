"""Agreement with the reference scorer: the same counts and figures, on good, empty, moved and spoilt predictions.

The scorer and its corpus are not part of this repository. The tests look for them in $COMMUNIQUE_SHARED, then in
`../shared` beside the checkout, and are skipped where neither is there.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from communique.evaluation import evaluate

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("COMMUNIQUE_SHARED") or ROOT.parent / "shared")
SCORER = SHARED / "eval" / "score.py"
pytestmark = [
    pytest.mark.skipif(
        not SCORER.is_file(), reason="the reference scorer is not beside the checkout (set COMMUNIQUE_SHARED)"
    ),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # the scorer leaves its files to the garbage collector
]


def _module(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = bytecode
    return module


perturbation = _module(Path(__file__).parent / "perturbation.py", "perturbation")


@pytest.fixture(scope="module")
def scorer():
    return _module(SCORER, "reference_scorer")


def _corpora():
    """Yield (gold folder, text folder) of the shared splits and of our own articles."""
    return {
        "dev": (SHARED / "eval" / "gold" / "dev", SHARED / "eval" / "dev"),
        "founding": (SHARED / "eval" / "gold" / "founding", SHARED / "eval" / "founding"),
        "ours": (ROOT / "tests" / "gold", ROOT / "tests" / "gold"),
    }


@pytest.fixture(params=["dev", "founding", "ours"])
def corpus(request, tmp_path):
    """Gold by id, texts by id, and a folder that holds nothing but gold, as the reference scorer wants it."""
    folder, texts = _corpora()[request.param]
    clean = tmp_path / "gold" / request.param
    clean.mkdir(parents=True)
    gold = {}
    for path in sorted(folder.glob("*.json")):
        row = json.loads(path.read_text(encoding="utf8"))
        if "meetings" in row:
            gold[path.stem] = row
            (clean / path.name).write_text(json.dumps(row, ensure_ascii=False), encoding="utf8")
    return gold, {i: (texts / f"{i}.txt").read_bytes().decode("utf8") for i in gold}, clean, texts


def compare(scorer, corpus, predictions, tmp_path, capsys, with_texts=True):
    gold, _, clean, texts = corpus
    folder = tmp_path / "predictions"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for i, prediction in predictions.items():
        (folder / f"{i}.json").write_text(json.dumps(prediction, ensure_ascii=False), encoding="utf8")
    where = texts if with_texts else tmp_path / "nowhere"
    where.mkdir(exist_ok=True)
    theirs = scorer.main([str(clean), str(folder), "--texts", str(where), "--json", "--bootstrap", "20"])
    capsys.readouterr()
    scores = evaluate(clean, folder, texts=where, bootstrap=20)
    for i, row in gold.items():
        text_path = where / f"{i}.txt"
        text = scorer.Text(text_path.read_bytes().decode("utf8")) if text_path.is_file() else scorer.NoText()
        _same_counts(
            scorer.score_doc(row, predictions.get(i, {}), text),
            next(d for d in scores.documents if d.id == i),
        )
    _same_figures(theirs, scores.to_json())
    return scores


def _same_counts(theirs, document):
    for kind, counts in theirs.items():
        tally = document.tally(kind)
        ours = {name: getattr(tally, name) for name in counts if name != "slots"}
        assert ours == {name: n for name, n in counts.items() if name != "slots"}, (document.id, kind)
        slots = {name: [found.tp, found.fp, found.fn] for name, found in tally.slots.items()}
        assert slots == counts["slots"], (document.id, kind)


def _same_figures(theirs, ours):
    for kind, figures in theirs["types"].items():
        mine = ours["types"][kind]
        assert {k: mine[k] for k in figures if k != "slots"} == {k: v for k, v in figures.items() if k != "slots"}
        for name, slot in figures["slots"].items():
            assert {k: mine["slots"][name][k] for k in slot} == slot
    assert {k: ours["micro"][k] for k in theirs["micro"]} == theirs["micro"]
    for key in ("macro_F1", "empty", "predictions_missing", "F1_95"):
        assert ours[key] == theirs[key], key
    assert ours["quotes_not_in_text"] + ours["gold_quotes_not_in_text"] == theirs["quotes_not_in_text"]


def test_gold_against_gold_is_perfect_for_both(scorer, corpus, tmp_path, capsys):
    scores = compare(scorer, corpus, corpus[0], tmp_path, capsys)
    assert scores.micro.f1 == 1.0
    assert scores.micro.state_accuracy == 1.0


def test_no_prediction_at_all(scorer, corpus, tmp_path, capsys):
    scores = compare(scorer, corpus, {}, tmp_path, capsys)
    assert scores.micro.recall == 0.0


def test_predictions_of_another_article(scorer, corpus, tmp_path, capsys):
    ids = list(corpus[0])
    moved = {i: {**corpus[0][j], "id": i} for i, j in zip(ids, ids[1:] + ids[:1], strict=True)}
    scores = compare(scorer, corpus, moved, tmp_path, capsys)
    assert len(ids) == 1 or scores.micro.f1 < 0.2


@pytest.mark.parametrize("seed", range(int(os.environ.get("COMMUNIQUE_AGREEMENT_SEEDS", "6"))))
def test_spoilt_predictions(scorer, corpus, tmp_path, capsys, seed):
    spoilt = {i: perturbation.spoil(row, corpus[1][i], f"{seed} {i}") for i, row in corpus[0].items()}
    compare(scorer, corpus, spoilt, tmp_path, capsys, with_texts=seed % 3 != 2)
