"""The public pages of a running system: whole in every language, found by programs, honest about what is not there."""

# SPDX-License-Identifier: Apache-2.0

import gzip
import io
import json
import re
import urllib.error
import urllib.request
from email.message import Message

import pytest
from lxml import etree, html
from PIL import Image

from tests.running import Running

PAGES = {
    "/": "What the region has|Yang dimiliki kawasan",
    "/countries": "Countries|Negara",
    "/countries/IDN": "Geology and sites|Geologi dan lokasi",
    "/countries/TLS": "Nothing published yet|Belum ada yang diterbitkan",
    "/commodities": "Base metals|Logam dasar",
    "/commodities/tin": "Published sites by country|Lokasi yang diterbitkan menurut negara",
    "/commodities/agate": "No figures are published yet|Belum ada angka yang diterbitkan",
    "/statistics": "Mine production|Produksi tambang",
    "/statistics?indicator=price": "What would fill it|Yang dapat mengisinya",
    "/statistics?indicator=mine-production&commodity=nickel": "Choose one series|Pilih satu deret",
    "/statistics/checks": "Mirror trade|Perdagangan cermin",
    "/statistics/checks?commodity=bauxite": "Bauxite, mine production of|Bauksit, produksi tambang",
    "/resources/unfc": "classified on no axis|pada sumbu mana pun",
    "/resources/unfc?commodity=tin": "No estimate is published|Belum ada taksiran",
    "/statistics/figures/1": "Record in the source|Catatan dalam sumber",
    "/publications": "Joint press statements|Pernyataan pers bersama",
    "/about": "Who decides|Siapa yang memutuskan",
}
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def _get(server: Running, path: str, headers: dict[str, str] | None = None) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(server.url + path, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_the_reader_s_language(server: Running, path: str) -> None:
    for language, told in zip(("en", "id"), PAGES[path].split("|"), strict=True):
        status, headers, body = _get(server, path, {**BROWSER, "Accept-Language": language})
        text = body.decode()
        assert status == 200
        assert f'<html lang="{language}" dir="ltr">' in text
        assert told in text
        assert "Accept-Language" in headers["Vary"]
        assert headers["Content-Language"] == language
        for inline in ("style=", "<style", "<script>", "%(", "None<"):
            assert inline not in text, f"{path} in {language} has {inline}"


def test_a_chosen_language_goes_on_through_the_links(server: Running) -> None:
    page = html.fromstring(_get(server, "/countries?lang=id", BROWSER)[2])
    links = [link for link in page.xpath("//main//a/@href") if link.startswith("/countries/")]
    assert links
    assert all(link.endswith("?lang=id") for link in links)
    assert "/countries?lang=en" in page.xpath("//a[@hreflang='en']/@href")


def test_pages_are_kept_and_sent_packed(server: Running) -> None:
    status, headers, packed = _get(server, "/countries/LAO", {**BROWSER, "Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(packed) == _get(server, "/countries/LAO", BROWSER)[2]
    assert _get(server, "/countries/LAO", {**BROWSER, "If-None-Match": headers["ETag"]})[0] == 304
    other = _get(server, "/countries/LAO", {**BROWSER, "If-None-Match": headers["ETag"], "Accept-Language": "id"})
    assert other[0] == 200, "the tag of one language is no answer in another"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/countries/THI", "/countries/THA"),
        ("/countries/Thailand", "/countries/THA"),
        ("/commodities/copper-ore", "/commodities/copper"),
        ("/commodities/aluminum", "/commodities/aluminium"),
        ("/commodities/tinn/brief.pdf", "/commodities/tin"),
    ],
)
def test_an_unknown_code_leads_to_the_nearest(server: Running, path: str, near: str) -> None:
    status, _, body = _get(server, path, BROWSER)
    assert status == 404
    assert near in html.fromstring(body).xpath("//main//li/a/@href")
    status, headers, body = _get(server, path)
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert "did you mean" in json.loads(body)["detail"]


def test_an_unknown_code_is_told_as_it_was_asked_and_harmless(server: Running) -> None:
    _, _, body = _get(server, "/countries/%3Cscript%3E", BROWSER)
    assert b"&lt;script&gt;" in body


@pytest.mark.parametrize("country", ["IDN", "MMR"])
def test_the_newest_figure_of_every_series_is_on_the_country_s_page(server: Running, country: str) -> None:
    query = f"indicator=mine-production&country={country}&limit=10000"
    rows = json.loads(_get(server, f"/api/v1/statistics/observations?{query}")[2])["observations"]
    newest = {(row["commodity"], row["content"]): row for row in sorted(rows, key=lambda row: row["year"])}
    shown = set(html.fromstring(_get(server, f"/countries/{country}", BROWSER)[2]).xpath("//main//td/a/@href"))
    assert len(rows) > 500
    for row in newest.values():
        assert f"/statistics/figures/{row['id']}" in shown, row


@pytest.mark.parametrize("number", ["0", "x", "99999999", "9" * 40])
def test_there_is_no_page_of_a_figure_that_is_not_there(server: Running, number: str) -> None:
    assert _get(server, f"/statistics/figures/{number}", BROWSER)[0] == 404


def test_the_explorer_refuses_what_it_does_not_know(server: Running) -> None:
    for query, status in (("indicatr=x", 400), ("indicator=x", 404), ("from=1", 400), ("from=2020&to=2010", 400)):
        assert _get(server, f"/statistics?{query}", BROWSER)[0] == status, query


def test_the_explorer_says_why_figures_are_not_added(server: Running) -> None:
    text = _get(server, "/statistics?indicator=mine-production&commodity=nickel", BROWSER)[2].decode()
    assert "ore is not contained metal" in text
    links = html.fromstring(text).xpath("//div[@class='notice']//a/@href")
    assert "/statistics?indicator=mine-production&commodity=nickel&content=contained-metal" in links


def test_the_feed_tells_each_release(server: Running) -> None:
    status, headers, body = _get(server, "/feed.atom")
    feed = etree.fromstring(body)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    titles = feed.xpath("a:entry/a:title/text()", namespaces=atom)
    assert {"Mines, release 1", "Mineral statistics, release 1"} <= set(titles)
    entries = feed.xpath("a:entry", namespaces=atom)
    for entry in entries:
        assert all(entry.xpath(f"string(a:{name})", namespaces=atom) for name in ("id", "title", "updated", "summary"))
        (href,) = entry.xpath("a:link/@href", namespaces=atom)
        assert _get(server, href.removeprefix(server.url), BROWSER)[0] == 200
    assert len({entry.xpath("string(a:id)", namespaces=atom) for entry in entries}) == len(entries)


def test_the_map_of_the_site_holds_pages_that_are_there(server: Running) -> None:
    assert f"Sitemap: {server.url}/sitemap.xml" in _get(server, "/robots.txt")[2].decode()
    urls = etree.fromstring(_get(server, "/sitemap.xml")[2]).xpath("//*[local-name()='loc']/text()")
    assert f"{server.url}/countries/TLS" in urls
    assert f"{server.url}/commodities/tin" in urls
    for url in urls[::12]:
        assert _get(server, str(url).removeprefix(server.url), BROWSER)[0] == 200


def test_social_networks_and_tabs_get_pictures(server: Running) -> None:
    page = html.fromstring(_get(server, "/?lang=id", BROWSER)[2])
    (address,) = page.xpath("//meta[@property='og:image']/@content")
    card = Image.open(io.BytesIO(_get(server, address.removeprefix(server.url))[2]))
    assert (card.format, card.size) == ("PNG", (1200, 630))
    icon = Image.open(io.BytesIO(_get(server, "/favicon.ico")[2]))
    assert icon.format == "ICO"


def test_search_engines_read_what_a_page_is_about(server: Running) -> None:
    for path, kind in (("/", "DataCatalog"), ("/countries/IDN", "WebPage"), ("/commodities/tin", "DefinedTerm")):
        page = html.fromstring(_get(server, path, BROWSER)[2])
        (told,) = page.xpath("//script[@type='application/ld+json']/text()")
        assert json.loads(told)["@type"] == kind


@pytest.mark.parametrize("path", ["/countries/IDN", "/countries/SGP", "/commodities/tin", "/commodities/agate"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_a_brief_is_a_pdf_in_the_reader_s_language(server: Running, path: str, language: str) -> None:
    status, headers, body = _get(server, f"{path}/brief.pdf?lang={language}")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert body.startswith(b"%PDF")
    assert re.search(rb"/Lang ?\(" + language.encode(), body)


def test_documents_of_the_cooperation_name_their_source(server: Running) -> None:
    items = html.fromstring(_get(server, "/publications", BROWSER)[2]).xpath("//ul[@class='documents']/li")
    assert len(items) > 20
    assert all("Listed in" in item.text_content() for item in items)
