"""How the services join the crash matrix and the claims that hold at each of them."""

from __future__ import annotations

import fake_brevo
import fake_ghost
import fake_mailchimp
import fake_mailerlite
from crash import Plug
from fake_brevo import FakeBrevo
from fake_ghost import FakeGhost
from fake_mailchimp import FakeMailchimp
from fake_mailerlite import FakeMailerLite
from fakes import served

BREVO = Plug(
    name="brevo",
    serve=lambda: served(FakeBrevo),
    table=lambda fake: brevo(fake.url, timeout=1),
    environ=(("BREVO_API_KEY", fake_brevo.KEY),),
    calls=6,
    writes=2,
)
GHOST = Plug(
    name="ghost",
    serve=lambda: served(FakeGhost),
    table=lambda fake: ghost(fake.url, timeout=1),
    environ=(("GHOST_ADMIN_KEY", fake_ghost.KEY),),
    calls=6,
    writes=2,
)
MAILCHIMP = Plug(
    name="mailchimp",
    serve=lambda: served(FakeMailchimp),
    table=lambda fake: mailchimp(fake.url, timeout=1),
    environ=(("MAILCHIMP_API_KEY", fake_mailchimp.KEY),),
    calls=6,
    writes=4,
)
MAILERLITE = Plug(
    name="mailerlite",
    serve=lambda: served(FakeMailerLite),
    table=lambda fake: mailerlite(fake.url, timeout=1),
    environ=(("MAILERLITE_API_KEY", fake_mailerlite.TOKEN),),
    calls=6,
    writes=2,
)


def brevo(url: str, lists: str = "[3]", *, more: str = "", timeout: int = 5) -> str:
    return _table("brevo", f"{url}/v3", f"lists = {lists}\n{more}", timeout)


def ghost(url: str, *, more: str = "", timeout: int = 5) -> str:
    return _table("ghost", url, more, timeout)


def mailchimp(url: str, audience: str = "abc123", *, more: str = "", timeout: int = 5) -> str:
    return _table("mailchimp", f"{url}/3.0", f'list = "{audience}"\n{more}', timeout)


def mailerlite(
    url: str, groups: str = '["100093655191127682"]', *, more: str = "", timeout: int = 5
) -> str:
    return _table("mailerlite", f"{url}/api", f"groups = {groups}\n{more}", timeout)


def _table(kind: str, url: str, more: str, timeout: int) -> str:
    return f'[services.weekly]\nkind = "{kind}"\nurl = "{url}"\ntimeout = {timeout}\n{more}\n'
