"""Offsets lead from the evidence back to the bytes that the user gave, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Document, sanitise
from communique.grounding import verify
from communique.grounding.citations import evidence_of
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

PIECES = st.sampled_from(
    [
        "👩‍🚀", "🇺🇦", "❤️", "👍🏽", "e\u0301", "ñ", "Ā̊", "会談した。", "両国は", "التقى الوزير", "می‌خواهم", "שלום", "हिन्दी",
        "ภาษาไทย",
        "ß", "İ", "ﬁ", "𝔘", "\u200b", "\u202e", "\ufeff", "\U000e0041", "\r\n", "\n", "\x00", " ", ". ",
        "Odo Brask met Ilya Tarn. ", "؟ ",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=25).map("".join).filter(lambda t: sanitise(t).text.strip())
LANGUAGES = st.sampled_from(["en", "ar", "ja", "de", "th"])


@given(TEXTS, LANGUAGES)
def test_evidence_leads_back_to_the_raw_bytes(raw, language):
    document = Document.from_text(raw, language=language)
    data = raw.encode("utf-8", "surrogatepass")
    for evidence in evidence_of(document.sentences, document):
        assert document.text[evidence.start : evidence.end] == evidence.exact
        start = document.raw_byte_offset(raw, evidence.start)
        end = document.raw_byte_offset(raw, evidence.end - 1) + len(evidence.exact[-1].encode())
        there = sanitise(data[start:end].decode("utf-8", "surrogatepass")).text
        # whether a line end is a blank shows in the whole text only
        assert "".join(there.split()) == "".join(evidence.exact.split())


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "👩‍🚀🇺🇦 Odo Brask met Ilya Tarn. 👍🏽", ["Odo Brask", "Ilya Tarn"]),
        ("en", "❤️ José Pérez met Zoe\u0301 Ruiz.", ["José Pérez", "Zoe\u0301 Ruiz"]),
        ("ja", "🎌田中首相と李大統領が会談した。", ["田中首相", "李大統領"]),
        ("ar", "التقى سامي حداد وزير الخارجية ليلى نصر أمس.", ["سامي حداد", "ليلى نصر"]),
    ],
)
def test_a_record_in_any_script_cites_its_exact_sentence(language, text, names):
    document = Document.from_text(f"🙂 x\n{text}\ny", language=language)
    number = next(s.number for s in document.sentences if names[0] in s.text)
    draft = {"meetings": [{"evidence": [number], "status": "held", "participants": names}]}
    (record,) = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    assert [p.name for p in record.participants] == names
    assert document.text[record.evidence[0].start : record.evidence[0].end] == record.evidence[0].exact
    assert names[0] in record.evidence[0].exact
