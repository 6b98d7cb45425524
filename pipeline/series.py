"""Series: the ordered whole, and the rule that gives each article its part number (O1)."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.articles import Article
from pipeline.config import SeriesSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series and its articles in part order."""

    settings: SeriesSettings
    articles: tuple[Article, ...]

    @property
    def key(self) -> str:
        """The name articles use in their front matter."""
        return self.settings.key

    @property
    def title(self) -> str:
        """The name readers see."""
        return self.settings.title

    @property
    def parts(self) -> int | None:
        """How many parts it declares, None where it does not say."""
        return self.settings.parts or None

    @property
    def path(self) -> str:
        """Its page's folder in output/."""
        return f"series/{self.settings.slug or self.settings.key}/"
