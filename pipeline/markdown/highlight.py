"""Code on pages, marked up by Pygments with short classes; the style sheet gives the colours."""

from __future__ import annotations

import re
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from pipeline.markdown.raw import unescape

_FORMATTER = HtmlFormatter(nowrap=True)
# Some lexers take quadratic time; nobody reads that much code in a newsletter.
_LONGEST = 50_000


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def highlighted(block: re.Match[str]) -> str:
    """A code block (`<pre …><code class="language-…">…`) marked up, where its language is known.

    Its groups: the attributes of `pre`, the language and the code, as HTML.
    """
    way, language, code = block.groups(default="")
    lexer = _lexer(unescape(language).lower())
    if lexer is None or len(code) > _LONGEST:
        return block[0]
    marked = highlight(unescape(code), lexer, _FORMATTER)
    return f'<pre{way} class="highlight"><code class="language-{language}">{marked}</code></pre>'
