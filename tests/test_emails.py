from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from archives import SETTINGS, URL, article, part
from mailing import (
    email,
    expect_in_both,
    expect_in_neither,
    four_parts,
    seen,
    settings,
    with_email,
    write,
)

from pipeline import text
from pipeline.config import Newsletter


@pytest.fixture
def notes(tmp_path: Path) -> Newsletter:
    """Four weekly parts of a series that announces five."""
    return write(tmp_path)


# What a reader must find.


def test_the_third_part_says_where_the_reader_stands(notes: Newsletter) -> None:
    issue = email(notes, 3)
    for said in (
        "Care in Parts · Part 3 of 5",
        "Later",
        "By Ann Lee",
        "20 October 2026",
        "1 min read",
        "View in browser",
        "The part before this was Middle. New here? Start with Beginning.",
        "Read it on the web",
        "The series so far",
        "This part",
        "The next part comes on Tuesday 27 October.",
        "Ask someone who knows",
        "You receive this because you subscribed to Northgate & Notes.",
        "Unsubscribe",
    ):
        expect_in_both(issue, said)


def test_every_link_of_the_html_stands_in_the_text(notes: Newsletter) -> None:
    issue = email(notes, 3)
    links = {unescape(one) for one in re.findall(r'href="([^"]*)"', issue.html)}
    missing = {one for one in links if one not in issue.text and not one.startswith("mailto:")}
    assert missing == set()
    assert f"{URL}issues/003-3/" in links
    assert f"{URL}series/care/" in links


def test_the_first_part_names_no_part_before_it(notes: Newsletter) -> None:
    issue = email(notes, 1)
    expect_in_neither(issue, "New here")
    expect_in_neither(issue, "Previous")
    expect_in_both(issue, "Part 1 of 5")


def test_the_second_part_links_part_one_once(notes: Newsletter) -> None:
    expect_in_both(email(notes, 2), "New here? Start with part 1, Beginning.")


def test_the_title_is_the_only_h1(notes: Newsletter) -> None:
    html = email(notes, 3).html
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", html) == ["Later"]


def test_progress_is_told_in_words_and_drawn_for_the_eye_alone(notes: Newsletter) -> None:
    html = email(notes, 3).html
    bar = re.search(r"<table[^>]*aria-hidden[^>]*>.*?</table>", html, re.DOTALL)
    assert bar
    assert [bar[0].count('class="d"'), bar[0].count('class="o"')] == [3, 2]
    expect_in_both(email(notes, 3), "Part 3 of 5")
    assert "● ● ● ○ ○" in email(notes, 3).text


def test_a_series_of_many_parts_has_a_plain_bar_and_the_nearest_parts(tmp_path: Path) -> None:
    files = {f"{n}.md": part(n, f"The part number {n}") for n in range(1, 61)}
    own = write(tmp_path, files, settings(SETTINGS.replace("parts = 5", "parts = 80")))
    issue = email(own, 60)
    assert 'width="75%"' in issue.html
    expect_in_both(issue, "All parts on the web")
    expect_in_both(issue, "The part number 59")
    expect_in_neither(issue, "The part number 40")
    assert len(issue.html) < 40_000


def test_a_series_without_a_number_of_parts_counts_only_its_own(tmp_path: Path) -> None:
    own = write(tmp_path, None, settings(SETTINGS.replace("parts = 5", "")))
    issue = email(own, 3)
    expect_in_both(issue, "Care in Parts · Part 3")
    expect_in_neither(issue, "Part 3 of")
    assert "aria-hidden" not in issue.html


def test_the_last_part_lists_all_parts_and_says_so(tmp_path: Path) -> None:
    own = write(tmp_path, None, settings(SETTINGS.replace("parts = 5", "parts = 4")))
    issue = email(own, 4)
    for said in ("The whole series", "The series is complete: 4 parts.", "Beginning", "Middle"):
        expect_in_both(issue, said)
    expect_in_neither(issue, "next part")


def test_a_series_marked_complete_ends_with_its_last_part_alone(tmp_path: Path) -> None:
    text = SETTINGS.replace("parts = 5", "complete = true")
    own = write(tmp_path, None, settings(text))
    expect_in_neither(email(own, 3), "complete")
    expect_in_both(email(own, 4), "The series is complete: 4 parts.")


# What comes next (F1: only what email.announce_next allows).


@pytest.mark.parametrize(
    ("announce", "told", "hidden"),
    [
        ("date", "The next part comes on Tuesday 27 October.", "Nearly there"),
        ("title", "Nearly there", "\0"),
        ("no", "\0", "27 October"),
    ],
)
def test_the_next_part_is_told_as_the_setting_says(
    notes: Newsletter, announce: str, told: str, hidden: str
) -> None:
    issue = email(with_email(notes, announce_next=announce), 3)
    if told != "\0":
        expect_in_both(issue, told)
    expect_in_neither(issue, hidden)
    if announce == "no":
        expect_in_neither(issue, "Nearly there")
    if announce == "title":
        expect_in_both(issue, "Next, on Tuesday 27 October")
    assert "articles/4/" not in issue.html + issue.text


def test_nothing_is_promised_where_nothing_is_planned(notes: Newsletter) -> None:
    expect_in_neither(email(notes, 4), "next part")
    expect_in_neither(email(notes, 3, told=False), "next part")


