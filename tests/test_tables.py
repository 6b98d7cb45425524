from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import tables
from pipeline.tables import read, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str = setting("A name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    title: str = setting("The title.")
    count: int = setting("A number.", 3)
    share: bool = setting("A switch.", True)
    at: time = setting("A time.", time(9))
    order: Literal["up", "down"] = setting("A choice.", "up")
    tags: tuple[str, ...] = setting("A list.", ())
    inner: Inner = setting("A table.", Inner(name="n"))


def outer(toml: str) -> tuple[Outer | None, list[str]]:
    table, broken = tables.parse("x.toml", toml.encode())
    value, problems = read(Outer, table)
    return value, [str(one) for one in (*broken, *problems)]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("", "x.toml:1: `title` is missing: The title"),
        ("title = 3", "x.toml:1: `title` is 3, not text in quotes: correct the value"),
        ('title = "x"\ncount = "3"', "x.toml:2: `count` is '3', not a whole number"),
        ('title = "x"\ncount = true', "x.toml:2: `count` is True, not a whole number"),
        ('title = "x"\ncount = 3.5', "x.toml:2: `count` is 3.5, not a whole number"),
        ('title = "x"\nshare = 1', "x.toml:2: `share` is 1, not true or false"),
        ('title = "x"\norder = "in"', "x.toml:2: `order` is 'in', not one of up, down"),
        ('title = "x"\ntags = "a"', "x.toml:2: `tags` must be a list, each text in quotes"),
        ('title = "x"\ntags = [1]', "x.toml:2: `tags` is 1, not text in quotes"),
        ('title = "x"\ninner = "a"', "x.toml:2: `inner` is 'a', not a table"),
        ('title = "x"\n\n[inner]\nnames = "a"', "x.toml:4: `names` is not a setting of [inner]"),
        ('title = "x"\nat = 25:00:00', "x.toml:2: this is not TOML"),
        ('title = "x"\ntitel = "y"', "x.toml:2: [titel] is unknown: did you mean `title`?"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(toml: str, said: str) -> None:
    value, problems = outer(toml)
    assert value is None
    assert any(one.startswith(said) for one in problems), problems


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            "[inner]\nname = 'a'\n\n[email]\n[inner]\nnames = 'b'\n",
            "x.toml:5: [inner] stands in line 1 already: put all its keys into one table",
        ),
        ("[a.'b']\n[ a . b ]\nx = 1", "x.toml:2: [a.b] stands in line 1 already"),
        ("inner = { name = 'a' }\n[inner]\nx = 1", "x.toml:2: [inner] stands in line 1 already"),
        (
            "a = 1\n[inner]\nname = 'x'\nmore = 'y'\nname = 'z'\nlast = 1\n",
            "x.toml:5: `name` stands in line 3 already: keep one of the two",
        ),
        ("title = 'a'\n'title' = 'b'", "x.toml:2: `title` stands in line 1 already"),
        ("a = { x = 1, x = 2 }\n", "x.toml:1: this is not TOML"),
    ],
)
def test_a_name_that_stands_twice_is_named_with_both_lines(toml: str, said: str) -> None:
    _, problems = outer(toml)
    assert len(problems) == 2
    assert problems[0].startswith(said), problems


def test_every_mistake_of_a_table_is_named_at_once() -> None:
    assert len(outer("count = 'x'\nshare = 3\ncolour = 'red'")[1]) == 4


def test_absent_keys_take_their_defaults() -> None:
    value, problems = outer('title = "x"')
    assert problems == []
    assert value == Outer(title="x")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain = 'title = "x"\ncount = 4\n\n[inner]\nname = "n"\n'
    table, broken = tables.parse("x.toml", b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode())
    assert broken == ()
    assert read(Outer, table) == read(Outer, tables.parse("x.toml", plain.encode())[0])
    assert table.child("inner").line("name") == 5


def test_text_of_several_lines_becomes_one_since_it_may_end_in_a_header() -> None:
    value, _ = outer('title = """\n  One\n\n  two\n"""')
    assert value is not None
    assert value.title == "One two"


def test_control_characters_written_as_escapes_are_taken_out() -> None:
    value, _ = outer(r'title = "a\u0000b\u001b\ufdd1"')
    assert value is not None
    assert value.title == "ab"


def test_a_key_knows_its_line_in_every_spelling() -> None:
    toml = 'a = """\nb = 1\n"""\n"b" = 2\n[ c . "d e" ]\nf=3\n[[g]]\nh = 4\n'
    top, _ = tables.parse("x.toml", toml.encode())
    inner = top.child("c").child("d e")
    assert (top.line("a"), top.line("b"), inner.line(), inner.line("f")) == (1, 4, 5, 6)
    assert inner.line("absent") == 5, "an absent key's line is its table's"


def test_a_word_unlike_any_known_one_is_answered_with_them_all() -> None:
    assert tables.did_you_mean("zzz", ["b", "a"]) == "use one of a, b"
    assert tables.did_you_mean("Titel", ["title", "tags"]) == "did you mean `title`?"
    assert tables.did_you_mean("x", []) == "remove it"


@given(st.binary(max_size=300) | st.text("[]{}\"'=.#\\\n \tab1:-", max_size=300).map(str.encode))
@example(b"[" * 5000)
@example(b"x = " + b"[" * 5000)
@example(b"x = " + b"{a=" * 3000)
@example(b"x = " + b"9" * 9999)
@example(b" " * 300_000)
@example(b"a " * 150_000 + b"\n")
def test_no_bytes_at_all_make_the_reader_fall_over(raw: bytes) -> None:
    table, broken = tables.parse("x.toml", raw)
    assert all(one.line and one.line >= 1 for one in broken)
    value, problems = read(Outer, table)
    assert value is not None or problems
