"""Modality, denial and role in other languages than English: a sentence that breaks each rule, and one beside it."""

import pytest

from communique.schemas import Allegation, Meeting, SanctionsConcern

DENIAL = {"type": "denial", "responders": ["Sylvania"], "evidence": [2]}
SWAPPED = {"accusers": ["Sylvania"], "accused": ["Freedonia"]}

MEETINGS = {
    # language: held, planned, cancelled, by telephone
    "de": (
        "Odo Brask traf am Montag Ilya Tarn.",
        "Odo Brask wird am Montag Ilya Tarn treffen.",
        "Odo Brask sagte das Treffen mit Ilya Tarn ab.",
        "Odo Brask und Ilya Tarn telefonierten am Montag.",
    ),
    "es": (
        "Odo Brask se reunió el lunes con Ilya Tarn.",
        "Odo Brask se reunirá el lunes con Ilya Tarn.",
        "Odo Brask canceló la reunión con Ilya Tarn.",
        "Odo Brask y Ilya Tarn hablaron por teléfono.",
    ),
    "fr": (
        "Odo Brask a rencontré Ilya Tarn lundi.",
        "Odo Brask rencontrera Ilya Tarn lundi.",
        "Odo Brask a annulé la réunion avec Ilya Tarn.",
        "Odo Brask et Ilya Tarn ont parlé par téléphone.",
    ),
    "pl": (
        "Odo Brask spotkał się w poniedziałek z Ilya Tarn.",
        "Odo Brask spotka się w poniedziałek z Ilya Tarn.",
        "Odo Brask odwołał spotkanie z Ilya Tarn.",
        "Odo Brask i Ilya Tarn rozmawiali telefonicznie.",
    ),
    "ru": (
        "Odo Brask встретился в понедельник с Ilya Tarn.",
        "Odo Brask встретится в понедельник с Ilya Tarn.",
        "Odo Brask отменил встречу с Ilya Tarn.",
        "Odo Brask и Ilya Tarn поговорили по телефону.",
    ),
    "ja": (
        "Odo BraskはIlya Tarnと月曜日に会談した。",
        "Odo BraskはIlya Tarnと月曜日に会談する予定だ。",
        "Odo BraskはIlya Tarnとの会談を中止した。",
        "Odo BraskはIlya Tarnと電話で話した。",
    ),
    "ar": (
        "التقى Odo Brask مع Ilya Tarn يوم الاثنين.",
        "سيلتقي Odo Brask مع Ilya Tarn يوم الاثنين.",
        "ألغى Odo Brask الاجتماع مع Ilya Tarn.",
        "تحدث Odo Brask مع Ilya Tarn هاتفيا.",
    ),
    "vi": (
        "Odo Brask đã gặp Ilya Tarn hôm thứ hai.",
        "Odo Brask sẽ gặp Ilya Tarn vào thứ hai.",
        "Odo Brask hủy cuộc gặp với Ilya Tarn.",
        "Odo Brask điện đàm với Ilya Tarn.",
    ),
    "id": (
        "Odo Brask bertemu dengan Ilya Tarn pada Senin.",
        "Odo Brask akan bertemu dengan Ilya Tarn pada Senin.",
        "Odo Brask membatalkan pertemuan dengan Ilya Tarn.",
        "Odo Brask berbicara dengan Ilya Tarn lewat telepon.",
    ),
    "bg": (
        "Odo Brask се срещна в понеделник с Ilya Tarn.",
        "Odo Brask ще се срещне в понеделник с Ilya Tarn.",
        "Odo Brask отмени срещата с Ilya Tarn.",
        "Odo Brask и Ilya Tarn говориха по телефона.",
    ),
    "hi": (
        "Odo Brask ने सोमवार को Ilya Tarn से मुलाकात की।",
        "Odo Brask सोमवार को Ilya Tarn से मुलाकात करेंगे।",
        "Odo Brask ने Ilya Tarn के साथ बैठक रद्द कर दी।",
        "Odo Brask और Ilya Tarn ने फ़ोन पर बात की।",
    ),
}
CLAIMS = {
    # language: accuses, suspects, holds it for possible
    "de": (
        "Freedonia beschuldigte Sylvania des Diebstahls.",
        "Freedonia verdächtigt Sylvania des Diebstahls.",
        "Freedonia spekulierte, dass Sylvania möglicherweise hinter dem Diebstahl steckt.",
    ),
    "es": (
        "Freedonia acusó a Sylvania de robo.",
        "Freedonia sospecha que Sylvania cometió el robo.",
        "Freedonia especuló que Sylvania podría estar detrás del robo.",
    ),
    "fr": (
        "Freedonia a accusé Sylvania de vol.",
        "Freedonia soupçonne Sylvania de vol.",
        "Selon Freedonia, Sylvania pourrait être derrière le vol.",
    ),
    "pl": (
        "Freedonia oskarżyła Sylvania o kradzież.",
        "Freedonia podejrzewa Sylvania o kradzież.",
        "Freedonia spekuluje, że Sylvania mogłaby stać za kradzieżą.",
    ),
    "ru": (
        "Freedonia обвинила Sylvania в краже.",
        "Freedonia подозревает Sylvania в краже.",
        "По мнению Freedonia, за кражей, возможно, стоит Sylvania.",
    ),
    "vi": (
        "Freedonia cáo buộc Sylvania trộm vàng.",
        "Freedonia nghi ngờ Sylvania trộm vàng.",
        "Freedonia suy đoán rằng Sylvania có thể đứng sau vụ trộm.",
    ),
    "id": (
        "Freedonia menuduh Sylvania mencuri emas.",
        "Freedonia mencurigai Sylvania mencuri emas.",
        "Freedonia berspekulasi bahwa Sylvania mungkin berada di balik pencurian itu.",
    ),
    "bg": (
        "Freedonia обвини Sylvania в кражба.",
        "Freedonia подозира Sylvania в кражба.",
        "Freedonia предполага, че зад кражбата може да стои Sylvania.",
    ),
    "hi": (
        "Freedonia ने Sylvania पर चोरी का आरोप लगाया।",
        "Freedonia को Sylvania पर चोरी का शक है।",
        "Freedonia ने आशंका जताई कि चोरी के पीछे Sylvania हो सकता है।",
    ),
}
STAGES = {
    # language: imposed, weighed, lifted, may be broken, are broken
    "de": (
        "Freedonia verhängte Sanktionen gegen Sylvania.",
        "Freedonia erwägt Sanktionen gegen Sylvania.",
        "Freedonia hob die Sanktionen gegen Sylvania auf.",
        "Freedonia warnte, Sylvania könnte gegen die Sanktionen verstoßen.",
        "Freedonia stellte fest, dass Sylvania gegen die Sanktionen verstieß.",
    ),
    "es": (
        "Freedonia impuso sanciones a Sylvania.",
        "Freedonia estudia sanciones contra Sylvania.",
        "Freedonia levantó las sanciones a Sylvania.",
        "Freedonia advirtió que Sylvania podría violar las sanciones.",
        "Freedonia constató que Sylvania violó las sanciones.",
    ),
    "fr": (
        "Freedonia a imposé des sanctions à Sylvania.",
        "Freedonia envisage des sanctions contre Sylvania.",
        "Freedonia a levé les sanctions contre Sylvania.",
        "Freedonia craint que Sylvania ne viole les sanctions.",
        "Freedonia a constaté que Sylvania a violé les sanctions.",
    ),
    "ja": (
        "FreedoniaはSylvaniaに制裁を科した。",
        "FreedoniaはSylvaniaへの制裁を検討している。",
        "FreedoniaはSylvaniaへの制裁を解除した。",
        "FreedoniaはSylvaniaが制裁に違反する恐れがあると警告した。",
        "FreedoniaはSylvaniaが制裁に違反したと認定した。",
    ),
    "vi": (
        "Freedonia đã áp đặt trừng phạt lên Sylvania.",
        "Freedonia cân nhắc áp đặt trừng phạt lên Sylvania.",
        "Freedonia dỡ bỏ lệnh trừng phạt với Sylvania.",
        "Freedonia cảnh báo Sylvania có thể vi phạm lệnh trừng phạt.",
        "Freedonia phát hiện Sylvania vi phạm lệnh trừng phạt.",
    ),
    "id": (
        "Freedonia telah menjatuhkan sanksi terhadap Sylvania.",
        "Freedonia mempertimbangkan untuk menjatuhkan sanksi terhadap Sylvania.",
        "Freedonia mencabut sanksi terhadap Sylvania.",
        "Freedonia memperingatkan bahwa Sylvania mungkin melanggar sanksi internasional.",
        "Freedonia menemukan bahwa Sylvania melanggar sanksi internasional.",
    ),
    "bg": (
        "Freedonia наложи санкции на Sylvania.",
        "Freedonia обмисля санкции срещу Sylvania.",
        "Freedonia вдигна санкциите срещу Sylvania.",
        "Freedonia предупреди, че Sylvania може да наруши санкциите.",
        "Freedonia установи, че Sylvania е нарушила санкциите.",
    ),
    "hi": (
        "Freedonia ने Sylvania पर प्रतिबंध लगा दिए।",
        "Freedonia Sylvania पर प्रतिबंध लगाने पर विचार कर रहा है।",
        "Freedonia ने Sylvania से प्रतिबंध हटा लिए।",
        "Freedonia ने आशंका जताई कि Sylvania प्रतिबंधों से बच सकता है।",
        "Freedonia ने पाया कि Sylvania ने प्रतिबंधों का उल्लंघन किया।",
    ),
}
DENIALS = {
    # language: accusation, denial, no comment, denial of everything, another worry
    "de": (
        "Freedonia beschuldigte Sylvania des Diebstahls.",
        "Sylvania wies den Vorwurf zurück.",
        "Sylvania äußerte sich nicht.",
        "Sylvania wies alle Vorwürfe zurück.",
        "Es gibt Sorgen, dass Sylvania die Sanktionen umgehen könnte.",
    ),
    "es": (
        "Freedonia acusó a Sylvania de robo.",
        "Sylvania lo negó.",
        "Sylvania no hizo comentarios.",
        "Sylvania negó todas las acusaciones.",
        "Se teme que Sylvania podría evadir las sanciones.",
    ),
    "fr": (
        "Freedonia a accusé Sylvania de vol.",
        "Sylvania l'a nié.",
        "Sylvania n'a pas commenté.",
        "Sylvania a nié toutes les accusations.",
        "On craint que Sylvania ne contourne les sanctions.",
    ),
    "pl": (
        "Freedonia oskarżyła Sylvania o kradzież.",
        "Sylvania odrzuciła zarzut.",
        "Sylvania nie skomentowała sprawy.",
        "Sylvania odrzuciła wszystkie zarzuty.",
        "Są obawy, że Sylvania może omijać sankcje.",
    ),
    "ru": (
        "Freedonia обвинила Sylvania в краже.",
        "Sylvania отвергла обвинение.",
        "Sylvania не прокомментировала это.",
        "Sylvania отвергла все обвинения.",
        "Есть опасения, что Sylvania может обойти санкции.",
    ),
    "ja": (
        "FreedoniaはSylvaniaの窃盗を非難した。",
        "Sylvaniaは疑惑を否定した。",
        "Sylvaniaはコメントしなかった。",
        "Sylvaniaは全ての疑惑を否定した。",
        "Sylvaniaが制裁を逃れる恐れがある。",
    ),
    "vi": (
        "Freedonia cáo buộc Sylvania trộm vàng.",
        "Sylvania bác bỏ cáo buộc này.",
        "Sylvania chưa bình luận.",
        "Sylvania bác bỏ mọi cáo buộc.",
        "Có lo ngại rằng Sylvania có thể lách lệnh trừng phạt.",
    ),
    "id": (
        "Freedonia menuduh Sylvania mencuri emas.",
        "Sylvania membantah tuduhan itu.",
        "Sylvania belum memberikan komentar.",
        "Sylvania membantah semua tuduhan.",
        "Ada kekhawatiran bahwa Sylvania bisa menghindari sanksi internasional.",
    ),
    "bg": (
        "Freedonia обвини Sylvania в кражба.",
        "Sylvania отхвърли обвинението.",
        "Sylvania отказа коментар.",
        "Sylvania отхвърли всички обвинения.",
        "Има опасения, че Sylvania може да заобиколи санкциите.",
    ),
    "hi": (
        "Freedonia ने Sylvania पर चोरी का आरोप लगाया।",
        "Sylvania ने इससे इनकार किया।",
        "Sylvania ने कोई टिप्पणी नहीं की।",
        "Sylvania ने सभी आरोपों का खंडन किया।",
        "आशंका है कि Sylvania प्रतिबंधों से बच सकता है।",
    ),
}
ROLES = {
    # language: accusation of an act that somebody else receives
    "es": "Freedonia acusó a Sylvania de suministrar fusiles a Borduria.",
    "fr": "Freedonia a accusé Sylvania de livrer des fusils à Borduria.",
    "it": "Freedonia ha accusato Sylvania di fornire fucili a Borduria.",
    "pl": "Freedonia oskarżyła Sylvania o dostarczanie karabinów dla Borduria.",
    "pt": "Freedonia acusou Sylvania de fornecer fuzis a Borduria.",
    "ru": "Freedonia обвинила Sylvania в поставках винтовок для Borduria.",
    "vi": "Freedonia đã cáo buộc Sylvania cung cấp súng trường cho Borduria.",
    "id": "Freedonia menuduh Sylvania memasok senapan ke Borduria.",
    "bg": "Freedonia обвини Sylvania, че доставя пушки на Borduria.",
    "hi": "Freedonia ने Sylvania पर Borduria को राइफलें देने का आरोप लगाया।",
}


