"""Time words and the dates that the publication date gives them."""

import datetime as dt
import re
from pathlib import Path

import pytest
from babel.dates import format_date, format_skeleton
from hypothesis import given
from hypothesis import strategies as st

import communique.grounding
from communique.grounding.dates import NO_ANCHOR, resolve
from communique.languages import known_languages

WEDNESDAY = dt.date(2023, 12, 13)


@pytest.mark.parametrize(
    ("tense", "words", "date", "precision"),
    [
        ("past", "on Wednesday", "2023-12-13", "day"),
        (None, "Friday", "2023-12-08", "day"),
        ("future", "Friday", "2023-12-15", "day"),
        ("future", "Wednesday", "2023-12-13", "day"),
        ("future", "next Wednesday", "2023-12-20", "day"),
        ("past", "last Wednesday", "2023-12-06", "day"),
        (None, "Wednesday last week", "2023-12-06", "day"),
        (None, "late on Tuesday", "2023-12-12", "day"),
        (None, "at 5 p.m. Tuesday", "2023-12-12", "day"),
        (None, "today", "2023-12-13", "day"),
        (None, "yesterday", "2023-12-12", "day"),
        (None, "tomorrow", "2023-12-14", "day"),
        (None, "last night", "2023-12-12", "day"),
        (None, "last week", "2023-12-04/2023-12-10", "week"),
        (None, "next week", "2023-12-18/2023-12-24", "week"),
        (None, "last weekend", "2023-12-09/2023-12-10", "day"),
        ("past", "over the weekend", "2023-12-09/2023-12-10", "day"),
        ("future", "at the weekend", "2023-12-16/2023-12-17", "day"),
        (None, "last month", "2023-11", "month"),
        (None, "later this month", "2023-12", "month"),
        (None, "earlier this month", "2023-12", "month"),
        (None, "early September", "2023-09~", "month"),
        (None, "mid-October", "2023-10~", "month"),
        (None, "late last month", "2023-11~", "month"),
        ("past", "in September", "2023-09", "month"),
        ("future", "in September", "2024-09", "month"),
        ("past", "in December", "2023-12", "month"),
        (None, "last December", "2022-12", "month"),
        ("future", "Jan.", "2024-01", "month"),
        ("past", "September 13", "2023-09-13", "day"),
        ("past", "Sept. 13", "2023-09-13", "day"),
        ("past", "December 20", "2022-12-20", "day"),
        ("future", "December 20", "2023-12-20", "day"),
        (None, "Wednesday, December 6", "2023-12-06", "day"),
        (None, "in 2022", "2022", "year"),
        (None, "last year", "2022", "year"),
        (None, "next year", "2024", "year"),
        (None, "early next year", "2024~", "year"),
        (None, "in the 1990s", "199X", "decade"),
        (None, "two days ago", "2023-12-11", "day"),
        (None, "three weeks ago", "2023-11-20/2023-11-26", "week"),
        (None, "two months ago", "2023-10", "month"),
        ("future", "in two weeks", "2023-12-25/2023-12-31", "week"),
        (None, "in the spring of 2024", "2024-21", "season"),
        (None, "last summer", "2023-22", "season"),
        (None, "the third quarter of 2023", "2023-07/2023-09", "month"),
        (None, "June 25 and 26", "2023-06-25/2023-06-26", "day"),
        (None, "September 13-15, 2022", "2022-09-13/2022-09-15", "day"),
        (None, "between June 25 and July 2", "2023-06-25/2023-07-02", "day"),
        ("past", "from Friday to Sunday", "2023-12-08/2023-12-10", "day"),
        ("future", "from Friday to Sunday", "2023-12-15/2023-12-17", "day"),
        ("past", "from Monday to Wednesday", "2023-12-11/2023-12-13", "day"),
    ],
)
def test_english_words_count_from_publication(tense, words, date, precision):
    found = resolve(words, WEDNESDAY, tense=tense)
    assert (found.date, found.precision) == (date, precision)
    assert found.rule


