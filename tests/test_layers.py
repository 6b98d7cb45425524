"""How the program hangs together: what imports what, and what a command loads."""

from __future__ import annotations

import subprocess
import sys

import pytest
from folders import ROOT

from pipeline.cli import COMMANDS

HEAVY = {
    "PIL", "bs4", "feedgen", "feedparser", "filelock", "html5lib", "httpx2", "jinja2", "linkify_it",
    "lxml", "mammoth", "markdownify", "mjml", "nh3", "pygments", "pyromark", "rich", "starlette",
    "uvicorn", "watchfiles", "yaml", "zoneinfo",
}  # fmt: skip
"""What only the module that uses it may import."""


def loaded_by(*args: str) -> set[str]:
    """The modules in memory when the program ends."""
    code = (
        "import atexit, os, sys\n"
        "os._exit = sys.exit\n"  # the program itself leaves without looking back
        "atexit.register(lambda: print('LOADED', *sys.modules))\n"
        f"sys.argv = ['partwork', *{args!r}]\n"
        "from pipeline.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.partition("LOADED ")[2].split())


def test_each_layer_imports_only_layers_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize(
    "args", [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)]
)
def test_help_loads_none_of_the_heavy_libraries(args: tuple[str, ...]) -> None:
    loaded = loaded_by(*args)
    assert "click" in loaded
    assert HEAVY & loaded == set()


def test_help_loads_click_and_four_modules_of_our_own() -> None:
    ours = {"pipeline", "pipeline.__main__", "pipeline.cli", "pipeline.errors"}
    others = {name for name in loaded_by("--help") if is_installed(name)}
    assert {name for name in others if name.partition(".")[0] != "click"} == ours


def is_installed(name: str) -> bool:
    """True unless Python brings a module, or an environment's start-up hook does."""
    return name.partition(".")[0] not in {*sys.stdlib_module_names, "__main__", "_distutils_hack"}


def test_one_command_loads_no_other() -> None:
    loaded = loaded_by("status", "--help")
    assert "pipeline.commands.status" in loaded
    assert not any(f"pipeline.commands.{name}" in loaded for name in {*COMMANDS} - {"status"})


def test_every_module_of_the_commands_is_a_command_or_shared_by_them() -> None:
    there = {path.stem for path in (ROOT / "pipeline/commands").glob("*.py")}
    assert there - {"__init__", "handing", "options", "progress", "states", "summary"} == {
        *COMMANDS
    }
