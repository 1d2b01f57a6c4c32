"""Which phrases of a sentence count: what somebody is accused of spreading denies nothing."""

import pytest

from communique.documents import Document
from communique.grounding.article import article_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Zenda accused Klow of spreading disinformation ahead of the election."),
        ("en", "Zenda accused Klow of denying inspectors access to the site."),
        ("en", "Zenda accused Klow of lying about the talks and of spreading false, misleading claims."),
        ("de", "Zenda wirft Klow vor, Desinformation zu verbreiten."),
        ("fr", "Zenda accuse Klow de mener une campagne de désinformation."),
        ("es", "Zenda acusó a Klow de difundir noticias falsas."),
        ("ru", "Зенда обвинила Клов в распространении дезинформации."),
    ],
)
def test_what_somebody_is_accused_of_spreading_denies_nothing(language, text):
    assert "denial" not in article_of(Document.from_text(text, language=language)).hits(1)


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "Zenda accused Klow of shelling the town, which Klow denied.", "denied"),
        ("en", "Zenda accused Klow of shelling the town but Klow has always denied it.", "denied"),
        ("en", "Zenda accused Klow of theft, a charge the ministry calls false.", "false"),
        ("en", "Zenda accused Klow of theft; Klow called it propaganda.", "propaganda"),
        ("en", "Accused of theft, Brask called it a lie.", "lie"),
        ("en", "Brask is accused of theft and denies it.", "denies"),
        ("en", "The ministry denied that it had accused Brask of theft.", "denied"),
        ("de", "Zenda wirft Klow vor, Gas zurückzuhalten, was Klow als Lüge bezeichnet.", "Lüge"),
        ("fr", "Zenda accuse Klow de piratage, ce que le ministre dément.", "dément"),
        ("ru", "Зенда обвинила Клов в обстреле, что Клов назвал ложью.", "ложью"),
    ],
)
def test_whoever_is_accused_may_deny_in_the_same_sentence(language, text, word):
    hits = article_of(Document.from_text(text, language=language)).hits(1)
    assert word in [text[start:end] for start, end in hits["denial"]]
