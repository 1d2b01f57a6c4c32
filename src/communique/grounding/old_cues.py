"""Words that show a meeting, an accusation, a sanction, a denial, a doubt, in several languages.

They serve three ends: they point the model at sentences (`communique.prompts.hints`), they contradict a choice that the
text can't carry (`communique.grounding.telltales`), and they give the `cue` where a model was not asked for it. They are
general vocabulary, not tuned to any article. A language that is not listed here simply has no hints.

Each value is a regular expression, matched without case at the start of a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from communique.schemas.record import Record

Cues = Mapping[str, str]


@lru_cache(maxsize=512)
def cue_pattern(expression: str) -> re.Pattern[str]:
    """Compile the words of one language: without case, at the start of a word."""
    return re.compile(rf"(?<!\w)(?:{expression})", re.IGNORECASE)


MEETING: Cues = {
    "en": r"met\b|meet(s|ing|ings)?\b|talks?\b|summit|visit(s|ed|ing)?\b|held (a |private |joint )?(discussion|talk|consultation)s?"
    r"|discussions?\b|negotiat\w+|consultations?\b|(phone|telephone|video) (call|conversation)|spoke (by|with|to)\b|called off"
    r"|host(s|ed|ing)?\b|gather(ed|ing|s)?\b|conven\w+|session\b|dialogue|conference\b|round of|receiv(ed|es) (the )?\w+ (minister|president|envoy)"
    r"|delegation|working dinner|bilateral",
    "de": r"traf(en)?\b|treff(en|ens)?\b|getroffen|gespräch\w*|gipfel\w*|besuch\w*|verhandl\w+|telefon\w+|sitzung|konferenz|tagung"
    r"|beratung\w*|beriet\w*|empf(ing|ängt|angen)|zusammenkunft|delegation",
    "fr": r"rencontr\w+|réuni\w*|sommet|visit\w+|entretien\w*|entretenu\w*|négociat\w+|pourparlers|discussion\w*|appel téléphonique"
    r"|s['’]est entretenu|reçu\w*|accueill\w+|session|conférence|délégation|dialogue",
    "es": r"reuni\w+|reúne\w*|encuentr\w+|cumbre|visit\w+|conversacion\w+|negociacion\w+|diálogo|llamada|se entrevist\w+|recib\w+"
    r"|sesión|conferencia|delegación",
    "pl": r"spotka\w+|rozm[oó]w\w*|szczyt\w*|wizyt\w+|negocjacj\w+|posiedzeni\w+|konferencj\w+|delegacj\w+|rozmawia\w*",
    "it": r"incontr\w+|riunion\w*|vertice|visit\w+|colloqui\w*|negoziat\w+|conversazion\w+|telefonat\w*|delegazion\w+",
    "pt": r"reuni\w+|encontr\w+|cúpula|cimeira|visit\w+|conversaç\w+|conversas|negociaç\w+|telefonema|delegação",
    "ru": r"встреч\w+|встретил\w+|переговор\w+|саммит\w*|визит\w*|бесед\w+|совещани\w+|делегаци\w+",
}

ACCUSATION: Cues = {
    "en": r"accus\w+|alleg\w+|claim(s|ed|ing)?\b|charg(ed|es|ing)\b|blam(e|es|ed|ing)\b|suspect\w*|denounc\w+|condemn\w+|criticis\w+"
    r"|criticiz\w+|indict\w+|complain\w*|violat\w+|breach\w*|smuggl\w+|behind the|responsible for|guilty|illegal\w*|unlawful\w*"
    r"|concern over|perpetrat\w+|deliberate\w*|sabotag\w+|hack(ed|ing|ers?)?\b|stole\b|theft\b|bribe\w*|corrupt\w*|fraud\w*|meddl\w+"
    r"|interfer\w+|aggress\w+|provo(k|c)\w+|suppl(ied|ying) \w+ (with )?(arms|weapons|missiles|shells)|attack(ed|s)\b|cover(ed|ing)? up"
    r"|evad\w+|circumvent\w*|conspir\w+|(says?|said) \w+ (is|was|are|were|has|had) (using|behind|responsible)|wanted in connection|thefts?\b",
    "de": r"beschuldig\w+|vorw[aü]rf\w*|w(i|a|o)rf(t|en)?\b|vorgeworfen|anklag\w+|angeklagt|verdächtig\w+|bezichtig\w+|verurteil\w+|kritisier\w+"
    r"|behaupt\w+|verantwortlich|verletz\w+|verstö(ß|ss)\w*|verstoß\w*|illegal\w*|sabotage|schmugg\w+|geschmuggelt|anprang\w+|unterstell\w+"
    r"|betrug|korruption|rechtfertig\w+",
    "fr": r"accus\w+|allégu\w+|allégation\w*|dénonc\w+|reproch\w+|soupçonn\w+|impute\w*|condamn\w+|critiqu\w+|inculp\w+|viol(é|er|ation|ations)\b"
    r"|illégal\w*|corruption|fraude|sabotage|espionnage|responsable d",
    "es": r"acus\w+|aleg\w+|denunci\w+|culp\w+|sospech\w+|imput\w+|conden\w+|critic\w+|responsabiliz\w+|viol(ó|ar|ación|aciones)\b|ilegal\w*"
    r"|corrupción|fraude|sabotaje|señal(ó|a) a",
    "pl": r"oskarż\w+|zarzu\w+|podejrzew\w+|obwini\w+|potępi\w+|krytyk\w+|narusz\w+|nielegaln\w+|twierdz\w+",
    "it": r"accus\w+|denunci\w+|sospett\w+|incolp\w+|condann\w+|critic\w+|viola\w+|illegal\w+",
    "pt": r"acus\w+|alega\w+|denunci\w+|culp\w+|suspeit\w+|conden\w+|critic\w+|viol\w+|ilega\w+",
    "ru": r"обвин\w+|обвиня\w+|заподозр\w+|подозрева\w+|осуди\w+|наруш\w+|незаконн\w+",
}

SANCTIONS: Cues = {
    "en": r"sanction\w*|embargo\w*|blacklist\w*|export (control|ban|restriction)s?|asset[s]? (freeze|frozen)|froze\w* (the )?assets|visa ban\w*"
    r"|travel ban\w*|designat(ed|es|ion|ions)\b|entity list|economic blockade|restrictive measures|security council resolutions?|un resolutions?"
    r"|resolutions? of the (u\.?n\.?|united nations|security council)|u\.n\. resolutions?|import ban\w*|price cap",
    "de": r"sanktion\w*|embargo\w*|schwarze\w* liste|exportkontroll\w*|ausfuhrverbot\w*|ausfuhrkontroll\w*|einreiseverbot\w*|vermögen \w*\s?eingefroren"
    r"|schattenflotte|un-resolution\w*|\w*sanktionsliste\w*|strafmaßnahm\w*",
    "fr": r"sanction\w*|embargo\w*|liste noire|contrôle\w* (à|des) l?['’]?export\w*|gel des avoirs|interdiction\w* de (visa|voyage|voyager)|mesures restrictives"
    r"|résolutions? (du conseil de sécurité|de l['’]onu)",
    "es": r"sancion\w*|sanción|embargo\w*|lista negra|control\w* (a|de) (la )?export\w*|congela\w+ (de )?(activos|bienes)|medidas restrictivas"
    r"|resolucion\w* (del consejo de seguridad|de la onu)|prohibición de viaj\w+",
    "pl": r"sankcj\w+|embarg\w+|czarn\w+ list\w+|zamroż\w+",
    "it": r"sanzion\w+|embargo|lista nera|congelament\w+",
    "pt": r"sanç\w+|sancion\w+|embargo|lista negra|congelament\w+",
    "ru": r"санкци\w+|эмбарго|чёрн\w+ спис\w+|черн\w+ спис\w+",
}

DENIAL: Cues = {
    "en": r"den(y|ies|ied|ying|ial|ials)\b|reject(s|ed|ing)?\b|dismiss(es|ed|ing)?\b|refut(e|es|ed|ing)\b|disput(e|es|ed|ing)\b|false\b|baseless|unfounded"
    r"|groundless|fabricat\w+|propaganda|not guilty|untrue|no such|rebuff\w*|disavow\w*|insist\w* (it|that it|he|she|they) (had|has|have|did|was|were) (not|never|nothing)|never\b",
    "de": r"bestr(eitet|itt|itten|eiten)\w*|dement\w+|wies\b.{0,60}zurück|wies(en)? |weist\b.{0,60}zurück|zurückgewiesen|zurückweis\w*|abgestritten|haltlos|unbegründet"
    r"|falsch\w*|leugn\w+|verneint\w*",
    "fr": r"(a |ont )?dément\w*|démenti\w*|ni(e|é|ent|ait)\b|nié\w*|rejet\w+|réfut\w+|conteste\w*|contest\w+|infondé\w*|sans fondement|mensong\w+",
    "es": r"neg(ó|aron|ado|ar|ación)\b|nieg\w+|desmint\w+|desmient\w+|rechaz\w+|refut\w+|infundad\w+|fals(o|a|as|os)\b|sin fundamento",
    "pl": r"zaprzecz\w+|odrzuc\w+|dement\w+|bezpodstawn\w+",
    "it": r"nega\w*|smenti\w+|respin\w+|infondat\w+",
    "pt": r"neg(ou|aram|a)\b|desment\w+|rejeit\w+|infundad\w+",
    "ru": r"отрица\w+|опроверг\w+|отверг\w+|беспочвенн\w+",
}

DOUBT: Cues = {
    "en": r"may\b|might\b|could\b|possibl[ey]\b|potential\w*|speculat\w+|suspect\w*|suspicion\w*|likely\b|fear(s|ed|ing)?\b|apparently|perhaps|reportedly|believ(e|es|ed)\b|worr(y|ies|ied)\b|risk(s|ed)?\b",
    "de": r"könnte\w*|möglich\w*|vermut\w+|mutmaßlich\w*|verdacht\w*|befürcht\w+|womöglich|offenbar|wohl\b|spekul\w+|dürfte\w*",
    "fr": r"pourrai\w+|possibl\w+|soupçon\w*|crain\w+|probabl\w+|éventuel\w*|potentiel\w*|spécul\w+|peut-être",
    "es": r"podría\w*|posibl\w+|sospech\w+|tem(e|en|or|ores)\b|probabl\w+|potencial\w*|especul\w+|quizá\w*",
    "pl": r"mo(że|gą|gła|gło)\b|możliw\w+|podejrz\w+|obaw\w+|prawdopodobn\w+",
}

STRONG_DOUBT: Cues = {
    "en": r"speculat\w+|might\b|may be\b|may have\b|could (be|have)\b|possibly\b|potential(ly)?\b",
    "de": r"könnte\w*|möglicherweise|womöglich|mutmaßlich\w*|spekul\w+",
    "fr": r"pourrai\w+|peut-être|possiblement|spécul\w+",
    "es": r"podría\w*|posiblemente|quizá\w*|especul\w+",
}

PLANNED: Cues = {
    "en": r"will\b|would\b|plan(s|ned)?\b|scheduled|expected to|is to\b|are to\b|to be held|upcoming|next (week|month|year|monday|tuesday|wednesday|thursday|friday)|tomorrow|agreed to (meet|hold)|set to\b|due to\b|propos\w+|invit\w+",
    "de": r"wird\b|werden\b|soll\w*|geplant\w*|plan(t|en)\b|vorgesehen|erwartet|nächste\w*|kommende\w*",
    "fr": r"prévu\w*|doi(t|vent)\b|prochain\w*|se tiendra|planifi\w+|aura lieu|devrai\w+",
    "es": r"previst\w+|próxim\w+|planea\w*|se celebrará|tendrá\w*|prevé\w*|deberá\w*",
}

CANCELLED: Cues = {
    "en": r"cancel\w*|called off|calling off|postpon\w+|scrapp\w+|withdr(ew|awn|aw)\b|pulled out|refus\w+|suspend\w+",
    "de": r"abgesagt|absage\w*|verschoben|gestrichen|ausgesetzt|zurückgezogen",
    "fr": r"annul\w+|report(é|ée|er)\b|suspend\w+",
    "es": r"cancel\w+|suspend\w+|aplaz\w+|pospu\w+|pospon\w+",
}

SPORT: Cues = {
    "en": r"seed(s|ed)?\b|tournament|championship\w*|(quarter|semi)-?finals?|kick-?off|match points?|goals?\b|striker|midfielder|goalkeeper|set points?"
    r"|(first|second|third|fourth) round|league (title|game|match)|tie-?break\w*|grand slam|world cup|cup (finals?|tie|match)|coach\b|champions league|wicket\w*|playoffs?",
    "de": r"turnier\w*|meisterschaft\w*|halbfinale|viertelfinale|anpfiff|tor(e|en|schütze)?\b|bundesliga|trainer|satzball|weltmeister\w*|pokal\w*",
    "fr": r"tournoi|championnat|demi-finale|quart de finale|buteur|but(s)?\b|ligue 1|entraîneur|coupe du monde",
    "es": r"torneo|campeonato|semifinal\w*|cuartos de final|gol(es)?\b|delantero|liga\b|entrenador|copa del mundo",
}


_OF = {"meeting": MEETING, "accusation": ACCUSATION, "sanctions": SANCTIONS}


def cues_of(record: Record) -> Cues:
    """Return the words of a record's type; a stand-in until the checks read the phrase lists."""
    return record.cues or _OF.get(record.concept, {})
