from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest

from digest.errors import Incomplete, SourceError, SourceUnreachable, UsageError
from digest.sources.arxiv import ArxivApi, ArxivIds, check_categories
from digest.sources.metadata import distinct
from tests.loopback import Answer, closed_port

if TYPE_CHECKING:
    from digest.records import Paper
    from digest.sources.http import PoliteClient
    from tests.loopback import LoopbackServer, Request

PATH = "/api/query"
DAY = dt.date(2026, 1, 30)


def entry(name: str, published: str = "2026-01-29T10:00:00Z", title: str = "A title", **fields: str) -> str:
    """One entry in the order and namespaces of 2026."""
    authors = "".join(f"<author><name>{escape(author)}</name></author>" for author in fields.get("authors", "Ann Lee, Bo Xu").split(", "))
    terms = [*fields.get("categories", "cs.LG cs.CV").split(), "68T45, I.2.10"]
    categories = "".join(f'<category term="{term}" scheme="http://arxiv.org/schemas/atom"/>' for term in terms)
    primary = fields.get("categories", "cs.CV").split()[:1]
    return f"""<entry><id>http://arxiv.org/abs/{name}</id><title>{escape(title)}</title>
    <updated>{fields.get("updated", published)}</updated>
    <link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>
    <link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>
    <summary>{escape(fields.get("abstract", "We show things."))}</summary>
    {categories}<published>{published}</published>
    <arxiv:comment>{escape(fields.get("comment", "8 pages"))}</arxiv:comment><arxiv:primary_category term="{"".join(primary) or "cs.CV"}"/>
    {authors}</entry>"""


def feed(*entries: str, total: int | None = None) -> str:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/x</id><title>arXiv Query: search_query=cat:cs.CV</title><updated>2026-01-30T08:00:00Z</updated>
  <opensearch:itemsPerPage>200</opensearch:itemsPerPage>
  <opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>{"".join(entries)}
