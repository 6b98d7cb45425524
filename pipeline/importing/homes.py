"""Which files of a program's own folder may be articles: not its templates, nor what it built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import basename, dirname

from pipeline import tables
from pipeline.importing.bundle import MAX_TEXT, Bundle
from pipeline.importing.model import Note

_OURS = "newsletter.toml"
_HUGO = (
    "public/", "layouts/", "archetypes/", "themes/", "resources/", "data/", "i18n/", "templates/",
)  # fmt: skip
_ELEVENTY = ("_site/", "_includes/", "_data/")
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "_config.yml": (
        "_site/", "_layouts/", "_includes/", "_data/", "_plugins/", "vendor/", "Gemfile",
    ),
    "hugo.toml": _HUGO,
    "hugo.yaml": _HUGO,
    "config.toml": _HUGO,
    "config.yaml": _HUGO,
    "pelicanconf.py": ("output/", "themes/"),
    "eleventy.config.js": _ELEVENTY,
    "eleventy.config.mjs": _ELEVENTY,
}  # fmt: skip
"""What lies beside the settings of Jekyll, Hugo (and Zola), Pelican and Eleventy."""


def named(bundle: Bundle, told: Callable[[Note], None]) -> tuple[str, ...]:
    """The names of a folder or an archive among which articles are; `told` is what was left out.

    Of a newsletter of Partwork only its folder of articles.
    """
    homes = _homes(bundle)
    if not homes:
        return bundle.names
    home = homes[0].removesuffix(basename(homes[0]))
    if f"{home}{_OURS}" in homes:
        return tuple(one for one in bundle.names if one.startswith(_articles(bundle, home)))
    beside = tuple(f"{home}{one}" for name in homes for one in _BESIDE[basename(name)])
    if there := [one for one in dict.fromkeys(beside) if any(map(_below(one), bundle.names))]:
        what = f"left out, since no articles are there: {', '.join(there)}"
        told(Note(path=bundle.name, message=what))
    return tuple(one for one in bundle.names if not one.startswith(beside))


def titles(bundle: Bundle) -> Mapping[str, str]:
    """The titles of the series of a newsletter of Partwork by their keys; empty elsewhere."""
    ours = next((name for name in _homes(bundle) if basename(name) == _OURS), None)
    if ours is None:
        return {}
    table, _ = tables.parse(_OURS, bundle.read(ours, MAX_TEXT))
    several = table.child("series")
    found = {key: several.child(key).values.get("title") for key in several.values}
    return {key: title for key, title in found.items() if isinstance(title, str)}


def _homes(bundle: Bundle) -> list[str]:
    """The files of settings nearest to the top; none where they lie in several folders."""
    settings = [name for name in bundle.names if basename(name) in {_OURS, *_BESIDE}]
    top = min((name.count("/") for name in settings), default=0)
    found = [name for name in settings if name.count("/") == top]
    return found if len({dirname(name) for name in found}) == 1 else []


def _articles(bundle: Bundle, home: str) -> str:
    table, _ = tables.parse(_OURS, bundle.read(f"{home}{_OURS}", MAX_TEXT))
    return f"{home}{table.child('newsletter').values.get('articles', 'articles')}/"


def _below(folder: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(folder)
