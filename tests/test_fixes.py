from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import BEFORE, NOW, SETTINGS, article, snapshot, three, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import fixes, frontmatter, ledger, newsletter, plan, starting
from pipeline.errors import PartworkError
from pipeline.fixes import Fix
from pipeline.ledger.entries import Entry, Event

NO_ID = "---\ntitle: One\nseries: care\npart: 1\ndate: 2026-10-06\n---\n\nText.\n"


def fixed(root: Path, as_of: datetime = NOW, **how: bool) -> tuple[Fix, ...]:
    return fixes.apply(newsletter.load(root), as_of, **how)


def one(root: Path, contents: str | bytes) -> Path:
    write(root, {"articles/01-one.md": contents})
    return root / "articles/01-one.md"


# What may not be written.


@pytest.mark.parametrize(
    "head",
    [
        "{title: One, series: care}",
        "title: [",
        "title: One\ntitle: Two",
        "- title: One",
        "title: &a One",
        "id:   # to come\ntitle: One",
    ],
)
def test_front_matter_that_a_new_line_would_break_is_left_alone(tmp_path: Path, head: str) -> None:
    path = one(tmp_path, f"---\n{head}\n---\n\nText.\n")
    before = path.read_bytes()
    assert fixed(tmp_path) == ()
    assert path.read_bytes() == before


@pytest.mark.parametrize("raw", [b"", b"\xff", b"No front matter.\n", b"---\ntitle: Open\n"])
def test_a_file_that_can_not_be_read_is_left_alone(tmp_path: Path, raw: bytes) -> None:
    path = one(tmp_path, raw)
    assert fixed(tmp_path) == ()
    assert path.read_bytes() == raw


def test_no_file_outside_the_folder_is_ever_written(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(NO_ID, encoding="utf-8")
    root = write(tmp_path / "root", {})
    (root / "articles/01-one.md").symlink_to(outside)
    assert fixed(root) == ()
    assert outside.read_text(encoding="utf-8") == NO_ID


def test_a_link_within_the_folder_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"articles/_texts/one.txt": NO_ID})
    link = tmp_path / "articles/01-one.md"
    link.symlink_to("_texts/one.txt")
    assert len(fixed(tmp_path)) == 1
    assert link.is_symlink()
    assert "id: tag:" in (tmp_path / "articles/_texts/one.txt").read_text(encoding="utf-8")


def test_no_date_is_kept_where_the_order_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, three() | {"articles/2-again.md": article("Again")})
    before = snapshot(tmp_path)
    assert fixed(tmp_path) == ()
    assert snapshot(tmp_path) == before


def test_no_date_is_asked_to_be_kept_where_the_order_is_wrong(tmp_path: Path) -> None:
    root = write(tmp_path, {"articles/01-a.md": article("A"), "articles/1-b.md": article("B")})
    found = plan.checked(plan.survey(newsletter.load(root)), NOW)
    assert {one.rule for one in found} == {"duplicate-part"}


def test_a_file_that_refuses_is_an_error_and_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = one(tmp_path, NO_ID)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PartworkError, match="No space left on device"):
        fixed(tmp_path)
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == NO_ID
    assert [file.name for file in path.parent.iterdir()] == ["01-one.md"]


# What is written.


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.permutations(
        [
            "title: One  # remarks stay",
            "series: care",
            "# a remark",
            "",
            "tags:\n  - a\n  # in between\n  - b",
            "summary: >\n  Folded\n  text.",
            "part:   1",
        ]
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(["", "  "]),
)
def test_only_the_new_lines_are_new_and_every_other_byte_stays(
    tmp_path: Path, lines: list[str], ending: str, bom: bool, indent: str
) -> None:
    head = [indent + line for block in lines for line in block.split("\n")]
    text = ending.join(["---", *head, "---", "", "Text with \x0b\x85 and  trailing  "])
    raw = (("\ufeff" if bom else "") + text).encode()
    path = one(tmp_path, raw)
    done = fixed(tmp_path)
    if indent:
        assert path.read_bytes() == raw, "a line without the indent would break it"
        return
    after = path.read_bytes().split(ending.encode())
    for fix in sorted(done, key=lambda fix: fix.text, reverse=True):
        after.remove(fix.text.encode())
    assert ending.encode().join(after) == raw
    assert [fix.text.split(":")[0] for fix in done] == ["id", "date"]
    assert fixed(tmp_path) == (), "a second time there is nothing to do"


def test_an_id_stands_below_the_title_and_a_date_below_what_names_the_part(tmp_path: Path) -> None:
    path = one(tmp_path, "---\ntitle: >\n  One\nseries: care\n---\n\nText.\n")
    fixed(tmp_path)
    assert path.read_text(encoding="utf-8") == (
        "---\ntitle: >\n  One\nid: tag:northgate.example,2026:one\nseries: care\n"
        "date: 2026-10-06T09:00:00+01:00\n---\n\nText.\n"
    )


