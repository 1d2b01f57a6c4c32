"""What a notebook shows of a result: cards, escaped."""

import pytest

from communique import Document, Extractor
from communique.backends.scripted import ScriptedBackend

TEXT = "Talks in Lund\n\nTilda Brask and Ole <b>Vang</b> met in Lund. Varnia accused Olmark of theft."
ANSWER = {
    "meetings": [{"evidence": [2], "status": "held", "participants": ["Tilda Brask"], "place": "Lund"}],
    "allegations": [
        {"evidence": [3], "claim": "Olmark stole <i>ships</i>.", "accusers": ["Varnia"], "accused": ["Olmark"]},
        {"evidence": [3], "claim": "Zorb stole.", "accused": ["Zorb"]},
    ],
    "sanctions_concerns": [],
}


@pytest.fixture(scope="module")
def summary():
    with Extractor(ScriptedBackend([ANSWER] * 2)) as extractor:
        return extractor.extract(Document.from_text(TEXT))


def test_a_summary_shows_its_title_its_records_and_how_many_were_rejected(summary):
    shown = summary._repr_html_()

    assert "Talks in Lund" in shown
    assert all(record.headline.split()[0] in shown for record in summary.all_records())
    assert f"{len(summary.rejections)} rejected" in shown


def test_a_record_shows_its_sentences_and_nothing_of_it_is_markup(summary):
    shown = "".join(record._repr_html_() for record in summary.all_records())

    assert "[2] Tilda Brask and Ole &lt;b&gt;Vang&lt;/b&gt; met in Lund." in shown
    assert "<b>Vang" not in shown
    assert "<i>" not in shown


def test_a_summary_without_records_says_so():
    with Extractor(ScriptedBackend([{"meetings": [], "allegations": [], "sanctions_concerns": []}])) as extractor:
        assert "no records" in extractor.extract("Rain fell on the hills.")._repr_html_()
