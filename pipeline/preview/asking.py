"""The pages of “send me a test”: a question, the one request that writes, and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from secrets import compare_digest, token_urlsafe
from typing import Any, Protocol
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline import text
from pipeline.errors import PartworkError, Problem
from pipeline.mailing import Front
from pipeline.preview import trial
from pipeline.preview.picture import NOW, Picture, Sight, sight
from pipeline.preview.studio import Studio
from pipeline.preview.trial import Choice, Sent
from pipeline.preview.views.surround import faults

LARGEST = 10_000
"""Bytes of a form."""
KEPT = 20
"""Answers that can be looked at again."""


class Pages(Protocol):
    """What makes the preview's pages."""

    def page(
        self, request: Request, picture: Picture, template: str, values: dict[str, Any]
    ) -> Response:
        """A page from its template and values."""
        ...

    def wrong(self, request: Request, picture: Picture, problems: Iterable[Problem]) -> Response:
        """A page of problems."""
        ...

    def missing(self, request: Request) -> Response:
        """A page that says that nothing is here."""
        ...


class Asking:
    """Where tests are asked for. One is sent at a time.

    `token` is in every form of this run: a page elsewhere can't know it.
    """

    def __init__(self, studio: Studio, front: Front, pages: Pages) -> None:
        self.studio = studio
        self.front = front
        self.pages = pages
        self.token = token_urlsafe(32)
        self._sending = asyncio.Lock()
        self._answers: dict[str, Sent] = {}

    def ask(self, request: Request) -> Response:
        """Say what would go to whom, and ask."""
        picture = self.studio.picture
        asked = request.query_params
        return self._ask(request, picture, asked.get("service", ""), asked.get("to", "").strip())

    async def send(self, request: Request) -> Response:
        """Send it; the answer is a page of its own, so that a reload sends nothing."""
        form = await _form(request)
        if form is None or not compare_digest(form.get("token", "").encode(), self.token.encode()):
            return PlainTextResponse("This form is not from here: go back, reload.\n", 403)
        picture, number = self.studio.picture, request.path_params["number"]
        service, to = form.get("service", ""), form.get("to", "").strip()
        seen = _real(picture, request)
        if seen is None or not seen.has(number) or self._wrong(seen, service, to):
            return await asyncio.to_thread(self._ask, request, picture, service, to)
        async with self._sending:
            sent = await asyncio.to_thread(
                trial.send, seen.newsletter, self.front, number, service, to
            )
        result = token_urlsafe(8)
        self._answers = dict([*self._answers.items(), (result, sent)][-KEPT:])
        return RedirectResponse(f"{quote(request.url.path, safe='/+:')}/{result}", status_code=303)

    def told(self, request: Request) -> Response:
        """What became of a test."""
        picture = self.studio.picture
        sent = self._answers.get(request.path_params["result"])
        if sent is None:
            return RedirectResponse(f"/{NOW}/issues/{request.path_params['number']}")
        values = {"sent": sent, "wrong": faults(picture, sent.problems)}
        return self.pages.page(request, picture, "sent.html.j2", values)

    def _ask(self, request: Request, picture: Picture, service: str, to: str) -> Response:
        number = request.path_params["number"]
        try:
            seen = _real(picture, request)
            subject = seen.letter(number).email.subject if seen else ""
        except PartworkError as error:
            return self.pages.wrong(request, picture, error.problems)
        except LookupError:
            return self.pages.missing(request)
        values = {
            "number": number,
            "subject": subject,
            "service": service,
            "to": to,
            "why_not": self._wrong(seen, service, to) if seen else _NOT_NOW,
            "token": self.token,
        }
        return self.pages.page(request, picture, "ask.html.j2", values)

    def _wrong(self, seen: Sight, service: str, to: str) -> str:
        """Why nothing can be sent, empty where it can."""
        found, _ = trial.choices(seen.newsletter, self.front.environ)
        chosen: Choice | None = next((one for one in found if one.name == service), None)
        if chosen is None:
            return f"There is no service “{service}” that sends tests."
        if chosen.missing:
            return f"{', '.join(chosen.missing)} is not set: stop the preview, set it, start again."
        if not text.is_address(to):
            return f"“{to}” is not a mail address." if to else "Say to which address."
        return ""


_NOT_NOW = "Nothing can be sent now: mend the sources, and show no drafts."


def _real(picture: Picture, request: Request) -> Sight | None:
    """The newsletter as it is: a draft that is shown as if it were finished is never mailed."""
    with suppress(LookupError):
        seen = sight(picture, request.path_params["at"])
        return None if seen is None or seen.drafts else seen
    return None


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form, each once; None for one that is too long or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        return None
    return {name: values[-1] for name, values in fields.items()}