@pytest.fixture
def reasons(outcome):
    """Return a function that gives what is said of a draft."""

    def of(kind, said, text, language):
        return {c.reason: c.proposal for c in outcome((kind, said), text, language).checks}

    return of


@pytest.mark.parametrize("language", MEETINGS)
def test_the_status_of_a_meeting_follows_its_words(reasons, language):
    held, planned, cancelled, call = MEETINGS[language]
    assert reasons(Meeting, {}, held, language) == {}
    assert reasons(Meeting, {"status": "planned"}, planned, language) == {}
    assert reasons(Meeting, {"status": "cancelled"}, cancelled, language) == {}
    assert reasons(Meeting, {"mode": "call"}, call, language) == {}

    assert reasons(Meeting, {"status": "planned"}, held, language) == {"no_plan_words": "held"}
    assert reasons(Meeting, {}, planned, language) == {"plan_words": "planned"}
    assert reasons(Meeting, {"status": "cancelled"}, held, language) == {"no_cancelling_words": "held"}
    assert reasons(Meeting, {}, call, language) == {"call_words": "call"}


@pytest.mark.parametrize("language", CLAIMS)
def test_how_certain_a_claim_is_follows_its_words(reasons, language):
    accuses, suspects, possible = CLAIMS[language]
    assert reasons(Allegation, {}, accuses, language) == {}
    assert reasons(Allegation, {"commitment": "possible"}, suspects, language) == {}
    assert reasons(Allegation, {"commitment": "possible"}, possible, language) == {}

    assert reasons(Allegation, {"commitment": "possible"}, accuses, language) == {"no_doubt_words": "asserted"}
    assert reasons(Allegation, {}, possible, language) == {"doubt_words": "possible"}


