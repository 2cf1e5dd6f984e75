"""Sandboxed Jinja for mappings: strict about names, no clock, no chance, and no way to fill the memory.

The sandbox of Jinja guards against reaching Python, not against `'a' * 50000000`. So every operation that can make a
text longer is bounded, string methods and filters are a short list, and nothing can be called but those. Time is not
bounded: a template is part of a definition that somebody reviewed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jinja2
import jinja2.compiler
import jinja2.meta
import jinja2.nodes
import jinja2.sandbox
from jinja2.exceptions import SecurityError
from jinja2.runtime import str_join

LONGEST = 100_000
"""Code points that a template, or any text made inside it, may reach."""

_FILTERS = """
    abs capitalize d default e escape first float int last length list lower max min reject rejectattr
    reverse round select selectattr sort string striptags title tojson trim truncate unique upper urlencode
"""
FILTERS = frozenset(_FILTERS.split())
METHODS: dict[type, frozenset[str]] = {
    str: frozenset({"endswith", "lower", "split", "startswith", "strip", "upper"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}


def bounded(value: Any) -> Any:
    """The value, unless writing it out would pass the bound."""
    if _size(value, LONGEST) > LONGEST:
        raise SecurityError(f"a template may make texts of at most {LONGEST} characters")
    return value


def _size(value: Any, most: int) -> int:
    """Characters of a value written out; stops counting past `most`, so shared lists cost no more than their bound."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, int):
        return value.bit_length() // 3
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if not isinstance(value, list | tuple):
        return 1
    size = 0
    for entry in value:
        size += 1 + _size(entry, most - size)
        if size > most:
            break
    return size


class _Compiler(jinja2.compiler.CodeGenerator):
    def visit_Concat(self, node: jinja2.nodes.Concat, frame: jinja2.compiler.Frame) -> None:
        """`a ~ b`, which Jinja joins without asking the sandbox."""
        self.write("environment.concat_bounded((")
        for argument in node.nodes:
            self.visit(argument, frame)
            self.write(", ")
        self.write("))")


class Environment(jinja2.sandbox.ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})
    code_generator_class = _Compiler

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" or (operator in "*%" and isinstance(left, int | float) and isinstance(right, int | float)):
            return bounded(super().call_binop(context, operator, left, right))
        raise SecurityError(f"`{operator}` is for numbers only" if operator != "**" else "`**` is not available")

    def concat_bounded(self, parts: tuple[Any, ...]) -> str:
        bounded(parts)
        return str_join(parts)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if not callable(value):
            return super().is_safe_attribute(obj, attr, value)
        return attr in METHODS.get(type(obj), frozenset())

    def is_safe_callable(self, obj: Any) -> bool:
        owner = getattr(obj, "__self__", None)
        name = getattr(obj, "__name__", "")
        return obj is _range or name in METHODS.get(type(owner), frozenset()) or isinstance(obj, jinja2.runtime.Macro)


def compile_template(source: str, file: str) -> Callable[[dict[str, Any]], str]:
    """A function from names to text. Raises jinja2.TemplateSyntaxError; rendering raises SecurityError."""
    environment = _environment()
    code = environment.compile(source, filename=file)
    template = jinja2.Template.from_code(environment, code, environment.make_globals(None))

    def render(names: dict[str, Any]) -> str:
        return "".join(_counted(template.generate(names)))

    return render


def undeclared_names(source: str) -> set[str]:
    """The names a template expects to be given. Raises jinja2.TemplateSyntaxError."""
    environment = _environment()
    return jinja2.meta.find_undeclared_variables(environment.parse(source)) - set(environment.globals)


def _counted(chunks: Iterator[str]) -> Iterator[str]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > LONGEST:
            raise SecurityError(f"a template may write at most {LONGEST} characters")
        yield chunk


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > 1000:
        raise SecurityError("`range` goes to 1000 at most")
    return numbers


def _replace(text: str, find: str, by: str, count: int | None = None) -> str:
    text, find, by = str(text), str(find), str(by)
    grown = text.count(find) * (len(by) - len(find)) + len(text)
    if grown > LONGEST:
        raise SecurityError(f"a template may make texts of at most {LONGEST} characters")
    return text.replace(find, by, -1 if count is None else count)


def _join(entries: Iterable[Any], separator: str = "") -> str:
    texts = [str(bounded(entry)) for entry in entries]
    if sum(map(len, texts)) + len(separator) * len(texts) > LONGEST:
        raise SecurityError(f"a template may make texts of at most {LONGEST} characters")
    return separator.join(texts)


def _environment() -> Environment:
    environment = Environment(
        finalize=bounded,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    environment.globals.clear()
    environment.globals["range"] = _range
    filters = {name: environment.filters[name] for name in FILTERS}
    environment.filters.clear()
    environment.filters.update({name: _bounded_filter(function) for name, function in filters.items()})
    environment.filters |= {"replace": _replace, "join": _join}
    return environment


def _bounded_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    def bounded_filter(*arguments: Any, **options: Any) -> Any:
        bounded(arguments)
        return bounded(function(*arguments, **options))

    if hasattr(function, "jinja_pass_arg"):
        bounded_filter.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return bounded_filter
