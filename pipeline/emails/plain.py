"""Whether templates only print what their macros make, which is told by their syntax.

A macro's text holds the marks of the blanks that it printed. It may be printed again, joined, and
put into a list or into a phrase; a template that measures, compares or changes it would do so to
the marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

# What catches what is printed, stops its escaping, or hides it where `_made` does not look.
_CATCHING: tuple[type[nodes.Node], ...] = (
    nodes.AssignBlock,
    nodes.Dict,
    nodes.EvalContextModifier,
    nodes.FilterBlock,
    nodes.Import,
    nodes.NSRef,
)
_HIDING = frozenset({"cycler", "dict", "joiner", "kwargs", "namespace", "varargs"})


def plain(env: Environment, name: str) -> bool:
    """True where the template `name`, and all that it includes, only print what macros make."""
    try:
        trees = list(_all(env, name))
    except (_DynamicError, TemplateSyntaxError):
        return False
    bound = {name for tree in trees for name in _bound(tree)}
    return not any(_looks(tree, bound) for tree in trees)


class _DynamicError(Exception):
    """An include whose template is known only when it is rendered, or is not escaped."""


def _all(env: Environment, name: str) -> Iterator[nodes.Template]:
    assert env.loader is not None  # noqa: S101  # `templating.environment` gives one
    names = [name]
    for one in names:
        tree = env.parse(env.loader.get_source(env, one)[0])
        yield tree
        for other in meta.find_referenced_templates(tree):
            if other is None or other.endswith(".txt.j2"):
                raise _DynamicError
            if other not in names:
                names.append(other)


def _bound(tree: nodes.Template) -> Iterator[str]:
    """The names that a template gives to anything."""
    yield from (one.name for one in tree.find_all(nodes.Name) if one.ctx != "load")
    for one in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in one.names)


def _looks(tree: nodes.Template, bound: set[str]) -> bool:
    return (
        any(map(tree.find, _CATCHING))
        or any(one.name in _HIDING for one in tree.find_all(nodes.Name))
        or any(_made(one, bound) for one in _looked_at(tree))
    )


def _looked_at(tree: nodes.Template) -> Iterator[nodes.Node]:
    """Every expression whose value a template uses otherwise than to print it."""
    for node in tree.find_all(nodes.Node):
        match node:
            case nodes.Filter(name="e" | "escape" | "join" | "safe"):
                pass  # these change nothing in what is escaped already
            case nodes.And() | nodes.Or():
                pass  # a text made of nothing but blanks is no emptier than what it stands for
            case nodes.Filter() | nodes.Test() | nodes.Compare() | nodes.Getitem():
                yield node
            case nodes.BinExpr() | nodes.Neg() | nodes.Pos():
                yield node
            case nodes.For():
                yield node.iter
            case nodes.Call(node=nodes.Name() | nodes.Getattr(attr="append")):
                pass
            case nodes.Call(node=nodes.Getattr(attr="format", node=nodes.Filter() as phrase)):
                # An escaped phrase takes what is escaped as it stands (Markup.format).
                yield phrase
                if phrase.name not in {"e", "escape"}:
                    yield from _arguments(node)
            case nodes.Call():
                yield node.node
                yield from _arguments(node)


def _made(looked_at: nodes.Node, bound: set[str]) -> bool:
    """Whether a macro may have made what is looked at, or a part of it."""
    inner: Iterable[nodes.Node] = looked_at.iter_child_nodes()
    match looked_at:
        case nodes.Call():
            return True
        case nodes.Name():
            return looked_at.name in bound
        case nodes.Getattr(node=nodes.Name()):
            return False  # a field of a value: texts and lists have none that a template can name
        case _:
            return any(_made(one, bound) for one in inner)


def _arguments(call: nodes.Call) -> Iterator[nodes.Node]:
    yield from call.args
    yield from (one.value for one in call.kwargs)
    yield from filter(None, (call.dyn_args, call.dyn_kwargs))