@pytest.mark.parametrize("language", STAGES)
def test_the_stage_of_sanctions_follows_their_words(reasons, language):
    imposed, weighed, lifted, may, broken = STAGES[language]
    for stage, text in (("imposed", imposed), ("proposed", weighed), ("potential", may), ("found", broken)):
        assert reasons(SanctionsConcern, {"stage": stage}, text, language) == {}

    assert reasons(SanctionsConcern, {"stage": "imposed"}, weighed, language) == {"stage_words": "proposed"}
    assert reasons(SanctionsConcern, {"stage": "imposed"}, lifted, language) == {"stage_words": None}
    assert "stage_words" in reasons(SanctionsConcern, {"stage": "imposed"}, may, language)
    assert reasons(SanctionsConcern, {"stage": "potential"}, imposed, language) == {"stage_words": "imposed"}
    assert reasons(SanctionsConcern, {"stage": "potential"}, broken, language) == {"stage_words": None}


@pytest.mark.parametrize("language", DENIALS)
def test_a_denial_denies_and_answers_its_own_claim(reasons, language):
    claim, denied, silent, everything, worry = DENIALS[language]
    said = {"responses": [DENIAL]}
    assert reasons(Allegation, said, f"{claim}\n{denied}", language) == {}
    assert reasons(Allegation, said, f"{claim}\n{silent}", language) == {"no_denying_words": None}
    own = {"responses": [{**DENIAL, "responders": ["Freedonia"]}]}
    found = reasons(Allegation, own, f"{claim}\n{denied}", language)
    assert "accuser_denies_own_claim" in found

    later = {"evidence": [3], "raised_by": [], "stage": "potential", **said}
    found = reasons(SanctionsConcern, later, f"{claim}\n{denied}\n{worry}", language)
    assert found == {"answers_other_claim": None}
    assert reasons(SanctionsConcern, later, f"{claim}\n{everything}\n{worry}", language) == {}


