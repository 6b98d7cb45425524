from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import plugs
import pytest
from fake_mailchimp import ADDRESS, FOOTER, FakeMailchimp, merged
from fake_templates import seen, words
from hypothesis import example, given
from hypothesis import strategies as st
from samples import EMAIL, ISSUE, an_email, key

from pipeline import merge, text
from pipeline.merge import MergePoint
from pipeline.services import MailingService, Remote, literals
from pipeline.services.mailchimp import _TAG_LIKE

PLUG = plugs.MAILCHIMP


@pytest.mark.parametrize(
    ("part", "was", "now", "said"),
    [
        ("html", "Part-1", "Part-2", "its text reads otherwise"),
        ("html", "https://example.org/a?x=1", "https://example.org/b", "it lacks the address http"),
        ("html", "<span>*</span>|FNAME", "*|FNAME", "it does not hold the merge tags"),
        ("html", "*|UNSUB|*", "*|ARCHIVE|*", "it lacks the address *|UNSUB|*"),
        ("plain_text", "Part-1", "Part-2", "its plain text is another"),
    ],
)
def test_what_was_changed_in_the_content_is_named(
    service: MailingService,
    fake: FakeMailchimp,
    made: Remote,
    part: str,
    was: str,
    now: str,
    said: str,
) -> None:
    content = fake.contents[made.id]
    assert was in content[part]
    content[part] = content[part].replace(was, now)
    assert said in "; ".join(service.compare(made, EMAIL))


def test_what_was_written_is_what_every_reader_gets(
    service: MailingService, fake: FakeMailchimp, tmp_path: Path
) -> None:
    email = replace(an_email(ISSUE, "*|UNSUB|* *|IF:FNAME|*"), subject="On *|FNAME|* & more")
    made = service.draft(email, key(tmp_path, email), None)
    subject, html, plain = fake.message(made.id, "rec1@example.net")
    assert seen(subject) == email.subject
    for shown in (words(html), "".join(seen(plain).split())):
        assert "DearReader1," in shown
        assert "*|UNSUB|**|IF:FNAME|*" in shown
        assert "{{site.title}}{%ifx%}*|FNAME|*[[name]]%%first%%{{{raw}}}" in shown
        assert "".join(ADDRESS.split()) in shown
        assert "".join(FOOTER.split()) not in shown
    at = "https://weekly.us21.list-manage.com/{}?u=rec1@example.net"
    assert f'<a href="{at.format("unsubscribe")}">Unsubscribe</a>' in html
    assert f'<a href="{at.format("profile")}">Preferences</a>' in html
    assert f"Unsubscribe: {at.format('unsubscribe')}" in plain
    assert '<!--[if mso]><v:rect href="https://mailchi.mp/archive"' in html
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in html
    assert "p{color:red} @media print{a{color:blue}}" in html


FACTS = {"FNAME": "F", "UNSUB": "U", "ARCHIVE": "A", "LIST:ADDRESS": "L"}
characters = st.lists(
    st.sampled_from(["*", "|", "*|", "|*", "FNAME", "UNSUB", "*|FNAME|*", "&", "<", "\n", " "])
    | st.sampled_from(["*|IF:FNAME|*", "*|END:IF|*", "*|ELSE:|*", '"', "{{ x }}"])
    | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=12,
).map(lambda parts: text.clean("".join(parts)))


@given(characters, characters)
@example("*|FNAME|*", "")
@example("*", "|FNAME|*")
@example("*|UNSUB", "FNAME|*")
def test_no_text_is_taken_for_a_tag(before: str, after: str) -> None:
    point = MergePoint.UNSUBSCRIBE_URL
    wanted = f"{before}U{after}"
    values = {point: "*|UNSUB|*"}
    plain = f"{before}{point.neutral}{after}"
    shown = merged(merge.fill(literals.in_text(plain, _TAG_LIKE), values), FACTS)
    assert seen(shown) == seen(wanted)
    source = f'<p title="{escape(before)}">{escape(before)}{point.neutral}{escape(after)}</p>'
    html = merged(merge.fill(literals.in_html(source, _TAG_LIKE), values), FACTS)
    assert words(html) == "".join(seen(wanted).split())
