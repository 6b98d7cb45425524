"""Where links and images lead, and what is said of those that lead nowhere (S3)."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("02-second.md", "~/articles/second/"),
        ("./02-second.md", "~/articles/second/"),
        ("../articles/02-second.md", "~/articles/second/"),
        ("images/../02-second.md", "~/articles/second/"),
        ("02%2Dsecond.md", "~/articles/second/"),
        ("02-second.md#part", "~/articles/second/#part"),
        ("02-second.md?x=1&y=2#part", "~/articles/second/?x=1&amp;y=2#part"),
        ("deep/sp%C3%A4ter.md", "~/articles/sp%C3%A4ter/"),
        ("deep/später.md", "~/articles/sp%C3%A4ter/"),
        ("01-first.md", "~/articles/first/"),
        ("?print", "~/articles/first/?print"),
        ("a%20b.pdf", "~/media/a%20b.pdf"),
        ("<a b.pdf>", "~/media/a%20b.pdf"),
        ("a b.pdf", None),
        ("<https://e.example/a b>", "https://e.example/a%20b"),
        ("//e.example/x", "https://e.example/x"),
        ("HTTPS://e.example", "HTTPS://e.example"),
        ("mailto:a@e.example", "mailto:a@e.example"),
        ("tel:+441234", "tel:+441234"),
    ],
)
def test_every_way_to_write_a_link_works(desk: Desk, written: str, href: str | None) -> None:
    html = desk.html(f"[x]({written})")
    if href is None:
        assert "<a" not in html
    else:
        assert html == f'<p><a href="{href}">x</a></p>'
        assert desk.mistakes(f"[x]({written})") == []


def test_links_start_from_the_folder_of_the_article(desk: Desk) -> None:
    deep = desk.at("articles/deep/später.md")
    assert deep.html("[x](../02-second.md)") == '<p><a href="~/articles/second/">x</a></p>'
    assert 'src="~/media/deep/er/map.png"' in deep.html("![m](er/map.png)")
    assert 'src="~/media/images/chart.png"' in deep.html("![m](../images/chart.png)")
    assert deep.mistakes("![m](../../outside.png)") == [(11, "path-outside", "error")]


def test_a_link_by_reference_works_like_any_other(desk: Desk) -> None:
    assert desk.html("[x][r] [r]\n\n[r]: 02-second.md 'T'") == (
        '<p><a href="~/articles/second/" title="T">x</a>'
        ' <a href="~/articles/second/" title="T">r</a></p>'
    )


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("[x](gone.md)", "link-article"),
        ("[x](gone.pdf)", "link-file"),
        ("[x](images)", "link-file"),
        ("[x](images/)", "link-file"),
        ("[x]()", "link-empty"),
        ("[x](<>)", "link-empty"),
        ("![x]()", "image-missing"),
        ("![x](gone.png)", "image-missing"),
        ("![x](images/Chart.png)", "image-missing"),
        ("![x](02-second.md)", "image-missing"),
        ("![x](#here)", "image-missing"),
        ("![x](mailto:a@e.example)", "image-missing"),
        ("![](images/chart.png)", "image-alt"),
        ("[x](../outside.png)", "path-outside"),
        ("![x](../outside.png)", "path-outside"),
        ("![x](..%2foutside.png)", "path-outside"),
        ("![x](%2e%2e/outside.png)", "path-outside"),
        ("![x](images/../../outside.png)", "path-outside"),
        ("[x](../../../../etc/passwd)", "path-outside"),
        ("[x](/etc/passwd)", "path-outside"),
        ("[x](%2fetc%2fpasswd)", "path-outside"),
        ("[x](images%5c..%5c..%5coutside.png)", "path-outside"),
        ("[x](a%00b.pdf)", "path-outside"),
        ("[x](a%0ab.pdf)", "link-file"),
        ("[x](..)", "path-outside"),
        ("[x](../articles-too/x.md)", "path-outside"),
        ("[x](.git/config)", "link-file"),
        ("[x](" + "n" * 5000 + ".pdf)", "link-file"),
        ("[x](javascript:alert(1))", "link-scheme"),
        ("[x](JaVaScRiPt:alert(1))", "link-scheme"),
        ("[x](java&#9;script:alert(1))", "link-scheme"),
        ("[x](&#1;javascript:alert(1))", "link-scheme"),
        ("[x](<javascript:alert(1)>)", "link-scheme"),
        ("<javascript:alert(1)>", "link-scheme"),
        ("![x](data:image/png;base64,AAAA)", "link-scheme"),
        ("[x](data:text/html,x)", "link-scheme"),
        ("[x](vbscript:x)", "link-scheme"),
        ("[x](file:///etc/passwd)", "link-scheme"),
        ("[x](C:/x.png)", "link-scheme"),
    ],
)
def test_a_link_or_image_that_leads_nowhere_is_an_error_with_its_line(
    desk: Desk, written: str, rule: str
) -> None:
    desk.put("articles/.git/config")
    assert desk.mistakes(f"One.\n\nTwo\n{written} three") == [(14, rule, "error")]


def test_what_leads_nowhere_keeps_its_words(desk: Desk) -> None:
    assert desk.html("a [b *c*](gone.md) ![d](gone.png) e") == "<p>a b <em>c</em> d e</p>"


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("[x](2-second.md)", "did you mean '02-second.md'?"),
        ("[x](02-Second.md)", "did you mean '02-second.md'?"),
        ("![x](images/Chart.PNG)", "did you mean 'images/chart.png'? Capital letters count"),
        ("![x](images/chrt.png)", "did you mean 'images/chart.png'? Capital letters count"),
        ("[x](nothing-like-it.pdf)", "add the file, or correct the path"),
        ("[x](www.x.example/a)", "write 'https://www.x.example/a' for a site, or add the file"),
        ("![x](WWW.x.example)", "write 'https://WWW.x.example' for a site, or add the file"),
        ("[x](/second/)", "write the path from this article's file, or the whole https:// address"),
    ],
)
def test_a_mistake_comes_with_its_likeliest_cure(desk: Desk, written: str, remedy: str) -> None:
    assert [one.remedy for one in desk.render(written)[1]] == [remedy]


@pytest.mark.parametrize("written", ["[x](deep/später.md)", "![x](images/Zähne.png)"])
def test_names_that_look_alike_and_are_not_are_told_apart(desk: Desk, written: str) -> None:
    """macOS may store a name's accents apart (NFD), and what people type has them joined."""
    apart = normalize("NFD", written)
    desk.put("articles/images/Zähne.png")
    (said,) = desk.render(apart)[1]
    assert f"did you mean '{written[written.index('(') + 1 : -1]}'? They store accents" in str(said)


