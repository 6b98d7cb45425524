from __future__ import annotations

import re
from pathlib import Path

import pytest
from archives import article, part
from hypothesis import given
from hypothesis import strategies as st
from mailing import (
    email,
    expect_in_both,
    expect_in_neither,
    seen,
    settings,
    write,
)

from pipeline.emails import length
from pipeline.emails.bodies import Bodies
from pipeline.emails.cut import LIMIT, TARGET, cut, shares

LONG = "\n\n".join(
    f"## Heading {number}\n\n" + "\n\n".join("A sentence of the article. " * 20 for _ in range(6))
    for number in range(40)
)


def test_a_long_article_is_cut_at_a_heading_and_the_cut_is_told(tmp_path: Path) -> None:
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", LONG)}), 1)
    assert len(issue.html.encode()) <= TARGET + 2_000
    assert "Continue reading" in seen(issue.html)
    last = re.findall(r"Heading (\d+)</h2>", issue.html)[-1]
    after = issue.html.partition(f"Heading {last}</h2>")[2]
    assert after.partition("<h2")[0].count("A sentence of the article.") == 120
    [problem] = issue.warnings
    assert (problem.rule, problem.severity, problem.path) == (
        "email-cut",
        "warning",
        "articles/1.md",
    )
    assert f"Heading {last}\n" in issue.text
    assert f"Heading {int(last) + 1}\n" not in issue.text
    expect_in_both(issue, "Continue reading")


def test_a_cut_text_keeps_the_links_it_needs(tmp_path: Path) -> None:
    body = "See [this][one] and that[^note].\n\n" + LONG
    body += "\n\n[one]: https://elsewhere.example/one\n[two]: https://elsewhere.example/two\n"
    body += "\n[^note]: A note on that.\n"
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", body)}), 1)
    assert "[1] https://elsewhere.example/one" in issue.text
    assert "A note on that." in issue.text
    assert "elsewhere.example/two" not in issue.text


def test_a_cut_text_says_what_the_cut_html_says_and_the_notes_it_refers_to(tmp_path: Path) -> None:
    blocks = [
        f"Word{n}.{f'[^n{n}]' if n % 50 == 0 else ''} <abbr>x</abbr>\n\n| Cell{n} | b |\n|--|--|\n"
        for n in range(1, 500)
    ]
    blocks += [f"[^n{n}]: Note{n}." for n in range(50, 500, 50)]
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", "\n\n".join(blocks))}), 1)
    said = re.findall(r"(?:Word|Cell)\d+", issue.text)
    preheader, *shown = re.findall(r"(?:Word|Cell)\d+", seen(issue.html))
    assert (preheader, said) == ("Word1", shown)
    assert len(said) > 50
    referred = re.findall(r"Word(\d+)\.\[\^", issue.text)
    assert referred
    assert re.findall(r"Note(\d+)\.", issue.text) == referred


def test_a_cut_text_keeps_a_note_whole_with_the_links_in_it(tmp_path: Path) -> None:
    body = "See that[^note].\n\n" + LONG
    body += "\n\n[^note]: A note that goes on\nthrough a [second][one] line,"
    body += "\n    a third,\n\n    and a paragraph.\n\n    - An item.\n\nThe end.\n"
    body += "\n[one]: https://elsewhere.example/one\n"
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", body)}), 1)
    note = "[^1] A note that goes on through a second [1] line, a third,\n\n     and a paragraph."
    assert f"{note}\n\n     - An item.\n" in issue.text
    assert "[1] https://elsewhere.example/one" in issue.text
    assert "The end." not in issue.text


def test_a_body_of_five_megabytes_is_cut_in_both_parts(tmp_path: Path) -> None:
    body = "One sentence after another, for ever and ever. " * 100_000
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", body, summary="Long.")}), 1)
    assert len(issue.html) + len(issue.text) < LIMIT
    many = email(write(tmp_path, {"1.md": part(1, "Beginning", LONG * 30)}), 1)
    assert len(many.html.encode()) < LIMIT
    assert len(many.text.encode()) < LIMIT


@pytest.mark.parametrize("length", ["auto", "summary"])
def test_an_issue_of_far_too_many_articles_lists_them(tmp_path: Path, length: str) -> None:
    day = "2026-10-01 09:00"
    files = {f"{n:03}.md": article(f"Title {n}", LONG[:5000], date=day) for n in range(120)}
    issue = email(write(tmp_path, files, settings(length=length)), 1)
    assert len(issue.html.encode()) < LIMIT
    assert len(issue.text.encode()) < LIMIT
    expect_in_both(issue, "In this issue")
    expect_in_both(issue, "And 80 more on the web")
    expect_in_neither(issue, "Heading 1")
    assert "120 articles" in issue.warnings[0].message


