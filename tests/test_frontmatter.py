from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import frontmatter, text
from pipeline.frontmatter import MAX_BLOCK, MAX_DEPTH, Document

ANY = st.text(st.characters(exclude_categories=()), max_size=200)


def read(content: str | bytes) -> tuple[Document, list[str]]:
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    document, problems = frontmatter.read("a.md", raw)
    return document, [str(one) for one in problems]


def values(head: str) -> dict[str, Any]:
    document, problems = read(f"---\n{head}\n---\n\nText.\n")
    assert problems == []
    return {key: one.value for key, one in document.fields.items()}


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system [id]",
        "!!python/name:os.system x",
        "!!python/object/new:subprocess.Popen [[id]]",
        "!!binary aGk=",
        "!!set {a, b}",
        "!!str 3",
        "!env HOME",
        "!<tag:yaml.org,2002:str> x",
    ],
)
def test_a_tag_is_refused_wherever_it_stands(tag: str) -> None:
    for head in (f"title: {tag}", f"tags: [a, {tag}]", f"author:\n  name: {tag}", f"? {tag}\n: x"):
        document, problems = read(f"---\n{head}\n---\n")
        assert document.fields == {}
        assert len(problems) == 1
        assert "the YAML tag" in problems[0]


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [lol, lol]\n" + "".join(
        f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 9)}]\n"
        for at in range(20)
    )
    _, problems = read(f"---\n{bomb}---\n")
    assert problems == [
        "a.md:2: YAML anchors and aliases are not allowed here: write the value out"
    ]


@pytest.mark.parametrize(
    "head",
    [
        "tags: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "tags: " + "{a: " * MAX_DEPTH + "b" + "}" * MAX_DEPTH,
        "tags:\n" + "- " * (MAX_DEPTH + 1) + "x",
        "".join(" " * at + "a:\n" for at in range(MAX_DEPTH + 2)),
        "".join("  " * at + "a:\n" for at in range(2000)),
        "tags: " + "[" * 30_000,
        "? " * 5000 + "x",
        "tags: [" + "[" * 9 + "]" * 9 + "]\nmore:\n" + "- " * 2000 + "x",
    ],
    ids=["flow", "maps", "block", "indent", "deep-indent", "open", "keys", "mixed"],
)
def test_what_is_nested_too_deep_is_refused(head: str) -> None:
    document, problems = read(f"---\n{head}\n---\n")
    assert document.fields == {}
    assert problems
    assert "nested deeper" in problems[0] or "longer than" in problems[0], problems


def test_nesting_within_bounds_is_read_by_either_way() -> None:
    shallow = "[" * 9 + "x" + "]" * 9
    assert values(f"tags: {shallow}") == values(f"# &\ntags: {shallow}")


def test_front_matter_is_no_place_for_a_book() -> None:
    document, problems = read("---\ntitle: " + "x" * MAX_BLOCK + "\n---\n")
    assert document.fields == {}
    assert problems == ["a.md:1: the front matter is longer than 64 KB: move text below it"]


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("010", 10),
        ("08", 8),
        ("-3", -3),
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("=", "="),
        ("<<", "<<"),
        ("~", None),
        ("", None),
        ("2026-10-06", date(2026, 10, 6)),
        (
            "2026-10-06T09:00:00+01:00",
            datetime(2026, 10, 6, 9, tzinfo=timezone(timedelta(hours=1))),
        ),
        ("2026-10-06 09:00:00Z", datetime(2026, 10, 6, 9, tzinfo=UTC)),
        ('"2026-10-06"', "2026-10-06"),
        ("'it''s'", "it's"),
        ("|\n  a\n  b", "a\nb\n"),
        (">-\n  a\n  b", "a b"),
    ],
)
def test_plain_words_and_numbers_are_those_of_yaml_1_2(head: str, value: object) -> None:
    assert values(f"key: {head}") == {"key": value}


def test_the_pure_python_loader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    head = "title: no\npart: 010\ndate: 2026-10-06\ntags: [a, 'b']\nauthor: {name: A}"
    before = values(head)

    class Slow(yaml.SafeLoader):
        yaml_implicit_resolvers = frontmatter._Loader.yaml_implicit_resolvers
        yaml_constructors = frontmatter._Loader.yaml_constructors

    monkeypatch.setattr(frontmatter, "_Loader", Slow)
    assert values(head) == before
    assert read("---\ntitle: [\n---\n")[1][0].startswith("a.md:3: this is not YAML")
    assert "anchors" in read("---\na: &a b\n---\n")[1][0]


