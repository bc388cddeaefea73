"""Assignments and calls of a Python snippet, by `ast` alone: nothing of it is run."""

import ast
import textwrap
from collections.abc import Iterator
from typing import Final

from smtp_workbench.formats.values import Assignment, Call, Name, Opaque, Variable

_GETTERS: Final = (
    "os.getenv",
    "getenv",
    "os.environ.get",
    "environ.get",
    "env",
    "config",
    "env.str",
)
"""Of the standard library, django-environ and python-decouple."""
_CONVERSIONS: Final = ("int", "str", "float", "bool")


def statements(text: str) -> list[Assignment | Call]:
    """Return what *text* assigns and calls, in its order. Raises ValueError if it isn't Python.

    A variable that was given a value before stands for it.
    """
    try:
        tree = ast.parse(textwrap.dedent(text))
        reader = _Reader()
        return list(reader.statements(tree))
    except SyntaxError as error:
        raise ValueError(f"it is not Python: line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deep") from None


class _Reader:
    def __init__(self) -> None:
        self._scope: dict[str, object] = {}

    def statements(self, node: ast.AST) -> Iterator[Assignment | Call]:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from self._calls(value)
                for target in targets:
                    yield from self._assigned(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assigned(target, value)
            case ast.expr():
                yield from self._calls(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self.statements(child)

    def _calls(self, node: ast.AST) -> Iterator[Call]:
        """Yield the calls in an expression, the outer ones first."""
        if isinstance(node, ast.Call):
            found = self.value(node)
            if isinstance(found, Call):
                yield found
        for child in ast.iter_child_nodes(node):
            yield from self._calls(child)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[Assignment]:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, its in zip(target.elts, value.elts, strict=False):
                yield from self._assigned(one, its)
            return
        path = self._target(target)
        known = self.value(value)
        self._scope[path] = known
        yield Assignment(path, known)

    def _target(self, node: ast.expr) -> str:
        match node:
            case ast.Subscript(value=inner, slice=ast.Constant(value=str() as key)):
                return f"{self._target(inner)}.{key}"
            case ast.Attribute(value=inner, attr=name):
                return f"{self._target(inner)}.{name}"
            case ast.Name(id=name):
                return name
        return ast.unparse(node)

    def value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=str() | int() | float() | bool() | None as known):
                return known
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return {
                    key.value: self.value(value)
                    for key, value in pairs
                    if isinstance(key, ast.Constant)
                }
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.Name() | ast.Attribute():
                path = self._target(node)
                return self._scope.get(path, Name(path))
            case ast.Call():
                return self._called(node)
        return self._computed(node)

    def _computed(self, node: ast.expr) -> object:
        match node:
            case ast.Subscript(value=inner, slice=ast.Constant(value=str() as key)):
                if self._target(inner) in ("os.environ", "environ"):
                    return Variable(key)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                one, other = self.value(left), self.value(right)
                if isinstance(one, int | float) and isinstance(other, int | float):
                    return one * other
            case ast.BoolOp(op=ast.Or(), values=[first, second]):
                found = self.value(first)
                if isinstance(found, Variable):
                    return Variable(found.name, self.value(second))
        return Opaque(ast.unparse(node))

    def _called(self, node: ast.Call) -> object:
        path = self._target(node.func)
        arguments = tuple(self.value(item) for item in node.args)
        named = {item.arg: self.value(item.value) for item in node.keywords if item.arg}
        if path in _GETTERS and arguments and isinstance(arguments[0], str):
            default = arguments[1] if len(arguments) > 1 else named.get("default")
            return Variable(arguments[0], default)
        if path in _CONVERSIONS and arguments and isinstance(arguments[0], Variable):
            return arguments[0]
        return Call(path, arguments, named)
