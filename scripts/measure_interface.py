"""Measures which names of Frappe and ERPNext the app reaches for: `python scripts/measure_interface.py [--write]`.

Reads the source, runs nothing. Names are those of import statements, of attributes of `frappe`, and those that Frappe's
Document and Meta have (document_names.txt) wherever something may be one: "Document.append" stands for
`deal.append(...)`, "meta.has_field" for `doc.meta.has_field(...)`. A list has an append too, so a name may be one too
many here, and none is missing. The demo, the importer, the bench commands and what renames our modules are out of scope:
they work on a site.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_DOCUMENTS = Path(__file__).with_name("document_names.txt")
LIST = ROOT / "benchless" / "interface.txt"
OUT_OF_SCOPE = ("demo", "importer", "commands.py", "uninstall.py", "name_modules_after_the_app.py")
# Rooms of later features, whose tests run on a bench alone.
LATER = (
	*("cases", "warnings", "www", "credit_use.py", "open_documents.py"),
	*("calendar_file.py", "day_actions.py", "feed_page.py", "feed_tokens.py", "reminders.py"),
	"give_back_sales_funnel.py",
)
FRAMEWORKS = ("frappe", "erpnext", "pypika")


def measured() -> list[str]:
	found = set()
	for path in sorted((ROOT / "crm_pipeline").rglob("*.py")):
		if not set(path.relative_to(ROOT / "crm_pipeline").parts) & {*OUT_OF_SCOPE, *LATER}:
			found |= set(names_in(ast.parse(path.read_text(encoding="utf-8"))))
	# A name stands for those that it is only the beginning of.
	return sorted(name for name in found if not any(other.startswith(f"{name}.") for other in found))


def names_in(tree: ast.Module) -> Iterator[str]:
	for node in ast.walk(tree):
		if isinstance(node, ast.If) and _dotted(node.test) == "TYPE_CHECKING":
			# The type blocks of controllers: for editors alone.
			node.body = []
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
	yield from _of_documents(tree)


def _of_documents(tree: ast.Module) -> Iterator[str]:
	"""Names of documents and of their meta, asked of anything but a module."""
	names = set(lines_of(OF_DOCUMENTS))
	imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
	modules = {(a.asname or a.name).partition(".")[0] for node in imports for a in node.names}
	for node in ast.walk(tree):
		if isinstance(node, ast.Attribute) and _dotted(node).partition(".")[0] not in modules:
			value = node.value.func if isinstance(node.value, ast.Call) else node.value
			of_meta = _dotted(value).rpartition(".")[2] in ("meta", "get_meta")
			kinds = ("meta", "Document") if of_meta else ("Document", "meta")
			yield from [f"{kind}.{node.attr}" for kind in kinds if f"{kind}.{node.attr}" in names][:1]


def _dotted(node: ast.AST) -> str:
	if isinstance(node, ast.Name):
		return node.id
	return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def listed() -> list[str]:
	return lines_of(LIST)


def lines_of(path: Path) -> list[str]:
	lines = path.read_text(encoding="utf-8").splitlines()
	return [line for line in lines if line and not line.startswith("#")]


def main() -> None:
	names = measured()
	if "--write" in sys.argv:
		head = "# What the app reaches for in Frappe and ERPNext. Written by: python scripts/measure_interface.py --write\n"
		LIST.write_text(head + "\n".join(names) + "\n", encoding="utf-8")
	print("\n".join(names))


if __name__ == "__main__":
	main()
