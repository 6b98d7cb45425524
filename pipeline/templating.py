"""Templates: the project's own over the packaged ones, and errors that name file and line.

Only template files are ever compiled. What an author writes in an article reaches a template as a
value, so `{{` and `{%` in it arrive as typed (S1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    select_autoescape,
)
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from markupsafe import Markup

from pipeline import stamps
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem
from pipeline.text import direction

PACKAGE = Path(__file__).resolve().parent
"""The package's own folder: a template in it is shown as `packaged NAME`."""


def page_folders(newsletter: Newsletter) -> tuple[Path, ...]:
    """Where page templates are looked for, in order: `page_templates/`, then the packaged ones."""
    return _each_once(newsletter.root / "page_templates", PACKAGE / "page_templates")


def email_folders(newsletter: Newsletter) -> tuple[Path, ...]:
    """Where email templates are looked for, in order: the project's folder, then the packaged one.

    A wheel carries them inside the package, a checkout beside it.
    """
    return _each_once(newsletter.root / newsletter.templates, packaged_emails())


def packaged_emails() -> Path:
    """The folder of the packaged email templates."""
    inside = PACKAGE / "email_templates"
    return inside if inside.is_dir() else PACKAGE.parent / "email_templates"


def environment(folders: Sequence[Path], *, root: Path | None = None) -> Environment:
    """Templates found in `folders`, the first folder that holds a name winning.

    Values are escaped for HTML, except in `.txt.j2`; a name nobody set is an error. `root` is the
    newsletter's folder, from which messages name a template's file.
    """
    env = _Environment(
        loader=_Loader(folders, root),
        autoescape=select_autoescape(disabled_extensions=["txt.j2"], default=True),
        undefined=_Missing,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=_kept(),
    )
    env.filters["direction"] = direction
    return env


class _Missing(StrictUndefined):
    """A name that nobody set, or a piece that another template does not have."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        of = self._undefined_obj
        if isinstance(of, TemplateModule):
            return f"there is no `{self._undefined_name}` in {of.__name__}"
        return super()._undefined_message


class _NotTextError(Exception):
    """A template's file, its argument, is not UTF-8."""