def test_a_symbolic_link_out_of_the_folder_is_refused(desk: Desk) -> None:
    (desk.root / "articles/sly.png").symlink_to(desk.root / "outside.png")
    (desk.root / "elsewhere").mkdir()
    desk.put("elsewhere/x.png")
    (desk.root / "articles/folder").symlink_to(desk.root / "elsewhere")
    assert desk.mistakes("![x](sly.png)") == [(11, "path-outside", "error")]
    assert desk.mistakes("![x](folder/x.png)") == [(11, "path-outside", "error")]


def test_a_symbolic_link_within_the_folder_is_followed(desk: Desk) -> None:
    (desk.root / "articles/alias.png").symlink_to(desk.root / "articles/images/chart.png")
    assert desk.mistakes("![x](alias.png)") == []


def test_a_fragment_that_no_heading_has_is_a_warning(desk: Desk) -> None:
    written = "[a](#one) [b](#Two) [c](01-first.md#three) [d](#%C3%BCber)\n\n## One\n## Über"
    assert desk.mistakes(written) == [
        (11, "link-fragment", "warning"),
        (11, "link-fragment", "warning"),
    ]
    assert '<a href="#three">c</a>' in desk.html(written)


def test_every_mistake_of_an_article_is_told_at_once(desk: Desk) -> None:
    written = "[a](gone.md)\n\n- ![](gone.png)\n\n> [b](javascript:x)\n\n<a href='/x'>c</a>"
    assert sorted(desk.mistakes(written)) == [
        (11, "link-article", "error"),
        (13, "image-alt", "error"),
        (13, "image-missing", "error"),
        (15, "link-scheme", "error"),
        (17, "path-outside", "error"),
    ]


def test_a_problem_says_file_line_and_remedy(desk: Desk) -> None:
    problem = desk.render("x\n[y](2-second.md)")[1][0]
    assert str(problem) == (
        "articles/01-first.md:12: '2-second.md' is no article: did you mean '02-second.md'?"
    )


@pytest.mark.parametrize("mark", ["#1", "?", "100%25", "b 1"])
def test_what_is_meant_is_given_so_that_it_leads_there_as_it_stands(desk: Desk, mark: str) -> None:
    desk.put(f"articles/images/ä {mark}.png")
    problem = desk.render(f"![x](<images/Ä {mark}.png>)")[1][0]
    meant = problem.remedy.split("'")[1]
    assert "ä" in meant
    assert desk.mistakes(f"![x]({meant})") == []