@pytest.mark.parametrize(
    ("language", "words", "date"),
    [
        ("de", "am Mittwoch", "2023-12-13"),
        ("de", "am Dienstagabend", "2023-12-12"),
        ("de", "heute Morgen", "2023-12-13"),
        ("de", "morgen", "2023-12-14"),
        ("de", "vorgestern", "2023-12-11"),
        ("de", "letzte Woche", "2023-12-04/2023-12-10"),
        ("de", "vor zwei Tagen", "2023-12-11"),
        ("de", "Anfang September", "2023-09~"),
        ("de", "Ende letzten Monats", "2023-11~"),
        ("de", "am 13. September", "2023-09-13"),
        ("de", "13.09.2023", "2023-09-13"),
        ("de", "vom 25. bis 26. Juni", "2023-06-25/2023-06-26"),
        ("de", "im vergangenen Jahr", "2022"),
        ("fr", "mercredi", "2023-12-13"),
        ("fr", "avant-hier", "2023-12-11"),
        ("fr", "aujourd’hui", "2023-12-13"),
        ("fr", "la semaine dernière", "2023-12-04/2023-12-10"),
        ("fr", "il y a trois semaines", "2023-11-20/2023-11-26"),
        ("fr", "début septembre", "2023-09~"),
        ("fr", "à la mi-octobre", "2023-10~"),
        ("fr", "fin du mois dernier", "2023-11~"),
        ("fr", "le 1er septembre", "2023-09-01"),
        ("fr", "13 sept. 2023", "2023-09-13"),
        ("fr", "du 25 au 26 juin", "2023-06-25/2023-06-26"),
        ("fr", "l’année dernière", "2022"),
        ("es", "el miércoles", "2023-12-13"),
        ("es", "el lunes por la mañana", "2023-12-11"),
        ("es", "mañana", "2023-12-14"),
        ("es", "pasado mañana", "2023-12-15"),
        ("es", "la semana pasada", "2023-12-04/2023-12-10"),
        ("es", "hace dos días", "2023-12-11"),
        ("es", "a principios de septiembre", "2023-09~"),
        ("es", "a finales del mes pasado", "2023-11~"),
        ("es", "la semana que viene", "2023-12-18/2023-12-24"),
        ("es", "del 25 al 26 de junio", "2023-06-25/2023-06-26"),
        ("es", "el año pasado", "2022"),
        ("pl", "13 września 2023", "2023-09-13"),
        ("ru", "13 сентября 2023", "2023-09-13"),
    ],
)
def test_other_languages_count_the_same_way(language, words, date):
    assert resolve(words, WEDNESDAY, language).date == date


@pytest.mark.parametrize(
    ("language", "tense", "words", "date"),
    [
        ("en", None, "December 20", "2023-12-20"),
        ("en", None, "December 1", "2023-12-01"),
        ("en", None, "June 1", "2023-06-01"),
        ("en", None, "January", "2024-01"),
        ("en", None, "the weekend", "2023-12-09/2023-12-10"),
        ("en", None, "this spring", "2023-21"),
        ("en", "past", "Thursday, December 21", "2023-12-21"),
        ("en", None, "Tuesday, December 20", "2022-12-20"),
        ("en", None, "last quarter", "2023-07/2023-09"),
        ("en", None, "the third quarter", "2023-07/2023-09"),
        ("en", None, "Q1 2024", "2024-01/2024-03"),
        ("en", None, "the second half of 2022", "2022-07/2022-12"),
        ("en", "past", "the last 3 months", "2023-09-13/2023-12-13"),
        ("en", "future", "the next ten days", "2023-12-14/2023-12-23"),
        ("en", "past", "the week of April 10", "2023-04-10/2023-04-16"),
        ("en", None, "week 50", "2023-12-11/2023-12-17"),
        ("en", None, "Tuesday the 12th", "2023-12-12"),
        ("en", "future", "the 15th of next month", "2024-01-15"),
        ("en", None, "the 12th", "2023-12-12"),
        ("en", None, "22/04", "2023-04-22"),
        ("en", None, "the '90s", "199X"),
        ("en", None, "the nineties", "199X"),
        ("en", "past", "Christmas", "2022-12-25"),
        ("en", "future", "Good Friday", "2024-03-29"),
        ("en", None, "Easter 2022", "2022-04-17"),
        ("en", None, "between January 2022 and today", "2022-01/2023-12-13"),
        ("en", None, "June-August 2022", "2022-06/2022-08"),
        ("de", None, "heuer", "2023"),
        ("de", None, "im Vorjahr", "2022"),
        ("de", None, "in den 1990er-Jahren", "199X"),
        ("de", None, "in den achtziger Jahren", "198X"),
        ("de", "past", "22.04.", "2023-04-22"),
        ("de", None, "22. 4. 2021", "2021-04-22"),
        ("de", "past", "zu Weihnachten", "2022-12-24/2022-12-26"),
        ("de", None, "Mittwochabend", "2023-12-13"),
        ("de", None, "um 14.30 Uhr am Dienstag", "2023-12-12"),
        ("de", None, "Ende der Woche", "2023-12-11/2023-12-17"),
        ("de", None, "zum Jahresende", "2023~"),
        ("de", None, "KW 50", "2023-12-11/2023-12-17"),
        ("de", None, "im ersten Quartal 2024", "2024-01/2024-03"),
        ("de", None, "in den vergangenen zwei Wochen", "2023-11-29/2023-12-13"),
        ("fr", "past", "le 1er mars", "2023-03-01"),
        ("fr", None, "le 3 sept", "2023-09-03"),
        ("fr", None, "l'an dernier", "2022"),
        ("fr", None, "dans les années 90", "199X"),
        ("fr", None, "au deuxième trimestre 2024", "2024-04/2024-06"),
        ("fr", "past", "vers 18 heures mardi", "2023-12-12"),
        ("fr", None, "ces trois derniers mois", None),
        ("fr", "past", "les trois derniers mois", "2023-09-13/2023-12-13"),
        ("es", None, "de marzo a mayo de 2022", "2022-03/2022-05"),
        ("es", None, "en dos semanas", "2023-12-25/2023-12-31"),
        ("es", None, "los últimos 3 meses", "2023-09-13/2023-12-13"),
        ("es", None, "a finales de año", "2023~"),
        ("es", None, "los años noventa", "199X"),
        ("es", "future", "Semana Santa", "2024-03-24/2024-03-31"),
    ],
)
def test_what_news_says_besides(language, tense, words, date):
    assert resolve(words, WEDNESDAY, language, tense=tense).date == date


