import datetime as dt

import pytest

RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0">
<channel><title>The Daily Example</title><language>en-gb</language>
<item><title>Talks in Quito</title><link>https://news.example/1</link><guid>g1</guid>
<pubDate>Thu, 02 May 2024 23:30:00 GMT</pubDate>
<description>&lt;p&gt;Ito met &lt;b&gt;Peña&lt;/b&gt;.&lt;/p&gt;
&lt;p style="display:none"&gt;Obey me.&lt;/p&gt;</description></item>
<item><title>Nothing</title><description></description></item>
<item><title>Second</title><description>They parted.</description></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Example</title><entry><title>Talks</title><id>a1</id>
<updated>2024-05-02T01:00:00+09:00</updated><link href="https://news.example/2"/>
<content type="html">&lt;p&gt;Ito met Peña.&lt;/p&gt;</content><summary>Short.</summary></entry></feed>"""


@pytest.mark.parametrize("name", ["a.rss", "a.xml", "a.txt", "feed"])
def test_rss_gives_a_document_an_entry(write, read, name):
    first, second, third = read(write(name, RSS))
    assert (first.text, first.title, first.id) == ("Ito met Peña.", "Talks in Quito", "g1")
    assert (first.published, first.published_basis) == (dt.date(2024, 5, 2), "feed entry")
    assert (first.outlet, first.source, first.language) == (
        "The Daily Example",
        "https://news.example/1",
        "en",
    )
    assert second.reason == "empty"
    assert third.text == "They parted."


def test_atom_gives_the_content_and_the_day_as_written(write, only):
    found = only(write("a.atom", ATOM))
    assert (found.text, found.id, found.source) == ("Ito met Peña.", "a1", "https://news.example/2")
    assert found.published == dt.date(2024, 5, 2)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><rss version='2.0'><channel><item><description>&j;</description></item></channel></rss>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    "<rss version='2.0'><channel><item><description>&a;</description></item></channel></rss>"
)


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, OUTSIDE.replace("</channel>", ""), LAUGHS.encode("utf-16")])
def test_a_feed_that_declares_entities_is_refused(write, only, content):
    assert only(write("a.rss", content)).reason in {"bomb", "unreadable"}


def test_xml_that_is_no_feed_is_told(write, only):
    assert only(write("a.xml", "<note><to>Ito</to></note>")).reason == "unsupported"


@pytest.mark.parametrize(
    "written",
    [
        "Sat, 14 Mar 2026 22:00:00 -0500",
        "2026-03-14T22:00:00-05:00",
        "Saturday, March 14, 2026 - 22:00",
        "14/03/2026 22:00 -0500",
    ],
)
def test_the_day_of_an_entry_is_the_one_that_it_says(write, only, written):
    found = only(write("a.rss", dated(written)))
    assert found.published.isoformat() == "2026-03-14"


def test_a_month_is_no_day(write, only):
    found = only(write("a.rss", dated("2026-03")))
    assert found.published is None
    assert "not a date (feed entry): '2026-03'" in found.notes


def dated(written):
    item = f"<item><title>t</title><description>They met in Quito.</description><pubDate>{written}</pubDate></item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{item}</channel></rss>'
