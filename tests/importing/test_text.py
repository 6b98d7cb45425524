"""Plain text of a site builder: what its lines are taken for, and that no word gets lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, run, write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from importing import samples
from pipeline.importing.bodies import rendered, words, words_of
from pipeline.importing.escaping import escaped
from pipeline.importing.readers import pagination
from pipeline.importing.readers import text as plain
from pipeline.text import one_line

ANY = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=80)
TRICKS = st.sampled_from([
    "# one", "- - -", "1. 2. 3.", "> quoted", "a_b_c", "__init__", "*x*", "**", "`code", "[x](y)",
    "[^1]: note", "<b>bold</b>", "<script>alert(1)</script>", "&amp; &copy; &#65;", "| a | b |",
    "|---|---|", "---", "===", "+ plus", "1) one", "\\", "\\*", "x\\", "https://x.example/a_b*c?d=[e]",
    "www.example.org/_x_", "~~gone~~", "~one~", ": term", "{#id}", "Title {#id .c}", "![a](b)",
    "$x$", "{{ x }}", "*|FNAME|*", "~~~", "```", "    indented", "a <!-- b --> c", "- [ ] task",
    "(1) x", "a@b.example", "<http://x.example>", "# {#x}", "#", "*", "_", "-", "1.", "]: x",
])  # fmt: skip
LINES = st.lists(ANY | TRICKS | st.just(""), max_size=12)


def body_of(text: str) -> str:
    return plain.markdown(plain.structured(text.split("\n"), 1))


@settings(max_examples=400)
@given(LINES)
@example(["| a | b |", "|---|---|", "| 1 | 2 |"])
@example(["Term", ": means this"])
@example(["A line", "==="])
@example(["https://x.example/~a_b_ and ~c~"])
def test_every_word_of_any_text_is_read_back_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    structured = plain.structured(text.split("\n"), 1)
    wanted = words(one.words for one in structured)
    assert words_of(rendered(plain.markdown(structured))) == wanted
    numbers = [word for word in words(lines) if not word.isdigit()]
    assert [word for word in wanted if not word.isdigit()] == numbers or "o\t" in text


@given(ANY | TRICKS)
def test_an_escaped_line_says_just_its_words(line: str) -> None:
    line = " ".join(line.split())
    html = rendered(escaped(line))
    shown = re.sub(r"</?(?:p|a)(?: [^>]*)?>", "", html).strip()
    from html import unescape

    assert unescape(shown) == line


def test_short_lines_that_stand_alone_are_headings() -> None:
    text = "A paragraph, long or short.\nWhat happens\nYou rest.\nIs it safe?\nMostly.\nAnn Lee"
    assert body_of(text) == (
        "A paragraph, long or short.\n\n## What happens\n\nYou rest.\n\n## Is it safe?\n\n"
        "Mostly.\n\nAnn Lee\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        "It ends like a sentence.",
        "What you need:",
        "Book now!",
        "“A quotation”",
        "and so on",
        "2026",
        "me@clinic.example",
        "See https://x.example",
        "A line with so very many words in it that nobody would ever take it for a heading",
    ],
)
def test_other_short_lines_are_not(line: str) -> None:
    assert not body_of(f"{line}\nText follows here.").startswith("#")


def test_three_short_lines_in_a_row_are_an_address_and_no_headings() -> None:
    assert "#" not in body_of("Northgate Clinic\n1 Gate Lane\nNorthgate\nCall before you come.")


def test_two_short_lines_in_a_row_are_a_heading_and_one_below_it() -> None:
    assert body_of("Benefits\nPain relief\nThere are some.") == (
        "## Benefits\n\n### Pain relief\n\nThere are some.\n"
    )


def test_numbered_items_become_a_list_with_bold_labels() -> None:
    text = "Why come?\n1. Calm: an hour alone\n\n2. Sleep at night: some doze\n3. No label here\n"
    assert body_of(text) == (
        "## Why come?\n\n1. **Calm:** an hour alone\n2. **Sleep at night:** some doze\n"
        "3. No label here\n"
    )


def test_a_number_that_does_not_follow_begins_another_list() -> None:
    assert (
        body_of("1. a thing.\n2. b thing.\n1. c thing.\n")
        == "1. a thing.\n2. b thing.\n1) c thing.\n"
    )
    assert rendered("1. a\n2. b\n1) c\n").count("<ol>") == 2


def test_a_number_alone_before_text_is_a_heading() -> None:
    text = "1. Relief\nText of it.\n2. Rest\nMore of it."
    assert body_of(text) == "## 1. Relief\n\nText of it.\n\n## 2. Rest\n\nMore of it.\n"


@pytest.mark.parametrize("mark", ["•", "‣", "◦", "▪", "●", "–", "-", "*", "·", "➢", "\uf0b7"])
def test_bullets_of_any_kind_are_a_list(mark: str) -> None:
    assert body_of(f"{mark} one thing\n{mark}\ttwo things\n") == "- one thing\n- two things\n"


def test_a_bullet_on_a_line_of_its_own_belongs_to_the_next() -> None:
    assert body_of("•\nOne thing\n\n•\n\nTwo things\n1.\nThree") == (
        "- One thing\n- Two things\n1. Three\n"
    )


def test_items_that_are_indented_are_items_of_the_item_above() -> None:
    text = "1. one\n   • a\n   • b\n2. two\n"
    assert body_of(text) == "1. one\n   - a\n   - b\n2. two\n"


def test_bullets_that_a_numbered_item_announces_are_below_it() -> None:
    text = "1. Bring with you:\n• a towel\n• time\n2. Leave: the rest\n• x\n"
    assert body_of(text) == (
        "1. **Bring with you:**\n   - a towel\n   - time\n2. **Leave:** the rest\n- x\n"
    )


def imported(tmp_path: Path, files: dict[str, str | bytes], *args: str) -> tuple[Path, str]:
    root = write(
        tmp_path / "n", {"newsletter.toml": NEWSLETTER + "\n[schedule]\nstart = 2026-01-06\n"}
    )
    samples.put(
        tmp_path / "s",
        {name: one.encode() if isinstance(one, str) else one for name, one in files.items()},
    )
    return root, ok("import", tmp_path / "s", *args, root=root).output


def test_a_lone_page_keeps_its_neighbours_and_check_says_that_they_are_missing(
    tmp_path: Path,
) -> None:
    tail = "Previous\nPrevious\n\nBefore it\nNext\nNext\n\nAfter it\n"
    root, _ = imported(tmp_path, {"page.txt": f"The middle\nSome text.\n{tail}"})
    (file,) = (root / "articles").glob("*.md")
    assert "previous: Before it\nnext: After it\n" in file.read_text(encoding="utf-8")
    for command in ("check", "status"):
        said = ok(command, "--as-of", "2026-01-01", root=root).output
        assert "`previous` names 'Before it', which is not in this series" in said
        assert "`next` names 'After it', which is not in this series" in said


def test_pages_that_come_later_join_the_chain(tmp_path: Path) -> None:
    first = "The first\nText.\nNext\n\nThe second\n"
    second = "The second\nText.\nPrevious\n\nThe first\nNext\n\nThe third\n"
    third = "The third\nText.\nPrevious\n\nThe second\n"
    root, _ = imported(tmp_path, {"b.txt": first})
    samples.put(tmp_path / "s", {"c.txt": third.encode(), "a.txt": second.encode()})
    ok("import", tmp_path / "s", root=root)
    names = [one.name for one in sorted((root / "articles").glob("*.md"))]
    assert names == ["01-the-first.md", "02-the-second.md", "03-the-third.md"]
    assert ok("check", "--as-of", "2026-01-01", root=root).output == "3 articles, nothing wrong.\n"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("Café — “naïve”\n\nText – more…".encode("cp1252"), "Windows-1252"),
        ("Café — “naïve”\n\nText – more…".encode("utf-16"), "UTF-16"),
        ("Café — “naïve”\n\nText – more…".encode("utf-16-le"), "UTF-16-LE"),
        ("Café — “naïve”\n\nText – more…".encode("utf-16-be"), "UTF-16-BE"),
        ("Café — “naïve”\r\n\r\nText – more…".encode(), ""),
        ("\ufeffCafé — “naïve”\n\nText – more…".encode(), ""),
    ],
)
def test_text_in_another_encoding_is_read_and_reported(
    tmp_path: Path, raw: bytes, encoding: str
) -> None:
    root, said = imported(tmp_path, {"x.txt": raw})
    (file,) = (root / "articles").glob("*.md")
    text = file.read_text(encoding="utf-8")
    assert 'title: "Café — “naïve”"' in text
    assert "Text – more…" in text
    assert ("was read as" in said) == bool(encoding)
    assert encoding in said


@pytest.mark.parametrize("raw", [b"", b"\n \n\t\n", b"\xef\xbb\xbf\n"])
def test_a_file_without_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    root = write(tmp_path / "n", {})
    samples.put(tmp_path, {"x.txt": raw})
    done = run("import", tmp_path / "x.txt", root=root)
    assert done.exit_code == 1
    assert "there is no text in this file" in done.output


def test_a_page_whose_next_is_itself_comes_in_without_it(tmp_path: Path) -> None:
    root, said = imported(tmp_path, {"x.txt": "Calm\n\nWords of it.\n\nNext\n\nCALM\n"})
    assert "! " in said
    assert "names itself as a neighbour, which was left out: 'CALM'" in said
    assert "next:" not in (root / "articles/01-calm.md").read_text(encoding="utf-8")
    ok("check", "--as-of", "2026-01-01", root=root)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES.filter(lambda lines: any(one.strip() for one in lines)))
def test_whatever_the_text_the_newsletter_can_be_checked_afterwards(
    tmp_path: Path, lines: list[str]
) -> None:
    import shutil

    for name in ("n", "s"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    first = next(one for one in lines if one.strip())
    if pagination.way_of(first.strip()) or not one_line(first):
        return
    root, _ = imported(tmp_path, {"x.txt": "\n".join(lines)}, "--from", "text")
    done = run("check", "--as-of", "2026-01-01", root=root)
    assert "error" not in done.output, done.output
