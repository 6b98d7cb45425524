"""An article as plain text."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from desk import ROOT_URL, Desk
from hypothesis import given
from hypothesis import strategies as st

from pipeline.plaintext.wrap import _wrap_words, columns, wrap


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", ""),
        ("a *b* **c** `d` ~~e~~\nf", "a b c `d` ~~e~~ f"),
        ("one\\\ntwo", "one\ntwo"),
        ("a\n\nb", "a\n\nb"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb"),
        ("# One\n## Two *x*\n### Three\na",
         "One\n---\n\nTwo x\n~~~~~\n\nThree\n~~~~~\n\na"),
        ("- a\n- b\n\nc", "- a\n- b\n\nc"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("a\n- b\n- c", "a\n\n- b\n- c"),
        ("9. a\n10. b", "9. a\n10. b"),
        ("- a\n  - b\n    1. c\n- d", "- a\n  - b\n    1. c\n- d"),
        ("- a\n\n  b", "- a\n\n  b"),
        ("-\n- a", "-\n- a"),
        ("- - a", "- - a"),
        ("- > a\n  >\n  > b", "- > a\n  >\n  > b"),
        ("- [ ] a\n- [x] b", "☐ a\n☑ b"),
        ("> a\n>\n> > b\n\nc", "> a\n>\n> > b\n\nc"),
        ("> [!IMPORTANT]\n> a\n> - b", "IMPORTANT: a\n\n           - b"),
        ("```py\nx = 1\n\n  y\n```\na", "    x = 1\n\n      y\n\na"),
        ("1. a\n\n       b\n", "1. a\n\n       b"),
        ("Term\n: One\n: Two\n\nOther\n: Three", "Term\n    One\n    Two\nOther\n    Three"),
        ("&amp; &lt;b&gt; &copy; \\*", "& <b> © *"),
        ("![A *chart*](images/chart.png)", "[Image: A chart]"),
        ('![A chart](images/chart.png "In 2026")', "[Image: A chart]\nIn 2026"),
        ('a ![B](images/chart.png "In 2026")', "a [Image: B]"),
        ('- ![B](images/chart.png "In 2026")\n\nc', "- [Image: B]\n\nc"),
    ],
)  # fmt: skip
def test_every_construct_has_its_shape(desk: Desk, written: str, text: str) -> None:
    assert desk.text(written).rstrip("\n") == text


def test_running_text_is_wrapped_at_72_columns_with_hanging_indents(desk: Desk) -> None:
    lines = desk.text("- " + "word " * 40 + "\n\n> " + "word " * 40).splitlines()
    assert lines[0] == "- " + " ".join(["word"] * 14)
    assert lines[1] == "  " + " ".join(["word"] * 14)
    assert lines[4] == "> " + " ".join(["word"] * 14)
    assert max(map(len, lines)) <= 72


def test_the_width_is_a_setting(desk: Desk) -> None:
    lines = desk.text("word " * 40, width=40).splitlines()
    assert 35 < max(map(len, lines)) <= 40


def test_wide_characters_take_two_columns(desk: Desk) -> None:
    lines = desk.text("針灸は、" * 40).splitlines()
    assert len(lines) > 1
    assert all(66 <= columns(line) <= 74 for line in lines[:-1])
    assert not any(line.startswith("、") for line in lines)
    assert "".join(lines) == "針灸は、" * 40


def test_a_word_without_end_is_broken_and_a_url_is_not(desk: Desk) -> None:
    url = "https://e.example/" + "x" * 200
    lines = desk.text(f"{'y' * 3000} {url} z").splitlines()
    assert "y" * 72 in lines
    assert url in lines
    assert lines[-1] == "z"


def test_a_character_is_never_torn_from_its_marks() -> None:
    family = "👩\u200d👩\u200d👧"
    for line in wrap(family * 40, 21):
        assert not line.startswith("\u200d")
        assert not line.endswith("\u200d")
    assert wrap("a\u0301" * 30, 10)[0] == "a\u0301" * 10


def test_no_line_of_running_text_becomes_a_quotation_by_being_wrapped(desk: Desk) -> None:
    for start in range(60, 80):
        text = f"{'x' * start} a > b > c -> d".replace("xxxxx", "word ")
        lines = desk.text(text).splitlines()
        assert " ".join(lines) == " ".join(text.split())
        assert not any(line.startswith(">") for line in lines)
    assert desk.text(f"> {'word ' * 13}1234 > 2").splitlines()[1] == "> 1234 > 2"


def test_a_wrapped_text_is_the_text() -> None:
    text = "It’s a — “quoted” text, naïve, with  two  spaces and\ttabs " * 9
    assert " ".join(wrap(text, 50)) == " ".join(text.split())
    assert max(map(len, wrap(text, 50))) <= 50


# Links


def test_links_are_numbered_and_listed_once_each(desk: Desk) -> None:
    text = desk.text(
        "[one](https://e.example/1) [two](02-second.md#x) [again](https://e.example/1)"
        " [here](#a) [pdf](a%20b.pdf) [mail](mailto:a@e.example)\n\n## a"
    )
    assert text == (
        "one [1] two [2] again [1] here [3] pdf [4] mail [5]\n\na\n-\n\nLinks:\n\n"
        "[1] https://e.example/1\n"
        f"[2] {ROOT_URL}articles/second/#x\n"
        f"[3] {ROOT_URL}articles/first/#a\n"
        f"[4] {ROOT_URL}media/a%20b.pdf\n"
        "[5] mailto:a@e.example\n"
    )


def test_a_url_that_is_its_own_text_needs_no_number(desk: Desk) -> None:
    text = "See https://e.example/x or <a@e.example> or <https://e.example>.\n"
    assert desk.text(text) == "See https://e.example/x or a@e.example or https://e.example.\n"


def test_a_links_number_stays_with_its_last_word(desk: Desk) -> None:
    for before in range(50, 75):
        lines = desk.text(f"{'x' * before} [word](https://e.example)").splitlines()
        assert any("word [1]" in line for line in lines)


def test_a_link_to_an_article_not_yet_public_keeps_its_words_alone(desk: Desk) -> None:
    assert desk.text("[a](02-second.md) [b](01-first.md)", visible=()) == (
        f"a b [1]\n\nLinks:\n\n[1] {ROOT_URL}articles/first/\n"
    )


def test_a_link_that_leads_nowhere_keeps_its_words(desk: Desk) -> None:
    assert desk.text("[a](gone.md) [b](javascript:x)") == "a b\n"


def test_a_linked_image_has_the_number_of_its_link(desk: Desk) -> None:
    assert desk.text("[![A](images/chart.png)](https://e.example)").startswith("[Image: A] [1]\n")


# Footnotes


def test_footnotes_follow_the_text_in_order(desk: Desk) -> None:
    text = desk.text(
        "A[^z] b[^a] c[^z].\n\n[^a]: Two\n\n    more\n\n"
        "[^z]: [One](https://e.example)\n\n[^u]: unused"
    )
    assert text == (
        "A[^1] b[^2] c[^1].\n\n[^1] One [1]\n[^2] Two\n\n     more\n\nLinks:\n\n"
        "[1] https://e.example\n"
    )


# Tables


def test_a_table_stands_in_columns(desk: Desk) -> None:
    text = desk.text("| Name | Size | M |\n|---|--:|:-:|\n| *a* | 10 | x |\n| 針 | 5 | |")
    assert text == "Name  Size  M\n----  ----  -\na       10  x\n針       5\n"


def test_a_table_that_is_too_wide_becomes_records(desk: Desk) -> None:
    text = desk.text(
        "| Stage | What we suggest |\n|---|---|\n"
        f"| First | {'long ' * 20}|\n| Second | [short](https://e.example) |"
    )
    assert text == (
        "Stage: First\nWhat we suggest: " + " ".join(["long"] * 10) + "\n  "
        + " ".join(["long"] * 10) + "\n\nStage: Second\nWhat we suggest: short [1]\n\n"
        "Links:\n\n[1] https://e.example\n"
    )  # fmt: skip


def test_a_cell_over_several_rows_or_columns_moves_none_into_a_wrong_one(desk: Desk) -> None:
    head = "<table><tr><th>A<th>B<th>C"
    rows = "<tr><td colspan=2>ab<td>c<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5<tr><td>6<td>7"
    assert desk.text(f"{head}{rows}</table>") == (
        "A   B  C\n--  -  -\nab     c\n1   2  3\n    4  5\n6   7\n"
    )
    records = desk.text(f"{head}<tr><td rowspan=2>1<td>2<td>3<tr><td>{'x ' * 40}<td>5</table>")
    assert f"\nB: {'x ' * 33}x" in records
    assert records.endswith("\nC: 5\n")
    odd = "<td colspan=0>1<td rowspan=-1>2<td colspan=99999999999>3<td rowspan=²>4<tr><td>5"
    assert desk.text(f"<table><tr>{odd}</table>").split() == ["1", "2", "3", "4", "5"]


def test_code_in_a_table_keeps_its_lines(desk: Desk) -> None:
    cell = "<td>\n\n```js\na\n  b\n```\n\n</td>"
    rows = f"<tr><th>Before<th>After</tr>\n<tr>{cell}{cell}</tr>"
    code = "    a\n      b"
    assert desk.text(f"<table>\n{rows}\n</table>") == f"Before\n\nAfter\n\n{code}\n\n{code}\n"
    nested = f"<table><tr><td><pre>a\n</pre>\n<table>{rows}</table>\n</table>\n\nz"
    assert desk.text(nested).endswith("z\n")


def test_a_table_in_a_list_keeps_its_indent(desk: Desk) -> None:
    assert desk.text("- a\n\n  | b |\n  |---|\n  | c |") == "- a\n\n  b\n  -\n  c\n"


# Raw HTML


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a<sup>2</sup> <b class=x>b</b><br>c", "a² b\nc"),
        ("10<sup>-3</sup> 10<sup>- 3</sup> 1<sup>st</sup> a<sup></sup>", "10⁻³ 10- 3 1st a"),
        ("a <q>b <q>c</q></q>", 'a "b "c""'),
        ("2<sup>n</sup> 10<sup>-2n</sup> x<sup>in</sup>", "2ⁿ 10⁻²ⁿ xin"),
        ("<div>\n<p>a</p><p>b</p>\n</div>", "a\n\nb"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("a <script>b</script> <!-- c --> d", "a d"),
        ("<style>\na\n</style>\n\nb", "b"),
        ("<img src=images/chart.png alt='A &amp; B'>", "[Image: A & B]"),
        ("&lt;b> <i>c &amp; d</i>", "<b> c & d"),
        ("| a<p>b | c |\n|---|---|", "a b  c\n---  -"),
        ("<ol start=3><li>a<li value=9>b<li>c</ol>", "3. a\n9. b\n10. c"),
        ("<ol reversed><li>a<li>b</ol>", "- a\n- b"),
        ("<ol start=x><li>a</ol>", "1. a"),
        ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b"),
        ("<pre>a <b>b</b>\n  <code>c</code><br>d</pre>", "    a b\n      c\n    d"),
        ("<pre>a<div>b</div></pre>", "    a b"),
        ("<dl><dt>a<dd>b<dd>c</dl>", "a\n    b\n    c"),
        ("<h2>a<br>b <code>c</code></h2>", "a b `c`\n-------"),
        ("<h2>a<h2>b</h2>", "a\n-\n\nb\n-"),
        ("<details><summary>a</summary>b</details>", "a\n\nb"),
        ("<figure><figcaption>a</figcaption><img src=images/chart.png alt=b></figure>",
         "a\n[Image: b]"),
        ("<s>a</s> <del>b</del>", "~~a~~ ~~b~~"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("<ruby>漢 <rp>[</rp> <rt>kan</rt> <rp>]</rp></ruby>", "漢 [ kan ]"),
        ("<ruby>漢<rt>kan</rt>字<rt>ji</ruby>", "漢(kan)字(ji)"),
        ("<ruby>漢<rt>*kan*</ruby> rest", "漢(kan) rest"),
        ("<ruby><ruby>a<rt>b</rt></ruby><rt>c</rt></ruby>", "a(b)(c)"),
        ("<ruby>a<rp>(</rp><rt>b<ruby>c<rt>d</rt></ruby></rt><rp>)</rp></ruby>", "a(bc(d))"),
        ("<table><tr><th>a<th>b<tr><td>c</table>", "a  b\n-  -\nc"),
        ("<table><tr><th>a<td>b<tr><th>c<td>d<td>e</table>", "a  b\nc  d  e"),
        ("<table><caption>a</caption><tr><td>b<ul><li>c<li>d</ul></table>", "a\n\nb - c - d"),
        ("<table><tr><td>a<table><tr><td>b<td>c</table><td>d</table>", "a b c  d"),
        ("<table></table>a", "a"),
    ],
)  # fmt: skip
def test_html_has_the_shape_that_markdown_has(desk: Desk, written: str, text: str) -> None:
    assert desk.text(written).rstrip("\n") == text


def test_links_and_media_in_html_are_listed(desk: Desk) -> None:
    text = desk.text(
        '<a href="02-second.md">a</a> <iframe src="https://e.example/v" title=b></iframe>'
    )
    assert text == (
        f"a [1] b [2]\n\nLinks:\n\n[1] {ROOT_URL}articles/second/\n[2] https://e.example/v\n"
    )


def test_a_wide_table_without_headings_becomes_records_of_its_cells(desk: Desk) -> None:
    row = f"<tr><td>one<td>{'long ' * 20}"
    lines = " ".join(["long"] * 14), "  " + " ".join(["long"] * 6)
    assert desk.text(f"<table>{row}{row}</table>").splitlines() == [
        "one", *lines, "", "one", *lines
    ]  # fmt: skip


def test_a_link_around_blocks_is_numbered_where_it_can_be_seen(desk: Desk) -> None:
    for html, text in {
        '<a href="https://e.example"><div>a</div><div>b</div></a>': "a [1]\n\nb [1]",
        '<div><a href="https://e.example">\n\na\n\n</a></div>': "a\n\n[1]",
        "[](https://e.example) a": "a",
    }.items():
        assert desk.text(html).partition("\n\nLinks:")[0].rstrip("\n") == text


_ELEMENTS = """
    a b blockquote br caption code dd del details div dl dt em figcaption figure h2 h3 hr li ol p
    pre q ruby s section span summary table tbody td tfoot th thead tr u ul
    """.split()  # noqa: SIM905 - names are easier to read as words
_SOUP = st.lists(
    st.tuples(st.sampled_from(["", "/"]), st.sampled_from(_ELEMENTS), st.booleans()), max_size=40
)


@given(_SOUP)
def test_the_text_says_each_word_that_the_html_shows_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, soup: list[tuple[str, str, bool]]
) -> None:
    desk = Desk(tmp_path_factory.getbasetemp())
    tags = (
        f"<{slash}{name}>w{number}{' ' if space else ''}"
        for number, (slash, name, space) in enumerate(soup)
    )
    html = f"<div>{''.join(tags)}</div>".replace("<a>", '<a href="https://e.example">')
    shown = re.findall("w[0-9]+", re.sub("<[^>]*>", "", desk.html(html)))
    said = desk.text(html)
    # A caption is shown above its table, wherever in it it is written.
    order = sorted if "<caption>" in html else list
    assert order(re.findall("w[0-9]+", said)) == order(shown)
    assert max(map(len, said.splitlines()), default=0) <= 72 or "    w" in said


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_nesting_without_end_leaves_room_for_the_words(desk: Desk, mark: str) -> None:
    lines = desk.text(mark * 300 + "word " * 30).splitlines()
    assert max(map(len, lines)) <= 76
    assert sum(line.count("word") for line in lines) == 30


_WORDS = st.lists(
    st.text(st.sampled_from("ab\u2019\u00e9\u91dd\u3001\u0301\t\u2028\ufdd3"), max_size=40)
    | st.sampled_from(["", "https://e.example/" + "x" * 90, "word", "y" * 80]),
    max_size=30,
).map(" ".join)


@pytest.mark.parametrize(
    "address",
    [
        f"www.e.example/{'long/' * 20}",
        f"e.example/{'long/' * 20}",
        f"an.address.of.some.length@{'long.' * 20}example",
    ],
)
def test_an_address_without_its_scheme_is_never_broken(desk: Desk, address: str) -> None:
    assert f"\n{address}\n" in desk.text(f"See **it** at {address} for [more](https://{address}).")
    assert desk.text(f"[{address}](https://{address})") == f"{address}\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("见<https://e.org/a>看", "见 https://e.org/a 看"),
        ("（https://e.org/a）。", "（ https://e.org/a ）。"),
        ("<a@e.org>へ", "a@e.org へ"),
        ("(<https://e.org/a>), <https://e.org/b>", "(https://e.org/a), https://e.org/b"),
        ("<https://e.org/a><https://e.org/b>", "https://e.org/a https://e.org/b"),
        ("[见](https://e.org/a)看", "见 [1]看"),
    ],
)
def test_no_letter_stands_against_a_url_that_mail_programs_would_take_into_it(
    desk: Desk, written: str, shown: str
) -> None:
    assert desk.text(written).split("\n\nLinks")[0].rstrip("\n") == shown


def test_a_text_without_spaces_is_broken_around_a_url(desk: Desk) -> None:
    lines = desk.text(f"{'见' * 50}<https://e.org/a>{'看' * 50}").splitlines()
    assert max(map(columns, lines)) <= 72
    assert "https://e.org/a" in " ".join(lines).split(" ")


def test_a_text_without_spaces_is_broken_around_a_mail_address() -> None:
    lines = wrap("請寫信給info@e.example。" * 20, 72)
    assert max(map(columns, lines)) <= 74


@given(_WORDS, st.integers(20, 80))
def test_lines_are_filled_word_by_word(words: str, width: int) -> None:
    folded = " ".join(re.sub("[\t\u2028\u2029]", " ", words).strip(" ").split(" "))
    folded = re.sub(" +", " ", folded)
    assert wrap(words, width) == [*_wrap_words(folded, width)]
    assert wrap(f"{words}\n{words}", width) == [*_wrap_words(folded, width)] * 2


@given(st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=20), min_size=1, max_size=60))
def test_plain_words_are_wrapped_as_textwrap_wraps_them(words: list[str]) -> None:
    assert wrap(" ".join(words), 72) == textwrap.wrap(" ".join(words), 72)
