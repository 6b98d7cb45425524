from __future__ import annotations

from pathlib import Path

import pytest
from folders import NOW, SETTINGS, article, problems, write

from pipeline import newsletter, plan
from pipeline.errors import PartworkError

WITH_NOTICE = SETTINGS.replace("[newsletter]", '[newsletter]\nnotice = "Ask [them](who.md)."', 1)


def refused(root: Path) -> list[str]:
    with pytest.raises(PartworkError) as caught:
        plan.published(plan.load(newsletter.load(root)), NOW)
    return problems(caught.value.problems)


def test_a_dead_link_in_the_newsletters_notice_is_named_once_at_its_line(tmp_path: Path) -> None:
    files = {
        "articles/01-one.md": article("One", date="2026-10-01"),
        "articles/02-two.md": article("Two", date="2026-10-02"),
    }
    (found,) = refused(write(tmp_path, {"newsletter.toml": WITH_NOTICE, **files}))

    line = WITH_NOTICE.split("\n").index('notice = "Ask [them](who.md)."') + 1
    assert found.startswith(f"newsletter.toml:{line}: 'who.md' is no article")


def test_a_dead_link_in_an_articles_notice_is_named_there(tmp_path: Path) -> None:
    text = article("One", date="2026-10-01", notice="Ask [them](who.md).")
    (found,) = refused(
        write(tmp_path, {"newsletter.toml": WITH_NOTICE, "articles/01-one.md": text})
    )

    line = [one.partition(":")[0] for one in text.split("\n")].index("notice") + 1
    assert found.startswith(f"articles/01-one.md:{line}: 'who.md' is no article")


def test_articles_that_share_a_notice_share_its_rendering(tmp_path: Path) -> None:
    files = {
        "articles/01-one.md": article("One", date="2026-10-01"),
        "articles/02-two.md": article("Two", date="2026-10-02"),
        "articles/03-own.md": article("Own", date="2026-10-03", notice="Mine."),
        "articles/04-none.md": article("None", date="2026-10-04", notice=False),
    }
    settings = WITH_NOTICE.replace("[them](who.md)", "them")
    root = write(tmp_path, {"newsletter.toml": settings, **files})
    catalogue, _ = plan.published(plan.load(newsletter.load(root)), NOW)

    one, two, own, none = (catalogue.notices.get(each.id) for each in catalogue.articles)
    assert one is two
    assert own is not None
    assert own.source.body == "Mine."
    assert none is None
