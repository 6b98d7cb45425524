"""A conversation as a real service was seen to have it, held with its fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2

SHAPES = Path(__file__).parent / "shapes"


def conversation(name: str) -> list[dict[str, Any]]:
    """The exchanges in `shapes/NAME.json`, each shape written out."""
    known = json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))

    def written_out(shape: Any) -> Any:
        if isinstance(shape, str) and shape.startswith("@"):
            return known["shapes"][shape[1:]]
        if isinstance(shape, dict):
            return {key: written_out(value) for key, value in shape.items()}
        return [written_out(one) for one in shape] if isinstance(shape, list) else shape

    return [{**one, "shape": written_out(one["shape"])} for one in known["talk"]]


def check_conversation(
    name: str, url: str, headers: dict[str, str], *, inside: str | None = None
) -> int:
    """Hold it with the fake at `url`; `inside` is the key in which answers are wrapped."""
    talk = conversation(name)
    for one in talk:
        body = None if one["body"] is None else json.dumps(one["body"])
        answer = httpx2.request(one["method"], url + one["path"], content=body, headers=headers)
        assert answer.status_code == one["status"], (one["when"], answer.text)
        said = answer.json()
        if one["shape"] is not None:
            check_shape(said[inside] if inside else said, one["shape"], one["when"])
        for path, value in one["says"].items():
            found = said
            for step in path.split("."):
                found = found[int(step)] if isinstance(found, list) else found[step]
            if path == "message":
                assert value in found, one["when"]
            else:
                assert found == value, (one["when"], path)
    return len(talk)


def check_shape(value: Any, shape: Any, when: str) -> None:
    """The same keys and kinds: `int`, `str?` and the like, lists by their items, {} for any."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), when
        if shape:
            assert value.keys() == shape.keys(), (when, value.keys() ^ shape.keys())
            for key, below in shape.items():
                check_shape(value[key], below, f"{when}: {key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), when
        for one in value if shape else []:
            check_shape(one, shape[0], when)
    else:
        kind = type(value).__name__
        optional = shape.endswith("?") and value is None
        assert optional or kind == shape.rstrip("?"), (when, kind, shape)
