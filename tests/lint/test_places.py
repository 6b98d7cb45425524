from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from folders import NOW, SENDER, SETTINGS, article, write

from lint.good import LATER, ROOT, findings, good
from pipeline import emails, lint, newsletter, plan
from pipeline.text import MERGE_START

ARTICLE = "articles/02-acupuncture-for-sciatica.md"
NICE = "https://www.nice.org.uk/guidance/ng59"


def _line(words: str) -> int:
    """The line of the article that holds these words."""
    lines = (ROOT / ARTICLE).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def linted(root: Path, text: str, settings: str = SETTINGS + SENDER) -> tuple[lint.Problem, ...]:
    """What the lint finds in the issue of one article."""
    write(root, {"newsletter.toml": settings, "articles/01-one.md": text})
    outlet = newsletter.load(root)
    seen, _ = plan.published(plan.load(outlet), NOW)
    (issue,) = seen.issues
    return lint.lint(emails.render(seen, issue), outlet, lint.places_of(seen, issue, "output"))


def _place(letter: object) -> tuple[str, int | None]:
    (found,) = findings(letter)  # type: ignore[arg-type]
    return found.path, found.line


def test_a_link_of_an_article_is_named_by_file_and_line() -> None:
    assert _place(good().with_text(NICE, "")) == (ARTICLE, _line(NICE))


def test_a_tagged_link_of_an_article_is_found_too() -> None:
    tagged = good().spoilt(f'href="{NICE}" style="', f'href="{NICE}?utm_source=x" style="')
    bare = tagged.spoilt("?utm_source=x", '?utm_source=x" class="').with_text(NICE, "")
    assert _place(bare) == (ARTICLE, _line(NICE))


def test_an_image_of_an_article_is_named_by_file_and_line() -> None:
    assert _place(good().with_pattern(r' alt="Side[^"]*"', "")) == (
        ARTICLE,
        _line("sciatic-nerve.png"),
    )


def test_an_image_that_was_converted_is_found_by_its_alternative_text() -> None:
    moved = good().spoilt("media/images/sciatic-nerve.png", "media/mail/sciatic-nerve-1a2b.webp")
    assert _place(moved) == (ARTICLE, _line("sciatic-nerve.png"))


def test_the_picture_at_the_head_is_named_by_its_key() -> None:
    assert _place(
        good().with_pattern(r'footpath([^>]*) width="\d+"', r'footpath\1 width="wide"')
    ) == (
        ARTICLE,
        _line("image: "),
    )


def test_a_heading_of_an_article_is_named_by_file_and_line() -> None:
    skipped = good().with_pattern(r"<h2 ([^>]*>Safety)</h2>", r"<h4 \1</h4>")
    assert _place(skipped) == (ARTICLE, _line("## Safety"))


def test_a_table_of_an_article_is_named_by_file_and_line(tmp_path: Path) -> None:
    def columns(*heads: str) -> str:
        return f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n|{' 1 |' * len(heads)}\n"

    small, first = columns("A", "B"), columns("", "*Day* & time", *"ABCDEFGHIJ")
    second = columns(*"NOPQRSTUVWX")
    text = article("One", f"{small}\n{first}\nText.\n\n{second}", date="2026-10-06")
    lines = text.split("\n")

    found = [one for one in linted(tmp_path, text) if one.rule == "table-columns"]
    assert [(one.path, one.line) for one in found] == [
        ("articles/01-one.md", lines.index(table.split("\n")[0]) + 1) for table in (first, second)
    ]


def test_a_vague_link_of_a_notice_is_named_where_the_notice_is_written(tmp_path: Path) -> None:
    body = "Read [here](https://a.example/).\n"
    own = article("One", body, date="2026-10-06", notice="Ask [here](https://b.example/).")
    shared = SETTINGS.replace("[newsletter]", '[newsletter]\nnotice = "[Here](https://c.example)"')

    found = [one for one in linted(tmp_path, own) if one.rule == "link-vague"]
    lines = own.split("\n")
    notice = next(at for at, line in enumerate(lines, 1) if line.startswith("notice"))
    assert [one.line for one in found] == [notice, lines.index(body.strip()) + 1]

    common = article("One", body, date="2026-10-06")
    found = [one for one in linted(tmp_path, common, shared) if one.rule == "link-vague"]
    assert ("newsletter.toml", 2) in [(one.path, one.line) for one in found]


def test_a_subject_is_its_articles_title_and_a_preheader_its_summary() -> None:
    long = replace(good(), subject="Acupuncture " * 6)
    short = replace(good(), preheader="Short.")
    assert _place(long) == (ARTICLE, _line("title: "))
    assert _place(short) == (ARTICLE, _line("summary: "))


def test_what_no_article_says_names_the_emails_own_file() -> None:
    html = good().with_pattern("<title>.*?</title>", "")
    text = replace(good(), text=f"{good().text}\nfish &amp; chips\n")
    folder = "output/issues/002-acupuncture-for-sciatica"
    assert _place(html) == (f"{folder}/email.html", None)
    assert _place(text) == (f"{folder}/email.txt", None)


def test_a_long_line_names_its_line_of_the_text() -> None:
    lines = good().text.splitlines()
    long = replace(good(), text="\n".join([*lines, "nine and " * 9]))
    assert _place(long)[1] == len(lines) + 1


def test_every_part_of_a_digest_is_known() -> None:
    settings = newsletter.load(ROOT)
    seen, _ = plan.published(plan.load(settings), LATER)
    digest = replace(seen.issues[0], articles=seen.articles)
    known = lint.places_of(seen, digest, "output").causes
    assert {path for path, _ in known.values()} == {one.source.path for one in seen.articles}


def test_a_lint_without_places_still_names_a_file() -> None:
    _, settings = good(), newsletter.load(ROOT)
    (found,) = lint.lint(good().with_pattern("<title>.*?</title>", ""), settings)
    assert (found.path, found.line) == ("email.html", None)
    assert MERGE_START not in str(found)
