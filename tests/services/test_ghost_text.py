from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

import plugs
import pytest
from fake_ghost import FakeGhost
from fake_ghost_editor import lexical, received
from fake_templates import seen, words
from fakes import served
from hypothesis import example, given
from hypothesis import strategies as st
from samples import a_newsletter, an_email, an_issue

from pipeline import merge, text
from pipeline.emails import Email
from pipeline.merge import MergePoint
from pipeline.services import (
    MailingService,
    Remote,
    key_of,
    literals,
)
from pipeline.services.ghost import _TAG_LIKE
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)


def a_draft(root: Path, fake: FakeGhost, email: Email = EMAIL) -> tuple[MailingService, Remote]:
    newsletter = a_newsletter(root, plugs.ghost(fake.url))
    service = open_service("weekly", newsletter, dict(plugs.GHOST.environ))
    return service, service.draft(email, key_of(newsletter, ISSUE, email), None)


@pytest.fixture
def fake() -> Iterator[FakeGhost]:
    with served(FakeGhost) as fake:
        yield fake


def test_the_editor_keeps_what_the_real_one_kept() -> None:
    given_html = (
        '<!--kg-card-begin: html--><div class="x" style="color:#123"><table role="presentation">'
        '<tr><td><p>Hi {first_name, "friend"}</p><!--[if mso]>m<![endif]--><p>code {{ x }}'
        "</p></td></tr></table></div><!--kg-card-end: html--><p>para <b>bold</b></p>"
    )
    card, paragraph = json.loads(lexical(given_html))["root"]["children"]
    assert card["html"] == (
        '<div class="x" style="color:#123"><table role="presentation"><tbody><tr><td><p>Hi'
        ' {first_name, "friend"}</p><!--[if mso]>m<![endif]--><p>code {{ x }}</p></td></tr>'
        "</tbody></table></div>"
    )
    assert paragraph["type"] == "paragraph"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("Part-1", "Part-2", "its text reads otherwise"),
        ("https://example.org/a?x=1", "https://example.org/b", "it lacks the address https://e"),
        ("%\u2060%{", "%%{", "its text reads otherwise"),
        ("%%{unsubscribe_url}%%", "#", "it lacks the address %%{unsubscribe_url}%%"),
    ],
)
def test_what_was_changed_in_the_body_is_named(
    fake: FakeGhost, tmp_path: Path, was: str, now: str, said: str
) -> None:
    email = an_email(ISSUE, "%%{name}%%")
    service, made = a_draft(tmp_path, fake, email)
    [post] = fake.stored()
    document = json.loads(post["lexical"])
    card = document["root"]["children"][0]
    assert was in card["html"]
    card["html"] = card["html"].replace(was, now)
    post["lexical"] = json.dumps(document)
    assert said in "; ".join(service.compare(made, email))


def test_what_was_written_is_what_every_member_gets(fake: FakeGhost, tmp_path: Path) -> None:
    typed = "%%{unsubscribe_url}%% %%{list_unsubscribe}%% %recipient.uuid% %unsubscribe_url%"
    a_draft(tmp_path, fake, an_email(ISSUE, typed))
    html, plain = fake.message(fake.stored()[0], "m1@example.net")
    at = f"{fake.url}/unsubscribe/?uuid=m1@example.net"
    for shown in (words(html), "".join(seen(plain).split())):
        assert "DearMem1," in shown
        assert "".join(typed.split()) in shown
        assert "{{site.title}}{%ifx%}*|FNAME|*[[name]]%%first%%{{{raw}}}" in shown
        assert "ExamplePress,1HighStreet<Ely>" in shown
    assert f'<a href="{at}">Unsubscribe</a>' in html
    assert f'<a href="{fake.url}/#/portal/account">Preferences</a>' in html
    assert '<!--[if mso]><v:rect href="https://example.org/issues/' in html
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in html
    assert "@media print{a{color:blue}}" in html


def test_a_member_without_a_name_is_greeted_all_the_same(fake: FakeGhost, tmp_path: Path) -> None:
    fake.members["nobody@example.net"] = ("", "default-newsletter")
    a_draft(tmp_path, fake)
    html, plain = fake.message(fake.stored()[0], "nobody@example.net")
    assert "<p>Dear reader,</p>" in html
    assert "Dear reader," in plain


FACTS = {"unsubscribe_url": "U", "list_unsubscribe": "L", "first_name": "F", "uuid": "I"}
characters = st.lists(
    st.sampled_from(["%", "%%{", "}%%", "{", "}", "unsubscribe_url", "first_name", '"', ","])
    | st.sampled_from(["%recipient.uuid%", "list_unsubscribe", "&", "<", "\n", " ", "uuid"])
    | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=12,
).map(lambda parts: text.clean("".join(parts)))


@given(characters, st.sampled_from([*MergePoint]))
@example("%%{unsubscribe_url}%%", MergePoint.UNSUBSCRIBE_URL)
@example("%", MergePoint.UNSUBSCRIBE_URL)
def test_no_text_is_taken_for_a_tag(typed: str, point: MergePoint) -> None:
    values = dict.fromkeys(MergePoint, "%%{unsubscribe_url}%%")
    source = f'<div title="{escape(typed)}">{escape(typed)}{point.neutral}|</div>'
    card = merge.fill(literals.in_text(source, _TAG_LIKE), values)
    document = lexical(f"<!--kg-card-begin: html-->{card}<!--kg-card-end: html-->")
    html, plain = received(document, FACTS)
    for shown in (words(html), "".join(seen(plain).split())):
        assert shown == "".join(seen(f"{typed}U|").split())