@pytest.mark.parametrize("count", [21, 22, 23, 24, 25, 26, 60])
@pytest.mark.parametrize("said", ["", "A summary of some length. " * 9], ids=["none", "long"])
def test_a_digest_overflows_by_itself_as_it_does_with_its_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, said: str
) -> None:
    files = {
        f"{n:03}.md": article(f"Title {n}", LONG[:3000], date="2026-10-01 09:00", summary=said)
        for n in range(count)
    }
    notes = write(tmp_path, files)
    asked = email(notes, 1)
    monkeypatch.setattr(length, "MANY", 10_000)
    assert email(notes, 1) == asked


def test_articles_that_no_mail_has_room_for_are_not_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "2026-10-01 09:00"
    files = {f"{n:03}.md": article(f"Title {n}", LONG[:500], date=day) for n in range(120)}
    notes = write(tmp_path, files)
    monkeypatch.setattr(Bodies, "whole", None)
    expect_in_both(email(notes, 1), "And 80 more on the web")


def test_full_is_never_cut_but_warned_of(tmp_path: Path) -> None:
    own = write(tmp_path, {"1.md": part(1, "Beginning", LONG)}, settings(length="full"))
    issue = email(own, 1)
    assert "Heading 39" in issue.html
    assert [one.rule for one in issue.warnings] == ["email-size"]


@pytest.mark.parametrize("length", ["auto", "summary"])
def test_what_is_not_the_whole_says_so_in_both_parts(tmp_path: Path, length: str) -> None:
    body = LONG if length == "auto" else "A short article."
    file = part(1, "Beginning", body, summary="It is short & good.")
    issue = email(write(tmp_path, {"1.md": file}, settings(length=length)), 1)
    expect_in_both(issue, "The rest is on the web.")
    expect_in_neither(issue, "too long")


def test_summary_shows_the_summary_alone_in_both_parts(tmp_path: Path) -> None:
    file = part(1, "Beginning", LONG, summary="It is short & good.")
    issue = email(write(tmp_path, {"1.md": file}, settings(length="summary")), 1)
    expect_in_both(issue, "It is short & good.")
    expect_in_both(issue, "Continue reading")
    expect_in_neither(issue, "Heading 1")


def test_one_block_that_never_fits_leaves_the_summary(tmp_path: Path) -> None:
    body = "```\n" + "a long line of code\n" * 8000 + "```\n"
    file = part(1, "Beginning", body, summary="What it is about, in a few words.")
    issue = email(write(tmp_path, {"1.md": file}), 1)
    assert "What it is about, in a few words." in seen(issue.html)
    assert len(issue.html.encode()) < TARGET
    assert issue.warnings[0].rule == "email-cut"


@pytest.mark.parametrize("sizes", [(1, 1, 300), (200, 200, 200), (5, 80, 400)])
def test_a_long_digest_cuts_only_what_is_long(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    sentence = "One more sentence of this article. " * 20
    files = {
        f"{n}.md": part(n, f"Title {n}", "\n\n".join([sentence] * size), date=f"2026-10-05 0{n}:00")
        for n, size in enumerate(sizes, 1)
    }
    issue = email(write(tmp_path, files), 1)
    assert len(issue.html.encode()) <= LIMIT
    cut_ones = {one.path for one in issue.warnings}
    assert "articles/3.md" in cut_ones
    assert (sizes[0] > 100) == ("articles/1.md" in cut_ones)


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 10_000), min_size=1),
    st.integers(-100, 20_000),
)
def test_shares_fit_and_waste_nothing(sizes: dict[str, int], budget: int) -> None:
    given_ = shares(sizes, budget)
    assert sum(given_.values()) <= max(0, budget)
    assert all(0 <= given_[key] <= size for key, size in sizes.items())
    if sum(sizes.values()) <= budget:
        assert given_ == sizes
    else:
        assert sum(given_.values()) > budget - len(sizes)


@given(
    st.lists(st.sampled_from(["<h2>H</h2>", "<p>a</p>", "<ul><li><h3>i</h3></li></ul>", "<hr>"]))
)
def test_a_cut_body_is_whole_blocks_and_ends_in_no_heading(blocks: list[str]) -> None:
    html = "\n".join(blocks)
    for budget in range(0, 3 * len(html), 19):
        beginning = cut(html, budget, lambda part: 3 * len(part))
        if beginning is None:
            continue
        assert 0 < 3 * len(beginning) <= budget
        assert html.startswith(beginning)
        assert beginning.split() == "\n".join(blocks[: len(beginning.split("\n")) - 1]).split()
        assert not beginning.rstrip().endswith("</h2>")
