"""What the cited sentences state of a measure, in several languages, and the headline that comes of it."""

import pytest

from communique.documents import Document
from communique.grounding.derive import derive
from communique.schemas import SanctionsConcern

IMPOSED = {
    "en": [
        "Ruritania imposed sanctions on Borduria on Monday.",
        "Ruritania has imposed an embargo on Borduria, which could hurt trade.",
        "Sanctions were imposed on Borduria by Ruritania.",
        "Ruritania blacklisted the Bordurian bank.",
        "Ruritania on Monday added three Bordurian banks to its sanctions list.",
        "Ruritania on Thursday put the machine tool maker Harsa Precision of Borduria on its sanctions list.",
        "Ruritania froze the assets of Borduria's bank.",
        "Ruritania extended its sanctions against Borduria for a year.",
        "The sanctions on Borduria remain in force.",
        "Despite fears of reprisals, Ruritania imposed sanctions on Borduria.",
    ],
    "de": [
        "Ruritanien hat am Montag Sanktionen gegen Bordurien verhängt.",
        "Ruritanien verhängte ein Embargo gegen Bordurien, das dem Handel schaden könnte.",
        "Ruritanien fror die Vermögen der Bank ein.",
        "Gegen Bordurien wurden Sanktionen verhängt.",
        "Die Sanktionen gegen Bordurien bleiben in Kraft.",
        "Ruritanien setzte drei Banken auf seine Sanktionsliste.",
    ],
    "es": [
        "Ruritania impuso el lunes sanciones a Borduria.",
        "Ruritania ha impuesto un embargo a Borduria, lo que podría dañar el comercio.",
        "Ruritania congeló los activos del banco.",
        "Ruritania incluyó tres bancos en su lista de sanciones.",
        "Las sanciones contra Borduria siguen en vigor.",
    ],
    "fr": [
        "La Ruritanie a imposé lundi des sanctions à la Bordurie.",
        "La Ruritanie a imposé un embargo à la Bordurie, ce qui pourrait nuire au commerce.",
        "La Ruritanie a gelé les avoirs de la banque.",
        "La Ruritanie a inscrit trois banques sur sa liste noire.",
        "Les sanctions contre la Bordurie restent en vigueur.",
    ],
    "ru": [
        "Руритания в понедельник ввела санкции против Бордурии.",
        "Руритания ввела эмбарго против Бордурии, что может повредить торговле.",
        "Руритания заморозила активы банка.",
        "Руритания внесла три банка в санкционный список.",
        "Санкции против Бордурии остаются в силе.",
    ],
    "zh": [
        "鲁里塔尼亚周一对博尔杜里亚实施制裁。",
        "鲁里塔尼亚冻结了该银行的资产。",
        "鲁里塔尼亚把三家银行列入制裁名单。",
        "鲁里塔尼亚宣布制裁博尔杜里亚。",
        "对博尔杜里亚的制裁仍然有效。",
    ],
    "ar": [
        "فرضت روريتانيا يوم الاثنين عقوبات على بوردوريا.",
        "فرضت روريتانيا حظرا على بوردوريا، ما قد يضر بالتجارة.",
        "جمدت روريتانيا أصول البنك.",
        "أدرجت روريتانيا ثلاثة بنوك على قائمة العقوبات.",
    ],
    "vi": [
        "Ruritania hôm thứ hai áp đặt trừng phạt lên Borduria.",
        "Ruritania đã áp lệnh cấm vận lên Borduria, điều có thể ảnh hưởng tới thương mại.",
        "Ruritania đóng băng toàn bộ tài sản của ngân hàng.",
        "Ruritania đưa ba ngân hàng vào danh sách trừng phạt.",
        "Các lệnh trừng phạt với Borduria vẫn còn hiệu lực.",
    ],
    "id": [
        "Ruritania pada Senin menjatuhkan sanksi terhadap Borduria.",
        "Ruritania telah memberlakukan embargo terhadap Borduria, yang dapat merugikan perdagangan.",
        "Ruritania membekukan aset bank itu.",
        "Ruritania memasukkan tiga bank ke dalam daftar hitam.",
        "Sanksi terhadap Borduria masih berlaku.",
        "Borduria dijatuhi sanksi ekonomi oleh Ruritania.",
    ],
}

