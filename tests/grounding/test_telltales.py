"""Words that contradict a choice: a worry is no accusation, a suspicion is not asserted."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

WORRY = "Sylvania said the visit might be a way to send miners to Ruritania, which could violate the treaty."


def checked(text, language="en", **said):
    document = Document.from_text(f"Borduria is near.\n{text}", language=language)
    draft = {"allegations": [{"evidence": [2], "claim": text, **said}]}
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document)
    return (*verdict.records, *verdict.rejections)


def reasons(records):
    return {c.reason for r in records for c in r.checks if c.outcome != "passed"}


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("en", WORRY, "Sylvania"),
        ("en", "Sylvania fears that the bank may have violated the embargo.", "Sylvania"),
        ("de", "Sylvania fürchtet, die Reise könnte das Embargo verletzen.", "Sylvania"),
        ("fr", "La Sylvania dit que ce voyage pourrait violer l’embargo.", "Sylvania"),
        ("es", "Sylvania dice que ese viaje podría ser ilegal.", "Sylvania"),
    ],
)
def test_a_mere_worry_is_never_a_verified_allegation(language, text, who):
    for commitment in ("possible", "unspecified"):
        (record,) = checked(text, language, accusers=[who], accused=["Borduria"], commitment=commitment)
        assert record.verdict == "flagged"
        assert "worry_not_accusation" in reasons([record])


@pytest.mark.parametrize(
    "text",
    [
        "Sylvania accused Borduria of trades that could violate the treaty.",
        "Sylvania said Borduria violated the treaty.",
        "Sylvania suspects that Borduria might be violating the treaty.",
    ],
)
def test_an_accusation_with_doubt_in_it_is_no_mere_worry(text):
    assert "worry_not_accusation" not in reasons(checked(text, accusers=["Sylvania"], accused=["Borduria"]))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Sylvania suspects that Borduria ships rifles."),
        ("en", "Sylvania suspected Borduria of shipping rifles."),
        ("en", "Sylvania is worried that Borduria smuggled rifles."),
        ("de", "Sylvania vermutet, dass Borduria Waffen geschmuggelt hat."),
        ("fr", "Sylvania soupçonne Borduria de corruption."),
        ("es", "Sylvania sospecha que Borduria viola el embargo; es una acusación."),
    ],
)
def test_a_suspicion_is_not_asserted(language, text):
    (record,) = checked(text, language, accusers=["Sylvania"], accused=["Borduria"], commitment="asserted")
    assert (record.commitment, record.verdict) == ("possible", "flagged")
    assert "doubt_words" in reasons([record])


@pytest.mark.parametrize(
    "text",
    [
        "Sylvania accused Borduria of hiding a suspect.",
        "Sylvania accused Borduria of arming suspected smugglers of rifles.",
        "Sylvania charged two Borduria men, suspected members of a gang, with theft.",
    ],
)
def test_a_suspect_in_an_accusation_leaves_it_asserted(text):
    (record,) = checked(text, accusers=["Sylvania"], accused=["Borduria"], commitment="asserted")
    assert record.commitment == "asserted"


def test_the_suspecting_and_the_suspected_are_not_swapped():
    (record,) = checked(
        "Sylvania suspects that Borduria ships rifles.", accusers=["Borduria"], accused=["Sylvania"]
    )
    assert {"accused_not_accuser", "accuser_not_accused"} <= reasons([record])
