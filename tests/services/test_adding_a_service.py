"""docs/add-a-mailing-service.md is followed to the letter, by a package of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import crash
import pytest
from fakes import Fake, RefusalError, Request, served
from samples import a_newsletter, an_email, an_issue

from pipeline.errors import PartworkError
from pipeline.services import key_of
from pipeline.services.registry import configured, named

PAGE = Path(__file__).parents[2] / "docs" / "add-a-mailing-service.md"
ISSUE = an_issue(1)
EMAIL = an_email(ISSUE, "about [[name]] and a [")

TABLE = """
[services.weekly]
kind = "pigeon"
flock = "weekly"
url = "{url}"
timeout = 1
"""


@dataclass
class FakePigeon(Fake):
    letters: list[dict[str, Any]] = field(default_factory=list)

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("authorization") != "Bearer coo":
            raise RefusalError(401, {"error": "who are you"})
        path = request.path.strip("/").split("/")
        if path[0] == "flocks":
            return 200, {"name": "Weekly", "birds": 2}
        if request.method == "POST" and len(path) == 1:
            self.letters.append({"id": len(self.letters), "status": "nest", "birds": 2, "home": 0})
            path.append(self.letters[-1]["id"])
            self.letters[-1] |= {**request.body, "at": None}
        if len(path) == 1:
            wanted = request.query["label"]
            found = [one for one in self.letters if wanted in one["labels"]]
            return 200, {"letters": found, "next": 0}
        letter = self.letters[int(path[1])]
        if request.method == "PUT":
            letter |= request.body
        if path[2:] == ["release"]:
            if letter["status"] != "nest":
                raise RefusalError(409, {"error": "it has flown"})
            letter |= {"status": "landed", "home": 2}
            subject = letter["subject"].replace("[[lb]]", "[")
            self.deliveries += [(subject, f"bird-{number}") for number in range(2)]
        return 200, letter


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's module and entry point, as if installed."""
    page = PAGE.read_text(encoding="utf-8")
    [module, *_] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [points] = re.findall(r'```toml\n\[project\.entry-points\.(".*?)```', page, re.DOTALL)
    site = tmp_path / "site"
    info = site / "partwork_pigeon-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "partwork_pigeon.py").write_text(module, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: partwork-pigeon\nVersion: 1.0\n")
    group, _, lines = points.partition("\n")
    group, plain = group.strip('"]'), lines.replace('"', "")
    (info / "entry_points.txt").write_text(f"[{group}]\n{plain}")
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop("partwork_pigeon", None)


PLUG = crash.Plug(
    name="pigeon",
    serve=lambda: served(FakePigeon),
    table=lambda fake: TABLE.format(url=fake.url),
    environ=(("PIGEON_TOKEN", "coo"),),
    calls=6,
    writes=2,
    kinds=("lost", "garbled", "500"),
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_the_pages_adapter_survives(case: crash.Case, package: Path, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_one_sends(machines: int, package: Path, tmp_path: Path) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=machines)


def test_the_pages_adapter_lets_text_arrive_as_typed(package: Path, tmp_path: Path) -> None:
    with served(FakePigeon) as fake:
        newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url))
        service = named("weekly", newsletter).open({"PIGEON_TOKEN": "coo"})
        made = service.draft(EMAIL, key_of(newsletter, ISSUE.articles[0].id, EMAIL), None)
        assert service.compare(made, EMAIL) == []
        assert service.audience()[0].size == 2
        letter = fake.letters[0]
    tags = {"[[unsubscribe]]", "[[first_name]]", "[[view]]", "[[preferences]]", "[[lb]]"}
    for part in ("subject", "html", "text"):
        assert set(re.findall(r"\[\[\w+\]\]", letter[part])) <= tags
    assert "[[lb]][name]]" in letter["text"]


def test_a_kind_nobody_knows_gets_a_suggestion(package: Path, tmp_path: Path) -> None:
    table = TABLE.format(url="https://x.example").replace('"pigeon"', '"pidgeon"')
    with pytest.raises(PartworkError, match="did you mean `pigeon`"):
        configured(a_newsletter(tmp_path, table))


def test_a_service_nobody_configured_gets_one_too(package: Path, tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="https://x.example"))
    with pytest.raises(PartworkError, match="did you mean `weekly`"):
        named("weakly", newsletter)
    with pytest.raises(PartworkError, match=r"add \[services\.weekly\]"):
        named("weekly", a_newsletter(tmp_path))


def test_what_is_configured_shows_without_secrets_or_requests(
    package: Path, tmp_path: Path
) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="https://x.example"))
    [one] = configured(newsletter)
    assert (one.name, one.capabilities.title) == ("weekly", "Pigeon Post")
    assert one.variables() == {"token_env": "PIGEON_TOKEN"}
    assert one.missing({}) == ("PIGEON_TOKEN",)
    assert one.missing({"PIGEON_TOKEN": "coo"}) == ()
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*PIGEON_TOKEN is not set"):
        one.open({})
    for wrong in ("tw\no", "c\u00f6\u00f6", "\udcff"):
        with pytest.raises(PartworkError, match="a character that no header can") as caught:
            one.open({"PIGEON_TOKEN": wrong})
        assert wrong not in str(caught.value)
    assert "coo" not in repr(one.open({"PIGEON_TOKEN": "coo"}))
