"""Code on pages, marked up by Pygments with short classes; the style sheet gives the colours."""

from __future__ import annotations

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


def highlighted(block: str, language: str, code: str) -> str:
    """A code block (`<pre><code class="language-…">…`) marked up; unchanged in an unknown language.

    `language` and `code` are HTML text, as they stand in the block.
    """
    lexer = _lexer(unescape(language).lower())
    if lexer is None or len(code) > _LONGEST:
        return block
    marked = highlight(unescape(code), lexer, _FORMATTER)
    return f'<pre class="highlight"><code class="language-{language}">{marked}</code></pre>'
