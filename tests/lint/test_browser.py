from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import window

from lint.good import good
from pipeline.lint.css import Scheme
from pipeline.lint.document import Document
from pipeline.lint.looks import looks, visible

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEXTS = """() => {
    const seen = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.split(/\\s+/).filter(Boolean).join(' ');
        const element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility()) continue;
        let ground = element;
        const fill = () => getComputedStyle(ground).backgroundColor;
        while (fill() === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
        const style = getComputedStyle(element);
        seen.push([text, style.color, fill(), Math.round(parseFloat(style.fontSize) * 100) / 100]);
    }
    return seen;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_and_sizes_are_those_that_a_browser_computes(
    browser: Browser, scheme: Scheme
) -> None:
    with window(browser, scheme=scheme) as page:
        page.set_content(good().html, wait_until="domcontentloaded")
        seen = sorted(page.evaluate(TEXTS))
    computed = sorted(
        [
            text,
            f"rgb{tuple(round(one) for one in look.text[:3])}",
            f"rgb{tuple(round(one) for one in look.ground[:3])}",
            round(look.size, 2),
        ]
        for text, _, look in visible(looks(Document(good().html), scheme))
    )
    assert len(seen) > 50
    assert computed == seen