def test_a_link_to_a_part_to_come_keeps_its_words_alone(tmp_path: Path) -> None:
    files = four_parts() | {"1.md": part(1, "Beginning", "See [what follows](2.md).")}
    issue = email(write(tmp_path, files), 1)
    expect_in_both(issue, "See what follows.")
    assert "articles/2/" not in issue.html + issue.text


# A digest.


@pytest.fixture
def digest(tmp_path: Path) -> Newsletter:
    """A first part alone, then two parts and an article apart in one issue."""
    body = "Words.\n\n## A heading\n\nMore."
    files = {
        "1.md": part(1, "Beginning", body),
        "2.md": part(2, "Middle", body, date="2026-10-12 09:00", summary="Half-way there."),
        "3.md": part(3, "Later", body, date="2026-10-12 10:00"),
        "4.md": article("Apart", body, date="2026-10-13 08:00"),
    }
    return write(tmp_path, files)


def test_a_digest_begins_with_its_list(digest: Newsletter) -> None:
    issue = email(digest, 2)
    expect_in_both(issue, "In this issue")
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", issue.html) == ["In this issue"]
    titles = re.findall(r"<h2 lang[^>]*>([^<]*)</h2>", issue.html)
    assert titles == ["Middle", "Later", "Apart"]
    assert len(re.findall(r"<h3[^>]*>A heading</h3>", issue.html)) == 3
    assert issue.text.index("In this issue") < issue.text.index("Half-way there.")
    assert issue.subject == "Middle and 2 more"
    assert issue.preheader.startswith("Later, Apart")


def test_the_list_of_a_digest_tells_two_series_apart(tmp_path: Path) -> None:
    two = settings(SETTINGS + '\n[series.rest]\ntitle = "Rest & Sleep"\n')
    files = {
        "1.md": part(1, "Ours", "Words.", date="2026-10-06 08:00"),
        "theirs.md": part(1, "Theirs", "Words.", date="2026-10-06 08:30", series="rest"),
        "apart.md": article("Apart", "Words.", date="2026-10-06 09:00"),
    }
    issue = email(write(tmp_path, files, two), 1)
    listed = seen(issue.html).partition("By Ann Lee")[0]
    assert listed.count("Care in Parts · Part 1 of 5 Ours") == 2
    assert "Rest & Sleep · Part 1 Theirs" in listed
    assert "* Rest & Sleep · Part 1: Theirs\n" in issue.text
    assert "* Apart\n" in issue.text


def test_a_digest_that_lists_all_it_holds_promises_no_more(digest: Newsletter) -> None:
    expect_in_neither(email(digest, 2), "more on the web")


def test_a_digest_says_its_notice_and_its_series_once(digest: Newsletter) -> None:
    issue = email(digest, 2)
    for said in ("who knows", "The series so far"):
        assert seen(issue.html).count(said) == 1
        assert text.one_line(issue.text).count(said) == 1
    expect_in_both(issue, "Part 3 of 5")


def test_the_layout_can_be_chosen(digest: Newsletter, notes: Newsletter) -> None:
    expect_in_both(email(with_email(notes, layout="digest"), 1), "In this issue")
    expect_in_neither(email(with_email(digest, layout="part"), 2), "In this issue")


# Subject and preheader.


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("{title}", "Later"),
        ("{series} {part}/{parts}: {title}", "Care in Parts 3/5: Later"),
        ("{newsletter} #{number}", "Northgate & Notes #3"),
        ("{{x}} {title}", "{x} Later"),
        ("", "Later"),
    ],
)
def test_the_subject_follows_its_pattern(notes: Newsletter, pattern: str, subject: str) -> None:
    assert email(with_email(notes, subject=pattern), 3).subject == subject


def test_a_subject_whose_fields_have_no_value_is_the_title(tmp_path: Path) -> None:
    files = {"a.md": article("Apart", date="2026-10-06 08:00")}
    own = write(tmp_path, files, settings(subject="{series} {part}: {title}"))
    assert email(own, 1).subject == "Apart"


def test_a_title_of_700_characters_is_cut_in_the_subject_alone(tmp_path: Path) -> None:
    title = "A very long title " * 40
    issue = email(write(tmp_path, {"1.md": part(1, title.strip())}), 1)
    assert len(issue.subject) <= 200
    assert issue.subject.endswith("…")
    assert title.strip() in seen(issue.html)


@pytest.mark.parametrize(
    ("summary", "preheader"),
    [
        (
            "A summary of just the right length for it.",
            "A summary of just the right length for it.",
        ),
        ("Beginning", "Part 1 of 5 · Care in Parts · Northgate & Notes"),
        ("Short.", "Short. · Part 1 of 5 · Care in Parts"),
        ("word " * 100, "word " * 26 + "word…"),
    ],
)
def test_the_preheader_fills_its_room_and_never_repeats_the_subject(
    tmp_path: Path, summary: str, preheader: str
) -> None:
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", "x", summary=summary)}), 1)
    assert issue.preheader == preheader
    assert 30 <= len(issue.preheader) <= 140


def test_the_preheader_comes_first_and_is_hidden(notes: Newsletter) -> None:
    issue = email(notes, 1)
    hidden = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">'
    assert f"{hidden}{issue.preheader}</div>" in issue.html
    assert issue.html.index(hidden) < issue.html.index("<table")
