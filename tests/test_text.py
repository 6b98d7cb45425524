from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import text
from pipeline.text import MERGE_END, MERGE_START, OWN_ROOT

ANY = st.text(st.characters(exclude_categories=()), max_size=200)
"""Any code points at all, lone surrogates and noncharacters among them."""


@given(ANY)
@example("\ud800")
@example("\U0001fffe")
def test_clean_text_is_what_xml_may_hold_and_can_be_encoded(value: str) -> None:
    cleaned = text.clean(value)
    cleaned.encode()
    for char in cleaned:
        assert char in "\t\n" or ord(char) >= 0x20, hex(ord(char))
        assert not 0x7F <= ord(char) <= 0x9F, hex(ord(char))
        assert not 0xFDD0 <= ord(char) <= 0xFDEF, hex(ord(char))
        assert ord(char) & 0xFFFE != 0xFFFE, hex(ord(char))


@given(ANY)
@example("\ufeff\ufeffa")
@example("\x00\ufeffa")
def test_cleaning_twice_changes_nothing_more(value: str) -> None:
    assert text.clean(text.clean(value)) == text.clean(value)
    assert text.one_line(text.one_line(value)) == text.one_line(value)


@given(ANY)
def test_cleaning_keeps_every_character_that_is_allowed(value: str) -> None:
    kept = [c for c in value.lstrip("\ufeff") if c.isprintable()]
    assert [c for c in text.clean(value) if c.isprintable()] == kept


@pytest.mark.parametrize("own", [OWN_ROOT, MERGE_START, MERGE_END])
def test_no_author_can_write_our_own_marks(own: str) -> None:
    assert text.clean(f"a{own}b") == "ab"


def test_line_ends_of_every_system_become_one() -> None:
    assert text.clean("a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(ANY)
def test_one_line_has_no_line_end_of_any_kind(value: str) -> None:
    line = text.one_line(value)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "../x",
        "..",
        ".",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\x1bb",
        "a b",
        "-a",
        "a-",
        "a--b",
        "a.b",
        "a%2fb",
        "C:",
        "~",
        "\ud800",
        "\u0301",
        "a-\u0301",
        "a\u202eb",
        "x" * 121,
        "漢" * 100,
    ],
)
def test_no_slug_leads_anywhere_else(slug: str) -> None:
    assert not text.is_slug(slug)


@pytest.mark.parametrize(
    "slug", ["a", "7", "part-2", "part_2", "Über-uns", "第一部", "हिन्दी", "e\u0301", "x" * 120]
)
def test_words_of_every_script_are_slugs(slug: str) -> None:
    assert text.is_slug(slug)


@given(ANY)
def test_what_slugify_makes_is_a_slug_or_nothing(value: str) -> None:
    slug = text.slugify(value)
    assert slug == "" or text.is_slug(slug)
    assert len(slug) <= 80
    assert len(f"issues/1234-{slug}".encode()) < 255, "a name the disk can hold"


@given(st.text("aå漢\U00020000 -_/.", max_size=300))
def test_long_titles_are_cut_to_a_name_the_disk_can_hold(value: str) -> None:
    assert len(text.slugify(value).encode()) <= 200


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Acupuncture and IVF", "acupuncture-and-ivf"),
        ("What's next? (part 2)", "what-s-next-part-2"),
        ("Ünïcode — “quotes”", "ünïcode-quotes"),
        ("e\u0301te\u0301", "été"),
        ("हिन्दी में", "हिन्दी-में"),
        ("1️⃣ first ❤️ last", "1-first-last"),
        ("İstanbul", "i̇stanbul"),
        ("../../etc", "etc"),
        ("*** !!!", ""),
    ],
)
def test_slugs_read_like_their_titles(title: str, slug: str) -> None:
    assert text.slugify(title) == slug


@given(ANY)
def test_titles_that_differ_only_in_form_fold_alike(value: str) -> None:
    for form in ("NFC", "NFD", "NFKC"):
        assert text.fold(unicodedata.normalize(form, value)) == text.fold(value)
    assert text.fold(f"  {value} ") == text.fold(value)


@given(ANY, st.integers(1, 80))
def test_an_excerpt_is_never_longer_than_asked(value: str, limit: int) -> None:
    short = text.excerpt(value, limit)
    assert len(short) <= limit
    assert short == text.one_line(value) or short.endswith("…")


def test_an_excerpt_ends_at_a_word() -> None:
    assert text.excerpt("One two, three", 10) == "One two…"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/notes/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://[::1",
        "https://ann:password@example.org/",
        "https://a b.example/",
        "https://example.org:99999/",
        "https://a..b/",
        f"https://{'a' * 64}.example/",
        "https://exa\u2100mple.org/",
        "https://exa<mple.example/",
        "https://a!b.example/",
        'https://a".example/',
    ],
)
def test_what_is_no_address_has_no_host(url: str) -> None:
    assert text.host(url) == ""


@pytest.mark.parametrize("host", ["a.example", "a_b.example", "127.0.0.1", "::1", "::ffff:1.2.3.4"])
def test_a_name_or_an_address_is_a_host(host: str) -> None:
    assert text.host(f"https://[{host}]/" if ":" in host else f"https://{host}/x") == host


def test_hosts_of_other_scripts_are_given_in_ascii() -> None:
    assert text.host("https://München.example:8080/x") == "xn--mnchen-3ya.example"


@given(ANY)
def test_any_text_at_all_may_be_asked_for_its_host(value: str) -> None:
    assert isinstance(text.host("https://" + value), str)


def test_clean_says_the_same_of_a_character_alone_and_in_a_text_that_needs_cleaning() -> None:
    characters = [chr(code) for code in range(0x30000) if chr(code) != "\ufeff"]
    alone = "".join(map(text.clean, characters))
    assert text.clean("\r" + "".join(characters)) == "\n" + alone


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("AR-eg", "rtl"),
        ("he-IL", "rtl"),
        ("fa", "rtl"),
        ("ur-PK", "rtl"),
        ("ckb", "rtl"),
        ("ks", "rtl"),
        ("az", "ltr"),
        ("az-Arab", "rtl"),
        ("ur-Latn-PK", "ltr"),
        ("zh-Hant-TW", "ltr"),
        ("", "ltr"),
    ],
)
def test_a_language_tag_says_in_which_direction_it_is_written(tag: str, expected: str) -> None:
    assert text.direction(tag) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.example/a%20b?c=d#e", "https://x.example/a%20b?c=d#e"),
        ("https://münchen.example/ü b", "https://xn--mnchen-3ya.example/%C3%BC%20b"),
        ("https://x.example:8080/[1]|", "https://x.example:8080/%5B1%5D%7C"),
        ("https://x.example/100%?a=5%25&b=%zz", "https://x.example/100%25?a=5%25&b=%25zz"),
        ("https://x.example/\x01\ud800é", "https://x.example/%C3%A9"),
        (f"https://{'ü' * 70}.example/", f"https://{'%C3%BC' * 70}.example/"),
        ("", ""),
    ],
)
def test_addresses_become_ascii(address: str, expected: str) -> None:
    assert text.uri(address) == expected
