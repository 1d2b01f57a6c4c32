"""Who accuses whom: the stretches of a sentence, in four languages, and sentences that only deny."""

import pytest
from communique.grounding.roles import all_sides, denier, sides

LONG = "Freedonia, citing satellite pictures, accused the U.S. of selling shells to Ruritania."


@pytest.mark.parametrize(
    ("language", "sentence", "before", "accused"),
    [
        ("en", "Marenia accused the republic of Tolvik of digging wells.", "Marenia", "the republic of Tolvik"),
        ("en", "Tokyo accused the Republic of Korea of secretly fishing.", "Tokyo", "the Republic of Korea"),
        ("en", "Tokyo accused the Republic of Korea of theft.", "Tokyo", "the Republic of Korea"),
        ("en", "Klow accused the ministry of defence of theft of grain.", "Klow", "the ministry of defence"),
        ("en", "Klow accused the Prince of Zenda of treason.", "Klow", "the Prince of Zenda"),
        ("en", "Klow accused members of the Ruritanian guard of spying.", "Klow", "members of the Ruritanian guard"),
        ("en", "Klow accused Ruritania of violations of the treaty of 1907.", "Klow", "Ruritania"),
        ("en", "Klow accused Ruritania of not heeding the court of Zenda.", "Klow", "Ruritania"),
        ("en", "Klow accused Ruritania of theft, of arson and of lying.", "Klow", "Ruritania"),
        ("en", LONG, "Freedonia, citing satellite pictures,", "the U.S."),
        ("en", "Klow blamed Ruritania for the fire.", "Klow", "Ruritania"),
        ("en", "Klow blamed the fire on Ruritania.", "Klow", "Ruritania"),
        ("en", "Prosecutors in Klow charged two Ruritanians with theft.", "Prosecutors in Klow", "two Ruritanians"),
        ("en", "Ruritania was accused by Klow of theft.", "Klow", "Ruritania"),
        ("en", "Ruritania was accused of theft by Klow.", "Klow", "Ruritania"),
        ("en", "Klow suspects that Ruritania may be sending miners.", "Klow", "that Ruritania may be sending miners"),
        ("de", "Minsk warf Warschau vor, Soldaten geschickt zu haben.", "Minsk", "Warschau"),
        ("de", "Minsk wirft der Regierung in Warschau Betrug vor.", "Minsk", "der Regierung in Warschau Betrug"),
        ("de", "Minsk hat Warschau vorgeworfen, Soldaten zu schicken.", "Minsk", "Warschau"),
        ("de", "Minsk beschuldigte Warschau, Soldaten geschickt zu haben.", "Minsk", "Warschau"),
        ("de", "Minsk bezichtigt Warschau der Lüge.", "Minsk", "Warschau"),
        ("fr", "Klow a accusé la Ruritanie de vendre des armes.", "Klow a", "la Ruritanie"),
        ("fr", "Klow a accusé la République de Corée de vendre des armes.", "Klow a", "la République de Corée"),
        ("fr", "Klow accuse la Ruritanie d’ingérence.", "Klow", "la Ruritanie"),
        ("fr", "Klow accuse le ministre de la Défense de corruption.", "Klow", "le ministre de la Défense"),
        ("es", "Klow acusó a Ruritania de vender armas.", "Klow", "Ruritania"),
        ("es", "Klow ha acusado a la República de Corea de vender armas.", "Klow ha", "la República de Corea"),
        ("es", "Klow acusa al ministro de Zenda de robo.", "Klow", "ministro de Zenda"),
        ("es", "Klow acusó el domingo a Ruritania de verter lejía.", "Klow", "Ruritania"),
        ("en", "Klow condemned Ruritania for the raid.", "Klow", "Ruritania"),
        ("en", "Klow warned that Ruritania may be sending miners.", "Klow", "that Ruritania may be sending miners"),
        ("en", "Klow met Zenda, alleging that Ruritania stole grain.", "Klow met Zenda,", "that Ruritania stole grain"),
        ("en", "Klow deplored thefts perpetrated by Ruritania in Zenda.", "Klow", "Ruritania"),
    ],
)  # fmt: skip
def test_the_accused_is_the_whole_name(language, sentence, before, accused):
    found = sides(sentence, language)
    assert (found.before.strip(), found.accused.strip()) == (before, accused)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Ruritania, which Klow accuses of theft, met its neighbours."),
        ("en", "The accused was heard in Klow."),
        ("en", "Police shot a suspected leader of the guard."),
        ("en", "Klow and Ruritania spoke of the flood."),
        ("en", "In a report on Odo Brask the paper alleged that he had taken bribes."),
        ("en", "Klow condemned the flood and met Ruritania."),
        ("de", "Am Montag warf Minsk Warschau vor, Soldaten geschickt zu haben."),
        ("de", "Dem Minister warf Minsk Betrug vor."),
        ("de", "Im Streit beschuldigte Minsk Warschau, zu lügen."),
        ("fi", "Minsk syytti Varsovaa."),
    ],
)
def test_where_the_order_of_the_words_does_not_tell_nothing_is_said(language, sentence):
    assert sides(sentence, language) is None


def test_two_that_accuse_each_other_in_one_sentence_are_both_read():
    found = all_sides("Klow accused Zenda of theft, and Zenda blamed Klow for the fire.", "en")
    assert [p.accused for p in found] == ["Zenda", "Klow"]


@pytest.mark.parametrize(
    ("language", "sentence", "who"),
    [
        ("en", "Pyongyang denied that it ships arms.", "Pyongyang"),
        ("en", "Tolvik denied the claim and called it a distraction.", "Tolvik"),
        ("en", "A spokesman, Odo Brask, rejected the allegations.", "A spokesman, Odo Brask,"),
        ("de", "Die Reederei bestritt die Vorwürfe.", "Die Reederei"),
        ("de", "Die Reederei wies die Vorwürfe zurück.", "Die Reederei"),
        ("fr", "Klow a démenti ces accusations.", "Klow"),
        ("es", "Klow negó que venda armas.", "Klow"),
    ],
)
def test_a_sentence_that_only_denies_has_a_denier(language, sentence, who):
    assert denier(sentence, language).strip() == who


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Borduria denied it and accused Freedonia of lying."),
        ("en", "Borduria denied it and said Freedonia had set the fire."),
        ("en", "Freedonia accused Borduria of theft, which Borduria denied."),
        ("en", "Borduria was denied entry."),
        ("en", "Borduria did not deny it."),
        ("en", "Freedonia rejected the border as illegal."),
        ("de", "Minsk bestritt das und warf Warschau Betrug vor."),
        ("fi", "Minsk kiisti sen."),
    ],
)
def test_a_sentence_that_accuses_or_denies_nothing_has_no_denier(language, sentence):
    assert denier(sentence, language) is None
