from __future__ import annotations

from pathlib import Path

import mailing
import pytest
from archives import SETTINGS, part

from pipeline import build, plan
from pipeline.config import Newsletter

SUMMARY = "What this part is about, in a sentence that an inbox has room for."


def found(of: Newsletter, number: int) -> list[str]:
    """What the lint finds in an issue of a newsletter."""
    planned = plan.load(of)
    issue = planned.catalogue.issues[number - 1]
    seen, _ = plan.published(planned, issue.date)
    email = build.email_of(planned, seen, issue)
    return [str(one) for one in build.linted(email, seen, of.output_dir)]


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_the_worst_article_and_the_part_after_it_give_no_finding(
    tmp_path: Path, theme: str
) -> None:
    files = {
        "1.md": part(1, "Beginning", mailing.TORTURE, summary=SUMMARY),
        "2.md": part(2, "Middle", "## A heading\n\nSome words.", summary=SUMMARY),
    }
    of = mailing.write(tmp_path, files, mailing.settings(theme=theme))
    assert found(of, 1) == []
    assert found(of, 2) == []


@pytest.mark.parametrize(
    "body",
    [
        '![A chart](https://pictures.example/a.png "A caption")',
        "| a | b |\n|---|---|\n| c | d |",
        "```\ncode()\n```",
        "",
    ],
    ids=["picture", "table", "code", "nothing"],
)
def test_an_article_without_running_text_gives_no_finding(tmp_path: Path, body: str) -> None:
    files = {"1.md": part(1, "Beginning", body, summary=SUMMARY)}
    assert found(mailing.write(tmp_path, files), 1) == []


@pytest.mark.parametrize(
    "link", ["www.example.com/a", "[example.com/a](https://example.com/a)", "<a@b.example>"]
)
def test_an_address_that_is_its_own_text_gives_no_finding(tmp_path: Path, link: str) -> None:
    files = {"1.md": part(1, "Beginning", f"See {link} for more.", summary=SUMMARY)}
    assert found(mailing.write(tmp_path, files), 1) == []


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_a_captioned_table_gives_no_finding(tmp_path: Path, theme: str) -> None:
    table = '<table><caption>Doses</caption><tr><th scope="col">a</th></tr><tr><td>b</td></tr>'
    files = {"1.md": part(1, "Beginning", f"Some words.\n\n{table}</table>", summary=SUMMARY)}
    assert found(mailing.write(tmp_path, files, mailing.settings(theme=theme)), 1) == []


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_a_digest_with_tagged_links_gives_no_finding(tmp_path: Path, theme: str) -> None:
    day = {"date": "2026-10-06 08:00", "summary": SUMMARY}
    files = {
        "1.md": part(1, "Beginning", "## A heading\n\nSee [part two](2.md).", **day),
        "2.md": part(2, "Middle", "Some words.", **day | {"date": "2026-10-06 08:30"}),
    }
    of = mailing.write(tmp_path, files, mailing.settings(theme=theme, utm=True))
    assert found(of, 1) == []


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_a_newsletter_from_right_to_left_gives_no_finding(tmp_path: Path, theme: str) -> None:
    arabic = SETTINGS.replace('language = "en-GB"', 'language = "ar"')
    words = "العناية جزءا جزءا، وما الذي يأتي بعد ذلك في الأسبوع القادم."
    files = {"1.md": part(1, "العناية", f"## عنوان\n\n{words * 9}", summary=words)}
    files["2.md"] = part(2, "الجزء الثاني", words, summary=words)
    of = mailing.write(tmp_path, files, mailing.settings(arabic, theme=theme))
    assert found(of, 1) == []
    assert found(of, 2) == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("hi", "हिन्दी में लिखा हुआ यह एक बहुत लंबा अनुच्छेद है जिसमें मात्राएँ हैं। "),
        ("he", "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם וְאֵת הָאָרֶץ׃ "),
        ("ja", "日本語の文章には空白がなく、一文字が二桁の幅を取ります。"),
    ],
)
def test_lines_of_letters_with_marks_and_of_wide_ones_give_no_finding(
    tmp_path: Path, lang: str, words: str
) -> None:
    files = {"1.md": part(1, "Beginning", words * 9, summary=SUMMARY, lang=lang)}
    assert found(mailing.write(tmp_path, files), 1) == []


def test_a_summary_in_place_of_the_article_gives_no_finding(tmp_path: Path) -> None:
    files = {"1.md": part(1, "Beginning", mailing.TORTURE, summary=SUMMARY)}
    of = mailing.write(tmp_path, files, mailing.settings(length="summary"))
    assert found(of, 1) == []


def test_an_article_too_long_for_a_mail_is_cut_and_gives_no_finding(tmp_path: Path) -> None:
    long = "\n\n".join(f"## Heading {n}\n\n{'Many words, one by one. ' * 90}" for n in range(60))
    of = mailing.write(tmp_path, {"1.md": part(1, "Beginning", long, summary=SUMMARY)})
    assert found(of, 1) == []


@pytest.mark.parametrize(
    "table",
    [
        "|   |   |\n|---|---|\n| Tea | 1 |",
        '<table><tr><td colspan="2">Tea</td></tr><tr><td>a</td><td>b</td></tr></table>',
        '<table lang="fr"><tr><td>thé</td><td>1</td></tr></table>',
    ],
)
def test_a_table_without_headings_gives_no_finding(tmp_path: Path, table: str) -> None:
    """As `partwork import` makes of tables of other programs, which often have none."""
    files = {"1.md": part(1, "Beginning", f"Some words.\n\n{table}", summary=SUMMARY)}
    assert found(mailing.write(tmp_path, files), 1) == []
