"""Ghost's editor and its emails, as far as an HTML card meets them (Koenig 2026-07, Ghost 6.65).

What is handed over as HTML becomes a document of cards; a card's text is searched for `%%{…}%%`,
in the HTML and, with what was found there, in the plain text that is made from it; Mailgun's own
`%recipient.…%` are filled in afterwards.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import html5lib

_TOKEN = re.compile(r"%%\{(.*?)\}%%")
_WORDS = re.compile(r'(\w+?)(?:,? *(?:"|&quot;)(.*?)(?:"|&quot;))?')
_BEGIN, _END = (re.compile(rf"\s*kg-card-{word}:\s?html\s*") for word in ("begin", "end"))


def received(document: str, facts: dict[str, str]) -> tuple[str, str]:
    """HTML and plain text as a member gets them, the card without Ghost's design around it."""
    cards = json.loads(document)["root"]["children"]
    source = "".join(one["html"] for one in cards).replace("%%{uuid}%%", "{uuid}")
    plain = _plain_text(source)
    used = [*_TOKEN.finditer(source), *_TOKEN.finditer("%%{list_unsubscribe}%%")]
    for token in used:
        words = _WORDS.fullmatch(token[1])
        if words and words[1] in facts:
            shape = re.sub('"|&quot;', lambda _: '(?:"|&quot;)', re.escape(token[0]))
            value = facts[words[1]] or words[2] or ""
            source, plain = (re.sub(shape, lambda _, v=value: v, it) for it in (source, plain))
    return mailgun(source, facts), mailgun(plain, facts)


def mailgun(text: str, facts: dict[str, str]) -> str:
    """What the sending service fills in, in every part of the message."""
    text = re.sub(r"%recipient\.(\w+)%", lambda it: facts.get(it[1], ""), text)
    return re.sub(r"%(?:tag_|mailing_list_)?unsubscribe_(?:url|email)%", "https://mg.example", text)


def _plain_text(source: str) -> str:
    class Words(HTMLParser):
        text = ""
        quiet = False

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.quiet = tag == "style"

        def handle_endtag(self, tag: str) -> None:
            self.quiet = False

        def handle_data(self, data: str) -> None:
            self.text += "" if self.quiet else data

    words = Words()
    words.feed(source)
    return words.text


def lexical(source: str) -> str:
    """HTML as the editor's document: between the markers it survives as parsed, else as text."""
    document = html5lib.parse(f"<body>{source.strip()}</body>", treebuilder="dom")
    [body] = document.getElementsByTagName("body")
    children: list[dict[str, Any]] = []
    card: list[str] | None = None
    for node in list(body.childNodes):
        if node.nodeType == node.COMMENT_NODE and card is None and _BEGIN.fullmatch(node.data):
            card = []
        elif node.nodeType == node.COMMENT_NODE and card is not None and _END.fullmatch(node.data):
            children.append({"type": "html", "version": 1, "html": "\n".join(card).strip()})
            card = None
        elif node.nodeType == node.ELEMENT_NODE and card is not None:
            card.append(_outer(node))
        elif node.nodeType == node.TEXT_NODE and card is not None:
            card.append(node.data)  # bare text: what was escaped is not any more
        elif node.nodeType == node.ELEMENT_NODE:
            words = _plain_text(_outer(node))
            children.append({"type": "paragraph", "version": 1, "children": [{"text": words}]})
    return json.dumps({"root": {"children": children, "type": "root", "version": 1}})


def _outer(node: Any) -> str:
    shown: str = html5lib.serialize(
        node,
        tree="dom",
        omit_optional_tags=False,
        quote_attr_values="always",
        minimize_boolean_attributes=False,
        resolve_entities=False,
    )
    return shown
