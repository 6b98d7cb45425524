"""The channel's picture: measured, so that readers draw it at its own size."""

from __future__ import annotations

from pathlib import Path

from pipeline.config import Newsletter
from pipeline.errors import Problem
from pipeline.feeds.entries import media
from pipeline.feeds.model import Image

MAX_WIDTH, MAX_HEIGHT = 144, 400
"""Pixels: the most an RSS channel's image may have (RSS 2.0, `image`)."""


def channel_image(newsletter: Newsletter) -> Image | None:
    """The picture of `[feeds] image`; None where there is none that can be measured."""
    name = newsletter.feeds.image
    size = _size(newsletter.articles_dir / name) if name else None
    if size is None:
        return None
    return Image(url=newsletter.absolute(media(name)), width=size[0], height=size[1])


def fits_rss(image: Image) -> bool:
    """True where an RSS channel may show it."""
    return image.width <= MAX_WIDTH and image.height <= MAX_HEIGHT


def image_problems(newsletter: Newsletter) -> tuple[Problem, ...]:
    """Warns of a picture that feeds leave out, or that RSS does."""
    name = newsletter.feeds.image
    if not name:
        return ()
    image = channel_image(newsletter)
    if image is None:
        message, remedy = f"{name} is no PNG or JPEG file", "save the picture as one of these"
    elif not fits_rss(image):
        message = (
            f"{name} has {image.width} by {image.height} pixels, so the RSS feeds leave it out"
        )
        remedy = f"make it at most {MAX_WIDTH} by {MAX_HEIGHT}"
    else:
        return ()
    return (
        Problem(
            path=newsletter.table.path,
            line=newsletter.table.child("feeds").line("image"),
            rule="feed-image",
            severity="warning",
            message=message,
            remedy=remedy,
        ),
    )


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels; None where the file is missing or no picture we take."""
    from PIL import Image as Picture

    try:
        with Picture.open(path, formats=("PNG", "JPEG")) as picture:
            return picture.size
    except (OSError, Picture.DecompressionBombError):
        return None
