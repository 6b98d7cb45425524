"""The same article as Partwork and its peers mail it, held to the same checks.

    python benchmarks/inbox.py
    python benchmarks/inbox.py --template listmonk=default.tpl --peer Mailchimp=theirs.html
    python benchmarks/inbox.py --write

Needs Chromium and, for the last column, SpamAssassin; peers come from npm. Markup made elsewhere is
given by `--peer`, a peer's own template by `--template`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import letters  # finds the modules of the tests too
import measure
from browser import PAGE_LEVEL, SCHEMES, axe, chromium, outside, too_wide, window
from letters import Letter, Piece
from playwright.sync_api import Browser, Route
from tools import ROOT, MissingError

from pipeline import lint, messages, screenshots
from pipeline.emails import Email
from pipeline.errors import PartworkError

PAGE = ROOT / "docs" / "compare.md"
WIDTHS = (320, 375, 600, 800)
HEAD = (
    *("rendered by", "version", "KB", "errors", "warnings", "axe", "too wide at"),
    *("text part", "SpamAssassin"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the checks say of one letter."""

    letter: Letter
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    axe: tuple[str, ...]
    wide: tuple[int, ...]
    spam: float | None


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Judge one article as many tools mail it.")
    parser.add_argument("--peers", nargs="*", choices=letters.PEERS, default=[*letters.PEERS])
    parser.add_argument("--template", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--peer", nargs="*", default=[], metavar="NAME=FILE.html")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the HTML there too")
    parser.add_argument("--write", action="store_true", help=f"also into docs/{PAGE.name}")
    asked = parser.parse_args()
    try:
        screenshots.chromium(os.environ)
    except PartworkError as error:
        sys.exit(str(error))

    missing: dict[str, str] = {}
    if not any(one.startswith("listmonk=") for one in asked.template):
        missing["listmonk"] = (
            "npm does not have its template: give it with --template listmonk=FILE"
        )
    with TemporaryDirectory() as made, chromium() as opened:
        verdicts = []
        for piece in letters.pieces(Path(made)):
            for letter in _letters(piece, asked, missing):
                verdicts.append(_verdict(letter, opened))
                print("  ".join(_row(verdicts[-1])), file=sys.stderr, flush=True)
                if asked.keep:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    name = re.sub(r"[^a-z]+", "-", f"{letter.tool} {piece.name}".lower())
                    (asked.keep / f"{name}.html").write_text(letter.html, encoding="utf-8")
        report = "\n".join(_report(verdicts, missing, opened.version))
    print(report)
    if asked.write:
        measure.put(report, PAGE, "inbox")


def _letters(piece: Piece, asked: argparse.Namespace, missing: dict[str, str]) -> Iterator[Letter]:
    yield from letters.ours(piece)
    makers = {name: partial(letters.PEERS[name], piece) for name in asked.peers}
    for one in asked.template:
        name, path = _named(one)
        if name not in letters.FILLED:
            sys.exit(f"--template {one}: the names are {', '.join(letters.FILLED)}")
        source = path.read_text(encoding="utf-8")
        makers[one] = partial(letters.FILLED[name], piece, source, letters.mark(source))
    for one in asked.peer:
        name, path = _named(one)
        makers[one] = partial(letters.from_file, piece, name, path)
    for name, make in makers.items():
        if name not in missing:
            try:
                yield make()
            except MissingError as reason:
                missing[name] = str(reason)


def _named(given: str) -> tuple[str, Path]:
    name, _, path = given.partition("=")
    if not Path(path).is_file():
        sys.exit(f"{given}: write NAME=FILE, with a file that is there")
    return name, Path(path)


