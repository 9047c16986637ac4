"""No logic is written twice in resources/, models/ and sandbox/: compared as syntax, so other names hide nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import paymo_async

PACKAGE = Path(paymo_async.__file__).parent
FILES = [file for folder in ("resources", "models", "sandbox") for file in sorted((PACKAGE / folder).rglob("*.py"))]
RUN = 3  # statements in a row; two are how any two functions look that ask for the same and hand it on
LEAST = 24  # nodes of syntax; less than that is a call and a check, as in any two functions


class _Nameless(ast.NodeTransformer):
    """Takes away what two copies of one thought may differ in: names of variables, texts and numbers."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(id="x", ctx=ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(value=None)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(arg="x")


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def size(nodes: list[ast.stmt]) -> int:
    return sum(1 for node in nodes for _ in ast.walk(node))


def repeated(sources: dict[str, str], *, exact: bool) -> list[tuple[str, str, str]]:
    """Places with the same statements in a row, or with the same body where names do not count."""
    seen: dict[str, str] = {}
    found: list[tuple[str, str, str]] = []
    for name, source in sources.items():
        for function in functions(source):
            place = f"{name}:{function.lineno} {function.name}"
            statements = body(function)
            runs = [statements[at : at + RUN] for at in range(len(statements))] if exact else [statements]
            for run in runs:
                if len(run) < (RUN if exact else 2) or size(run) < LEAST:
                    continue
                text = "\n".join(ast.unparse(one) if exact else ast.dump(_Nameless().visit(one)) for one in run)
                if seen.setdefault(text, place) != place:
                    found.append((seen[text], place, ast.unparse(run[0])))
    return found


def sources() -> dict[str, str]:
    return {str(file.relative_to(PACKAGE)): file.read_text() for file in FILES}


def test_no_two_functions_share_three_statements_in_a_row():
    assert repeated(sources(), exact=True) == []


def test_no_function_is_another_one_with_other_names():
    assert repeated(sources(), exact=False) == []


def test_a_copy_is_noticed_with_its_names_and_without():
    lines = ["def f(a):", "found = [x for x in a if x.name == 'b']", "total = sum(found)", "return total * 2 + 1\n"]
    one = "\n    ".join(lines)
    other = one.replace("found", "hits").replace("total", "whole").replace("f(a)", "g(a)").replace("'b'", "'c'")
    same = one.replace("f(a)", "g(a)")
    assert repeated({"one": one, "same": same}, exact=True)
    assert not repeated({"one": one, "other": other}, exact=True)
    assert repeated({"one": one, "other": other}, exact=False)