@pytest.mark.parametrize("language", ROLES)
def test_the_sides_are_where_the_sentence_has_them(reasons, language):
    text = ROLES[language]
    assert reasons(Allegation, {}, text, language) == {}
    assert reasons(Allegation, {"counterparties": ["Borduria"]}, text, language) == {}

    assert reasons(Allegation, SWAPPED, text, language) == {"sides_swapped": "Freedonia"}
    assert reasons(Allegation, {"accused": ["Borduria"]}, text, language) == {"receiver_not_accused": None}
    both = {"accused": ["Sylvania", "Borduria"]}
    assert reasons(Allegation, both, text, language) == {"receiver_not_accused": None}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Dem Sylvania-Chef warf Freedonia vor, Gold zu stehlen."),
        ("de", "Den Ministern von Sylvania hat Freedonia Betrug vorgeworfen."),
        ("fr", "Sylvania est accusée depuis des années par Freedonia de voler de l'or."),
        ("ru", "Sylvania в подготовке теракта обвинила Freedonia."),
    ],
)
def test_where_the_accused_stands_first_nothing_is_swapped(reasons, language, text):
    assert reasons(Allegation, {}, text, language) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sylvania पर Freedonia ने चोरी का आरोप लगाया।", {"sides_swapped": "Freedonia"}),
        ("Freedonia ने सोमवार को Sylvania को चोरी के लिए ज़िम्मेदार ठहराया।", {"sides_swapped": "Freedonia"}),
        ("Borduria ने कहा कि Freedonia ने Sylvania पर आरोप लगाया।", {"sides_swapped": "Freedonia"}),
        ("Freedonia Sylvania पर आरोप लगाता रहा है।", {}),
    ],
)
def test_where_the_verb_is_last_the_words_behind_the_names_tell_the_sides(reasons, text, found):
    assert reasons(Allegation, {}, text, "hi") == {}
    assert reasons(Allegation, SWAPPED, text, "hi") == found
