"""Measures which names of Frappe and ERPNext the app reaches for: `python scripts/measure_interface.py [--write]`.

Reads the source, runs nothing. Names are those of import statements, of attributes of `frappe`, and of methods that
a document inherits: "Document.append" stands for `self.append(...)` in a controller, "meta.has_field" for
`doc.meta.has_field(...)`. The demo, the importer and the bench commands are out of scope: they work on a site.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "benchless" / "interface.txt"
OUT_OF_SCOPE = ("demo", "importer", "commands.py", "uninstall.py")
FRAMEWORKS = ("frappe", "erpnext", "pypika")


def measured() -> list[str]:
	found, own = set(), set()
	for path in sorted((ROOT / "crm_pipeline").rglob("*.py")):
		if not set(path.relative_to(ROOT / "crm_pipeline").parts) & set(OUT_OF_SCOPE):
			tree = ast.parse(path.read_text(encoding="utf-8"))
			found |= set(names_in(tree))
			own |= {f"Document.{method}" for method in _methods_of_documents(tree)}
	found -= own
	# A name stands for those that it is only the beginning of.
	return sorted(name for name in found if not any(other.startswith(f"{name}.") for other in found))


def names_in(tree: ast.Module) -> Iterator[str]:
	known: dict[str, str] = {}
	for node in ast.walk(tree):
		if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FRAMEWORKS:
			for alias in node.names:
				known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
				yield f"{node.module}.{alias.name}"
		elif isinstance(node, ast.Import):
			for alias in node.names:
				if alias.name.partition(".")[0] in FRAMEWORKS:
					known[alias.asname or alias.name.partition(".")[0]] = (
						alias.name if alias.asname else alias.name.partition(".")[0]
					)
	for node in ast.walk(tree):
		if isinstance(node, ast.Attribute):
			dotted = _dotted(node)
			first, _, rest = dotted.partition(".")
			if first in known and "?" not in dotted:
				yield f"{known[first]}.{rest}"
			if ".meta." in f".{dotted}":
				yield f"meta.{dotted.rpartition('meta.')[2]}"
	for node in ast.walk(tree):
		if isinstance(node, ast.ClassDef) and any("Document" in _dotted(base) for base in node.bases):
			yield from _inherited(node)


def _methods_of_documents(tree: ast.Module) -> Iterator[str]:
	"""What the app's own base classes give their controllers."""
	for node in ast.walk(tree):
		if isinstance(node, ast.ClassDef) and any("Document" in _dotted(base) for base in node.bases):
			yield from (each.name for each in node.body if isinstance(each, ast.FunctionDef) and each.name != "save")


def _inherited(node: ast.ClassDef) -> Iterator[str]:
	own = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
	for call in ast.walk(node):
		if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
			name = call.func
			of_self = isinstance(name.value, ast.Name) and name.value.id == "self"
			of_super = isinstance(name.value, ast.Call) and _dotted(name.value.func) == "super"
			if (of_self and name.attr not in own) or of_super:
				yield f"Document.{name.attr}"


def _dotted(node: ast.AST) -> str:
	if isinstance(node, ast.Name):
		return node.id
	return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def listed() -> list[str]:
	lines = LIST.read_text(encoding="utf-8").splitlines()
	return [line for line in lines if line and not line.startswith("#")]


def main() -> None:
	names = measured()
	if "--write" in sys.argv:
		head = "# What the app reaches for in Frappe and ERPNext. Written by: python scripts/measure_interface.py --write\n"
		LIST.write_text(head + "\n".join(names) + "\n", encoding="utf-8")
	print("\n".join(names))


if __name__ == "__main__":
	main()
