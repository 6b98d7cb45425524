from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from lint.good import ROOT
from pipeline import lint
from pipeline.lint import features


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "refresh_client_support.py"
    spec = importlib.util.spec_from_file_location("refresh_client_support", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_facts_name_their_source_licence_and_day() -> None:
    facts = features.facts()
    assert "caniemail.com" in facts["source"]
    assert facts["licence"].startswith("MIT, © 2019 Rémi Parmentier")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", facts["newest test"])


def test_every_feature_named_in_the_code_is_in_the_facts() -> None:
    assert features.special() <= features.known()


def test_every_feature_that_is_looked_for_can_be_found() -> None:
    blind = {slug for slug in features.lacking() if not features.marks(slug)}
    assert blind == {"html-doctype", "html-meta-color-scheme"}


def test_every_exception_gives_its_reason() -> None:
    assert all(re.fullmatch(r".{20,}\.", reason) for reason in features.ALLOWED.values())


def test_the_programs_are_those_of_the_facts(script: ModuleType) -> None:
    assert list(features.PROGRAMS) == list(script.PROGRAMS)


PUBLIC = {
    "data": [
        {
            "slug": "css-x",
            "category": "css",
            "last_test_date": "2026-01-02",
            "stats": {
                "gmail": {
                    "ios": {"2019-08": "n", "2020-02": "y"},
                    "android": {"9.2": "y", "10.1": "n #1"},
                    "desktop-webmail": {"2020-02": "a #2"},
                    "mobile-webmail": {"2020-02": "u"},
                },
                "apple-mail": {"macos": {"16.0": "n"}, "ios": {"12.4": "y"}},
                "yahoo": {"ios": {"2020-02": "u"}},
                "outlook": {
                    "windows": {"2019": "n"},
                    "windows-mail": {"2020-01": "y"},
                    "outlook-com": {"2023-12": "y", "2019-02": "n"},
                },
            },
        },
        {
            "url": "https://www.caniemail.com/features/html-y/",
            "category": "html",
            "last_test_date": "2026-03-04",
            "stats": {"gmail": {"ios": {"2020-01": "y"}}},
        },
        {"slug": "image-z", "category": "image", "last_test_date": "2027-01-01", "stats": {}},
    ]
}
COMPACT = {
    "css-x": {
        "c": "css",
        "d": "2026-01-02",
        "s": {"gmail.ios": "n", "gmail.android": "y", "yahoo.ios": "y", "outlook.windows": "y"},
    },
    "image-z": {"c": "image", "d": "2027-01-01", "s": {}},
}


def test_the_newest_answer_of_each_app_counts_and_half_of_them_decide(script: ModuleType) -> None:
    facts = script.facts(PUBLIC)
    assert facts["lacking"] == {"css-x": "apple-mail outlook-windows"}
    assert facts["newest test"] == "2026-03-04"


def test_a_compact_form_of_the_data_is_read_as_well(script: ModuleType) -> None:
    assert script.facts(COMPACT)["lacking"] == {"css-x": "gmail"}


def test_the_script_writes_what_the_lint_reads(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "data.json", tmp_path / "client_support.json"
    source.write_text(json.dumps(PUBLIC), encoding="utf-8")
    monkeypatch.setattr(script, "FILE", target)
    assert script.main([str(source)]) == 0
    assert json.loads(target.read_text(encoding="utf-8")) == script.facts(PUBLIC)
    assert script.main([]) == 2


def test_other_rules_and_client_support_do_not_say_the_same_twice() -> None:
    named = " ".join(rule.source for rule in lint.RULES.values())
    assert features.known() >= features.OTHER_RULES
    for slug in ("css-position", "css-variables", "html-form", "html-link", "html-anchor-links"):
        assert slug in features.OTHER_RULES
        assert slug in named