NOT_IMPOSED = {
    "en": [
        "Ruritania fears that sanctions will be imposed on Borduria.",
        "Ruritania may impose sanctions on Borduria.",
        "Ruritania threatened to impose sanctions on Borduria.",
        "Ruritania proposed that sanctions be imposed on Borduria.",
        "Ruritania will not impose sanctions on Borduria.",
        "Ruritania refused to impose sanctions on Borduria.",
        "Ruritania rejected imposing an embargo on Borduria.",
        "Ruritania vetoed the sanctions on Borduria.",
        "Ruritania ruled out sanctions on Borduria.",
        "Ruritania lifted the sanctions that it imposed on Borduria in 2019.",
        "Ruritania eased its sanctions on Borduria.",
        "The sanctions imposed on Borduria were lifted by Ruritania.",
        "Ruritania suspended the embargo imposed on Borduria.",
        "Ruritania let the sanctions imposed on Borduria expire.",
        "Ruritania waived sanctions imposed on Borduria's oil.",
        "Ruritania has delisted the Bordurian bank it blacklisted.",
        "Ruritania called for sanctions to be imposed on Borduria.",
        "That would break resolutions, which forbid hiring Bordurian workers.",
        "Ruritania spoke of the sanctions.",
        "Ruritania vetoed sanctions on Borduria.",
        "Ruritania spoke of existing sanctions against Borduria.",
        "Ruritania called on Borduria to lift its sanctions.",
        "The EU is considering travel bans and asset freezes against five commanders from both sides.",
        "Ruritania denied that it had imposed sanctions on Borduria.",
    ],
    "de": [
        "Ruritanien fürchtet, dass Sanktionen gegen Bordurien verhängt werden.",
        "Ruritanien könnte Sanktionen gegen Bordurien verhängen.",
        "Ruritanien droht Bordurien mit Sanktionen.",
        "Ruritanien drohte damit, Sanktionen gegen Bordurien zu verhängen.",
        "Ruritanien schlug vor, dass Sanktionen gegen Bordurien verhängt werden.",
        "Ruritanien wird keine Sanktionen gegen Bordurien verhängen.",
        "Ruritanien weigerte sich, Sanktionen gegen Bordurien zu verhängen.",
        "Ruritanien lehnte Sanktionen gegen Bordurien ab.",
        "Ruritanien hob die Sanktionen auf, die es 2019 verhängt hatte.",
        "Ruritanien lockerte die verhängten Sanktionen gegen Bordurien.",
        "Ruritanien forderte, Sanktionen gegen Bordurien zu verhängen.",
        "Ruritanien sprach über die bestehenden Sanktionen.",
        "Dass Sanktionen verhängt werden könnten, ist möglich.",
    ],
    "es": [
        "Ruritania teme que se hayan impuesto sanciones a Borduria.",
        "Ruritania podría imponer sanciones a Borduria.",
        "Ruritania amenazó con imponer sanciones a Borduria.",
        "Ruritania propuso que se impusieran sanciones a Borduria.",
        "Ruritania no impuso sanciones a Borduria.",
        "Ruritania se negó a imponer sanciones a Borduria.",
        "Ruritania rechazó las sanciones contra Borduria.",
        "Ruritania levantó las sanciones que impuso a Borduria en 2019.",
        "Ruritania suspendió el embargo impuesto a Borduria.",
        "Ruritania pidió que se impongan sanciones a Borduria.",
        "Ruritania habló de las sanciones occidentales.",
    ],
    "fr": [
        "La Ruritanie craint que des sanctions soient imposées à la Bordurie.",
        "La Ruritanie pourrait imposer des sanctions à la Bordurie.",
        "La Ruritanie a menacé d'imposer des sanctions à la Bordurie.",
        "La Ruritanie a proposé que des sanctions soient imposées à la Bordurie.",
        "La Ruritanie n'a pas imposé de sanctions à la Bordurie.",
        "La Ruritanie a refusé d'imposer des sanctions à la Bordurie.",
        "La Ruritanie a rejeté les sanctions contre la Bordurie.",
        "La Ruritanie a levé les sanctions imposées à la Bordurie en 2019.",
        "La Ruritanie a suspendu l'embargo imposé à la Bordurie.",
        "La Ruritanie a demandé que des sanctions soient imposées à la Bordurie.",
        "La Ruritanie a parlé des sanctions occidentales.",
    ],
    "ru": [
        "Руритания опасается, что против Бордурии введены санкции.",
        "Руритания может ввести санкции против Бордурии.",
        "Руритания пригрозила ввести санкции против Бордурии.",
        "Руритания предложила, чтобы против Бордурии были введены санкции.",
        "Руритания не ввела санкции против Бордурии.",
        "Руритания не будет вводить санкции против Бордурии.",
        "Руритания отказалась вводить санкции против Бордурии.",
        "Руритания отклонила санкции против Бордурии.",
        "Руритания сняла санкции, которые ввела против Бордурии в 2019 году.",
        "Руритания приостановила эмбарго, введенное против Бордурии.",
        "Руритания призвала ввести санкции против Бордурии.",
        "Руритания говорила о западных санкциях против Бордурии.",
    ],
    "zh": [
        "鲁里塔尼亚担心博尔杜里亚被制裁。",
        "鲁里塔尼亚可能对博尔杜里亚实施制裁。",
        "鲁里塔尼亚威胁对博尔杜里亚实施制裁。",
        "鲁里塔尼亚提议对博尔杜里亚实施制裁。",
        "鲁里塔尼亚不会对博尔杜里亚实施制裁。",
        "鲁里塔尼亚没有对博尔杜里亚实施制裁。",
        "鲁里塔尼亚拒绝对博尔杜里亚实施制裁。",
        "鲁里塔尼亚解除了2019年对博尔杜里亚实施的制裁。",
        "鲁里塔尼亚放松了对博尔杜里亚的制裁。",
        "鲁里塔尼亚呼吁对博尔杜里亚实施制裁。",
        "鲁里塔尼亚谈到了对方的制裁措施。",
    ],
    "ar": [
        "تخشى روريتانيا أن تكون قد فرضت عقوبات على بوردوريا.",
        "قد تفرض روريتانيا عقوبات على بوردوريا.",
        "هددت روريتانيا بفرض عقوبات على بوردوريا.",
        "اقترحت روريتانيا فرض عقوبات على بوردوريا.",
        "لم تفرض روريتانيا عقوبات على بوردوريا.",
        "لن تفرض روريتانيا عقوبات على بوردوريا.",
        "رفضت روريتانيا فرض عقوبات على بوردوريا.",
        "رفعت روريتانيا العقوبات التي فرضتها على بوردوريا عام 2019.",
        "خففت روريتانيا العقوبات المفروضة على بوردوريا.",
        "دعت روريتانيا إلى فرض عقوبات على بوردوريا.",
        "تحدثت روريتانيا عن العقوبات الغربية.",
    ],
    "vi": [
        "Ruritania lo ngại Borduria bị áp lệnh trừng phạt.",
        "Ruritania có thể áp đặt trừng phạt lên Borduria.",
        "Ruritania dọa áp đặt trừng phạt lên Borduria.",
        "Ruritania đề xuất áp đặt trừng phạt lên Borduria.",
        "Ruritania chưa áp đặt trừng phạt lên Borduria.",
        "Ruritania sẽ không áp đặt trừng phạt lên Borduria.",
        "Ruritania từ chối áp đặt trừng phạt lên Borduria.",
        "Ruritania phản đối trừng phạt Borduria.",
        "Ruritania dỡ bỏ lệnh trừng phạt đã áp lên Borduria năm 2019.",
        "Ruritania nới lỏng lệnh trừng phạt với Borduria.",
        "Ruritania kêu gọi áp đặt trừng phạt lên Borduria.",
        "Ruritania nói về lệnh trừng phạt hiện hành.",
    ],
    "id": [
        "Ruritania khawatir Borduria dijatuhi sanksi ekonomi.",
        "Ruritania mungkin menjatuhkan sanksi terhadap Borduria.",
        "Ruritania mengancam akan menjatuhkan sanksi terhadap Borduria.",
        "Ruritania mengusulkan agar sanksi dijatuhkan terhadap Borduria.",
        "Ruritania belum menjatuhkan sanksi terhadap Borduria.",
        "Ruritania tidak akan menjatuhkan sanksi terhadap Borduria.",
        "Ruritania menolak menjatuhkan sanksi terhadap Borduria.",
        "Ruritania menentang sanksi terhadap Borduria.",
        "Ruritania mencabut sanksi yang dijatuhkan terhadap Borduria pada 2019.",
        "Ruritania melonggarkan sanksi terhadap Borduria.",
        "Ruritania menyerukan sanksi terhadap Borduria.",
        "Ruritania berbicara tentang sanksi yang berlaku.",
    ],
}


