"""Ends that are none, and ends that a splitter passes over: by the words of the language."""

import string

import pytest

from communique.documents import number_sentences
from communique.languages import known_languages, language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The port belongs to Ms. Holt. | She left."),
        ("en", "He saw Gen. The Hague never did."),
        ("en", "They left the U.S. | The trip was long."),
        ("en", "About approx. 2000 people came. | They stayed."),
        ("en", "“We met,” she said. | No. 4 stayed out."),
        ("en", "It failed... | Then it worked."),
        ("en", "He said: “We met. The talks went well.” | He left."),  # what is said in one breath stays together
        ("de", "„Das war nichts. Der Hafen blieb zu“, sagte er. | Der Mann ging."),
        ("de", "Der Brief vom 21. Oktober kam an. | Er blieb liegen."),
        ("de", "In der 4. Klasse und im 16. Jahrhundert war es so."),
        ("de", "Sie wurde 85. | Danach ging sie."),
        ("de", "Der Hafen war leer. | 1987 wurde er verkauft."),
        ("de", "Er schrieb, z. B. Die Woche, Abb. 1987 zeigt es."),
        ("de", "Es geschah im 5. Jh. v. Chr. in Klow. | Die Stadt brannte."),
        ("fr", "M. Brask a rencontré Mme. Tarn. | Il est parti."),
        ("fr", "La cité fut fondée vers 700 av. J.-C. et brûlée en 352 avant J.-C., dit-on. | Elle dort."),
        ("fr", "Cela ne fonctionne pas toujours. | Mais ils essaient."),
        ("es", "Vivió en el siglo V a. C. | Es probable que lo vieran."),
        ("es", "En el año 833 d. C. el reino cayó. | La ciudad ardió."),
        ("es", "Subió al puesto n. ° 96 de la lista."),
        ("es", "Voló a EE. UU. | Había ganado la D. Carla."),
        ("es", "La gente pidió un bis. | Declaro abiertos los Juegos."),
        ("es", "Saludó a Mar. Espino en la cap. Ruiz."),
        ("da", "I det 19. århundrede kom den 3. maj."),
        ("tr", "Bu 21. yüzyıl böyle başladı."),
        (
            "bg",
            "Проф. Браск дойде на 5 март 2024 г. в Клов. | През 2023 г. Тарн отрече. | Срещата е през юни т.г. в града.",
        ),
        ("hi", "डॉ. सिंह ने कहा। | क्या यह सच है? | एस. तार्न की पार्टी ने 5 लाख रु. दिए।"),
        ("xx", "It rose to no. ° 96 there."),
        ("uk", "Посол В. Тарненко і А. Браск зустріли Ф. Гольта. | Він пішов."),
        ("it", "Il ministro M. Tarni e E. Brask hanno parlato. | Poi è partito."),
        ("el", "Ο υπουργός Ν. Τάρνης μίλησε. | Ο Δ. Μπρασκ έφυγε."),
        ("ru", "Е. Тарнов и В. В. Браск ушли. | Э.Ю. Гольт остался."),
        ("fr", "Lundi, le chef de la diplomatie J. Tarn a rencontré K. Brask. | Il est parti."),
        ("en", "They had a plan B. | The minister left."),
        ("en", "It was a ship of class A. | He left."),
        ("sv", "Han såg en art. | Vi gick till kap. IV och kap. 5 i lagen."),
        ("fr", "L'eau était à 25 °C. | Brask est parti."),
        ("ru", "«Мы это отрицаем!» — заявил посол. | — Кто это? — спросил он. | «Да!» | Он ушёл."),
        ("uk", "«Ми це заперечуємо!» — заявив посол. | Він пішов."),
        ("es", "—¡No! —dijo el enviado. | Luego se fue."),
        ("es", "¡No! dijo el enviado. | Luego se fue."),
        ("pl", "„Kto to zrobił?” – zapytał poseł. | Potem wyszedł."),
        ("cs", "„Ne!“ řekl vyslanec. | Potom odešel."),
        ("en", "“We deny it!” said the envoy. | “No!” | The envoy left."),
        ("en", "Was it true? | — Envoys never said."),
        ("cs", "Auto táhlo silou 70 N. | Brask odešel."),
    ],
)
def test_a_sentence_ends_where_its_language_ends_it(language, text):
    pieces = [s.text for s in number_sentences(text.replace("| ", ""), language)]
    assert " | ".join(pieces) == text


SURNAMES = {"bg": "Тарнов", "el": "Ταρνίδης", "ru": "Тарнов", "sr": "Тарнов", "uk": "Тарненко"}
CYRILLIC = "".join(map(chr, range(0x410, 0x430)))
LETTERS = {
    "bg": CYRILLIC,
    "el": "".join(map(chr, (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA)))),
    "ru": f"{CYRILLIC}Ё",
    "sr": f"{CYRILLIC}ЂЈЉЊЋЏ",
    "uk": f"{CYRILLIC}ҐЄІЇ",
}


@pytest.mark.parametrize("code", [code for code in known_languages() if language(code).case])
def test_no_initial_ends_a_sentence(code):
    name = SURNAMES.get(code, "Tarnov")
    for letter in LETTERS.get(code, string.ascii_uppercase):
        for text in (
            f"{letter}. {name}.",
            f"{name}, {letter}. {letter}. {name}.",
            f"{name}, {letter}.{letter}. {name}.",
        ):
            assert [s.text for s in number_sentences(text, code)] == [text]