@given(ANY)
@example("\ufeff")
@example("a\u2028b\u2029c\x85d")
@example("\U0001f469\u200d\u2695\ufe0f \u05d0")
def test_any_clean_title_written_as_json_comes_back_as_typed(title: str) -> None:
    cleaned = text.clean(title).translate({0x2028: " ", 0x2029: " "})
    line = json.dumps(cleaned, ensure_ascii=False)
    document, problems = read(f"---\ntitle: {line}\npart: 3\n---\n")
    assert problems == []
    assert document.fields["title"].value == cleaned
    assert document.fields["part"].line == 3


@given(ANY)
@example("a: b: c")
@example("\t- x")
@example("%YAML 9.9")
@example("key: \u2028\nother: [")
@example("? a\n: b")
@example("'")
@example('"\\')
@example("a: |9\n b")
def test_no_text_at_all_makes_the_reader_fall_over(head: str) -> None:
    lines = head.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    _, problems = frontmatter.read(
        "a.md", f"---\n{head}\n---\n\nText.\n".encode(errors="surrogatepass")
    )
    assert all(1 <= (one.line or 0) <= lines + 3 for one in problems)
    assert all("\n" not in str(one) for one in problems), "a message is one line"


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_the_reader_fall_over(raw: bytes) -> None:
    document, problems = frontmatter.read("a.md", raw)
    assert document.fields or document.body or problems or raw.startswith(b"---")


@given(
    st.lists(st.sampled_from(["", "# note", "tags:\n  - a\n\n  # in\n  - b", "x: 1"]), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_keys_and_text_know_their_lines_in_every_kind_of_file(
    blocks: list[str], ending: str, bom: bool
) -> None:
    numbered = [block.replace("x:", f"x{at}:") for at, block in enumerate(blocks)]
    numbered = [block.replace("tags:", f"tags{at}:") for at, block in enumerate(numbered)]
    lines = "\n".join(["---", *numbered, "title: T", "---", "The first line."]).split("\n")
    raw = ("\ufeff" if bom else "") + ending.join(lines)
    document, problems = read(raw)
    assert problems == []
    for key, one in document.fields.items():
        assert lines[one.line - 1].startswith(f"{key}:")
        assert one.last >= one.line
        if key.startswith("tags"):
            assert lines[one.last - 1] == "  - b"
    assert lines[document.body_line - 1] == document.body == "The first line."


@pytest.mark.parametrize(
    ("value", "last"),
    [
        ("one", 2),
        ('"one\n  two"', 3),
        ("|\n  one\n\n  two\n\n", 5),
        (">-\n  one\n# a remark", 3),
        ("[a,\n  b]", 3),
        ("\n  - a\n  - b\n\n# a remark", 4),
        ("", 2),
        ("{a: b,\n c: d\n }", 4),
    ],
)
def test_a_value_knows_the_line_on_which_it_ends(value: str, last: int) -> None:
    document, problems = read(f"---\nkey: {value}\nnext: x\n---\n")
    assert problems == []
    assert document.fields["key"].last == last


def test_a_line_separator_pasted_from_elsewhere_is_no_line_end() -> None:
    document, problems = read("---\ntitle: A\u2028B\u2029C\npart: 3\n---\n")
    assert problems == []
    assert document.fields["title"].value == "A B C"
    assert document.fields["part"].line == 3


def test_a_line_of_dashes_inside_a_value_closes_nothing() -> None:
    document, _ = read("---\ntitle: |\n  a\n  ---\n  b\n---\nText.\n\n---\n\nMore.\n")
    assert document.fields["title"].value == "a\n---\nb\n"
    assert document.body == "Text.\n\n---\n\nMore.\n"


def test_three_dots_close_front_matter_as_yaml_says() -> None:
    assert read("--- \ntitle: a\n...\t\nText.")[0].body == "Text."


def test_front_matter_may_be_empty_and_so_may_the_text() -> None:
    document, problems = read("---\n---")
    assert (dict(document.fields), document.body, problems) == ({}, "", [])


def test_a_line_of_300_kb_is_text_like_any_other() -> None:
    document, problems = read("---\ntitle: a\n---\n" + "word " * 60_000)
    assert problems == []
    assert len(document.body) == 300_000
