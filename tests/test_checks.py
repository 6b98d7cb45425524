from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archives import URL, part
from click.testing import CliRunner, Result
from mailing import settings, write

from pipeline import checks, linkcheck, plan
from pipeline.cli import cli
from pipeline.linkcheck import Asked, Report

BODY = "## A heading\n\nMore is said [here](https://other.example/x), at some length."
EARLY = datetime(2026, 10, 1, tzinfo=UTC)
BETWEEN = datetime(2026, 10, 14, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)


def vague(*lint: str) -> tuple[dict[str, str], str]:
    """Three parts with a vague link each, and the settings with a `[lint]` table."""
    summary = "What this part is about, in a sentence of its own."
    files = {
        f"{number}.md": part(number, title, BODY, summary=summary)
        for number, title in enumerate(("One", "Two", "Three"), 1)
    }
    return files, "\n".join([settings(), "[lint]", *lint, ""])


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(root), *arguments])


def test_a_fault_of_an_article_is_told_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, *vague())
    done = run(tmp_path, "check", "--email", "--as-of", "2026-10-14")
    line = (tmp_path / "articles" / "2.md").read_text().splitlines().index(BODY.splitlines()[2]) + 1
    assert f"articles/2.md:{line}: the link “here” does not say where it leads" in done.output
    assert done.exit_code == 0
    assert not (tmp_path / "output").exists()


def test_an_error_in_an_email_ends_with_exit_code_1(tmp_path: Path) -> None:
    write(tmp_path, *vague('link-vague = "error"'))
    done = run(tmp_path, "check", "--email", "--as-of", "2026-10-14", "--format", "json")
    assert done.exit_code == 1
    assert {one["rule"] for one in json.loads(done.output)["problems"]} == {"link-vague"}


def test_a_rule_is_ignored_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path, *vague('link-vague = "ignore: our readers know us"'))
    done = run(tmp_path, "check", "--email", "all", "--as-of", "2026-10-14")
    assert (done.exit_code, done.output) == (0, "3 articles, nothing wrong.\n")


def test_an_unknown_rule_is_found_without_looking_at_emails(tmp_path: Path) -> None:
    write(tmp_path, *vague('link-vauge = "ignore: x"'))
    done = run(tmp_path, "check", "--as-of", "2026-10-14")
    assert done.exit_code == 1
    assert "did you mean `link-vague`?" in done.output


def test_what_would_stop_a_build_or_a_publish_is_found_by_a_check(tmp_path: Path) -> None:
    files, text = vague()
    wrong = '[feeds]\nformats = ["rss", "atm"]\n[services.weekly]\nkind = "listmnk"\n'
    write(tmp_path, files, text.replace("[email]\n", '[email]\ntheme = "calmm"\n') + wrong)
    words = tmp_path / "email_templates" / "words" / "en.toml"
    words.parent.mkdir(parents=True)
    words.write_text('veiw = "See it"\n')
    done = run(tmp_path, "check", "--format", "json")
    told = [one for one in json.loads(done.output)["problems"] if one["severity"] == "error"]
    assert {one["rule"] for one in told} == {"feed-format", "service", "theme", "unknown-key"}
    assert all(one["line"] for one in told)
    assert done.exit_code == 1


def test_a_link_to_an_article_that_could_not_be_read_is_not_blamed_for_it(tmp_path: Path) -> None:
    files = {
        "1.md": part(1, "One", "See [the second](2.md#a-heading), but no [third](3.md)."),
        "2.md": part(2, "Two", draft="maybe"),
    }
    write(tmp_path, files, settings().replace("Ask *someone*", "See [the second](2.md)"))
    done = run(tmp_path, "check", "--as-of", "2026-10-14", "--format", "json")
    told = {(one["path"], one["rule"]) for one in json.loads(done.output)["problems"]}
    assert told == {("articles/1.md", "link-article"), ("articles/2.md", "value")}


def test_emails_are_left_where_the_sources_have_an_error(tmp_path: Path) -> None:
    files, text = vague()
    write(tmp_path, files | {"2.md": part(2, "Two", "![](images/square.png)")}, text)
    done = run(tmp_path, "check", "--email", "all", "--as-of", "2026-10-14")
    assert done.exit_code == 1
    assert "image-alt" not in done.output
    assert "no alternative text" in done.output
    assert "here" not in done.output


