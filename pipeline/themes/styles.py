"""A theme as CSS: inline styles for elements, and the few rules that dark schemes need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pipeline.themes.theme import Theme

Style = Mapping[str, str]
CELL_PADDING = 8
"""CSS pixels that a table's cell adds to its words: little, so that ten columns fit a phone."""


def css(**declarations: str | float) -> str:
    """An inline style: `css(line_height=1.5, margin="0")` is `line-height:1.5;margin:0`."""
    return ";".join(f"{key.replace('_', '-')}:{value}" for key, value in declarations.items())


@cache
def styles(theme: Theme, direction: str) -> Style:
    """The inline style of every element an article's body may hold, and of a template's titles.

    The keys are `markdown.MAIL_TAGS`, `title` (the h1), `subtitle` (an article's in a digest) and
    `block` (a heading of the mail's own).
    Text outside table cells takes its font, size and colour from the mj-text around it; Outlook
    hands none of them down into a cell.
    """
    c, sizes, fonts = theme.light, theme.sizes, theme.fonts
    start = "right" if direction == "rtl" else "left"
    small, radius = f"{sizes.small}px", f"{theme.shape.radius // 2}px"
    below = f"0 0 {round(sizes.text * 1.1)}px"
    heading = {"font_family": fonts.heading, "font_weight": fonts.weight, "color": c.heading}

    def head(margin: str, size: int, line_height: float = 1.3) -> str:
        return css(margin=margin, **heading, font_size=f"{size}px", line_height=line_height)

    def indented(*, width: int) -> str:
        return css(
            margin=below, padding=f"0 0 0 {width}px" if start == "left" else f"0 {width}px 0 0"
        )

    middle = (sizes.heading + sizes.text) // 2
    code = {"font_family": fonts.code, "font_size": small, "background_color": c.soft}
    cell = {
        "padding": f"8px {CELL_PADDING // 2}px",
        "text_align": start,
        "vertical_align": "top",
        "color": c.text,
    }
    # The last paragraph's own margin is the room below; 1px keeps it inside.
    aside = {"margin": below, "padding": "14px 18px 1px", "background_color": c.soft}
    aside[f"border_{start}"] = f"4px solid {c.edge}"
    return MappingProxyType(
        {
            "title": head("0", sizes.title, 1.2),
            "subtitle": head("0", round(sizes.title * 0.85), 1.25),
            "block": head("0", sizes.heading),
            "p": css(margin=below),
            "h2": head("34px 0 12px", sizes.heading),
            "h3": head("28px 0 10px", middle),
            "h4": head("24px 0 8px", sizes.text + 1),
            "h5": head("24px 0 8px", sizes.text),
            "h6": head("24px 0 8px", sizes.text),
            "a": css(color=c.link, text_decoration="underline"),
            "strong": css(font_weight="bold"),
            "em": css(font_style="italic"),
            "del": css(text_decoration="line-through"),
            # A ground would need a dark rule, and a span has no class: a line serves both.
            "mark": css(border_bottom=f"2px solid {c.edge}"),
            "small": css(font_size=small),
            "sup": css(font_size="14px", line_height=1, vertical_align="super"),
            "sub": css(font_size="14px", line_height=1, vertical_align="sub"),
            "kbd": css(
                **code, border=f"1px solid {c.line}", border_radius=radius, padding="1px 6px"
            ),
            "code": css(**code, border_radius=radius, padding="1px 4px"),
            "pre": css(
                margin=below, padding="14px 16px", **code, border_radius=radius, line_height=1.5
            ),
            "pre code": css(font_family=fonts.code, font_size=small),
            "ul": indented(width=20),
            "ol": indented(width=24),
            "li": css(margin="0 0 8px"),
            "task": css(margin="0 0 8px"),
            "blockquote": css(**aside),
            "alert": css(**aside),
            "alert title": css(margin="0 0 4px", font_weight="bold", color=c.mark),
            "table": css(width="100%", margin=below, font_size=small, line_height=1.5),
            # No colour of its own, which dark rules would have to know: it takes the text's.
            "caption": css(padding="0 0 8px", text_align=start),
            "th": css(
                **cell,
                font_weight="bold",
                background_color=c.soft,
                border_bottom=f"2px solid {c.line}",
            ),
            "td": css(**cell, border_bottom=f"1px solid {c.line}"),
            "img": css(border=0, height="auto", border_radius=radius, vertical_align="middle"),
            "figure": css(margin="26px 0"),
            "figcaption": css(padding="8px 0 0", font_size=small, line_height=1.5, color=c.muted),
            "hr": css(margin="30px 0", border=0, border_top=f"1px solid {c.line}"),
            "dl": css(margin=below),
            "dt": css(margin="0 0 2px", font_weight="bold"),
            "dd": css(**{"margin": "0 0 10px", f"margin_{start}": "22px"}),
            "footnotes": css(font_size=small, line_height=1.5),
            "details": css(margin=below),
            "summary": css(margin="0 0 6px", font_weight="bold"),
        }
    )


def ground(theme: Theme) -> str:
    """The style of a picture that is partly transparent: light behind it, in dark schemes too.

    Most are drawn in dark lines. The colour is that of the words in its place where pictures are
    blocked.
    """
    return css(background_color=theme.light.card, color=theme.light.text)


def dark_rules(theme: Theme) -> str:
    """The rules for dark schemes: all that a mail's own style element holds.

    `prefers-color-scheme` is Apple Mail's and Thunderbird's; Outlook.com marks with `data-ogsc`
    and `data-ogsb` what it recolours (caniemail.com). The classes are those of the packaged
    templates.
    """
    rules = [
        (selectors, f"{kind}:{getattr(theme.dark, colour)}!important")
        for selectors, kind, colour in _DARK
    ]
    own = "".join(f"{selectors}{{{rule}}}" for selectors, rule in rules)
    if theme.logo.dark:
        own += ".ll{display:none!important}.ld{display:block!important}"
    outlook = "".join(
        f"{_below('[data-ogsb]' if rule.startswith('background') else '[data-ogsc]', selectors)}"
        f"{{{rule}}}"
        for selectors, rule in rules
    )
    return f"@media (prefers-color-scheme:dark){{{own}}}{outlook}"


def _below(ancestor: str, selectors: str) -> str:
    return ",".join(f"{ancestor} {one}" for one in selectors.split(",") if one != "body")


# Later rules win over earlier ones of the same weight: general before particular.
_DARK = (
    ("body,.p", "background", "page"),
    (".c,.c>table", "background", "card"),
    (".n,.n>table", "background", "tint"),
    (".p div,.p td,.p th,.p p", "color", "text"),
    (".p div,.p td,.p th,.p hr,.p kbd", "border-color", "line"),
    (".p h1,.p h2,.p h3,.p h4,.p h5,.p h6,.p .h", "color", "heading"),
    (".p a", "color", "link"),
    (".p .m,.p .m div,.p .m a", "color", "muted"),
    (".p .k,.p .k div,.p .k a", "color", "mark"),
    (".p .s,.p pre,.p code,.p kbd,.p th,.p blockquote", "background", "soft"),
    (".p .e,.p blockquote", "border-color", "edge"),
    (".p .d", "background", "done"),
    (".p .o", "background", "rest"),
    (".p .b td,.p .b a", "background", "button"),
    (".p .b a", "color", "button_text"),
)