def concern(sentence, language="en", stage="imposed"):
    """Return a record of one cited sentence, derived."""
    document = Document.from_text(sentence, language=language)
    (cited,) = document.sentences
    record = SanctionsConcern(
        concern="The measure.",
        stage=stage,
        raised_by=("Ruritania",),
        subjects=("Borduria",),
        evidence=({"sentence": 1, "exact": cited.text, "start": cited.start, "end": cited.end},),
    )
    (found,) = derive([record], document)
    return found


def cases(sentences):
    return [(code, sentence) for code, said in sentences.items() for sentence in said]


@pytest.mark.parametrize(("language", "sentence"), cases(IMPOSED))
def test_a_measure_that_the_sentence_states_is_imposed(language, sentence):
    assert concern(sentence, language).headline.startswith("Ruritania imposes sanctions on Borduria: ")


@pytest.mark.parametrize(("language", "sentence"), cases(NOT_IMPOSED))
def test_what_is_feared_proposed_denied_eased_lifted_refused_or_only_named_is_not_imposed(language, sentence):
    for stage in ("imposed", "proposed", "potential", "alleged", "found"):
        assert "impose" not in concern(sentence, language, stage).headline.partition("“")[0]


@pytest.mark.parametrize(
    ("language", "sentence", "stated"),
    [
        ("en", "Ruritania eased its sanctions on Borduria.", "eased"),
        ("en", "Ruritania called on Borduria to lift its sanctions.", "eased"),
        ("en", "Ruritania vetoed sanctions on Borduria.", "refused"),
        ("de", "Ruritanien hob die Sanktionen auf, die es 2019 verhängt hatte.", "eased"),
        ("de", "Ruritanien lehnte Sanktionen gegen Bordurien ab.", "refused"),
        ("es", "Ruritania suspendió el embargo impuesto a Borduria.", "eased"),
        ("es", "Ruritania se negó a imponer sanciones a Borduria.", "refused"),
        ("fr", "La Ruritanie a levé les sanctions imposées à la Bordurie en 2019.", "eased"),
        ("fr", "La Ruritanie n'a pas imposé de sanctions à la Bordurie.", "refused"),
        ("ru", "Руритания сняла санкции, которые ввела против Бордурии в 2019 году.", "eased"),
        ("ru", "Руритания отклонила санкции против Бордурии.", "refused"),
        ("zh", "鲁里塔尼亚解除了2019年对博尔杜里亚实施的制裁。", "eased"),
        ("zh", "鲁里塔尼亚反对制裁博尔杜里亚。", "refused"),
        ("ar", "خففت روريتانيا العقوبات المفروضة على بوردوريا.", "eased"),
        ("ar", "رفضت روريتانيا فرض عقوبات على بوردوريا.", "refused"),
        ("vi", "Ruritania dỡ bỏ lệnh trừng phạt đã áp lên Borduria năm 2019.", "eased"),
        ("vi", "Ruritania từ chối áp đặt trừng phạt lên Borduria.", "refused"),
        ("id", "Ruritania mencabut sanksi yang dijatuhkan terhadap Borduria pada 2019.", "eased"),
        ("id", "Ruritania menolak menjatuhkan sanksi terhadap Borduria.", "refused"),
    ],
)
def test_easing_and_refusing_are_told_apart(language, sentence, stated):
    assert concern(sentence, language).derived.measure_stated == stated


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ja", "ルリタニアは制裁を科し、検討を終えた。"),
        ("tr", "Ruritanya yaptırım uyguladı, ama bu belki yanlıştı."),
    ],
)
def test_where_the_verb_is_last_a_word_behind_it_counts(language, sentence):
    assert concern(sentence, language).derived.measure_stated is None


def test_nothing_is_stated_in_a_language_that_has_no_lists():
    assert concern("Ruritania imposed sanctions.", "ka").derived.measure_stated is None
