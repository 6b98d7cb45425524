"""Pelican set to do the nearest same work: a page per article, lists, full-text RSS and Atom.

The feeds hold every entry, for the whole and for each series (a category). What Pelican would make
beyond that (tags, authors, archives by date) is off; its smallest theme and its default Markdown
extensions are used.
"""

AUTHOR = "The Lane"
SITENAME = "Letters from the Lane"
SITEURL = "https://corpus.example/notes"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
PATH = "content"
OUTPUT_PATH = "output"
THEME = "simple"
PLUGINS: list[str] = []

ARTICLE_URL = "articles/{slug}/"
ARTICLE_SAVE_AS = "articles/{slug}/index.html"
CATEGORY_URL = "series/{slug}/"
CATEGORY_SAVE_AS = "series/{slug}/index.html"
DIRECT_TEMPLATES = ["index"]
DEFAULT_PAGINATION = False
STATIC_PATHS = ["images"]
TAG_SAVE_AS = AUTHOR_SAVE_AS = ""

FEED_ALL_RSS = "feed.xml"
FEED_ALL_ATOM = "atom.xml"
CATEGORY_FEED_RSS = "series/{slug}/feed.xml"
CATEGORY_FEED_ATOM = "series/{slug}/atom.xml"
AUTHOR_FEED_RSS = AUTHOR_FEED_ATOM = TRANSLATION_FEED_ATOM = None
RSS_FEED_SUMMARY_ONLY = False
FEED_MAX_ITEMS = None
