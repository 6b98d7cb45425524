"""The application: each address of the preview, and the view that answers it.

Addresses begin with the moment that is looked at (`/now/`, `/2026-10-13/`, `/now+drafts/`), so that
every link of a page keeps it. What is made from articles lies apart, under `/framed/KEY/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.errors import PartworkError, Problem, in_order
from pipeline.mailing import Front
from pipeline.preview import served, trial
from pipeline.preview.asking import Asking
from pipeline.preview.guard import SANDBOX
from pipeline.preview.picture import DRAFTS, NOW, Picture, Sight, sight, unreadable
from pipeline.preview.reload import events
from pipeline.preview.studio import Studio
from pipeline.preview.views import archive, feeds, issue, series
from pipeline.preview.views.surround import faults, surround
from pipeline.preview.words import coded
from pipeline.templating import PACKAGE, environment, render

MISSING = "missing.html.j2"

View = Callable[[Sight, Request], tuple[str, dict[str, Any]]]
"""What of a picture a page shows: its template, and the values for it."""


class Preview:
    """The pages over a studio; `/` leads to the moment `start`, frames are below `framed`."""

    def __init__(
        self,
        studio: Studio,
        front: Front,
        start: str,
        framed: str,
        stopping: Callable[[], bool],
    ) -> None:
        self.studio = studio
        self.front = front
        self.start = start
        self.framed = framed
        self.stopping = stopping
        self.asking = Asking(studio, front, self)

    @cached_property
    def env(self) -> Environment:
        """The templates of the preview's own pages."""
        env = environment((PACKAGE / "preview" / "templates",))
        env.globals |= {"sandbox": SANDBOX, "views": issue.VIEWS, "contents": feeds.CONTENTS}
        env.filters["coded"] = coded
        return env

    def routes(self) -> list[Route | Mount]:
        """Every address."""
        page, asking = self.showing, self.asking
        issues, feed = "/{at}/issues/{number:int}", "/{at}/feeds/{feed:int}"
        frames = self.framed + "{at}"
        return [
            Route("/", self.home),
            Route("/go", self.go),
            Route("/events", events(self.studio, self.stopping)),
            Mount("/static", StaticFiles(packages=[("pipeline.preview", "static")])),
            Route("/{at}/", page(_series)),
            Route("/{at}/feeds", self.first_feed),
            Route(feed, page(_feeds)),
            Route(feed + "/{entry:int}", page(_feeds)),
            Route("/{at}/archive", page(_archive)),
            Route(issues, page(self.issue)),
            Route(issues + "/test", asking.ask, methods=["GET"]),
            Route(issues + "/test", asking.send, methods=["POST"]),
            Route(issues + "/test/{result}", asking.told),
            Route(issues + "/message.eml", self.frame(served.message)),
            Route(issues + "/{view}", page(self.issue)),
            Route(frames + "/issues/{number:int}/{look}", self.frame(served.email)),
            Route(frames + "/issues/{number:int}/media/{path:path}", self.frame(served.picture)),
            Route(frames + "/feeds/{feed:int}/{entry:int}", self.frame(served.entry)),
            Route(frames + "/site/{path:path}", self.frame(served.site)),
        ]

    def application(self) -> Starlette:
        """The whole, to be put behind the guard."""
        return Starlette(routes=self.routes(), exception_handlers={404: self.missing})

    def home(self, _: Request) -> Response:
        """To where one begins."""
        return RedirectResponse(f"/{quote(self.start, safe='+:')}/")

    def go(self, request: Request) -> Response:
        """To the same page at another moment, as the form on top of each asks."""
        asked = request.query_params
        at = asked.get("day", "").strip() or NOW
        drafts = DRAFTS if "drafts" in asked else ""
        return RedirectResponse(f"/{quote(at, safe=':')}{drafts}/{quote(asked.get('page', ''))}")

    def first_feed(self, request: Request) -> Response:
        """To the newsletter's own feed, as the settings have it."""
        outlet = self.studio.picture.newsletter
        content = outlet.feeds.content if outlet else "full"
        at = quote(request.path_params["at"], safe="+:")
        return RedirectResponse(f"/{at}/feeds/0?content={content}")

    def showing(self, view: View) -> Callable[[Request], Response]:
        """The endpoint of a page: what the view shows, or what is wrong in its place."""

        def endpoint(request: Request) -> Response:
            picture = self.studio.picture
            try:
                seen = sight(picture, request.path_params["at"])
                if seen is None:
                    return self.wrong(request, picture, ())
                template, values = view(seen, request)
            except PartworkError as error:
                return self.wrong(request, picture, error.problems)
            except LookupError:
                return self.missing(request)
            except OSError as error:  # a file that went since it was looked at
                return self.wrong(request, picture, [unreadable(picture.root, error)])
            return self.page(request, picture, template, values)

        return endpoint

    def frame(self, made: Callable[[Sight, Request], Response]) -> Callable[[Request], Response]:
        """The endpoint of what a frame shows; what is wrong is said by the page around it."""

        def endpoint(request: Request) -> Response:
            try:
                seen = sight(self.studio.picture, request.path_params["at"])
                return _missing() if seen is None else made(seen, request)
            except PartworkError as error:
                return PlainTextResponse(f"{error}\n", status_code=500)
            except (LookupError, OSError):
                return _missing()

        return endpoint

    def page(
        self, request: Request, picture: Picture, template: str, values: dict[str, Any]
    ) -> Response:
        """One of our own pages."""
        at = request.path_params.get("at", self.start)
        own = request.url.path.removeprefix(f"/{at}").lstrip("/")
        if template == MISSING:  # perhaps because there is no such moment
            at, own = NOW, ""
        around = surround(picture, at, own, self.framed + at)
        return HTMLResponse(render(self.env, template, around=around, **values))

    def wrong(self, request: Request, picture: Picture, problems: Iterable[Problem]) -> Response:
        """What is to be mended before there is something to show, with all else that is."""
        found = in_order(one for one in (*problems, *picture.problems) if one.severity == "error")
        return self.page(request, picture, "problems.html.j2", {"errors": faults(picture, found)})

    def missing(self, request: Request, _: Exception | None = None) -> Response:
        """Nothing is at this address, at this moment."""
        picture = self.studio.picture
        answer = self.page(request, picture, MISSING, {})
        answer.status_code = 404
        return answer

    def issue(self, seen: Sight, request: Request) -> tuple[str, dict[str, Any]]:
        """An issue in one of its views."""
        name = request.path_params.get("view", "")
        if name not in issue.VIEWS:
            raise LookupError(name)
        values = {
            "issue": issue.view(seen, request.path_params["number"]),
            "view": name,
            "test": self._test(seen),
        }
        return "issue.html.j2", values

    def _test(self, seen: Sight) -> dict[str, Any]:
        services, wrong = trial.choices(seen.newsletter, self.front.environ)
        return {
            "services": services,
            "wrong": faults(seen.picture, wrong),
            "to": seen.newsletter.preview.test_to,
        }


def _missing() -> Response:
    return PlainTextResponse("There is nothing here.\n", status_code=404)


def _series(seen: Sight, _: Request) -> tuple[str, dict[str, Any]]:
    return "series.html.j2", {"series": series.view(seen)}


def _feeds(seen: Sight, request: Request) -> tuple[str, dict[str, Any]]:
    content = request.query_params.get("content", seen.newsletter.feeds.content)
    if content not in feeds.CONTENTS:
        raise LookupError(content)
    asked = request.path_params
    return "feeds.html.j2", {"feed": feeds.view(seen, asked["feed"], content, asked.get("entry"))}


def _archive(seen: Sight, _: Request) -> tuple[str, dict[str, Any]]:
    return "archive.html.j2", {"archive": archive.view(seen)}
