"""Footnotes: numbered as they are referred to, gathered at the end of the article."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.markdown.sheet import Sheet, attribute
from pipeline.markdown.targets import Mistake

BACK = "↩"


@dataclass(slots=True)
class _Note:
    number: int
    id: str
    backs: list[str] = field(default_factory=list)


class Footnotes:
    """Collects references and definitions; ids hold the article's slug (`fn-SLUG-1`).

    Labels match as link labels do (CommonMark §4.7): whatever their case.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._referred: dict[str, _Note] = {}
        self._defined: dict[str, tuple[str, int]] = {}
        self._open: list[tuple[str, int, list[str]]] = []

    def refer(self, label: str) -> None:
        """Write a reference."""
        sheet = self._sheet
        slug, key = sheet.source.slug, label.casefold()
        note = self._referred.get(key)
        if note is None:
            number = len(self._referred) + 1
            note = self._referred[key] = _Note(number, sheet.unique(f"fn-{slug}-{number}"))
        back = sheet.unique(f"fnref-{slug}-{note.number}")
        note.backs.append(back)
        sheet.out.append(
            f"<sup{attribute('id', back)}>"
            f'<a{attribute("href", "#" + note.id)} role="doc-noteref">{note.number}</a></sup>'
        )

    def start(self, label: str, at: int) -> None:
        """Write what follows into a note instead of the running text."""
        self._open.append((label, at, self._sheet.out))
        self._sheet.out = []

    def end(self) -> None:
        """Return to the running text."""
        label, at, out = self._open.pop()
        html, self._sheet.out = "".join(self._sheet.out), out
        self._defined.setdefault(label.casefold(), (html, at))

    def finish(self) -> None:
        """Write the notes in the order of their numbers, each with the ways back."""
        out = self._sheet.out
        for label, (_, at) in self._defined.items():
            if label not in self._referred:
                message, remedy = "a footnote is never referred to", "refer to it, or take it out"
                self._sheet.problem(Mistake(message, remedy, "footnote-unused", "warning"), (at, 0))
        if not self._referred:
            return
        out.append('<section class="footnotes" role="doc-endnotes">\n<hr>\n<ol>\n')
        for label, note in self._referred.items():
            html = self._defined.get(label, ("", 0))[0].rstrip("\n")
            backs = "".join(
                f' <a{attribute("href", "#" + back)} role="doc-backlink">{BACK}</a>'
                for back in note.backs
            )
            if html.endswith("</p>"):
                html = f"{html[:-4]}{backs}</p>"
            else:
                html = f"{html}\n<p>{backs.lstrip()}</p>"
            out.append(f"<li{attribute('id', note.id)}>\n{html}\n</li>\n")
        out.append("</ol>\n</section>\n")
