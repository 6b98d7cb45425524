"""Pages in the newsletter's language."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import mailing
import pytest
from archives import SETTINGS, WEEKLY, rendered, write

from pipeline import templating
from pipeline.emails import words as email_words

PACKAGED = templating.PACKAGE / "page_templates"
SPOKEN = sorted(file.name.partition(".")[0] for file in (PACKAGED / "words").iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, settings=SETTINGS + WEEKLY)


def page_in(root: Path, language: str) -> str:
    """The page of a first part in a newsletter of this language."""
    (root / "newsletter.toml").write_text(
        (SETTINGS + WEEKLY).replace('"en-GB"', f'"{language}"'), encoding="utf-8"
    )
    return rendered(root)["articles/one/index.html"]


def spoken(name: str) -> dict[str, object]:
    """The words and pieces of a packaged template."""
    return vars(templating.module(templating.environment([PACKAGED]), name))


def test_pages_speak_each_language_that_emails_do() -> None:
    emails = (templating.packaged_emails() / "words").glob("*.toml")
    assert sorted(file.stem for file in emails) == SPOKEN


@pytest.mark.parametrize("language", [one for one in SPOKEN if one != "en-US"])
def test_a_language_has_every_word_of_the_english_and_the_months_of_its_emails(
    language: str,
) -> None:
    own, english = spoken(f"words/{language}.html.j2"), spoken("words.html.j2")
    assert own.keys() == english.keys()
    for name, word in english.items():
        if isinstance(word, str) and not name.startswith("_"):
            assert str(own[name]).strip(), name
            assert own[name] != word or name in {"colon", "newsletter"}, name
    months = email_words.load([templating.packaged_emails()], language).months
    assert own["months"] == list(months)


def test_french_breaks_no_line_before_a_colon_and_counts_the_first_of_a_month() -> None:
    words = email_words.load([templating.packaged_emails()], "fr")
    said = [*asdict(words).values(), *spoken("words/fr.html.j2").values()]
    assert not [one for one in said if isinstance(one, str) and re.search(" [:;?!]", one)]
    assert words.on(datetime(2026, 5, 1, tzinfo=UTC)) == "1er mai 2026"
    assert words.on_weekday(datetime(2026, 5, 2, tzinfo=UTC)) == "samedi 2 mai"


def test_no_colon_of_ours_stands_against_a_french_word(tmp_path: Path) -> None:
    body = "> [!NOTE]\n> ![Carte](images/square.png) [Lien](https://a.example/)"
    french = mailing.settings(preferences_url="https://a.example/").replace('"en-GB"', '"fr"')
    notes = mailing.write(tmp_path, mailing.four_parts(body), french)
    calm = (mailing.PACKAGED / "themes/calm/theme.toml").read_text(encoding="utf-8")
    own = tmp_path / "email_templates/themes/calm/theme.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f"{calm}\n[sections]\ncontents = false\n", encoding="utf-8")
    issue, pages = mailing.email(notes, 2), rendered(tmp_path)

    said = "\n".join([issue.text, issue.html, pages["articles/2/index.html"]])
    assert "Avant\u00a0: Beginning" in issue.text
    assert "Faire suivre\u00a0: partagez" in issue.text
    assert "[Image\u00a0: Carte]" in issue.text
    words = re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", unescape(said), flags=re.DOTALL)
    assert re.findall(r".{,30}\w ?:\s.{,20}", words) == []


@pytest.mark.parametrize(
    ("language", "date", "part"),
    [
        ("de-AT", "6. Oktober 2026", "Teil 1 von 5"),
        ("fr", "6 octobre 2026", "Partie 1 sur 5"),
        ("es-MX", "6 de octubre de 2026", "Parte 1 de 5"),
        ("ar", "6 أكتوبر 2026", "الجزء 1 من 5"),
        ("he", "6 באוקטובר 2026", "חלק 1 מתוך 5"),
        ("en-US", "October 6, 2026", "Part 1 of 5"),
        ("xx", "6 October 2026", "Part 1 of 5"),
    ],
)
def test_pages_speak_the_newsletters_language(
    root: Path, language: str, date: str, part: str
) -> None:
    page = page_in(root, language)
    assert date in page
    assert part in page
    assert ("Subscribe" in page) == language.startswith(("en", "xx"))


def test_a_newsletters_own_words_come_before_those_of_its_language(root: Path) -> None:
    own = root / "page_templates"
    own.mkdir()
    (own / "words.html.j2").write_text('{% set subscribe = "Mitlesen" %}')
    page = page_in(root, "de")
    assert "Mitlesen" in page
    assert "Abonnieren" not in page
    assert "Voriger und nächster Teil" in page


def test_a_newsletter_may_bring_a_language_of_its_own(root: Path) -> None:
    words = root / "page_templates" / "words"
    words.mkdir(parents=True)
    (words / "it.html.j2").write_text('{% set subscribe = "Iscriviti" %}')
    page = page_in(root, "it-IT")
    assert "Iscriviti" in page
    assert "Previous and next part" in page
