from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lint.faults import FAULTS, IVF, LINK
from lint.good import Letter, broken, findings, good, sample
from pipeline import lint
from pipeline.config import LintSetting


def test_a_good_issue_gives_no_finding() -> None:
    assert findings(good()) == ()


@pytest.mark.parametrize(
    ("rule", "fault"), FAULTS, ids=[f"{rule}-{at}" for at, (rule, _) in enumerate(FAULTS)]
)
def test_a_fault_breaks_its_rule_and_no_other(rule: str, fault: Callable[[Letter], Letter]) -> None:
    assert broken(fault(good())) == {rule}


def test_every_rule_is_proved_by_a_fault() -> None:
    assert {rule for rule, _ in FAULTS} == set(lint.RULES)


def test_a_message_shows_no_merge_point_raw() -> None:
    spoilt = replace(good(), text=good().text.replace("\ufdd1unsubscribe_url\ufdd2", ""))
    (found,) = findings(spoilt)
    assert "{unsubscribe_url}" in found.message


def test_the_same_fault_is_told_once() -> None:
    twice = good().with_words('<p style="color:#999">Pale</p><p style="color:#999">Paler</p>')
    assert len(findings(twice)) == 1


def test_each_scheme_is_told_apart() -> None:
    light = findings(good().with_words('<p><span style="color:#999999">Pale</span></p>'))
    dark = findings(good().with_words('<p><span style="color:#22302e">Dark</span></p>'))
    assert ["light" in one.message for one in light] == [True]
    assert ["dark" in one.message for one in dark] == [True]


def test_large_text_needs_less_contrast() -> None:
    grey = '<p style="color:#8a8a8a!important;{}">Some words</p>'
    light = '<div style="background:#fff!important">{}</div>'
    assert broken(good().with_words(light.format(grey.format("font-size:24px")))) == set()
    assert (
        broken(good().with_words(light.format(grey.format("font-size:19px;font-weight:bold"))))
        == set()
    )
    assert broken(good().with_words(light.format(grey.format("font-size:23px")))) == {"contrast"}


def test_hidden_text_needs_no_contrast() -> None:
    hidden = '<div style="display:none;color:#fff">{}</div>'
    assert broken(good().with_words(hidden.format("Unseen <b>words</b>"))) == set()


def test_what_an_author_wrote_with_backslashes_is_no_escape() -> None:
    letter = good().spoilt('alt="Side', 'alt="C:\\new \\" Side')
    _, settings, where = sample()
    meant = replace(where, written=(*where.written, 'C:\\new \\"'))
    assert lint.lint(letter, settings, meant) != ()
    assert broken(letter) == {"escape-in-attribute"}
    kept = good().spoilt('alt="Side', 'alt="C:\\new Side')
    assert lint.lint(kept, settings, replace(where, written=("C:\\new",))) == ()


def test_an_entity_that_the_article_is_about_may_stand_in_the_text() -> None:
    letter = good().with_words("<p>Write <code>&amp;nbsp;</code> for a space.</p>")
    assert broken(replace(letter, text=f"{letter.text}\nWrite &nbsp; for a space.\n")) == set()


def test_urls_code_and_single_words_may_be_long() -> None:
    lines = [
        f"See https://example.org/{'x' * 90} there.",
        f"    code {'that goes on ' * 9}",
        f">     code {'that goes on ' * 9}",
        f"  - {'x' * 90}",
        f"[12] {'x' * 90}",
    ]
    assert broken(replace(good(), text=good().text + "\n".join(lines))) == set()


def test_tagged_links_are_found_in_an_untagged_text() -> None:
    tagged = f"{IVF}?utm_source=x&amp;utm_medium=email&amp;utm_campaign=2"
    assert broken(good().spoilt(f'href="{IVF}"', f'href="{tagged}"', -1)) == set()


def test_a_button_is_no_link_without_underline() -> None:
    button = LINK.replace("underline", "none;background:#ffffff")
    assert broken(good().with_words(f"{button}Go to part one</a>")) <= {"contrast"}


def test_a_short_article_over_a_long_notice_is_no_small_print() -> None:
    notice = '<p style="font-size:15px">A long notice. It goes on.</p>' * 60
    letter = good().with_words(notice)
    assert broken(replace(letter, text=letter.text + "A long notice. It goes on.\n" * 60)) == set()


def test_a_rule_can_be_ignored_or_turned_up_or_down() -> None:
    letter = good().with_words('<div style="opacity:.9">x</div>')
    (found,) = findings(letter)
    assert found.severity == "warning"
    ignored = LintSetting(severity="ignore", reason="few read it there")
    assert findings(letter, client_support_outlook=ignored) == ()
    assert findings(letter, css_opacity=ignored) == ()
    (louder,) = findings(letter, css_opacity=LintSetting(severity="error"))
    assert louder.severity == "error"
    (still,) = findings(letter, css_filter=ignored)
    assert still == found
