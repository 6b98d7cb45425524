"""The services in newsletter.toml: each table read by its kind's adapter, and opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from pipeline import tables
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.services import Adapter, Capabilities, Common, Context, MailingService
from pipeline.tables import Table, did_you_mean, required, settings_of

KINDS = {
    "brevo": "pipeline.services.brevo",
    "buttondown": "pipeline.services.buttondown",
    "ghost": "pipeline.services.ghost",
    "kit": "pipeline.services.kit",
    "listmonk": "pipeline.services.listmonk",
    "mailchimp": "pipeline.services.mailchimp",
    "mailerlite": "pipeline.services.mailerlite",
    "resend": "pipeline.services.resend",
    "smtp": "pipeline.services.smtp",
}
"""The kinds that come with Partwork and their modules."""
_MOST = 1_000_000
"""Hours or seconds: more than a hundred years, or more than a week, can only be a mistake."""
ENTRY_POINTS = "partwork.services"
"""The entry point group under which other packages offer kinds: name = module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A service as newsletter.toml describes it: nothing was asked of it yet."""

    name: str
    table: Table
    common: Common
    settings: Any
    adapter: Adapter
    newsletter: Newsletter

    @property
    def capabilities(self) -> Capabilities:
        """What this kind of service can do."""
        return self.adapter.CAPABILITIES

    @property
    def max_lateness(self) -> timedelta:
        """How late an issue may be and still go out unasked."""
        return timedelta(hours=self.common.max_lateness)

    def variables(self) -> dict[str, str]:
        """The environment variables it needs, by settings field: the ones marked `secret`."""
        names = (one.name for one in settings_of(type(self.settings)) if "secret" in one.metadata)
        return {name: value for name in names if (value := getattr(self.settings, name))}

    def missing(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The environment variables that are not set."""
        return tuple(
            name for name in self.variables().values() if not environ.get(name, "").strip()
        )

    def open(self, environ: Mapping[str, str]) -> MailingService:
        """The service, ready to be asked; PartworkError names every secret that is missing."""
        secrets: dict[str, str] = {}
        problems: list[Problem] = []
        for field, name in self.variables().items():
            secret = secrets[field] = environ.get(name, "").strip()
            if not secret:
                what, remedy = "is not set", f"set {name}; write no secret into a file"
            elif not (secret.isascii() and secret.isprintable()):
                what, remedy = "holds a character that no header can", "copy the secret again"
            else:
                continue
            message = f"{self.name}: the environment variable {name} {what}"
            problems.append(self.table.problem(field, message, remedy, "secret"))
        fail_on_errors(problems)
        context = Context(
            table=self.table, newsletter=self.newsletter, common=self.common, secrets=secrets
        )
        return self.adapter.connect(self.settings, context)


def configured(newsletter: Newsletter) -> tuple[Configured, ...]:
    """The services in newsletter.toml, in its order; PartworkError carries every mistake."""
    found: list[Configured] = []
    problems: list[Problem] = []
    for table in newsletter.services:
        one, wrong = _read(table, newsletter)
        problems += wrong
        if one is not None:
            found.append(one)
    fail_on_errors([*problems, *_shared(found)])
    return tuple(found)


def _shared(services: Sequence[Configured]) -> Iterator[Problem]:
    """Where two keyed services are one account: each would take the other's issue for its own."""
    seen: dict[object, str] = {}
    for service in services:
        other = seen.setdefault(_account(service), service.name)
        if service.capabilities.keyed and other != service.name:
            title = service.capabilities.title
            message = f"{service.name} is the same account at {title} as {other}, which keeps an"
            message += f" issue once: what {other} sent would count as sent by {service.name} too"
            remedy = "name all its readers in one table, or give this one an account of its own"
            yield service.table.problem("kind", message, remedy, "service")


def _account(service: Configured) -> object:
    """Where a service keeps issues: its address, and its secret where many share the address."""
    url = next((one for one in settings_of(type(service.settings)) if one.name == "url"), None)
    place = str(service.settings.url).rstrip("/") if url else ""
    secrets = () if url and required(url) else tuple(sorted(service.variables().values()))
    return service.table.values["kind"], place, secrets


def named(name: str, newsletter: Newsletter) -> Configured:
    """The service of this name in newsletter.toml."""
    services = {one.name: one for one in configured(newsletter)}
    if name not in services:
        remedy = did_you_mean(name, [*services]) if services else f"add [services.{name}]"
        message = f"there is no service `{name}`"
        raise PartworkError([newsletter.table.problem("services", message, remedy, "service")])
    return services[name]


def kinds() -> dict[str, str]:
    """Every kind that can be had and its module, our own before other packages'."""
    others = {one.name: one.value for one in entry_points(group=ENTRY_POINTS)}
    return {**others, **KINDS}


def _out_of_range(table: Table, common: Common) -> Iterator[Problem]:
    for name, least in (("ahead", 0), ("max_lateness", 0), ("timeout", 1)):
        value = getattr(common, name)
        if not least <= value <= _MOST:
            message = f"`{name}` is {value} in [{table.name}]"
            yield table.problem(name, message, f"write {least} to {_MOST}", "service")


def _read(table: Table, newsletter: Newsletter) -> tuple[Configured | None, tuple[Problem, ...]]:
    kind = table.values.get("kind")
    known = kinds()
    if not isinstance(kind, str) or kind not in known:
        message = "`kind` is missing" if kind is None else f"`kind` is {kind!r}"
        remedy = did_you_mean(str(kind or ""), [*known])
        return None, (table.problem("kind", f"{message} in [{table.name}]", remedy, "service"),)
    adapter: Any = import_module(known[kind])
    own = tuple(one.name for one in settings_of(adapter.Settings))
    shared = tuple(one.name for one in settings_of(Common))
    common, wrong = tables.read(Common, table, also=own)
    settings, wrong_too = tables.read(adapter.Settings, table, also=shared)
    problems = [*wrong, *wrong_too, *(_out_of_range(table, common) if common else ())]
    if common and common.mode == "schedule" and not adapter.CAPABILITIES.schedules:
        title = adapter.CAPABILITIES.title
        problems.append(
            table.problem("mode", f"{title} can't schedule", 'write mode = "send" or "draft"')
        )
    if common is None or settings is None or problems:
        return None, tuple(problems)
    return Configured(
        name=table.name.partition(".")[2],
        table=table,
        common=common,
        settings=settings,
        adapter=adapter,
        newsletter=newsletter,
    ), ()
