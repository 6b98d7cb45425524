from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from mailing import email, own_template, write

from pipeline import emails, plan
from pipeline.config import Newsletter
from pipeline.errors import PartworkError


@pytest.fixture
def notes(tmp_path: Path) -> Newsletter:
    """Four weekly parts of a series that announces five."""
    return write(tmp_path)


def line_of(notes: Newsletter, name: str, said: str) -> int:
    source = (notes.root / "email_templates" / name).read_text(encoding="utf-8")
    return source[: source.index(said)].count("\n") + 1


def test_a_projects_own_template_takes_the_place_of_one(notes: Newsletter) -> None:
    own_template(notes, "partials/footer.mjml.j2", "{{ footer.reason }}", "Own words.")
    assert "Own words." in email(notes, 1).html
    shutil.rmtree(notes.root / "email_templates")
    assert "Own words." not in email(notes, 1).html


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("partials/footer.mjml.j2", "{{ footer.reason }}", "a <br> b", "mismatched tag"),
        ("partials/footer.mjml.j2", "{{ footer.reason }}", "<mj-table/>", "<mj-table>"),
        ("partials/masthead.mjml.j2", "<mj-column>", '<mj-column colour="x">', "colour"),
        ("issue.mjml.j2", "<mj-body", "<mj-boddy/><mj-body", "<mj-boddy>"),
        ("partials/series.mjml.j2", "{{ block.place }}", "{{ block.plaice }}", "plaice"),
        ("partials/series.txt.j2", "{% if block.complete %}", "{% iff %}", "iff"),
        ("issue.mjml.j2", "{% if digest %}", "{{ nothing }}{% if digest %}", "nothing"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    notes: Newsletter, name: str, before: str, after: str, said: str
) -> None:
    own_template(notes, name, before, after)
    with pytest.raises(PartworkError) as caught:
        email(notes, 2)
    assert f"email_templates/{name}:{line_of(notes, name, after)}: " in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "after",
    ["", "{{ article.body }}{{ article.body }}", '<a href="{{ article.body }}">x</a>'],
    ids=["missing", "twice", "in a tag"],
)
def test_a_body_stands_exactly_once_between_tags(notes: Newsletter, after: str) -> None:
    own_template(notes, "partials/article.mjml.j2", "{{ article.body }}", after)
    with pytest.raises(PartworkError, match=r"issue\.mjml\.j2: an article's body is missing"):
        email(notes, 1)


def test_a_template_that_includes_itself_is_an_error(notes: Newsletter) -> None:
    own_template(
        notes,
        "partials/preheader.mjml.j2",
        "<mj-raw>",
        '{% include "partials/preheader.mjml.j2" %}<mj-raw>',
    )
    with pytest.raises(PartworkError, match=r"preheader\.mjml\.j2"):
        email(notes, 1)


def test_issues_before_the_next_one_never_show_it(notes: Newsletter) -> None:
    planned = plan.load(notes)
    for number in (1, 2, 3):
        issue = planned.catalogue.issues[number - 1]
        late, _ = plan.published(planned, issue.date + timedelta(days=60))
        again = emails.render(late.until(issue.date), issue, upcoming=None)
        assert again.html == email(notes, number, told=False).html