@pytest.mark.parametrize(
    ("as_of", "scope", "numbers"),
    [
        (EARLY, "near", [1]),
        (BETWEEN, "near", [2, 3]),
        (LATE, "near", [3]),
        (EARLY, "all", [1, 2, 3]),
        (LATE, "all", [1, 2, 3]),
    ],
)
def test_the_latest_issue_and_the_next_are_near(
    tmp_path: Path, as_of: datetime, scope: checks.Scope, numbers: list[int]
) -> None:
    planned = plan.load(write(tmp_path, *vague()))
    chosen = checks.chosen(planned, as_of, scope)
    assert [one.number for one in chosen] == numbers
    told = {one.path for one in checks.emails(planned, as_of, scope)}
    assert told == {f"articles/{number}.md" for number in numbers}


def test_an_email_that_cannot_be_made_is_told_and_the_others_are_looked_at(
    tmp_path: Path,
) -> None:
    own = tmp_path / "email_templates" / "partials"
    own.mkdir(parents=True)
    template = "{% if article.title == 'Two' %}<mj-text>{% endif %}"
    (own / "greeting.mjml.j2").write_text(template, encoding="utf-8")
    planned = plan.load(write(tmp_path, *vague()))
    told = {one.path for one in checks.emails(planned, LATE, "all")}
    articles = {one for one in told if one.startswith("articles/")}
    assert articles == {"articles/1.md", "articles/3.md"}
    assert any(one.startswith("email_templates/") for one in told)


def test_what_is_wrong_with_an_issue_does_not_keep_it_from_being_looked_at(
    tmp_path: Path,
) -> None:
    write(tmp_path, *vague('link-vague = "error"'))
    done = run(tmp_path, "issue", "2", "--as-of", "2026-10-01")
    assert done.exit_code == 1
    assert "does not say where it leads" in done.output
    assert (tmp_path / "previews" / "issues" / "002-2" / "email.html").is_file()


def test_a_fault_of_the_template_names_the_file_that_is_written(tmp_path: Path) -> None:
    own = tmp_path / "email_templates" / "partials"
    own.mkdir(parents=True)
    (own / "footer.mjml.j2").write_text("", encoding="utf-8")
    planned = plan.load(write(tmp_path, *vague('link-vague = "ignore: not now"')))

    def told(as_of: datetime) -> set[str]:
        return {one.path for one in checks.emails(planned, as_of) if one.rule == "unsubscribe"}

    assert told(EARLY) == {"previews/issues/001-1/email.html"}
    assert told(LATE) == {"output/issues/003-3/email.html"}


def test_every_link_to_the_web_is_asked_for_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Asked] = []

    def check(links: object, **_: object) -> Report:
        asked.extend(links)  # type: ignore[call-overload]
        return Report(problems=(), asked=len(asked), known=0, unsure=("https://x.example/: why",))

    monkeypatch.setattr(linkcheck, "check", check)
    body = (
        f"[own]({URL}articles/two/) [part](2.md) [web](https://web.example/a#b)\n"
        "[mail](mailto:a@b.example)\n\n![far](https://pictures.example/x.png)"
    )
    files = {
        "1.md": part(1, "One", body, canonical_url="https://first.example/one"),
        "2.md": part(2, "Two", "[draft](https://draft.example/)", draft=True),
    }
    write(tmp_path, files)
    done = run(tmp_path, "check", "--links", "--as-of", "2026-10-14")
    assert "Nobody can tell: https://x.example/: why" in done.output
    where = {one.url: (one.path, (tmp_path / one.path).read_text().splitlines()) for one in asked}
    for one in asked:
        path, lines = where[one.url]
        assert one.url in lines[one.line - 1], path
    assert [one.url for one in asked] == [
        "https://web.example/a#b",
        "https://pictures.example/x.png",
        "https://first.example/one",
        "https://draft.example/",
        "https://northgate.example/unsubscribe",
        "https://northgate.example/subscribe",
        "https://northgate.example/ann",
    ]


def test_a_broken_link_is_a_warning_and_never_asked_for_on_this_machine(tmp_path: Path) -> None:
    files = {"1.md": part(1, "One", "See [this machine](http://127.0.0.1:9/).")}
    bare = settings(unsubscribe_url="", unsubscribe_mailto="a@b.example")
    bare = bare.replace(', uri = "https://northgate.example/ann"', "")
    write(tmp_path, files, bare.replace("https://northgate.example/subscribe", ""))
    done = run(tmp_path, "check", "--links", "--as-of", "2026-10-01", "--format", "json")
    result = json.loads(done.output)
    (found,) = result["problems"]
    assert done.exit_code == 0
    assert (found["path"], found["rule"]) == ("articles/1.md", "link-broken")
    assert "leads into a private network" in found["message"]
    assert result["links"] == {"asked": 1, "known": 0, "unsure": []}
