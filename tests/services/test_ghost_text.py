from __future__ import annotations

import json
from html import escape
from pathlib import Path

import plugs
import pytest
from fake_ghost import FakeGhost
from fake_ghost_editor import lexical, received
from fake_templates import seen, words
from hypothesis import example, given
from hypothesis import strategies as st
from samples import ISSUE, an_email, key

from pipeline import merge, text
from pipeline.merge import MergePoint
from pipeline.services import MailingService, literals
from pipeline.services.ghost import _TAG_LIKE

PLUG = plugs.GHOST


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
    service: MailingService, fake: FakeGhost, tmp_path: Path, was: str, now: str, said: str
) -> None:
    email = an_email(ISSUE, "%%{name}%%")
    made = service.draft(email, key(tmp_path, email), None)
    post = fake.only()
    document = json.loads(post["lexical"])
    card = document["root"]["children"][0]
    assert was in card["html"]
    card["html"] = card["html"].replace(was, now)
    post["lexical"] = json.dumps(document)
    assert said in "; ".join(service.compare(made, email))


def test_what_was_written_is_what_every_member_gets(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    typed = "%%{unsubscribe_url}%% %%{list_unsubscribe}%% %recipient.uuid% %unsubscribe_url%"
    email = an_email(ISSUE, typed)
    service.draft(email, key(tmp_path, email), None)
    html, plain = fake.message(fake.only(), "m1@example.net")
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