def _verdict(letter: Letter, browser: Browser) -> Verdict:
    piece = letter.piece
    # What the author wrote, so that a backslash of the article's is not taken for a tool's.
    places = lint.places_of(piece.catalogue, piece.issue, "")
    problems = lint.lint(letter, replace(piece.newsletter, lint={}), places)
    by = {
        severity: tuple(dict.fromkeys(one.rule for one in problems if one.severity == severity))
        for severity in ("error", "warning")
    }
    broken: dict[str, None] = {}
    wide: dict[int, None] = {}
    with window(browser) as page:
        page.route("**/*", partial(_answer, letter))
        page.set_content(letter.html)
        page.wait_for_function("() => [...document.images].every(image => image.complete)")
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of SCHEMES
            if too_wide(page) or outside(page):
                wide[width] = None
            said = axe(page, without=PAGE_LEVEL)
            broken.update(dict.fromkeys(one.partition(" ")[0] for one in said))
    return Verdict(
        letter=letter,
        errors=by["error"],
        warnings=by["warning"],
        axe=tuple(broken),
        wide=tuple(wide),
        spam=_spam(letter),
    )


def _answer(letter: Letter, route: Route) -> None:
    """The newsletter's pictures from the disk; the rest of the net is closed."""
    url, notes = route.request.url, letter.piece.newsletter
    path = url.removeprefix(notes.root_url)
    content = letter.pictures.get(path, notes.articles_dir / path.removeprefix("media/"))
    if isinstance(content, bytes):
        route.fulfill(body=content)
    elif path != url and content.is_file():
        route.fulfill(path=content)
    else:
        route.abort()


def _spam(letter: Letter) -> float | None:
    """SpamAssassin's points for the message, offline; None without the program."""
    program = shutil.which("spamassassin")
    if program is None:
        return None
    raw = _message(letter)
    done = subprocess.run([program, "-L", "-t"], input=raw, capture_output=True, check=True)
    said = done.stdout.decode(errors="replace").rpartition("Content analysis details:")[2]
    found = re.search(r"\((-?[\d.]+) points", said)
    return float(found[1]) if found else None


def _message(letter: Letter) -> bytes:
    """The letter with the headers that Partwork writes, so that only its content counts."""
    email = Email(
        issue=letter.piece.issue,
        subject=letter.subject,
        preheader=letter.preheader,
        html=letter.html,
        text=letter.text,
        lang=letter.piece.newsletter.language,
    )
    raw = messages.build(email, letter.piece.newsletter)
    if letter.text:
        return raw
    message = message_from_bytes(raw, policy=policy.SMTP.clone(max_line_length=998))
    message.clear_content()
    message.set_content(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def _row(verdict: Verdict) -> tuple[str, ...]:
    letter = verdict.letter
    return (
        letter.tool,
        letter.version,
        f"{len(letter.html.encode()) / 1000:.0f}",
        str(len(verdict.errors)),
        str(len(verdict.warnings)),
        ", ".join(verdict.axe) or "none",
        ", ".join(map(str, verdict.wide)) or "none",
        "yes" if letter.text else "no",
        "?" if verdict.spam is None else f"{round(verdict.spam, 1) + 0:.1f}",
    )


def _report(
    verdicts: Sequence[Verdict], missing: Mapping[str, str], chromium_version: str
) -> Iterator[str]:
    titles = {
        "sample": "Part 2 of the sample newsletter",
        "torture": "The torture article of the tests",
    }
    for name, title in titles.items():
        yield f"**{title}**\n"
        yield f"| {' | '.join(HEAD)} |"
        yield "|---|---|---:|---:|---:|---|---|---|---:|"
        mine = [one for one in verdicts if one.letter.piece.name == name]
        for one in mine:
            yield f"| {' | '.join(_row(one))} |"
        yield ""
        yield "Rules broken:\n"
        for one in mine:
            rules = [*one.errors, *(f"({rule})" for rule in one.warnings)]
            yield f"- {one.letter.tool}: {', '.join(rules) or 'none'}"
        yield ""
    for name, reason in missing.items():
        yield f"Left out: {name} ({reason}).\n"
    yield f"Chromium {chromium_version}; {_spam_version()}."


def _spam_version() -> str:
    program = shutil.which("spamassassin")
    if program is None:
        return "no SpamAssassin"
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].replace("version ", "")


if __name__ == "__main__":
    main()