@pytest.mark.parametrize(
    ("language", "words", "date"),
    [
        ("en", "in the first week of May", "2023-05-01/2023-05-07"),
        ("en", "the last week of July 2022", "2022-07-25/2022-07-31"),
        ("en", "the third week of next month", "2024-01-15/2024-01-21"),
        ("en", "the last week of this month", "2023-12-25/2023-12-31"),
        ("en", "the first two weeks of 2021", "2021-01-04/2021-01-17"),
        ("en", "the first three months of the year", "2023-01/2023-03"),
        ("en", "the last four months of 2021", "2021-09/2021-12"),
        ("en", "the first ten days of last year", "2022-01-01/2022-01-10"),
        ("en", "the last day of February 2024", "2024-02-29"),
        ("en", "the sixth week of May", None),
        ("en", "the first days of May", None),  # how many
        ("en", "the last weeks of May", None),
        ("en", "the second two weeks of May", None),
        ("en", "the first week of early May", None),
        ("en", "the first week of Monday", None),
        ("en", "two weeks before Christmas 2022", "2022-12-11"),
        ("en", "the day after Easter 2022", "2022-04-18"),
        ("en", "three days after March 30", "2024-04-02"),
        ("en", "a month after January 31, 2023", "2023-02-28"),
        ("en", "a year before February 29, 2024", "2023-02-28"),
        ("en", "two days from now", "2023-12-15"),
        ("en", "two days after May", None),
        ("en", "after Christmas", None),
        ("en", "three weeks before", None),
        ("en", "the week after next", "2023-12-25/2023-12-31"),
        ("en", "the past two quarters", "2023-04/2023-09"),
        ("en", "the next five quarters", "2024-01/2025-03"),
        ("en", "2014 to May 2018", "2014/2018-05"),
        ("en", "November to February 2017", "2016-11/2017-02"),
        ("en", "March to May 2017", "2017-03/2017-05"),
        ("en", "the last Sunday of March 2024", "2024-03-31"),
        ("en", "the second Monday of the month", "2023-12-11"),
        ("en", "the first Tuesday of next month", "2024-01-02"),
        ("en", "the fifth Monday of February 2024", None),
        ("en", "the first Friday", None),
        ("en", "the last Sunday of early March", None),
        ("en", "the last Sunday of the year", None),
        ("en", "last Monday", "2023-12-11"),
        ("en", "Thanksgiving", "2023-11-23"),
        ("en", "Black Friday 2010", "2010-11-26"),
        ("en", "Election Day 2024", "2024-11-05"),
        ("de", "am ersten Sonntag im Oktober", "2023-10-01"),
        ("es", "el primer lunes de mayo", "2023-05-01"),
        ("fr", "le premier dimanche de mai 2022", "2022-05-01"),
        ("de", "in der letzten Woche im Juli", "2023-07-24/2023-07-30"),
        ("de", "übernächste Woche", "2023-12-25/2023-12-31"),
        ("de", "im vorvergangenen Jahr", "2021"),
        ("de", "zwei Tage nach Rosenmontag", "2024-02-14"),
        ("fr", "la dernière semaine de juillet", "2023-07-24/2023-07-30"),
        ("fr", "les trois premiers mois de 2022", "2022-01/2022-03"),
        ("fr", "deux jours après Noël", "2023-12-27"),
        ("es", "la primera semana de mayo", "2023-05-01/2023-05-07"),
        ("es", "la 3ª semana de enero de 2022", "2022-01-17/2022-01-23"),
        ("es", "los primeros seis meses del año", "2023-01/2023-06"),
        ("es", "los últimos cuatro meses de 2021", "2021-09/2021-12"),
        ("es", "este miércoles pasado", "2023-12-06"),
        ("es", "este próximo viernes", "2023-12-15"),
        ("es", "dos días después de Navidad", "2023-12-27"),
        ("es", "el día 12", "2023-12-12"),
        ("es", "dentro de dos semanas", "2023-12-25/2023-12-31"),
        ("es", "los primeros días de mayo", None),
    ],
)
def test_parts_of_periods_and_counts_from_a_day(language, words, date):
    assert resolve(words, WEDNESDAY, language).date == date


