"""Reads the app's files for the contract tests. Nothing here imports the app or the framework."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "crm_pipeline"


def relative(path: Path) -> str:
	return path.relative_to(ROOT).as_posix()


@cache
def python_files(under: Path = APP) -> tuple[Path, ...]:
	return tuple(sorted(p for p in under.rglob("*.py") if "node_modules" not in p.parts))


@cache
def tree(path: Path) -> ast.Module:
	"""What of a file runs: the type blocks of controllers are for editors alone."""
	module = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
	for node in module.body:
		if isinstance(node, ast.ClassDef):
			node.body = [part for part in node.body if not is_for_types(part)] or [ast.Pass()]
	return module


def is_for_types(node: ast.stmt) -> bool:
	if isinstance(node, ast.ImportFrom):
		return [alias.name for alias in node.names] == ["TYPE_CHECKING"]
	return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@cache
def doctypes() -> dict[str, dict]:
	"""Our DocTypes by name, as their JSON files say."""
	found = (json.loads(p.read_text(encoding="utf-8")) for p in doctype_files())
	return {doctype["name"]: doctype for doctype in found}


@cache
def doctype_files() -> tuple[Path, ...]:
	return tuple(sorted(p for p in APP.glob("*/doctype/*/*.json") if p.stem == p.parent.name))


def calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
	"""Every call below `node` with its dotted name; '' where it is not a plain name."""
	for child in ast.walk(node):
		if isinstance(child, ast.Call):
			yield dotted(child.func), child


def dotted(node: ast.AST) -> str:
	"""'frappe.db.commit' for such an expression; a part that is no name becomes '?'."""
	if isinstance(node, ast.Name):
		return node.id
	if isinstance(node, ast.Attribute):
		return f"{dotted(node.value)}.{node.attr}"
	return "?"


def keyword(call: ast.Call, name: str) -> ast.expr | None:
	return next((k.value for k in call.keywords if k.arg == name), None)


def functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
	return (n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def module_level(module: ast.Module) -> Iterator[ast.stmt]:
	"""Statements that run on import, those inside `if` and `try` too, those inside functions not."""
	todo: list[ast.AST] = list(module.body)
	while todo:
		node = todo.pop()
		if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
			continue
		if isinstance(node, ast.stmt):
			yield node
		todo.extend(ast.iter_child_nodes(node))


def find_function(path: str) -> ast.FunctionDef | None:
	"""The function behind a dotted path of ours, followed through imports; None when there is none."""
	module, _, name = path.rpartition(".")
	file = ROOT.joinpath(*module.split("."))
	file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
	if not file.exists():
		return None
	for node in tree(file).body:
		if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
			return node
		if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crm_pipeline"):
			for alias in node.names:
				if (alias.asname or alias.name) == name:
					return find_function(f"{node.module}.{alias.name}")
	return None
