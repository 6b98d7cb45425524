from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import archives
import pytest
from archives import SETTINGS, URL, WEEKLY, article, part, rendered, write
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import (
    by_class,
    document,
    expect_every_link_to_lead_somewhere,
    facts,
    references,
    words,
)

from pipeline import pages, text
from pipeline.errors import PartworkError

HOSTILE = (
    "</title></script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' & &amp; &lt;b&gt;",
    "{{ 7 * 7 }} {% raise %} {# no #} ]]> <![CDATA[ --> <!-- *|FNAME|* [[x]]",
    "مرحبا 👩‍⚕️ שלום end",
    "long " * 140,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, settings=SETTINGS + WEEKLY)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> archives.Catalogue:
    return archives.catalogue(write(tmp_path_factory.mktemp("shared")))


# What goes wrong


def test_a_broken_template_of_the_newsletter_stops_with_its_file_and_line(root: Path) -> None:
    own = root / "page_templates"
    own.mkdir()
    (own / "series.html.j2").write_text("one\n{{ serie.title }}", encoding="utf-8")

    with pytest.raises(PartworkError, match=r"^page_templates/series\.html\.j2:2: 'serie'"):
        rendered(root)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_read_as_it_was_typed(tmp_path: Path, title: str) -> None:
    files = {
        "one.md": part(1, title, tags=[title], summary=title, author=title),
        "two.md": part(2, "Two", image="images/square.png", image_alt=title),
        "other.md": article(title, date="2026-10-20 08:30", id="tag:northgate.example,2026:o"),
    }
    series = SETTINGS.replace("Care in Parts", "Care </script><b>{{ 1 }}")
    made = rendered(write(tmp_path, files, settings=series + WEEKLY))
    shown = " ".join(title.split())

    page = document(made["articles/one/index.html"])
    assert words(page.find(".//h1")) == shown
    assert words(page.find("head/title")) == f"{shown} · Northgate & Notes"
    assert facts(page)["headline"] == text.one_line(title)
    assert facts(page)["isPartOf"]["name"] == "Care </script><b>{{ 1 }}"
    for path, html in made.items():
        if path.endswith(".html"):
            tree = document(html)
            assert [one.get("src") for one in tree.iter("script")] in ([], [None])
            assert not [e for e in tree.iter() for name in e.attrib if name.startswith("on")]
            assert not [e for e in tree.iter("img") if e.get("src") == "x"]


@settings(max_examples=40, deadline=None)
@given(title=st.text(min_size=1, max_size=60).map(text.one_line).filter(bool))
def test_any_title_survives_every_place_it_is_shown_in(
    shared: archives.Catalogue, title: str
) -> None:
    first = shared.articles[0]
    changed = replace(first, source=replace(first.source, title=title))
    catalogue = replace(
        shared,
        articles=(changed, *shared.articles[1:]),
        series=tuple(replace(one, articles=(changed, *one.articles[1:])) for one in shared.series),
    )
    made = {path: data.decode() for path, data in pages.render_all(catalogue)}

    page = document(made["articles/one/index.html"])
    shown = " ".join(title.split())
    assert words(page.find(".//h1")) == shown
    assert facts(page)["headline"] == title
    following = document(made["articles/two/index.html"])
    assert words(by_class(following, "turn")[0].find("a/b")) == shown


def test_an_articles_text_is_never_read_as_a_template(tmp_path: Path) -> None:
    typed = "{{ newsletter }} {% include 'base.html.j2' %} {# gone #} {{ 7*7 }} {%"
    made = rendered(write(tmp_path, {"one.md": part(1, "One", f"    {typed}\n")}))

    assert words(document(made["articles/one/index.html"]).find(".//pre")) == typed


def test_what_is_not_published_yet_appears_nowhere(tmp_path: Path) -> None:
    files = {
        "one.md": part(1, "One", "Next comes [the secret one](secret-slug.md)."),
        "secret-slug.md": part(2, "Hidden title", "Secret words ![alt](images/secret.png)."),
        "draft.md": part(3, "Drafted title", draft=True, date=None),
        "secret-other.md": article("Hidden apart", date="2026-12-20 10:00"),
    }
    write(tmp_path, files, settings=SETTINGS + WEEKLY)
    (tmp_path / "articles/images/secret.png").write_bytes(b"PNG")
    shown = archives.catalogue(tmp_path).until(datetime(2026, 10, 8, tzinfo=UTC))
    made = {path: data.decode() for path, data in pages.render_all(shown)}

    everything = "\n".join([*made, *made.values()]).lower()
    for secret in ("secret-", "hidden", "drafted", "issue 2", "002-", 'rel="next"', "2026-10-13"):
        assert secret not in everything, secret
    assert "the secret one" in everything  # its words stay, its link goes
    assert "Part 1 of 5" in made["articles/one/index.html"]
    assert "1 of 5 parts published" in made["series/care/index.html"]
    assert [path for path, _ in pages.assets(shown)] == ["media/images/logo.png"]


def test_a_newsletter_without_an_article_has_a_first_page(tmp_path: Path) -> None:
    made = rendered(write(tmp_path, {}))

    assert set(made) == {"index.html", "404.html", "sitemap.xml", "style.css"}
    assert "Nothing is published yet" in words(document(made["index.html"]).find(".//main"))


