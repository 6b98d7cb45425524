from __future__ import annotations

from pathlib import Path

import archives
import pytest

from pipeline import lint, newsletter
from pipeline.config import LintSetting
from pipeline.errors import PartworkError


def _load(root: Path, table: str) -> newsletter.Newsletter:
    return newsletter.load(archives.write(root, {}, f"{archives.SETTINGS}\n[lint]\n{table}\n"))


@pytest.mark.parametrize(
    "value", ['"ignore"', '"ignore: "', '"warning"', '"off: too strict"', "false", '""', "3"]
)
def test_a_rule_is_not_changed_without_a_reason(tmp_path: Path, value: str) -> None:
    with pytest.raises(PartworkError) as failed:
        _load(tmp_path, f"\nlink-vague = {value}")
    (found,) = failed.value.problems
    line = (tmp_path / "newsletter.toml").read_text().splitlines().index(
        f"link-vague = {value}"
    ) + 1
    assert (found.path, found.line) == ("newsletter.toml", line)
    assert "why" in found.remedy


def test_a_rule_is_changed_with_a_reason(tmp_path: Path) -> None:
    read = _load(
        tmp_path,
        'link-vague = "ignore: our house style"\nhtml-size-near = "error"\n'
        'css-opacity = "warning:  on purpose "',
    )
    assert dict(read.lint) == {
        "link-vague": LintSetting(severity="ignore", reason="our house style"),
        "html-size-near": LintSetting(severity="error"),
        "css-opacity": LintSetting(severity="warning", reason="on purpose"),
    }
    assert lint.unknown(read) == ()


def test_an_unknown_rule_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    read = _load(tmp_path, 'link-vauge = "ignore: x"\ncss-opacty = "ignore: x"')
    first, second = lint.unknown(read)
    assert first.severity == "error"
    assert "`link-vague`" in first.remedy
    assert "`css-opacity`" in second.remedy
    assert second.line == (first.line or 0) + 1


def test_a_name_like_no_other_is_told_where_the_names_are(tmp_path: Path) -> None:
    (found,) = lint.unknown(_load(tmp_path, 'zzzzzzzz = "ignore: x"'))
    assert "docs/lint-rules.md" in found.remedy
