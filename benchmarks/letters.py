"""The same article as each tool mails it: by Partwork's themes, and by the templates of its peers.

A peer comes from npm, or from a file that you have. One that can't be had is named with the reason
and left out.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import tools
from tools import ROOT, MissingError

from pipeline import (
    __version__,
    build,
    emails,
    markdown,
    merge,
    newsletter,
    plan,
    templating,
    themes,
)
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.issues import Issue
from pipeline.plan import Plan

sys.path.insert(0, str(ROOT / "tests"))
import mailing  # the torture article of the tests

HERE = Path(__file__).resolve().parent / "peers"
BENCH = tools.BENCH / "inbox"
_NPM = {
    "mjml": "5",
    "@react-email/components": "1",
    "react": "19",
    "react-dom": "19",
    "@maizzle/framework": "6",
    "node": "22",
    "responsive-html-email-template": "1",
}
"""Packages with their major versions; Maizzle 6 needs a Node of 22, which the machine's may not be.
"""
_TARGET = re.compile(r"\]\((?![a-z]+:|#|<)([^)\s]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article to be mailed: the second issue of a newsletter."""

    name: str
    newsletter: Newsletter
    plan: Plan
    catalogue: Catalogue
    issue: Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An article as a tool mails it; `text` is empty where it makes none."""

    tool: str
    version: str
    piece: Piece
    subject: str
    preheader: str
    html: str
    text: str
    pictures: Mapping[str, bytes | Path] = field(default_factory=dict)


def pieces(folder: Path) -> Iterator[Piece]:
    """Part 2 of the sample newsletter, and the torture article of the tests."""
    yield _piece("sample", newsletter.load(ROOT))
    parts = mailing.four_parts() | {
        "2.md": mailing.part(
            2,
            mailing.ODD,
            mailing.TORTURE,
            summary=mailing.ODD,
            image="images/square.png",
            image_alt=mailing.ODD,
        )
    }
    yield _piece("torture", mailing.write(folder, parts, mailing.settings()))


def _piece(name: str, notes: Newsletter) -> Piece:
    planned = plan.load(notes)
    issue = planned.catalogue.issues[1]
    seen, _ = plan.published(planned, issue.date)
    return Piece(name=name, newsletter=notes, plan=planned, catalogue=seen, issue=issue)


def ours(piece: Piece) -> Iterator[Letter]:
    """By each theme of Partwork."""
    for theme in themes.names([templating.packaged_emails()]):
        notes = mailing.with_email(piece.newsletter, theme=theme)
        mine = _piece(piece.name, notes)
        email = build.email_of(mine.plan, mine.catalogue, mine.issue)
        html, text = (data.decode() for _, data in emails.files(email, notes))
        yield Letter(
            tool=f"Partwork, {theme}",
            version=__version__,
            piece=mine,
            subject=email.subject,
            preheader=email.preheader,
            html=html,
            text=text,
            pictures=email.pictures,
        )


def given(piece: Piece) -> dict[str, str]:
    """What a peer is told of the article: the same words, links and pictures as Partwork has."""
    notes, article = piece.newsletter, piece.issue.articles[0]
    email = build.email_of(piece.plan, piece.catalogue, piece.issue)
    values = emails.stand_ins(email, notes)
    body = piece.catalogue.bodies[article.id]
    visible = piece.catalogue.visible
    pages = {Path(one.source.path).name: one.path for one in piece.catalogue.articles}

    def absolute(match: re.Match[str]) -> str:
        path = pages.get(match[1].partition("#")[0], "")
        return f"]({notes.absolute(path or f'media/{match[1]}')}"

    return {
        "lang": notes.language,
        "dir": "ltr",
        "newsletter": notes.title,
        "subject": email.subject,
        "preheader": email.preheader,
        "title": article.title,
        "html": markdown.for_feed(body, notes.root_url, article.path, visible),
        "markdown": _TARGET.sub(absolute, article.source.body),
        "url": notes.absolute(article.path),
        "button": "Read on the web",
        "unsubscribe": values[merge.MergePoint.UNSUBSCRIBE_URL],
        "address": values[merge.MergePoint.ADDRESS],
    }


def mjml(piece: Piece) -> Letter:
    """MJML's components in a basic layout; it makes no text part."""
    return _by_node("MJML", "mjml", "mjml.mjs", piece)


def react_email(piece: Piece) -> Letter:
    """React Email's components."""
    return _by_node("React Email", "@react-email/components", "react.mjs", piece)


def maizzle(piece: Piece) -> Letter:
    """Maizzle's layout and components."""
    return _by_node("Maizzle", "@maizzle/framework", "maizzle.mjs", piece)


def munroe(piece: Piece) -> Letter:
    """Lee Munroe's responsive template, as one of npm's packages has it."""
    package = _packages() / "responsive-html-email-template"
    source = (package / "email.html").read_text(encoding="utf-8")
    return fill_munroe(piece, source, f"npm's copy, {_version(package)}")