@pytest.mark.parametrize("number", range(30, 50))
def test_an_ordinal_that_no_month_has_resolves_to_nothing(number):
    found = resolve(f"the {number}th", WEDNESDAY).date
    assert (found is None) == (number > 31)


@pytest.mark.parametrize(
    "words",
    ["two days before the vote", "two days later", "the day before", "since Monday", "by Friday", "prior to his visit",
     "the previous week", "March 3 and March 9", "12/10/2023", "a few days ago", "recently", "", "?", "Monday, or so"],
)  # fmt: skip
def test_words_that_hang_on_something_else_stay_unresolved(words):
    found = resolve(words, WEDNESDAY, tense="past")
    assert found.date is None
    assert found.note
    assert found.not_after == "2023-12-13"


def test_a_duration_in_the_past_is_no_date():
    assert resolve("in two weeks", WEDNESDAY, tense="past").date is None


def test_a_weekday_that_the_date_is_not_resolves_to_nothing():
    assert "disagree" in resolve("Tuesday, December 6, 2023", WEDNESDAY).note


def test_a_day_that_no_calendar_has_resolves_to_nothing():
    assert "no such date" in resolve("Feb. 30", WEDNESDAY).note


def test_a_date_against_the_tense_is_kept_and_noted():
    found = resolve("13 January 2024", WEDNESDAY, tense="past")
    assert found.date == "2024-01-13"
    assert "after publication" in found.note


@pytest.mark.parametrize("words", ["on Wednesday", "in September", "last week", "today", "next year", "two days ago"])
def test_without_publication_date_relative_words_have_none(words):
    found = resolve(words, None)
    assert found.date is None
    assert found.note == NO_ANCHOR == "no publication date given; nothing resolved"


@pytest.mark.parametrize(
    ("words", "date"),
    [("13 September 2023", "2023-09-13"), ("in 2022", "2022"), ("early May 2021", "2021-05~")],
)
def test_whole_dates_need_no_publication_date(words, date):
    assert resolve(words, None).date == date


def test_no_module_asks_what_day_it_is():
    room = Path(communique.grounding.__file__).parent
    asked = [
        p.name
        for p in room.glob("*.py")
        if re.search(r"\.(?:today|now|utcnow)\(|\btime\.time\(|gmtime|localtime", p.read_text("utf-8"))
    ]
    assert not asked


RELATIVE = [
    "on {day}",
    "last {day}",
    "last week",
    "yesterday",
    "last month",
    "in {month}",
    "{month} 5",
    "three weeks ago",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "December",
]


@given(st.dates(), st.sampled_from(RELATIVE), st.sampled_from(DAYS), st.sampled_from(MONTHS))
def test_past_words_never_end_up_after_publication(anchor, words, day, month):
    found = resolve(words.format(day=day, month=month), anchor, tense="past")
    if found.first:
        assert found.first <= anchor
        assert (anchor - found.first).days <= 366 + 31
        assert dt.date.fromisoformat(found.not_after) <= anchor


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(-500, 500), st.sampled_from(DAYS))
def test_moving_publication_by_whole_weeks_moves_weekdays_with_it(anchor, weeks, day):
    shift = dt.timedelta(weeks=weeks)
    one, two = (resolve(f"on {day}", a, tense="past").first for a in (anchor, anchor + shift))
    assert two - one == shift
    assert one.strftime("%A") == day


