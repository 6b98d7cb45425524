"""What frames and links of the preview's pages are served: documents, pictures, messages.

Nothing is looked for on disk by a name that came in a request: a path is one of those that a build
would have made, or there is nothing there.
"""

from __future__ import annotations

from html import escape
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from pipeline import feeds as feed_formats
from pipeline.pieces import Whole
from pipeline.preview import frames
from pipeline.preview.frames import Scheme
from pipeline.preview.guard import frame_headers
from pipeline.preview.marks import marked
from pipeline.preview.picture import Sight
from pipeline.preview.views.feeds import CONTENTS, entry_of
from pipeline.preview.views.issue import ordered

_READER = Path(__file__).with_name("static") / "reader.css"
LOOKS: dict[str, Scheme] = {"light": "light", "dark": "dark", "bare": "light", "marked": "light"}
"""The looks of an email and the scheme of each; `bare` shows no picture."""


def email(seen: Sight, request: Request) -> Response:
    """An email's HTML in one of its looks."""
    number, look = request.path_params["number"], request.path_params["look"]
    scheme = LOOKS[look]
    letter = seen.letter(number)
    html = frames.with_anchor(letter.html, letter.changed)
    if look == "marked":
        html, _ = marked(letter.html, [finding for finding, _ in ordered(letter)])
    html = frames.in_scheme(html, scheme)
    html = frames.links_in_new_tabs(html)
    html = frames.with_pictures_from(html, letter.newsletter.root_url, _folder(request))
    return HTMLResponse(
        html, headers=frame_headers("'none'" if look == "bare" else "'self' https:")
    )


def picture(seen: Sight, request: Request) -> Response:
    """A picture of an email, from the articles folder or made for mail."""
    letter = seen.letter(request.path_params["number"])
    path = f"media/{request.path_params['path']}"
    return _content(letter.pictures[path], path)


def message(seen: Sight, request: Request) -> Response:
    """The complete message, to be saved and opened in a mail program."""
    letter = seen.letter(request.path_params["number"])
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(letter.file)}"}
    return Response(letter.message(), media_type="message/rfc822", headers=headers)


def site(seen: Sight, request: Request) -> Response:
    """A file of the archive: a page, a feed, a picture."""
    path = request.path_params["path"] or "index.html"
    made = seen.site()
    path = f"{path}index.html" if path.endswith("/") else path
    content = made[path]
    if path.endswith(".html") and isinstance(content, bytes):
        content = frames.links_in_new_tabs(content.decode()).encode()
    return _content(content, path)


def entry(seen: Sight, request: Request) -> Response:
    """A feed's entry as a reader sets it, whole or as its summary."""
    asked = request.path_params
    content = request.query_params.get("content", "full")
    if content not in CONTENTS:
        raise LookupError(content)
    one = entry_of(seen, asked["feed"], content, asked["entry"])
    html = one.html or f"<p>{escape(one.summary)}</p>"
    html = frames.links_in_new_tabs(html)
    pictures = request.url.path.partition("/feeds/")[0] + "/site/"
    html = frames.with_pictures_from(html, seen.newsletter.root_url, pictures)
    style = _READER.read_text(encoding="utf-8")
    return HTMLResponse(
        frames.entry_document(one.title, one.language, html, style), headers=frame_headers()
    )


def _folder(request: Request) -> str:
    """The address asked for without its last part."""
    return request.url.path.rpartition("/")[0] + "/"


_FEEDS = {one.file_name for one in feed_formats.FORMATS.values()} | {"feeds.opml", "sitemap.xml"}


def _content(content: Whole, path: str) -> Response:
    headers = frame_headers()
    if isinstance(content, Path):
        if not content.is_file():  # it went since it was looked at
            raise LookupError(path)
        return FileResponse(content, media_type=_type(path), headers=headers)
    return Response(content, media_type=_type(path), headers=headers)


def _type(path: str) -> str:
    """A file's media type; feeds are shown as text, since browsers would save them."""
    if path.rpartition("/")[2] in _FEEDS:
        return "text/plain; charset=utf-8"
    kind = guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