def fill_munroe(piece: Piece, source: str, version: str) -> Letter:
    """The article in `email.html` of Lee Munroe's template."""
    told = given(piece)
    button = (
        f'<a href="{escape(told["url"])}" target="_blank">{escape(told["button"])}</a>',
        f"<h1>{escape(told['title'])}</h1>{told['html']}",
    )
    html = _put(source, r"<title>.*?</title>", f"<title>{escape(told['subject'])}</title>")
    html = _put(html, r"This is preheader text\.[^<]*", escape(told["preheader"]))
    html = _put(html, r'<a href="[^"]*"[^>]*>Call To Action</a>', button[0])
    html = _put(html, r"<p>Hi there,?</p>\s*<p>.*?</p>", button[1])
    html = _put(html, r"<p>This is a really simple.*?</p>\s*<p>Good luck.*?</p>", "")
    html = _put(html, r"Company Inc[^<]*", escape(told["address"]))
    unsubscribe = f'<a href="{escape(told["unsubscribe"])}">Unsubscribe</a>'
    html = _put(html, r'<a href="[^"]*"[^>]*>Unsubscribe</a>', unsubscribe)
    return _letter("Munroe's template", version, piece, told, html)


def fill_listmonk(piece: Piece, source: str, version: str) -> Letter:
    """The article in listmonk's default campaign template, a template of Go's."""
    told = given(piece)
    values = {
        ".Campaign.Subject": escape(told["subject"]),
        'template "content" .': f"<h1>{escape(told['title'])}</h1>{told['html']}",
        "UnsubscribeURL": escape(told["unsubscribe"]),
        "MessageURL": escape(told["url"]),
        'L.T "email.unsub"': "Unsubscribe",
        'L.T "email.viewInBrowser"': "View in browser",
        "TrackView": "",
    }

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise MissingError(f"its template asks for {match[0]}, which is unknown here")
        return values[match[1]]

    html = re.sub(r"\{\{-?\s*(.*?)\s*-?\}\}", value, source)
    return _letter("listmonk's default", version, piece, told, html)


def from_file(piece: Piece, tool: str, path: Path) -> Letter:
    """HTML made elsewhere; its subject and preheader are taken to be ours."""
    html = path.read_text(encoding="utf-8")
    return _letter(tool, mark(html), piece, given(piece), html)


def mark(content: str) -> str:
    """How a file that was given is told from others."""
    return f"a file, {hashlib.sha256(content.encode()).hexdigest()[:8]}"


PEERS: dict[str, Callable[[Piece], Letter]] = {
    "mjml": mjml,
    "react-email": react_email,
    "maizzle": maizzle,
    "munroe": munroe,
}
"""The peers that npm has, by the name that `--peers` takes."""
FILLED: dict[str, Callable[[Piece, str, str], Letter]] = {
    "listmonk": fill_listmonk,
    "munroe": fill_munroe,
}
"""The templates that `--template NAME=FILE` takes, from the peer's own repository."""


def _letter(
    tool: str, version: str, piece: Piece, told: Mapping[str, str], html: str, text: str = ""
) -> Letter:
    return Letter(
        tool=tool,
        version=version,
        piece=piece,
        subject=told["subject"],
        preheader=told["preheader"],
        html=html,
        text=text,
    )


def _put(html: str, pattern: str, value: str) -> str:
    html, count = re.subn(pattern, lambda _: value, html, count=1, flags=re.DOTALL)
    if not count:
        raise MissingError(f"its template has nothing like {pattern}")
    return html


def _by_node(tool: str, package: str, script: str, piece: Piece) -> Letter:
    modules = _packages()
    # Packages are found from where a script stands, and Tailwind reads every file beside it.
    work = BENCH / "work"
    work.mkdir(exist_ok=True)
    for file in HERE.glob("*.mjs"):
        shutil.copy(file, work)
    told = given(piece)
    done = subprocess.run(
        [str(modules / "node" / "bin" / "node"), str(work / script)],
        cwd=work,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    _, found, answer = done.stdout.rpartition("\n@@")
    if done.returncode or not found:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise MissingError(f"{script} failed: {said[-1][:200]}")
    made = json.loads(answer)
    version = _version(modules / package)
    return _letter(tool, version, piece, told, made["html"], made["text"])


def _packages() -> Path:
    """The packages of npm, installed where they are not."""
    modules = BENCH / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("there is no `npm` on the path")
    if not all((modules / name).exists() for name in _NPM):
        BENCH.mkdir(parents=True, exist_ok=True)
        (tools.BENCH / ".gitignore").write_text("*\n", encoding="utf-8")
        (BENCH / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        wanted = [f"{name}@{major}" for name, major in _NPM.items()]
        quiet = ["--no-audit", "--no-fund", "--silent"]
        done = subprocess.run([npm, "install", *quiet, *wanted], cwd=BENCH, check=False)
        if done.returncode:
            raise MissingError("npm could not install it")
    return modules


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])
