from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from archives import URL, part
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mailing import (
    LOOK_ALIKES,
    email,
    expect_in_both,
    four_parts,
    seen,
    settings,
    with_email,
    write,
)

from pipeline import emails, text
from pipeline.config import Newsletter
from pipeline.emails import campaign
from pipeline.merge import MergePoint, fill, used


@pytest.fixture
def notes(tmp_path: Path) -> Newsletter:
    """Four weekly parts of a series that announces five."""
    return write(tmp_path)


# Personal touches.


def test_merge_points_stay_neutral_until_they_are_filled(notes: Newsletter) -> None:
    own = with_email(
        notes, greeting="Dear {first_name},", preferences_url="https://northgate.example/p"
    )
    issue = email(own, 1)
    wanted = {
        MergePoint.FIRST_NAME,
        MergePoint.UNSUBSCRIBE_URL,
        MergePoint.PREFERENCES_URL,
        MergePoint.ADDRESS,
    }
    assert set(used(issue.html)) == set(used(issue.text)) == wanted
    assert f'href="{MergePoint.UNSUBSCRIBE_URL.neutral}"' in issue.html
    filled = fill(issue.html, {point: f"[{point}]" for point in MergePoint})
    assert 'href="[unsubscribe_url]"' in filled
    assert "Dear [first_name]," in filled


def test_files_hold_stand_ins_for_everybody(notes: Newsletter) -> None:
    own = with_email(notes, greeting="Dear {first_name},", address="A & B")
    files = dict(emails.files(email(own, 1), own))
    assert list(files) == ["issues/001-1/email.html", "issues/001-1/email.txt"]
    html, plain = (one.decode() for one in files.values())
    assert "Dear reader," in html
    assert "A &amp; B" in html
    assert "A & B" in plain
    assert 'href="https://northgate.example/unsubscribe"' in html
    assert not re.search("[\ufdd0-\ufdd5]", html + plain)


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({}, "https://northgate.example/unsubscribe"),
        ({"unsubscribe_url": ""}, "mailto:unsubscribe@northgate.example"),
        ({"unsubscribe_url": "", "unsubscribe_mailto": ""}, URL),
    ],
)
def test_unsubscribing_always_leads_somewhere(
    notes: Newsletter, changes: dict[str, str], target: str
) -> None:
    own = with_email(notes, **changes)
    assert emails.stand_ins(email(own, 1), own)[MergePoint.UNSUBSCRIBE_URL] == target


def test_utm_marks_our_own_pages_and_nothing_else(tmp_path: Path) -> None:
    body = (
        f"[a]({URL}x?q=1#end), [b](https://elsewhere.example/), [c](1.md) and"
        f" [d]({URL.replace('notes', 'notes2')})."
    )
    files = four_parts() | {"2.md": part(2, "Middle", body)}
    issue = email(write(tmp_path, files, settings(utm=True)), 2)
    query = "utm_source=northgate-notes&utm_medium=email&utm_campaign=002-2"
    links = {unescape(one) for one in re.findall(r'href="([^"]*)"', issue.html)}
    for url in (
        f"{URL}x?q=1&{query}#end",
        f"{URL}articles/1/?{query}",
        f"{URL}issues/002-2/?{query}",
        f"{URL}series/care/?{query}",
        "https://elsewhere.example/",
        "https://northgate.example/notes2/",
        f"{URL}feed.xml",
        MergePoint.UNSUBSCRIBE_URL.neutral,
    ):
        assert url in links
    assert "utm_" not in email(write(tmp_path, files, settings()), 2).html


@given(
    st.from_regex(r"[a-z0-9/]{0,8}(\?[a-z=&]{1,8})?(#[a-z]{1,5})?", fullmatch=True),
)
def test_utm_keeps_path_query_and_fragment(tail: str) -> None:
    marked = campaign.tagged(URL + tail, URL, "utm_medium=email")
    before, _, fragment = (URL + tail).partition("#")
    assert marked.startswith(before)
    assert marked.partition("#")[2] == fragment
    assert marked.partition("#")[0].endswith("utm_medium=email")


# Articles are data (S1).


def test_look_alikes_reach_the_reader_as_typed(tmp_path: Path) -> None:
    title = " ".join(LOOK_ALIKES)
    body = "\n\n".join(f"`{one}`" for one in LOOK_ALIKES)
    files = four_parts() | {
        "2.md": part(2, title, body, summary=title, image="images/square.png", image_alt=title)
    }
    own = write(tmp_path, files)
    issue = email(own, 2)
    expect_in_both(issue, title)
    assert issue.subject == title
    for one in LOOK_ALIKES:
        assert one in seen(issue.html)
        assert f"`{one}`" in issue.text
    assert set(used(issue.html)) == {MergePoint.UNSUBSCRIBE_URL, MergePoint.ADDRESS}
    expect_in_both(email(own, 3), title)


@hypothesis_settings(max_examples=25, deadline=None)
@given(title=st.text(min_size=1), said=st.text())
def test_any_title_and_summary_arrive_whole(
    tmp_path_factory: pytest.TempPathFactory, title: str, said: str
) -> None:
    if not text.one_line(title):
        return
    file = part(1, title, summary=said, image="images/square.png", image_alt="alt" + title)
    issue = email(write(tmp_path_factory.mktemp("n"), {"1.md": file.replace("\0", "")}), 1)
    clean = text.one_line(title)
    assert clean in seen(issue.html)
    assert re.search(f'alt="([^"]*{re.escape(Safe.of(clean))})"', issue.html)
    assert clean.replace(" ", "") in re.sub(r"\s", "", issue.text)


class Safe:
    """How a value stands in an attribute after mrml."""

    @staticmethod
    def of(value: str) -> str:
        table = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;"}
        return "".join(table.get(char, char) for char in value)
