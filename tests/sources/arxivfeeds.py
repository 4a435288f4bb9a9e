"""arXiv's answers of 2026, written by hand: an announcement and a harvest."""

from __future__ import annotations

from xml.sax.saxutils import escape

_ABSTRACT = "  We show\n  things."


def item(name: str, kind: str = "new", title: str = "A title", **fields: str) -> str:
    """One announced paper; *name* is an id with version."""
    plain = name.partition("v")[0]
    categories = "".join(f"<category>{category}</category>" for category in fields.get("categories", "cs.CV cs.LG").split())
    return f"""<item><title>{escape(title)}</title><link>https://arxiv.org/abs/{plain}</link>
    <description>arXiv:{name} Announce Type: {kind}
Abstract: {escape(fields.get("abstract", "We show things."))}</description>
    <guid isPermaLink="false">oai:arXiv.org:{name}</guid>{categories}
    <pubDate>Fri, 30 Jan 2026 00:00:00 -0500</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>
    <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
    <dc:creator>{escape(fields.get("authors", "Ann Lee, Bo Xu"))}</dc:creator></item>"""


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
    <authors>{_authors(fields.get("authors", ""))}</authors>
    <title>{escape(title)}</title><categories>{fields.get("categories", "cs.CV cs.LG")}</categories>
    <comments>{escape(fields.get("comment", "8 pages"))}</comments>
    <abstract>{escape(fields.get("abstract", _ABSTRACT))}</abstract></arXiv></metadata></record>"""


def _authors(names: str) -> str:
    """The authors as the format has them; without *names* two of its forms."""
    if not names:
        return (
            "<author><keyname>Lee</keyname><forenames>Ann</forenames></author>"
            "<author><keyname>Xu</keyname><forenames>Bo</forenames><suffix>Jr</suffix></author>"
        )
    return "".join(f"<author><keyname>{escape(name)}</keyname></author>" for name in names.split(", "))


DELETED = '<record><header status="deleted"><identifier>oai:arXiv.org:2601.00009</identifier></header></record>'


def harvest(*records: str, token: str = "") -> str:
    return _oai(f"<ListRecords>{''.join(records)}<resumptionToken>{token}</resumptionToken></ListRecords>")


def oai_error(code: str, text: str = "") -> str:
    return _oai(f'<error code="{code}">{text}</error>')


def _oai(inner: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-30T08:00:00Z</responseDate>
<request verb="ListRecords">https://oaipmh.arxiv.org/oai</request>{inner}</OAI-PMH>"""


def old_entry(name: str, published: str = "2026-01-29T10:00:00Z", title: str = "A title", **fields: str) -> str:
    """One entry of the query interface in the order and namespaces of 2018."""
    space = 'xmlns:arxiv="http://arxiv.org/schemas/atom"'
    scheme = 'scheme="http://arxiv.org/schemas/atom"'
    authors = "".join(f"<author><name>{escape(author)}</name></author>" for author in fields.get("authors", "Ann Lee, Bo Xu").split(", "))
    categories = fields.get("categories", "cs.CV cs.LG").split()
    return f"""<entry><id>http://arxiv.org/abs/{name}</id><updated>{published}</updated><published>{published}</published>
    <title>{escape(title)}</title><summary>  {escape(fields.get("abstract", _ABSTRACT))}
</summary>{authors}<arxiv:comment {space}>{escape(fields.get("comment", "8 pages"))}</arxiv:comment>
    <link href="http://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/{name}" rel="related" type="application/pdf"/>
    <arxiv:primary_category {space} term="{(categories or ["cs.CV"])[0]}" {scheme}/>
    {"".join(f'<category term="{category}" {scheme}/>' for category in categories)}</entry>"""


def old_feed(*entries: str, total: int) -> str:
    """The query interface's answer of 2018."""
    space = 'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">ArXiv Query: search_query=cat:cs.CV</title>
  <id>http://arxiv.org/api/x</id><updated>2026-01-30T00:00:00-05:00</updated>
  <opensearch:totalResults {space}>{total}</opensearch:totalResults>
  <opensearch:startIndex {space}>0</opensearch:startIndex>{"".join(entries)}
</feed>
"""
