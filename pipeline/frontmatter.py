"""Front matter: the YAML block at the top of an article, read safely and with its line numbers.

Only the node graph is taken from PyYAML and every scalar is resolved by its safe rules, so no tag
can build an object; anchors and aliases are refused outright, which ends alias bombs (S5). Plain
words and numbers are those of YAML 1.2 (§10.3): `no` is text, `010` is ten, `1.10` stays as typed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline import text
from pipeline.errors import Problem

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # a PyYAML built without libyaml reads the same, only slower
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # same interface

MAX_BLOCK = 64 * 1024
"""Characters of front matter at most; YAML nested deeper than `MAX_DEPTH` is refused too."""
MAX_DEPTH = 20

_FENCE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_YAML_BREAKS = {0x2028: " ", 0x2029: " "}
"""What YAML 1.1 takes for line ends and no editor counts as a line."""


class _Loader(_SafeLoader):
    """The safe loader with YAML 1.2's plain scalars."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag.endswith((":null", ":timestamp"))]
    for first, known in _SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), [*"tTfF"]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+\Z"), [*"-+0123456789"]
)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key's value as plain Python (str, int, float, bool, None, date, datetime, list, dict).

    `line` is the key's line in the file, `last` the last line of its value.
    """

    value: Any
    line: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file split in two: front matter fields and the Markdown below them.

    `head` is the block between the fences as written, `body_line` the file's line at which `body`
    begins (1-based).
    """

    fields: Mapping[str, Field]
    head: str
    body: str
    body_line: int


_BARE = re.compile(r"[A-Za-z][A-Za-z0-9 ,.()/-]*[A-Za-z0-9.)]")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WORDS = {"yes", "no", "true", "false", "on", "off", "null", "y", "n"}


def scalar(value: str) -> str:
    """Clean text as a YAML scalar, quoted only where it must be."""
    plain = _BARE.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else quoted(value)


def quoted(value: str) -> str:
    """Clean text as a string of JSON, which is one of YAML and of TOML too."""
    return json.dumps(value, ensure_ascii=False)


def toml_key(name: str) -> str:
    """Clean text as a key of TOML, quoted only where it must be: `ä` may not stand there bare."""
    return name if _BARE_KEY.fullmatch(name) else quoted(name)