# The bytes


def test_the_same_newsletter_gives_the_same_bytes_in_any_process(root: Path) -> None:
    program = (
        "import archives, hashlib, pathlib, sys;"
        "made = archives.rendered(pathlib.Path(sys.argv[1]));"
        "print([(p, hashlib.sha256(b.encode()).hexdigest()) for p, b in made.items()])"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(pages.__file__).parents[2])])
    runs = {
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", program, str(root)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": path},
            cwd=folder,
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone, folder in (("1", "Asia/Tokyo", "/"), ("2", "America/Lima", str(root)))
    }

    assert len(runs) == 1
    assert b"articles/one/index.html" in runs.pop()


def test_every_page_is_html_that_browsers_need_not_guess_at(root: Path) -> None:
    made = rendered(root)

    for path, page in made.items():
        if path.endswith(".html"):
            tree = document(page)
            ids = [one.get("id") for one in tree.iter() if one.get("id")]
            assert len(ids) == len(set(ids)), path
            levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
            assert levels[0] == levels.count(1) == 1, path
            assert all(b - a <= 1 for a, b in pairwise(levels)), path


def test_every_link_leads_to_a_file_that_is_made(root: Path) -> None:
    (root / "articles" / "über-uns.md").write_text(
        part(4, "Über uns", "Zurück zu [zwei](two.md#a-heading)."), encoding="utf-8"
    )
    files = {path for path, _ in pages.assets(archives.catalogue(root))}

    expect_every_link_to_lead_somewhere(rendered(root), files)


def test_pages_need_nothing_from_elsewhere_and_no_script(root: Path) -> None:
    for path, page in rendered(root).items():
        if path.endswith(".html") and path != "404.html":
            tree = document(page)
            assert not [e for e in tree.iter("script") if e.get("type") != "application/ld+json"]
            assert not [e for e in tree.iter("img") if urlsplit(e.get("src") or "").scheme]
            for link in tree.iter("link"):
                outside = link.get("rel") == "canonical"
                assert bool(urlsplit(link.get("href") or "").scheme) == outside, path


def test_the_page_for_a_missing_address_works_under_any_address(root: Path) -> None:
    page = document(rendered(root)["404.html"])

    assert all(url.startswith((URL, "https://", "#")) for url in references(page))
    assert [e.get("content") for e in page.iter("meta") if e.get("name") == "robots"] == ["noindex"]


# The newsletter's own templates


def test_a_newsletter_may_speak_another_language_by_one_file(root: Path) -> None:
    own = root / "page_templates"
    own.mkdir()
    packaged = Path(pages.__file__).parents[1] / "page_templates" / "words.html.j2"
    words_file = packaged.read_text(encoding="utf-8")
    (own / "words.html.j2").write_text(
        words_file.replace("October", "octobre").replace("Part {{ k }}", "Partie {{ k }}"),
        encoding="utf-8",
    )
    (own / "style.css").write_text("body { color: red }", encoding="utf-8")
    made = rendered(root)

    assert "6 octobre 2026" in made["articles/one/index.html"]
    assert "Partie 1" in made["articles/one/index.html"]
    assert made["style.css"] == "body { color: red }"


def test_words_that_a_newsletters_own_file_leaves_out_stay_english(root: Path) -> None:
    own = root / "page_templates" / "words.html.j2"
    own.parent.mkdir()
    own.write_text('{% set skip = "Zum Text" %}{% macro part(k, n) %}Teil {{ k }}{% endmacro %}')
    page = rendered(root)["articles/one/index.html"]

    assert "Zum Text" in page
    assert "Teil 1" in page
    assert "6 October 2026" in page
    assert "Previous and next part" in page


# A long series


def test_a_long_series_shows_the_parts_near_by_and_costs_each_page_the_same(
    tmp_path: Path,
) -> None:
    files = {f"{n:03}.md": part(n, f"Title {n}", slug=f"p{n}") for n in range(1, 62)}
    root = write(
        tmp_path, files, settings=SETTINGS.replace("parts = 5", "").replace("one.md", "001.md")
    )
    made = rendered(root, datetime(2028, 1, 1, tzinfo=UTC))

    def shown(path: str) -> list[str]:
        (listed, *_) = by_class(document(made[path]), "parts")
        return [words(a) for a in listed.iter("a")]

    assert shown("articles/p30/index.html") == [f"Title {n}" for n in range(25, 36)]
    assert shown("articles/p1/index.html") == [f"Title {n}" for n in range(1, 7)]
    assert shown("index.html") == [f"Title {n}" for n in range(56, 62)]
    gaps = by_class(document(made["articles/p30/index.html"]), "gap")
    assert [words(one) for one in gaps] == ["All 61 parts"] * 2
    assert made["series/care/index.html"].count("<li>") >= 61


def test_the_style_is_small_and_takes_nothing_from_elsewhere(root: Path) -> None:
    style = rendered(root)["style.css"]

    assert len(style.encode()) < 8192
    assert "url(" not in style
    assert "@import" not in style