</feed>"""


ERROR = feed(
    "<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_x</id><title>Error</title><updated>2026-01-30T00:00:00Z</updated>"
    "<summary>incorrect id format for x</summary><author><name>arXiv api core</name></author></entry>"
)


SINCE = dt.date(2026, 1, 27)


def newest(server: LoopbackServer, http: PoliteClient, *answers: Answer | bytes | str) -> list[Paper]:
    return list(ArxivApi(http, server.route(PATH, *answers)).submitted("cat:cs.CV OR cat:cs.LG", SINCE, DAY))


def by_id(server: LoopbackServer, http: PoliteClient, ids: list[str], *answers: Answer | bytes | str) -> list[Paper]:
    return list(ArxivIds(ids, api=ArxivApi(http, server.route(PATH, *answers))).fetch(DAY))


def test_it_asks_for_the_categories_and_the_window(server, http):
    newest(server, http, feed())
    (request,) = server.requests
    assert request.query["search_query"] == "(cat:cs.CV OR cat:cs.LG) AND submittedDate:[202601270000 TO 202601302359]"
    assert (request.query["sortBy"], request.query["sortOrder"]) == ("submittedDate", "descending")


def test_it_comes_under_its_own_name(server, http):
    newest(server, http, feed())
    assert server.requests[0].headers["user-agent"].startswith("offline-digest/")


def test_an_entry_becomes_a_paper(server, http):
    answer = feed(entry("2601.20742v2", title="A &#177; B", updated="2026-01-30T01:00:00Z"))
    (paper,) = newest(server, http, answer)
    assert (paper.id, paper.version, paper.title, paper.abstract) == ("2601.20742", 2, "A ± B", "We show things.")
    assert (paper.authors, paper.categories, paper.comment) == (("Ann Lee", "Bo Xu"), ("cs.CV", "cs.LG"), "8 pages")
    assert (paper.published, paper.updated) == (dt.date(2026, 1, 29), dt.date(2026, 1, 30))
    assert (paper.link, paper.pdf) == ("https://arxiv.org/abs/2601.20742v2", "https://arxiv.org/pdf/2601.20742v2")
    assert paper.source == "arxiv"


def test_what_lies_outside_the_window_is_left_out_even_if_it_is_sent(server, http):
    days = ["2026-01-31T00:00:00Z", "2026-01-30T23:59:59Z", "2026-01-27T00:00:00Z", "2026-01-26T23:59:59Z", "2020-12-21T00:00:00Z"]
    papers = newest(server, http, feed(*(entry(f"2601.0000{n}v1", day) for n, day in enumerate(days))))
    assert [paper.id for paper in papers] == ["2601.00001", "2601.00002"]


def test_pages_are_turned_and_repeats_counted_once(server, http):
    first = feed(entry("2601.00001v1"), entry("2601.00002v1"), total=4)
    second = feed(entry("2601.00002v2"), entry("2601.00003v1"), total=4)
    papers = newest(server, http, first, second)
    assert [paper.name for paper in distinct(papers)] == ["2601.00001v1", "2601.00002v2", "2601.00003v1"]
    assert [request.query["start"] for request in server.requests][:2] == ["0", "2"]


def test_pages_are_turned_only_as_far_as_papers_are_taken(server, http):
    url = server.route(PATH, feed(entry("2601.00001v1"), entry("2601.00002v1"), total=900))
    papers = ArxivApi(http, url).submitted("cat:cs.CV", SINCE, DAY)
    assert [next(papers).id, next(papers).id] == ["2601.00001", "2601.00002"]
    assert len(server.requests) == 1


def test_papers_that_slip_between_two_pages_are_asked_for_again(server, http):
    first, second = feed(entry("2601.00001v1"), entry("2601.00002v1"), total=3), feed(entry("2601.00001v1"), total=3)
    whole = feed(entry("2601.00001v1"), entry("2601.00002v1"), entry("2601.00003v1"), total=3)
    assert [paper.id for paper in newest(server, http, first, second, whole)] == ["2601.00001", "2601.00002", "2601.00003"]


def test_papers_that_stay_missing_are_counted(server, http):
    a, b, c = (entry(f"2601.0000{n}v1") for n in (1, 2, 3))
    with pytest.raises(Incomplete, match="3 of 4 papers came") as caught:
        newest(server, http, feed(a, b, total=4), feed(a, b, total=4), feed(a, b, total=4), feed(c, a, total=4))
    assert caught.value.left == 1


def test_a_list_that_names_a_paper_twice_is_whole(server, http):
    assert len(newest(server, http, feed(entry("2601.00001v1"), entry("2601.00001v1")))) == 1


def test_a_first_page_that_came_back_empty_is_asked_for_again(server, http):
    assert len(newest(server, http, feed(total=1), feed(entry("2601.00001v1")))) == 1


def test_a_later_page_that_came_back_empty_is_asked_for_again(server, http):
    papers = newest(server, http, feed(entry("2601.00001v1"), total=2), feed(total=2), feed(entry("2601.00002v1"), total=2))
    assert len(papers) == 2


def test_a_later_page_that_stays_empty_is_an_error_not_a_short_list(server, http):
    with pytest.raises(SourceError, match="stayed empty, 3 times"):
        newest(server, http, feed(entry("2601.00001v1"), total=2), feed(total=2))
    assert len(server.requests) == 4


def test_a_day_without_papers_is_no_error(server, http):
    assert newest(server, http, feed()) == []


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_entry_is_an_error_with_its_cause_not_an_empty_day(server, http, status):
    with pytest.raises(SourceError, match=r"^arxiv: the query was refused: incorrect id format for x$"):
        newest(server, http, Answer(ERROR, status=status))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("<html><body>Welcome to the hotel</body></html>", "not a feed"),
        ("", "not a feed"),
        (feed(entry("2601.00001v1"))[:-300], "breaks off"),
        (feed(entry("2601.00001v1", published="yesterday")), "cannot be read"),
        (feed(entry("not-an-id")), "no arXiv id"),
        (Answer("forbidden", status=403), "HTTP 403"),
    ],
)
def test_what_is_not_a_feed_of_papers_is_an_error(server, http, answer, problem):
    with pytest.raises(SourceError, match=problem):
        newest(server, http, answer)


def test_throttling_is_waited_out(server, http):
    answers: list[Answer | str] = [
        Answer(status=429, headers={"Retry-After": "0"}),
        Answer(status=503),
        Answer(reset=True),
        feed(entry("2601.00001v1")),
    ]
    assert len(newest(server, http, *answers)) == 1


def test_no_network_is_told_apart_at_once(http):
    url = f"http://127.0.0.1:{closed_port()}{PATH}"
    with pytest.raises(SourceUnreachable):
        list(ArxivApi(http, url).submitted("cat:cs.CV", SINCE, DAY))


@pytest.mark.parametrize("category", ["", "cs.CV OR all:x", "CV"])
def test_what_is_no_category_is_refused_before_asking(category):
    with pytest.raises(UsageError, match="not arXiv categories"):
        check_categories(["cs.CV", category])


def test_papers_by_id_come_in_the_order_asked_for(server, http):
    answer = feed(entry("2601.00002v1", "2020-01-01T00:00:00Z"), entry("quant-ph/0112019v2", "2001-12-04T00:00:00Z"))
    papers = by_id(server, http, ["quant-ph/0112019", "https://arxiv.org/abs/2601.00002v1"], answer)
    assert [paper.name for paper in papers] == ["quant-ph/0112019v2", "2601.00002v1"]
    assert server.requests[0].query["id_list"] == "quant-ph/0112019,2601.00002v1"


def test_many_ids_are_asked_for_in_parts(server, http):
    names = [f"2601.{n:05}" for n in range(1, 151)]
    answers = [feed(*(entry(f"{name}v1") for name in part)) for part in (names[:100], names[100:])]
    assert [paper.id for paper in by_id(server, http, names, *answers)] == names


def test_an_id_that_does_not_exist_is_named_and_the_others_come(server, http):
    url = server.route(PATH, feed(entry("2601.00001v1"), total=2))
    papers = ArxivIds(["2601.00001", "1201.56789"], api=ArxivApi(http, url)).fetch(DAY)
    assert next(papers).id == "2601.00001"
    with pytest.raises(Incomplete, match=r"no paper with id 1201\.56789"):
        next(papers)


def test_an_id_alone_that_does_not_exist_is_an_error(server, http):
    with pytest.raises(SourceError, match="no paper with id"):
        by_id(server, http, ["1201.56789"], feed(total=1))


@pytest.mark.parametrize("refusal", [Answer("bad request", status=400), Answer(ERROR, status=200)])
def test_an_id_that_arxiv_refuses_does_not_take_the_others_with_it(server, http, refusal):
    def answer(request: Request) -> Answer:
        names = request.query["id_list"].split(",")
        return refusal if "2601.00003v99" in names else Answer(feed(*(entry(f"{name}v1") for name in names)))

    url = server.route(PATH, answer)
    papers = ArxivApi(http, url).by_id(["2601.00001", "2601.00002", "2601.00003v99", "2601.00004"])
    assert sorted(papers) == ["2601.00001", "2601.00002", "2601.00004"]


def test_what_is_no_id_is_refused_before_asking(http):
    with pytest.raises(UsageError, match="not an arXiv id: 0112019"):
        ArxivIds(["2601.00001", "0112019"], api=ArxivApi(http))


def test_latex_many_authors_and_entities_of_two_layers_arrive_as_they_were_meant(server, http):
    crowd = "".join(f"<author><name>A{n} B</name></author>" for n in range(574))
    row = entry("2601.00001v1", title=r"On $\mathcal{O}(n^2)$ &amp;#177; \emph{bounds}").replace("</entry>", f"{crowd}</entry>")
    (paper,) = newest(server, http, feed(row))
    assert paper.title == r"On $\mathcal{O}(n^2)$ ± \emph{bounds}"
    assert len(paper.authors) == 576


@pytest.mark.data
def test_a_real_feed_of_2018_is_read(server, http, feeds):
    url = server.route(PATH, (feeds / "arxiv_atom" / "real_old_format_2018-02-05_all-Einstein_10.xml").read_bytes())
    listed = ArxivApi(http, url).submitted("cat:math.DG", dt.date(1991, 1, 1), dt.date(2018, 2, 5))
    papers = list(itertools.islice(listed, 10))  # the answer is the first page of a longer list
    assert len(papers) == 10
    assert papers[0].categories == ("math.DG",)
    assert papers[0].abstract.startswith("In this article, we study the Einstein-Weyl structures on almost cosymplectic manifolds. First")
    assert all(paper.pdf.startswith("https://arxiv.org/pdf/") and paper.authors for paper in papers)
    assert {"math/0502287", "math/0507289"} < {paper.id for paper in papers}


@pytest.mark.data
def test_a_real_feed_of_2026_is_read(server, http, feeds):
    body = (feeds / "arxiv_atom" / "real_new_format_2026-09-13_id_list-1706.03762.xml").read_bytes()
    (paper,) = by_id(server, http, ["1706.03762"], body)
    assert (paper.title, paper.authors[0], len(paper.authors)) == ("Attention Is All You Need", "Ashish Vaswani", 8)


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    [
        "documented_error_2007_arxiv_manual.xml",
        "real_error_2025-06-30_url_as_id_TAIL_COMPLETED.xml",
        "handmade_by_others/error_JinhoKim46.xml",
    ],
)
def test_error_feeds_of_others_are_errors(server, http, feeds, name):
    with pytest.raises(SourceError, match="refused: incorrect id format for"):
        newest(server, http, (feeds / "arxiv_atom" / name).read_bytes())


@pytest.mark.data
@pytest.mark.parametrize("name", ["empty_new_format.xml", "empty_old_format_james-akl_xiv.xml"])
def test_empty_feeds_of_others_are_days_without_papers(server, http, feeds, name):
    assert newest(server, http, (feeds / "arxiv_atom" / "handmade_by_others" / name).read_bytes()) == []
