"""How the services join the crash matrix and the claims that hold at each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fake_brevo
import fake_buttondown
import fake_ghost
import fake_kit
import fake_listmonk
import fake_mailchimp
import fake_mailerlite
import fake_resend
from crash import Plug
from fake_brevo import FakeBrevo
from fake_buttondown import FakeButtondown
from fake_ghost import FakeGhost
from fake_kit import FakeKit
from fake_listmonk import FakeListmonk
from fake_mailchimp import FakeMailchimp
from fake_mailerlite import FakeMailerLite
from fake_resend import FakeResend
from fakes import Fake, served
from samples import HOME, a_newsletter

from pipeline.services import MailingService
from pipeline.services.registry import named

NOWHERE = "http://127.0.0.1:1"


def brevo(url: str, lists: str = "[3]", *, more: str = "", timeout: int = 5) -> str:
    return _table("brevo", f"{url}/v3", f"lists = {lists}\n{more}", timeout)


def buttondown(url: str, tags: str = "[]", *, timeout: int = 5) -> str:
    return _table("buttondown", url, f"tags = {tags}", timeout)


def ghost(url: str, *, more: str = "", timeout: int = 5) -> str:
    return _table("ghost", url, more, timeout)


def kit(url: str, to: str = "tags = [7]", *, timeout: int = 5) -> str:
    return _table("kit", url, to, timeout)


def listmonk(url: str, lists: str = "[4]", *, more: str = "", timeout: int = 5) -> str:
    return _table("listmonk", url, f'user = "api"\nlists = {lists}\n{more}', timeout)


def mailchimp(url: str, audience: str = "abc123", *, more: str = "", timeout: int = 5) -> str:
    return _table("mailchimp", f"{url}/3.0", f'list = "{audience}"\n{more}', timeout)


def mailerlite(
    url: str, groups: str = '["100093655191127682"]', *, more: str = "", timeout: int = 5
) -> str:
    return _table("mailerlite", f"{url}/api", f"groups = {groups}\n{more}", timeout)


def resend(
    url: str, segment: str = fake_resend.SEGMENT, *, more: str = "", timeout: int = 5
) -> str:
    return _table("resend", url, f'segment = "{segment}"\n{more}', timeout)


def _table(kind: str, url: str, more: str, timeout: int) -> str:
    return f'[services.weekly]\nkind = "{kind}"\nurl = "{url}"\ntimeout = {timeout}\n{more}\n'


def _plug(
    name: str,
    make: Callable[[], Fake],
    table: Callable[..., str],
    variable: str,
    secret: str,
    writes: int = 2,
) -> Plug:
    return Plug(
        name=name,
        serve=lambda: served(make),
        table=lambda fake: table(fake.url, timeout=1),
        environ=((variable, secret),),
        calls=6,
        writes=writes,
    )


BREVO = _plug("brevo", FakeBrevo, brevo, "BREVO_API_KEY", fake_brevo.KEY)
BUTTONDOWN = _plug(
    "buttondown", FakeButtondown, buttondown, "BUTTONDOWN_API_KEY", fake_buttondown.KEY
)
GHOST = _plug("ghost", FakeGhost, ghost, "GHOST_ADMIN_KEY", fake_ghost.KEY)
KIT = _plug("kit", FakeKit, kit, "KIT_API_KEY", fake_kit.KEY)
LISTMONK = _plug("listmonk", FakeListmonk, listmonk, "LISTMONK_TOKEN", fake_listmonk.TOKEN)
MAILCHIMP = _plug(
    "mailchimp", FakeMailchimp, mailchimp, "MAILCHIMP_API_KEY", fake_mailchimp.KEY, writes=4
)
MAILERLITE = _plug(
    "mailerlite", FakeMailerLite, mailerlite, "MAILERLITE_API_KEY", fake_mailerlite.TOKEN
)
RESEND = _plug("resend", FakeResend, resend, "RESEND_API_KEY", fake_resend.KEY)
EVERY = (BREVO, BUTTONDOWN, GHOST, KIT, LISTMONK, MAILCHIMP, MAILERLITE, RESEND)
ENVIRON = {name: value for plug in EVERY for name, value in plug.environ}


def a_service(root: Path, table: str, home: str = HOME, **secrets: str) -> MailingService:
    """The service that the table describes; `secrets` take the place of the right ones."""
    return named("weekly", a_newsletter(root, table, home)).open({**ENVIRON, **secrets})


def patient(plug: Plug, fake: Fake) -> str:
    """Its table with more time for an answer than the crash matrix gives."""
    return plug.table(fake).replace("timeout = 1", "timeout = 5")