def read(path: str, raw: bytes) -> tuple[Document, tuple[Problem, ...]]:
    """Split and parse a file's bytes. `path` is only used to name it in problems."""
    try:
        content = text.clean(raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"byte {error.start + 1} (0x{raw[error.start]:02x}) is not UTF-8"
        return _nothing(path, line, message, "save the file as UTF-8", rule="encoding")
    first, _, rest = content.partition("\n")
    if first.rstrip() != "---":
        remedy = "begin the file with a line `---`, then `title: …`, then `---`"
        return _nothing(path, 1, "there is no front matter", remedy, body=content)
    end = _FENCE.search(rest)
    if end is None:
        return _nothing(path, 1, "the front matter is never closed", "end it with a line `---`")
    head = rest[: end.start()]
    body = rest[end.end() :].removeprefix("\n")
    body_line = 3 + head.count("\n")
    fields, problems = _fields(path, head)
    return Document(fields=fields, head=head, body=body, body_line=body_line), tuple(problems)


def _nothing(
    path: str, line: int, message: str, remedy: str, *, rule: str = "front-matter", body: str = ""
) -> tuple[Document, tuple[Problem, ...]]:
    """A file without front matter, and why."""
    problem = Problem(path=path, line=line, rule=rule, message=message, remedy=remedy)
    return Document(fields={}, head="", body=body, body_line=1), (problem,)


def _fields(path: str, head: str) -> tuple[dict[str, Field], list[Problem]]:
    def problem(line: int | None, message: str, remedy: str, rule: str = "yaml") -> Problem:
        return Problem(path=path, line=line, rule=rule, message=message, remedy=remedy)

    if len(head) > MAX_BLOCK:
        return {}, [
            problem(
                1, f"the front matter is longer than {MAX_BLOCK // 1024} KB", "move text below it"
            )
        ]
    head = head.translate(_YAML_BREAKS)
    loader = None
    try:
        loader = _Loader(head)
        refused = _refused(head)
        if refused is not None:
            line, message, remedy = refused
            return {}, [problem(line + 2, message, remedy)]
        root = loader.get_single_node()
        return _mapping(loader, root, head, problem)
    except yaml.MarkedYAMLError as error:
        unended = _UNENDED.get(error.context or "")
        # What never ends is missed where the block does, lines below its beginning.
        mark = (unended and error.context_mark) or error.problem_mark or error.context_mark
        at = min(mark.line, head.count("\n")) if mark else -1
        tabbed = _TABBED.match(head.split("\n")[at]) and "begin the line with spaces, not a tab"
        what = " ".join(filter(None, (error.context, error.problem)))
        quote = "put text that holds `: ` or `#`, or begins with a sign, in quotes"
        return {}, [problem(at + 2, f"this is not YAML: {what}", unended or tabbed or quote)]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = text.one_line(str(error))
        return {}, [problem(2, f"this is not YAML: {what}", "write `key: value` lines")]
    finally:
        if loader is not None:
            loader.dispose()


_UNENDED = {
    "while scanning a simple key": "write `key: value`, with a space after the colon",
    "while scanning a quoted scalar": "close the quotes",
    "while parsing a flow sequence": "close the bracket, and put text that holds one in quotes",
    "while parsing a flow mapping": "close the brace, and put text that holds one in quotes",
}
"""What to do about a value that has no end, by how PyYAML tells of it."""
_TABBED = re.compile(r" *\t")
_SUSPECT = re.compile(r"[&*!]|^[ ?-]{10}", re.MULTILINE)


def _refused(head: str) -> tuple[int, str, str] | None:
    """The first anchor, alias, tag or excess of depth among the events, before any node exists."""
    # Each level needs a bracket or a column: most front matter need not be parsed for this.
    if not _SUSPECT.search(head) and head.count("[") + head.count("{") < 10:
        return None
    depth = 0
    for event in yaml.parse(head, Loader=_Loader):
        line = event.start_mark.line if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return line, "YAML anchors and aliases are not allowed here", "write the value out"
        tag = getattr(event, "tag", None)
        if tag:
            return line, f"the YAML tag {tag!r} is not allowed", "write the plain value"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return line, f"values are nested deeper than {MAX_DEPTH}", "use plain values"
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _mapping(
    loader: Any, root: Any, head: str, problem: Any
) -> tuple[dict[str, Field], list[Problem]]:
    if root is None:
        return {}, []
    if not isinstance(root, yaml.MappingNode):
        return {}, [
            problem(
                root.start_mark.line + 2,
                "front matter is not a list of keys",
                "write `key: value` lines",
            )
        ]
    fields: dict[str, Field] = {}
    problems: list[Problem] = []
    lines = head.split("\n")
    for key, node in root.value:
        line = key.start_mark.line + 2
        if not isinstance(key, yaml.ScalarNode):
            problems.append(problem(line, "a key must be one word", "write `key: value`"))
        elif key.value in fields:
            problems.append(
                problem(
                    line,
                    f"`{key.value}` stands here twice (first on line {fields[key.value].line})",
                    "keep one of them",
                    "duplicate-key",
                )
            )
        else:
            problems.extend(
                problem(
                    twice.start_mark.line + 2,
                    f"`{twice.value}` stands twice in `{key.value}`",
                    "keep one of them",
                    "duplicate-key",
                )
                for twice in (() if isinstance(node, yaml.ScalarNode) else _duplicates(node))
            )
            try:
                value = loader.construct_object(node, deep=True)
            except (yaml.YAMLError, ValueError, OverflowError) as error:
                what = getattr(error, "problem", None) or str(error)
                problems.append(
                    problem(
                        line,
                        f"`{key.value}` can't be read: {what}",
                        "correct the value, or put it in quotes if it is text",
                        "value",
                    )
                )
                continue
            fields[key.value] = Field(value=value, line=line, last=_last(node, line, lines))
    return fields, problems


def _duplicates(node: Any) -> Iterator[Any]:
    """Key nodes that repeat within any mapping below `node`."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item)


def _last(node: Any, line: int, lines: Sequence[str]) -> int:
    """The file's line on which a value ends; a block's end mark stands at what follows it."""
    last: int = node.end_mark.line + (2 if node.end_mark.column else 1)
    while last > line and (not lines[last - 2].strip() or lines[last - 2].lstrip()[0] == "#"):
        last -= 1
    return last