class _Generator(CodeGenerator):
    """Escapes as Jinja does, but prints what is escaped already as it is, without a copy of it.

    Nine in ten things that pages print come from macros. Jinja's own nativetypes writes other code
    at the same two places.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not frame.eval_ctx.autoescape or frame.eval_ctx.volatile:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("(made if (made := " + (finalize.src or ""))

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not frame.eval_ctx.autoescape or frame.eval_ctx.volatile:
            super()._output_child_post(node, frame, finalize)
            return
        self.write(")" if finalize.src else "")
        self.write(").__class__ is Markup else escape(made))")


class _Environment(Environment):
    """An environment whose templates have no globals of their own.

    So they share its: Jinja would go through a chain of two maps for every page and every include.
    """

    code_generator_class = _Generator

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


@cache
def _kept() -> FileSystemBytecodeCache | None:
    """What templates compiled to, kept for the next process; None where no folder is safe for it.

    It is code, so it lies where Jinja makes sure that nobody else can write: in a folder of the
    user's own below the system's temporary one. A template's text and our own files are its key.
    """
    try:
        return _Kept(pattern=f"partwork-{stamps.program().hex()}-%s.cache")
    except (OSError, RuntimeError):
        return None


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # a full disk costs time, and nothing else
            super().dump_bytecode(bucket)


def current(env: Environment) -> Environment:
    """The environment, without what it compiled of templates that are others on disk by now.

    Asked once for many renderings, where Jinja's `auto_reload` would ask at each include.
    """
    made, loader = env.cache, _loader(env)
    if made and any(
        template.filename != str(loader.file(template.name or "")) or not template.is_up_to_date
        for template in made.values()
    ):
        made.clear()
    return env


def render(env: Environment, name: str, **values: Any) -> str:
    """Render the template `name`; PartworkError with its file and line where that fails."""
    with _blamed(env, name):
        return env.get_template(name).render(values)


def macro(env: Environment, name: str, macro: str, *values: Any, **named: Any) -> Markup:
    """What one macro of the template `name` makes of `values`; PartworkError as for `render`."""
    with _blamed(env, name):
        made = getattr(env.get_template(name).module, macro, None)
        if made is not None:
            return Markup(made(*values, **named))  # noqa: S704  # escaped by Jinja
    message, remedy = f"there is no `{macro}`", f"copy it from the packaged {name}"
    path = shown(env, name)
    raise PartworkError([Problem(path=path, rule="template", message=message, remedy=remedy)])


def module(env: Environment, name: str) -> TemplateModule:
    """The words and macros of the template `name`, for other templates to use."""
    with _blamed(env, name):
        return env.get_template(name).module


def verbatim(env: Environment, name: str) -> str:
    """A file of the template folders as it stands, such as `style.css`; it is never compiled."""
    with _blamed(env, name):
        return _loader(env).get_source(env, name)[0]


@contextmanager
def _blamed(env: Environment, name: str) -> Iterator[None]:
    """Turns what goes wrong with the template `name` into a PartworkError with file and line."""
    try:
        yield
    except Exception as error:  # a template may hold any expression, so it may raise anything
        raise PartworkError([_problem(env, name, error)]) from error


def shown(env: Environment, name: str) -> str:
    """The file of the template `name` as its author knows it."""
    loader = _loader(env)
    file = loader.file(name)
    return loader.shown(file) if file else name


class _Loader(FileSystemLoader):
    """The folders of an environment, and the newsletter's own for messages."""

    def __init__(self, folders: Sequence[Path], root: Path | None) -> None:
        super().__init__([folder.resolve() for folder in folders])
        self.folders = tuple(Path(folder) for folder in self.searchpath)
        self.root = root.resolve() if root else None

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError:
            raise _NotTextError(self.file(template) or Path(template)) from None

    def file(self, name: str) -> Path | None:
        """The file of a template; None where no folder has it."""
        return next((one for folder in self.folders if (one := folder / name).exists()), None)

    def shown(self, file: Path) -> str:
        """A template's file or folder as its author knows it."""
        if file.is_relative_to(PACKAGE):
            return f"packaged {file.name}"
        if self.root and file.is_relative_to(self.root):
            return file.relative_to(self.root).as_posix()
        home = next((folder for folder in self.folders if file.is_relative_to(folder)), file)
        return (home.name / file.relative_to(home)).as_posix()


def _each_once(*folders: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(folder.resolve() for folder in folders))


def _loader(env: Environment) -> _Loader:
    assert isinstance(env.loader, _Loader)  # noqa: S101  # `environment` is the only maker
    return env.loader


def _problem(env: Environment, name: str, error: Exception) -> Problem:
    """What went wrong in the template `name` or in one it includes, for its author."""
    loader = _loader(env)
    file, line = _place(loader, error)
    match error:
        case TemplateSyntaxError():
            message, remedy = error.message or "broken syntax", "mend the tag or expression there"
        case TemplateNotFound():
            message = f"there is no template named {error.name or name}"
            remedy = f"put it into {loader.shown(loader.folders[0])}, or name one that exists"
        case UndefinedError():
            message = error.message or "a value is not defined"
            remedy = "use a value that docs/templates.md lists, or test it with `is defined`"
        case _NotTextError():
            message, remedy = "the template is not UTF-8", "save the file as UTF-8"
        case OSError():
            message, remedy = f"this can't be read ({error.strerror})", "check its permissions"
        case _:
            message, remedy = f"{type(error).__name__}: {error}", "mend the expression there"
    return Problem(
        path=loader.shown(file) if file else shown(env, name),
        line=line,
        message=message,
        remedy=remedy,
        rule="template",
    )


def _place(loader: _Loader, error: Exception) -> tuple[Path | None, int | None]:
    """The template file and line where an error arose: Jinja writes both into the traceback."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    if isinstance(error, _NotTextError):
        return error.args[0], None
    if isinstance(error, OSError) and error.filename:
        return Path(error.filename), None
    place: tuple[Path | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.suffix != ".py" and any(file.is_relative_to(folder) for folder in loader.folders):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place
