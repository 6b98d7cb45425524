from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import yaml
from folders import (
    ROOT,
    SENDER,
    SERIES,
    SETTINGS,
    WEEKLY,
    article,
    listed,
    ok,
    run,
    snapshot,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import articles, ledger, markdown, newsletter, plan
from pipeline.config import Author
from pipeline.exporting import export
from pipeline.exporting.folder import written
from pipeline.exporting.links import fitted
from pipeline.exporting.selection import Chosen, Selection, select
from pipeline.ledger.entries import Entry, Event
from pipeline.markdown.derive import without_hidden
from pipeline.spool import held

THEN = "2026-10-15"
"""The first two parts are published: 6 and 13 October."""
PNG = (ROOT / "articles/images/logo.png").read_bytes()
OTHER = '\n[series.other]\ntitle = "Another Series"\n'
SERVICE = """
[services.weekly]
kind = "listmonk"
url = "https://lists.northgate.example"
token = "LISTMONK_SECRET"
lists = [1]
"""
LINKS = """\
See [part two](deep/02-two.md "Two & more"), [part three](03-three.md), [*three* again][t] and [t].

[1. Three](03-three.md) begins no list, nor does [# three](03-three.md) a heading.
A [`code]` in it](03-three.md), <a href='03-three.md' title="x">raw</a>, [other](04-other.md#end).

    [t]: stays as code

![The picture](images/a%20b.png "It")

[t]: 03-three.md "A secret name"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Parts found by titles, a folder within, a picture with a space, another series, a draft."""
    return write(
        tmp_path / "n",
        {
            "newsletter.toml": SETTINGS + OTHER + SENDER + SERVICE,
            "articles/one.md": article(
                "Part: one", LINKS, id="tag:x,2026:1", next="Part two", image="images/a b.png",
                image_alt="A “b”", authors=["Ann", {"name": "no", "uri": "https://bo.example"}],
                tags=["1.10", "yes"], summary="It's: `x` # y", lang="en-GB", notice=False,
            ),
            "articles/deep/02-two.md": article(
                "Part two", "Back to [one](../one.md#x).\n\n![P](../images/a%20b.png)\n",
                updated="2026-10-14",
            ),
            "articles/03-three.md": article("Three of Tomorrow", "Unseen words.\n"),
            "articles/draft.md": article("Drafted Thing", series=None, draft=True),
            "articles/04-other.md": article(
                "Elsewhere", "## End\n\nTo [one](one.md).\n", series="other", part=4,
                date="2026-10-07",
            ),
            "articles/images/a b.png": PNG,
            "email_templates/words/en.toml": 'by = "Written by {author}"\n',
        },
    )  # fmt: skip


def built(root: Path, as_of: str = THEN) -> dict[str, bytes]:
    ok("build", "--as-of", as_of, root=root)
    return snapshot(root / "output")


def exported(root: Path, *args: str, as_of: str = THEN) -> Path:
    ok("export", "--as-of", as_of, *args, root=root)
    return root / "export"


def selection(root: Path, as_of: str = THEN, **how: bool) -> Selection:
    outlet = newsletter.load(root)
    moment = datetime.fromisoformat(f"{as_of}T23:00:00+00:00")
    return select(plan.load(outlet), moment, **how)  # type: ignore[arg-type]  # by their names


# What must not leave.


def test_nothing_of_a_future_part_or_a_draft_is_in_any_format(root: Path) -> None:
    from zipfile import ZipFile

    folder = exported(root)
    held = snapshot(folder)
    with ZipFile(folder / "epub/care.epub") as book:
        held |= {name: book.read(name) for name in book.namelist()}
    for secret in (b"Tomorrow", b"03-three", b"Unseen", b"Drafted", b"draft.md", b"secret name"):
        assert [path for path, data in held.items() if secret in data] == []
    assert "markdown/articles/deep/02-two.md" in held


def test_services_and_what_they_name_are_in_no_format(root: Path) -> None:
    held = snapshot(exported(root, "--all"))
    for word in (b"LISTMONK_SECRET", b"lists.northgate", b"services"):
        assert [path for path, data in held.items() if word in data and path[-4:] != "epub"] == []


def test_all_says_how_much_is_not_published_and_marks_it(root: Path) -> None:
    done = ok("export", "--all", "--as-of", THEN, root=root)
    assert "5 articles, 2 of them not published yet" in done.output
    states = {one["title"]: one["state"] for one in data(root)["articles"]}
    assert states["Three of Tomorrow"] == "planned"
    assert states["Drafted Thing"] == "draft"
    assert "draft: true" in (root / "export/markdown/articles/draft.md").read_text()


def test_nothing_published_is_said_and_writes_nothing(root: Path) -> None:
    done = run("export", "--as-of", "2026-09-01", root=root)
    assert done.exit_code == 1
    assert "nothing is published yet: use --all, or a later day with --as-of" in done.output
    assert not (root / "export").exists()


def test_a_mistake_in_what_is_exported_writes_nothing(root: Path) -> None:
    write(root, {"articles/deep/02-two.md": article("Part two", "![P](gone.png)\n")})
    done = run("export", "--as-of", THEN, root=root)
    assert done.exit_code == 1
    assert "articles/deep/02-two.md:7: 'gone.png' does not exist" in done.output
    assert not (root / "export").exists()


@pytest.mark.parametrize("place", ["articles", "articles/new", "output", "output/x/../y"])
def test_no_export_lands_where_it_would_be_read_or_published(root: Path, place: str) -> None:
    done = run("export", "--into", root / place, root=root)
    assert done.exit_code == 1
    assert "choose another folder with --into" in done.output


def test_a_file_that_no_export_made_is_never_replaced_unasked(root: Path) -> None:
    there = write(root / "export/markdown", {"newsletter.toml": "mine"})
    done = run("export", "--as-of", THEN, root=root)
    assert done.exit_code == 1
    assert "newsletter.toml: this is already there, and no export made it" in done.output
    assert (there / "newsletter.toml").read_text() == "mine"
    assert not (root / "export/json").exists()
    ok("export", "--force", "--as-of", THEN, root=root)
    assert (there / "newsletter.toml").read_text() != "mine"


def test_a_folder_that_can_not_be_is_named_and_no_traceback(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("export", "--into", tmp_path / "file/x", "--as-of", THEN, root=root)
    assert done.exit_code == 1, done.output
    assert "file/x: this can't be written (Not a directory)" in done.output


def test_a_name_that_other_systems_take_for_a_path_is_refused(root: Path) -> None:
    write(root, {"articles/a\\..\\evil.md": article("Evil", series=None, date="2026-10-01")})
    done = run("export", "--as-of", THEN, root=root)
    assert done.exit_code == 1
    assert "rename it without backslashes and line ends" in done.output


def test_templates_that_are_links_out_of_the_folder_are_not_copied(root: Path) -> None:
    (root / "email_templates/stolen.txt").symlink_to("/etc/passwd")
    assert not [path for path in listed(exported(root)) if "stolen" in path]


def test_the_logos_of_the_theme_come_along(root: Path) -> None:
    own = root / "email_templates/themes/calm/theme.toml"
    own.parent.mkdir(parents=True)
    calm = (ROOT / "email_templates/themes/calm/theme.toml").read_text(encoding="utf-8")
    own.write_text(f'{calm}\n[logo]\nlight = "sign.png"\n', encoding="utf-8")
    (root / "articles/sign.png").write_bytes(PNG)
    assert "markdown/articles/sign.png" in listed(exported(root))


def test_a_dry_run_names_the_files_and_writes_none(root: Path) -> None:
    before = snapshot(root)
    done = json.loads(ok("export", "--dry-run", "--format", "json", root=root).stdout)
    assert snapshot(root) == before
    assert done["changed"] == []
    assert done["files"]["epub/care.epub"] > 1000


def test_a_series_that_there_is_not_is_refused_with_a_hint(root: Path) -> None:
    done = run("export", "--series", "cares", root=root)
    assert done.exit_code == 1
    assert "there is no series 'cares': did you mean `care`?" in done.output


# The Markdown folder.


def test_an_export_builds_the_same_feeds_and_pages_byte_for_byte(root: Path) -> None:
    kept = ("issues/",)  # an issue announces the part after it, which is not exported
    original = {path: data for path, data in built(root).items() if not path.startswith(kept)}
    again = built(exported(root) / "markdown")
    assert {path: data for path, data in again.items() if not path.startswith(kept)} == original
    assert {"feed.xml", "atom.xml", "feed.json", "series/care/feed.xml"} <= original.keys()


def test_an_export_of_everything_builds_the_same_of_everything_on_any_day(root: Path) -> None:
    folder = exported(root, "--all") / "markdown"
    for day in (THEN, "2026-10-21"):
        assert built(folder, day) == built(root, day)


def test_the_sample_newsletter_comes_back_whole(tmp_path: Path) -> None:
    ok("export", "--into", tmp_path, "--as-of", "2026-11-30", root=ROOT)
    folder = tmp_path / "markdown"
    first = (folder / "articles/01-acupuncture-and-ivf.md").read_text()
    assert first.endswith((ROOT / "articles/01-acupuncture-and-ivf.md").read_text()[-3000:])
    assert ok("check", "--as-of", "2026-11-30", root=folder).output == (
        "3 articles, nothing wrong.\n"
    )


def test_front_matter_is_complete_and_its_date_settled(root: Path) -> None:
    head = (exported(root) / "markdown/articles/one.md").read_text().split("---")[1]
    assert yaml.safe_load(head) | {"date": None} == {
        "title": "Part: one",
        "id": "tag:x,2026:1",
        "slug": "one",
        "series": "care",
        "part": 1,
        "date": None,
        "summary": "It's: `x` # y",
        "authors": ["Ann", {"name": "no", "uri": "https://bo.example"}],
        "tags": ["1.10", "yes"],
        "image": "images/a b.png",
        "image_alt": "A “b”",
        "lang": "en-GB",
        "notice": False,
    }
    assert "date: 2026-10-06T09:00:00+01:00\n" in head


def test_of_one_series_links_to_others_lead_to_their_pages_on_the_web(root: Path) -> None:
    folder = exported(root, "--series", "care") / "markdown"
    assert listed(folder / "articles") == ["deep/02-two.md", "images/a b.png", "one.md"]
    text = (folder / "articles/one.md").read_text()
    assert "[other](<https://northgate.example/notes/articles/other/#end>)" in text
    assert "other" not in (folder / "newsletter.toml").read_text()
    feed = "series/care/feed.xml"
    assert built(folder)[feed] == built(root)[feed]


def test_an_export_takes_away_what_an_earlier_one_made_and_nothing_else(root: Path) -> None:
    folder = exported(root, "--all")
    write(folder, {"markdown/NOTES.txt": "mine", "newsletter.toml": ""})
    again = exported(root, "--as", "markdown")
    assert not (again / "markdown/articles/draft.md").exists()
    assert (again / "markdown/NOTES.txt").read_text() == "mine"
    assert (again / "epub/care.epub").exists(), "of a format that was not asked for"


def test_an_export_is_the_same_twice_and_touches_nothing_then(root: Path) -> None:
    first = snapshot(exported(root))
    assert "nothing changed" in ok("export", "--as-of", THEN, root=root).output
    assert snapshot(root / "export") == first


LINE = st.text(max_size=30).map(lambda text: " ".join(text.split())).filter(str.strip)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=LINE, summary=LINE, tags=st.lists(LINE, max_size=3), names=st.lists(LINE, max_size=2),
    notice=st.one_of(st.none(), st.just(""), LINE), image_alt=LINE,
    updated=st.one_of(st.none(), st.datetimes(datetime(1950, 1, 1), datetime(2900, 1, 1))),  # noqa: DTZ001 - made aware below
)  # fmt: skip
def test_whatever_front_matter_says_reads_the_same_from_the_export(
    tmp_path: Path, title: str, summary: str, tags: list[str], names: list[str],
    notice: str | None, image_alt: str, updated: datetime | None,
) -> None:  # fmt: skip
    name = "images/100% a #1.png"
    root = write(tmp_path, {f"articles/{name}": PNG, "articles/a.md": article("A", part=1)})
    outlet = newsletter.load(root)
    read, _ = articles.read(outlet, "articles/a.md")
    assert read is not None
    source = replace(
        read,
        title=articles.text.one_line(title) or "x",
        summary=articles.text.one_line(summary),
        tags=tuple(dict.fromkeys(filter(None, map(articles.text.one_line, tags)))),
        authors=tuple(Author(name=one) for one in map(articles.text.one_line, names) if one),
        notice=notice if notice is None else articles.text.one_line(notice),
        image=name,
        image_alt=articles.text.one_line(image_alt) or "x",
        updated=updated and updated.replace(microsecond=0, tzinfo=UTC),
    )
    day = datetime(2026, 10, 6, 8, tzinfo=UTC)
    chosen = Chosen(source=source, part=1, date=day, state="published")
    text = written(chosen, selection(root))
    write(root, {"articles/a.md": text})
    back, found = articles.read(outlet, "articles/a.md")
    assert found == ()
    assert back is not None
    same = replace(back, lines={}, body_line=0, digest=b"")
    assert same == replace(source, lines={}, body_line=0, digest=b"", date=day), text


LUMPS = st.lists(
    st.sampled_from(
        [
            "[a](two.md)", "[b *c*](three.md)", "![p](p.png)", "[r]", "[x][r]", "[d][]", "`[r]`",
            '<a href="three.md">raw</a>', "word", "\n\n", "\n", "- ", "# ", "> ", "1. ", "    ",
            "```\n", '"', "[", "]", "*", "[[n](three.md)](two.md)", "![q [r] p](p.png)",
            "[r]: three.md\n", "\n[d]: <two.md> 'T'\n", "| [t](three.md) | b |\n|--|--|\n",
            " [^f] ", "\n[^f]: see [r]\n",
        ]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LUMPS)
def test_taking_links_out_changes_nothing_else_that_readers_see(
    tmp_path: Path, lumps: list[str]
) -> None:
    body = "".join(lumps) + "\n"
    files = {
        "articles/one.md": article("One", body, part=1),
        "articles/two.md": article("Two", part=2),
        "articles/three.md": article("Three", part=3, date="2026-10-20"),
        "articles/p.png": PNG,
    }
    chosen = selection(write(tmp_path, files))
    source = next(one.source for one in chosen.articles if one.part == 1)
    after = replace(source, text=held(fitted(source, chosen).encode()))
    rendered, _ = markdown.render(after, chosen.around)
    expected = without_hidden(chosen.bodies[source.id], chosen.visible)
    assert without_hidden(rendered, chosen.visible) == expected
    assert not rendered.articles - chosen.visible, after.body


# The JSON.


def data(root: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        (root / "export/json/newsletter.json").read_bytes()
    )
    return found


@pytest.mark.parametrize("args", [(), ("--all",), ("--series", "care")])
def test_the_json_has_the_shape_that_its_schema_documents(root: Path, args: tuple[str]) -> None:
    exported(root, *args)
    schema = json.loads((ROOT / "docs/export.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(data(root))] == []


def test_the_json_says_what_the_json_feed_says(root: Path) -> None:
    built(root)
    feed = json.loads((root / "output/feed.json").read_bytes())
    exported(root)
    articles = {one["id"]: one for one in data(root)["articles"]}
    for item in feed["items"]:
        mine = articles[item["id"]]
        assert mine["url"] == item["url"]
        assert str(mine["html"]) in item["content_html"]
    assert [*articles] == [item["id"] for item in feed["items"]]


def test_the_json_keeps_the_ledger_of_exported_issues_alone(root: Path) -> None:
    ids = {one.title: one.id for one in plan.load(newsletter.load(root)).sources}
    with ledger.opened(root) as book:
        for title in ("Part: one", "Three of Tomorrow"):
            at = datetime(2026, 10, 6, 9, tzinfo=UTC)
            event = Event.SUBMITTED
            book.append(Entry(at=at, event=event, service="weekly", issue=ids[title], number=1))
    exported(root)
    assert [one["issue"] for one in data(root)["ledger"]] == [ids["Part: one"]]
    exported(root, "--all")
    assert len(data(root)["ledger"]) == 2


def test_a_library_can_export_without_the_command(root: Path, tmp_path: Path) -> None:
    moment = datetime(2026, 10, 15, tzinfo=UTC)
    done = export(newsletter.load(root), tmp_path / "to", ["json"], moment, only=["other"])
    assert [*done.sizes] == ["json/newsletter.json"]
    assert (tmp_path / "to/json/newsletter.json").exists()


def test_series_of_an_export_keep_the_order_of_the_settings(tmp_path: Path) -> None:
    settings = SETTINGS.replace(SERIES, OTHER + SERIES)
    assert WEEKLY in settings
    files = {
        "newsletter.toml": settings,
        "articles/a.md": article("A", part=1),
        "articles/b.md": article("B", series="other", part=1),
    }
    exported(write(tmp_path, files))
    assert [one["key"] for one in data(tmp_path)["series"]] == ["other", "care"]
