"""arXiv's answers of 2026, written by hand: an announcement and a harvest."""

from __future__ import annotations

from xml.sax.saxutils import escape


def item(name: str, kind: str = "new", title: str = "A title", **fields: str) -> str:
    """One announced paper; *name* is an id with version."""
    plain = name.partition("v")[0]
    return f"""<item><title>{escape(title)}</title><link>https://arxiv.org/abs/{plain}</link>
    <description>arXiv:{name} Announce Type: {kind}
Abstract: {escape(fields.get("abstract", "We show things."))}</description>
    <guid isPermaLink="false">oai:arXiv.org:{name}</guid><category>cs.CV</category><category>cs.LG</category>
    <pubDate>Fri, 30 Jan 2026 00:00:00 -0500</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>
    <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Ann Lee, Bo Xu</dc:creator></item>"""


def rss(*items: str, day: str = "Fri, 30 Jan 2026 00:00:00 -0500") -> str:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
  <title>cs.CV updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CV</link>
  <lastBuildDate>Fri, 30 Jan 2026 05:00:06 +0000</lastBuildDate><pubDate>{day}</pubDate>
  <skipDays><day>Saturday</day><day>Sunday</day></skipDays>{"".join(items)}
</channel></rss>"""


def record(plain: str, created: str, updated: str = "", title: str = "A title", **fields: str) -> str:
    """One harvested paper."""
    changed = f"<updated>{updated}</updated>" if updated else ""
    return f"""<record><header><identifier>oai:arXiv.org:{plain}</identifier><datestamp>2026-01-29</datestamp>
    <setSpec>cs:cs:CV</setSpec></header>
    <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{plain}</id><created>{created}</created>{changed}
    <authors><author><keyname>Lee</keyname><forenames>Ann</forenames></author>
    <author><keyname>Xu</keyname><forenames>Bo</forenames><suffix>Jr</suffix></author></authors>
    <title>{escape(title)}</title><categories>cs.CV cs.LG</categories><comments>{escape(fields.get("comment", "8 pages"))}</comments>
    <abstract>  We show
  things.</abstract></arXiv></metadata></record>"""


DELETED = '<record><header status="deleted"><identifier>oai:arXiv.org:2601.00009</identifier></header></record>'


def harvest(*records: str, token: str = "") -> str:
    return _oai(f"<ListRecords>{''.join(records)}<resumptionToken>{token}</resumptionToken></ListRecords>")


def oai_error(code: str, text: str = "") -> str:
    return _oai(f'<error code="{code}">{text}</error>')


def _oai(inner: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-30T08:00:00Z</responseDate>
<request verb="ListRecords">https://oaipmh.arxiv.org/oai</request>{inner}</OAI-PMH>"""
