"""The settings: `newsletter.toml` as typed, documented tables.

Every key is a dataclass field whose metadata says what it means; the reader, the did-you-mean and
docs/newsletter-toml.md are all made from these fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pipeline.tables import Table, setting
from pipeline.text import uri

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

YEARS = range(1900, 3000)
"""The years in which anything may be dated."""

_EVERY = re.compile(r"(?:(\d{1,3}) )?(day|week|month)s?")


@cache
def step(every: str) -> tuple[int, str] | None:
    """`2 weeks` as (2, "week"); None where it is not a step a schedule knows."""
    match = _EVERY.fullmatch(every.strip().lower())
    count = int(match[1] or 1) if match else 0
    return (count, match[2]) if match and count else None


def settled(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same instant on the zone's clocks, its offset fixed, in whole seconds.

    Two datetimes of one ZoneInfo compare by the wall clock, wrongly where the clocks change, and a
    time that a change skips is no time at all (PEP 495): a fixed offset has neither trouble.
    """
    there = moment.astimezone(UTC).astimezone(zone)
    return there.replace(microsecond=0, tzinfo=timezone(there.utcoffset() or timedelta()))


def instant(text: str, zone: tzinfo) -> datetime:
    """A day (its end) or a moment in ISO 8601, in this timezone unless it says another.

    ValueError for what is neither.
    """
    if len(text) <= len("2026-10-13"):
        then = datetime.combine(date.fromisoformat(text), time(23, 59, 59), zone)
    else:
        then = datetime.fromisoformat(text)
    if then.year not in YEARS:
        raise ValueError(f"the year {then.year}")
    return then if then.tzinfo else then.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person or an organisation who writes."""

    name: str = setting("The name readers see.")
    email: str = setting("An address for feeds that ask for one; never shown on pages.", "")
    uri: str = setting("The author's own page: its absolute URL (or `mailto:`).", "")

    @property
    def given(self) -> dict[str, str]:
        """What is known of them, by key."""
        return {key: value for key, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When issues go out: the slots that date undated parts and gather articles into issues."""

    start: date = setting("The first slot's day.")
    every: str = setting(
        "The step between slots: `day`, `week`, `month`, or `N days`, `N weeks`, `N months`.",
        "week",
    )
    weekday: str = setting(
        "Move the first slot on to this day of the week (`tuesday`); empty keeps `start`.", ""
    )
    time: time = setting("The time of day, in the newsletter's timezone.", time(9, 0))
    timezone: str = setting("Another timezone for the slots; empty means the newsletter's.", "")
    holidays: str = setting(
        "Public holidays on which no issue goes out: those of a country or a part of one, in ISO"
        " 3166 (`GB`, `GB-ENG`, `DE-BY`). Needs `partwork[calendar]`; empty means none.",
        "",
    )
    holidays_from: date | None = setting(
        "The first day on which holidays count: the day they are turned on, where issues went out"
        " on some before.",
        None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSettings:
    """One `[series.KEY]` table: what is said of a series beyond its articles."""

    key: str
    title: str = setting("The series' name as readers see it.")
    slug: str = setting("Its place in URLs, `series/SLUG/`; empty means the key.", "")
    description: str = setting("One or two sentences for its page and feed.", "")
    parts: int = setting(
        "How many parts it will have: shown as “part 2 of 5”. 0 means not announced.", 0
    )
    complete: bool = setting("True once the last part is written.", False)
    start: date | None = setting("The first slot for this series' undated parts.", None)
    image: str = setting("A picture for its page, relative to the articles folder.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """`[feeds]`: what the feeds hold."""

    formats: tuple[str, ...] = setting(
        "The formats written for each feed: `rss`, `atom`, `json`, and what other packages add.",
        ("rss", "atom", "json"),
    )
    order: Literal["series", "newest"] = setting(
        "`series` lists part 1 first, `newest` the latest first; the same in every feed.", "series"
    )
    content: Literal["full", "summary"] = setting("Whole articles, or their summaries.", "full")
    limit: int = setting(
        "At most this many entries, the newest; archive documents hold all, so many in each."
        " 0 means all in one.",
        0,
    )
    part_in_title: bool = setting(
        "Put “Part 2 of 5: ”, in the newsletter's language, before an entry's title.", True
    )
    hub: str = setting("A WebSub hub's URL, announced in every feed.", "")
    ttl: int = setting("Minutes a reader may keep the RSS feed before it asks again.", 60)
    image: str = setting(
        "The channel's picture (PNG or JPEG, at most 144 pixels wide), relative to the articles"
        " folder.",
        "",
    )
    categories: tuple[str, ...] = setting("Categories of the whole newsletter.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownSettings:
    """`[markdown]`: how articles are read."""

    smart_punctuation: bool = setting(
        "Turn straight quotes into the language's typographic ones, and -- and ... into dashes and"
        " an ellipsis.",
        True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """`[email]`: the issue as a message."""

    from_name: str = setting("The sender's name; empty means the newsletter's title.", "")
    from_address: str = setting("The sender's address.", "")
    reply_to: str = setting("Where replies go; empty means the sender.", "")
    to: str = setting("The To header of the .eml file, e.g. the list's address.", "")
    subject: str = setting(
        "The subject line: `{title}`, `{series}`, `{part}`, `{parts}`, `{number}` and"
        " `{newsletter}` are filled in.",
        "{title}",
    )
    theme: str = setting("The theme's name.", "calm")
    layout: Literal["auto", "part", "digest"] = setting(
        "`part` shows one article, `digest` a list first and then each; `auto` picks by number.",
        "auto",
    )
    length: Literal["auto", "full", "summary"] = setting(
        "`auto` cuts at a heading what Gmail would clip; `full` never cuts, `summary` always does.",
        "auto",
    )
    announce_next: Literal["date", "title", "no"] = setting(
        "What an issue says of the next part: its date, its title and date, or nothing.", "date"
    )
    address: str = setting(
        "The postal address that mail law asks for, in the footer; commas join several lines.",
        "",
        between=", ",
    )
    reason: str = setting(
        "The footer's sentence that says why the reader gets this.",
        "You receive this because you subscribed to {newsletter}.",
    )
    greeting: str = setting("A first line such as `Dear {first_name}`; empty shows none.", "")
    first_name_fallback: str = setting("Stands where a reader's first name is not known.", "reader")
    unsubscribe_url: str = setting(
        "An https page to unsubscribe, for .eml files and plain SMTP; a mailing service has its"
        " own.",
        "",
    )
    unsubscribe_mailto: str = setting("An address that unsubscribes whoever writes to it.", "")
    preferences_url: str = setting("A page where readers change their preferences.", "")
    share: bool = setting("Show “forward” and “reply” as text links.", True)
    utm: bool = setting(
        "Add utm_source, utm_medium and utm_campaign to the newsletter's links.", False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """`[archive]`: the pages in output/."""

    subscribe_url: str = setting("Where readers subscribe by email; shown on every page.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSettings:
    """`[preview]`: the local page of `partwork preview`."""

    editor: str = setting(
        "The URL that opens a file at a line in your editor, e.g. `vscode://file/{path}:{line}`;"
        " `{path}` is the file's absolute path without its first slash. Empty makes no links.",
        "",
    )
    test_to: str = setting("The address that “send me a test” is filled in with.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSetting:
    """A key of `[lint]`: what becomes of a rule's findings, and the reason written beside it."""

    severity: Literal["error", "warning", "ignore"]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """The outlet and all its settings.

    `root` is its folder on disk.
    """

    root: Path
    table: Table
    """The settings file as parsed: where each table and key stands."""

    title: str = setting("The newsletter's name.")
    url: str = setting("The absolute URL under which output/ is published.")
    description: str = setting("One sentence on what it is about.")
    author: Author = setting("Who writes when an article names nobody.")
    timezone: str = setting("The IANA timezone of its dates (`Europe/London`).", "UTC")
    language: str = setting("Its language as a BCP 47 tag (`en`, `en-GB`, `ar`).", "en")
    copyright: str = setting("The rights statement in feeds and pages.", "")
    notice: str = setting("A disclaimer shown with every article (Markdown, one paragraph).", "")
    logo: str = setting("A small picture for pages and mail, relative to the articles folder.", "")
    articles: str = setting("The folder of articles.", "articles")
    output: str = setting("The folder of built files.", "output")
    templates: str = setting("The folder of the project's own email templates.", "email_templates")

    feeds: FeedSettings = field(default_factory=FeedSettings)
    markdown: MarkdownSettings = field(default_factory=MarkdownSettings)
    email: EmailSettings = field(default_factory=EmailSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    preview: PreviewSettings = field(default_factory=PreviewSettings)
    lint: Mapping[str, LintSetting] = field(default_factory=dict)
    """The email lint's rules that are changed, by name."""
    schedule: Schedule | None = None
    series: tuple[SeriesSettings, ...] = ()
    services: tuple[Table, ...] = ()
    """Each `[services.NAME]` table as written; its adapter knows the keys."""

    @property
    def zone(self) -> ZoneInfo:
        """The newsletter's timezone."""
        return ZoneInfo(self.timezone)

    @property
    def articles_dir(self) -> Path:
        """The folder of articles on disk."""
        return self.root / self.articles

    @property
    def output_dir(self) -> Path:
        """The folder of built files on disk."""
        return self.root / self.output

    @property
    def slots_zone(self) -> ZoneInfo:
        """The timezone of the schedule's slots."""
        return ZoneInfo((self.schedule and self.schedule.timezone) or self.timezone)

    @property
    def sender(self) -> str:
        """The address that emails come from; empty where nobody is named."""
        return self.email.from_address or self.author.email

    @property
    def sender_name(self) -> str:
        """The name that stands before it."""
        return self.email.from_name or self.title

    def absolute(self, path: str) -> str:
        """The public URL of an output path (`articles/x/`), percent-encoded (RFC 3986 §2.1)."""
        return self.root_url + quote(path)

    @property
    def root_url(self) -> str:
        """`written_url` in ASCII (RFC 3986, RFC 5890), as every address of ours begins."""
        return uri(self.written_url)

    @property
    def written_url(self) -> str:
        """`url` with exactly one slash at its end, for people; identities are made of it too."""
        return self.url.rstrip("/") + "/"