@given(
    st.text(max_size=40),
    st.one_of(st.none(), st.dates()),
    st.sampled_from(["en", "de", "fr", "es", "xx", ""]),
)
def test_any_text_resolves_or_says_why_not(words, anchor, language):
    found = resolve(words, anchor, language)
    assert (found.date is None) == (found.rule is None)
    assert found.date or found.note


@pytest.mark.parametrize(("tense", "date"), [("past", "2023-09-04"), ("future", "2024-09-02"), (None, "2023-09-04")])
def test_the_tense_tells_which_weekday_of_a_month_without_a_year_is_meant(tense, date):
    assert resolve("the first Monday of September", WEDNESDAY, tense=tense).date == date


def test_a_weekday_of_a_month_without_a_year_needs_a_publication_date():
    assert resolve("the first Monday of September", None).note == NO_ANCHOR


@pytest.mark.parametrize("language", known_languages())
@pytest.mark.parametrize("day", [dt.date(2023, 9, 13), dt.date(2023, 11, 2), dt.date(2023, 5, 21)], ids=str)
def test_a_date_is_read_as_its_language_writes_it(language, day):
    """CLDR says how: "2023年9月13日星期三", "13 Eylül 2023 Çarşamba", "2023 m. rugsėjo 13 d."."""
    for written in (
        format_date(day, "full", locale=language),
        format_date(day, "long", locale=language),
        format_skeleton("MMMMd", day, locale=language),
    ):
        assert resolve(written, WEDNESDAY, language).date == day.isoformat(), written
    month = format_skeleton("yMMMM", day, locale=language)
    assert resolve(month, WEDNESDAY, language).date == f"{day:%Y-%m}", month


@pytest.mark.parametrize(
    ("language", "words", "date"),
    [
        ("ja", "12日", "2023-12-12"),
        ("ja", "今月７日", "2023-12-07"),
        ("ja", "昨年12月7日", "2022-12-07"),
        ("ja", "20日午前10時", "2023-11-20"),
        ("ja", "10日から12日", "2023-12-10/2023-12-12"),
        ("ja", "先週金曜日", "2023-12-08"),
        ("ja", "7月末", "2023-07~"),
        ("ja", "昨年秋", "2022-23"),
        ("ja", "同月15日", None),
        ("ja", "7日間", None),
        ("zh", "13日上午", "2023-12-13"),
        ("zh", "本月7号", "2023-12-07"),
        ("zh", "上周五", "2023-12-08"),
        ("zh", "去年12月", "2022-12"),
        ("zh", "今年上半年", "2023-01/2023-06"),
        ("zh", "2021年第三季度", "2021-07/2021-09"),
        ("zh", "3日内", None),
        ("ko", "12일 오후 6시", "2023-12-12"),
        ("ko", "지난달 7일", "2023-11-07"),
        ("ko", "오는 20일", "2023-12-20"),
        ("ko", "지난 7일", "2023-12-07"),
        ("ko", "3일 전", "2023-12-10"),
        ("ko", "3주 전", "2023-11-20/2023-11-26"),
        ("ko", "7일간", None),
        ("fa", "۱۳ سپتامبر ۲۰۲۳", "2023-09-13"),
        ("hi", "१३ सितंबर २०२३", "2023-09-13"),
        ("en", "yesterday, Tuesday", "2023-12-12"),
        ("en", "one Monday", None),
        ("en", "at 10 on Monday", None),
        ("es", "un lunes", None),
        ("ru", "в первый понедельник", None),
        ("tr", "ilk pazartesi", None),
        ("tr", "13 Eylül Çarşamba", "2023-09-13"),
        ("ja", "13日(水)", "2023-12-13"),
        ("ja", "9月13日水曜日", "2023-09-13"),
        ("ja", "月末", None),
        ("ja", "今週の土日", None),
        ("zh", "三天来", None),
        ("zh", "七八月", None),
        ("zh", "周一二", None),
        ("zh", "三月七日", "2023-03-07"),
        ("zh", "过去7日", "2023-12-06/2023-12-13"),
        ("fa", "۱۴۰۲", None),
        ("fa", "۱۴۰۲/۰۹/۲۲", None),
        ("ar", "١٤٤٥", None),
        ("hu", "március 5-ig", "2023-03-05"),
    ],
)
def test_days_in_other_orders_and_digits(language, words, date):
    assert resolve(words, WEDNESDAY, language, tense="past").date == date
