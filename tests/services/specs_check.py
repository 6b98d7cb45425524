"""Requests and answers held against what a service's own description says of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from fakes import Request
from jsonschema import Draft202012Validator

SPECS = Path(__file__).parent / "specs"


class Spec:
    """The extract in `specs/NAME.json`; what breaks it is kept in `broken`."""

    def __init__(self, name: str) -> None:
        known = json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8"))
        self._schemas = known["schemas"]
        self._requests = known["requests"]
        self.broken: list[str] = []

    def check_request(self, request: Request) -> list[str]:
        """What is wrong with a request: an unknown path, field or value, a missing field."""
        known = self._known(request)
        if known is None:
            return self._keep([f"{request.method} {request.path} is not described"])
        asked = _typed(request.query, known.get("query", {"properties": {}}))
        query = {"additionalProperties": False, **known.get("query", {})}
        body = known.get("body", {"type": "null"})
        return self._keep([*self._errors(asked, query), *self._errors(request.body, body)])

    def check_answer(self, request: Request, status: int, answer: Any) -> list[str]:
        """What is wrong with a fake's answer to a request that it took."""
        known = self._known(request)
        if known is None or status >= 300:
            return []
        wrong = [] if status == known["status"] else [f"it answers {status}"]
        return self._keep([*wrong, *self._errors(answer, known.get("answer", {}))])

    def enumeration(self, name: str) -> list[str]:
        """The values that a schema allows."""
        return list(self._schemas[name]["enum"])

    def _known(self, request: Request) -> dict[str, Any] | None:
        for one in self._requests:
            path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one["path"]))
            if one["method"] == request.method and re.fullmatch(path, request.path):
                return dict(one)
        return None

    def _errors(self, value: Any, schema: dict[str, Any]) -> list[str]:
        whole = Draft202012Validator({**schema, "schemas": self._schemas})
        return [f"{one.json_path}: {one.message[:200]}" for one in whole.iter_errors(value)]

    def _keep(self, wrong: list[str]) -> list[str]:
        self.broken += wrong
        return wrong


def _typed(query: dict[str, str], schema: dict[str, Any]) -> dict[str, Any]:
    """A query's values as its description types them."""

    def typed(name: str, value: str) -> Any:
        kind = schema["properties"].get(name, {}).get("type")
        if kind == "array":
            return value.split(",")
        return int(value) if kind == "integer" and value.isdecimal() else value

    return {name: typed(name, value) for name, value in query.items()}