def test_a_line_that_says_nothing_yet_is_filled_in(tmp_path: Path) -> None:
    path = one(tmp_path, "---\ntitle: One\nid:\nseries: care\ndate:\n---\n\nText.\n")
    assert len(fixed(tmp_path)) == 2
    assert path.read_text(encoding="utf-8") == (
        "---\ntitle: One\nid: tag:northgate.example,2026:one\nseries: care\n"
        "date: 2026-10-06T09:00:00+01:00\n---\n\nText.\n"
    )


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    path = one(tmp_path, NO_ID)
    done = fixed(tmp_path, dry_run=True)
    assert done == (
        Fix(path="articles/01-one.md", line=3, text="id: tag:northgate.example,2026:one"),
    )
    assert path.read_text(encoding="utf-8") == NO_ID


def test_no_two_articles_ever_get_one_id(tmp_path: Path) -> None:
    bare = article("A", id=None, slug=None)
    write(
        tmp_path,
        {
            "articles/01-x.md": bare,
            "articles/deep/2-x.md": bare,
            "articles/3-x.md": article("B", id="tag:northgate.example,2026:x-2"),
        },
    )
    assert [fix.text for fix in fixed(tmp_path)][:2] == [
        "id: tag:northgate.example,2026:x",
        "id: tag:northgate.example,2026:x-3",
    ]


@pytest.mark.parametrize(
    ("url", "name", "wanted"),
    [
        ("https://münchen.example/", "café", "tag:xn--mnchen-3ya.example,2026:caf%C3%A9"),
        ("http://localhost:8000/x/", "a", "tag:localhost,2026:a"),
    ],
)
def test_an_id_is_ascii_by_rfc_4151(tmp_path: Path, url: str, name: str, wanted: str) -> None:
    settings_ = SETTINGS.replace("https://northgate.example/notes/", url)
    outlet = newsletter.load(write(tmp_path, {"newsletter.toml": settings_}))
    assert fixes.new_id(outlet, name, 2026, set()) == wanted


def test_no_article_gets_the_id_of_one_that_was_mailed_and_deleted(tmp_path: Path) -> None:
    root = write(tmp_path, {})
    base = fixes.new_id(newsletter.load(root), "next", 2026, set())
    with ledger.opened(root) as book:
        book.append(
            Entry(at=NOW, event=Event.SUBMITTED, service="list", issue="tag:x", articles=(base,))
        )
    assert starting.article(plan.load(newsletter.load(root)), "Next", None, NOW).id == f"{base}-2"
    (root / "articles").mkdir(exist_ok=True)
    (root / "articles/next.md").write_text("---\ntitle: Next\n---\nText.\n", encoding="utf-8")
    fixed(root)
    assert f"id: {base}-2\n" in (root / "articles/next.md").read_text(encoding="utf-8")


def test_what_was_fixed_passes_a_check(tmp_path: Path) -> None:
    bare = {path: text.replace("id: ", "# ") for path, text in three().items()}
    root = write(tmp_path, bare)
    fixed(root)
    outlet = newsletter.load(root)
    assert plan.checked(plan.survey(outlet), NOW) == ()


# The point of it all: what readers have does not move.


def test_a_part_inserted_later_moves_nothing_that_has_passed(tmp_path: Path) -> None:
    write(tmp_path, three())
    as_of = datetime(2026, 10, 14, tzinfo=UTC)
    fixed(tmp_path, as_of)
    before = {one.id: one.date for one in _dated(tmp_path, as_of)}
    assert len(before) == 2
    for name in ("three", "two"):
        number = {"two": 2, "three": 3}[name]
        (tmp_path / f"articles/{number:02}-{name}.md").rename(
            tmp_path / f"articles/{number + 1:02}-{name}.md"
        )
    inserted = article("Between", date="2026-10-08")
    write(tmp_path, {"articles/02-between.md": inserted})
    after = {one.id: one.date for one in _dated(tmp_path, as_of)}
    assert {key: after[key] for key in before} == before
    assert len(after) == 3


def _dated(root: Path, as_of: datetime) -> tuple[plan.Article, ...]:
    return plan.load(newsletter.load(root)).catalogue.until(as_of).articles


def test_nothing_that_is_still_to_come_is_dated(tmp_path: Path) -> None:
    write(tmp_path, three())
    assert fixed(tmp_path, BEFORE) == ()
    assert len(fixed(tmp_path, BEFORE + timedelta(days=6))) == 1


def test_permissions_of_a_fixed_file_stay(tmp_path: Path) -> None:
    path = one(tmp_path, NO_ID)
    path.chmod(0o640)
    fixed(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["01-one.md"]  # noqa: PTH208 - nothing beside it is left


def test_what_is_written_reads_back_as_the_same_moment(tmp_path: Path) -> None:
    path = one(tmp_path, article("One"))
    (done,) = fixed(tmp_path)
    document, _ = frontmatter.read("x", path.read_bytes())
    assert document.fields["date"].value == datetime.fromisoformat(done.text.partition(": ")[2])
