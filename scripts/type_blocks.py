"""Writes the type blocks of our controllers from the DocTypes' JSON: `python scripts/type_blocks.py --write`.

It writes what Frappe writes when a DocType is saved in developer mode (frappe/types/exporter.py of 15 and 16), without a
bench. Without `--write` it lists the controllers that are not as their DocType is.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "# begin: auto-generated types", "# end: auto-generated types"
# Field types that hold nothing, or that Frappe has no type for.
UNTYPED = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Signature")
NEVER_EMPTY = ("Check", "Currency", "Float", "Int", "Percent", "Rating", "Select", "Table", "Table MultiSelect")
TABLES = ("Table", "Table MultiSelect")
# Modules of ERPNext's child tables in our documents.
NATIVE = {"Payment Schedule": "erpnext.accounts"}


def doctype_files() -> Iterator[Path]:
	for path in sorted((ROOT / "crm_pipeline").glob("*/doctype/*/*.json")):
		if path.stem == path.parent.name:
			yield path


def block(doctype: dict, modules: dict[str, str]) -> str:
	"""The block of a controller; `modules` are the Python modules of our DocTypes, by name."""
	types = {f["fieldname"]: _type_of(f) for f in doctype["fields"] if f["fieldtype"] not in UNTYPED}
	if doctype.get("istable"):
		types |= dict.fromkeys(("parent", "parentfield", "parenttype"), "DF.Data")
	rows = {f["options"] for f in doctype["fields"] if f["fieldtype"] in TABLES}
	imports = {"from frappe.types import DF", *(f"from {modules[row]} import {row.replace(' ', '')}" for row in rows)}
	lines = [
		BEGIN,
		"# This code is auto-generated. Do not modify anything in this block.",
		"",
		"from typing import TYPE_CHECKING",
		"",
		"if TYPE_CHECKING:",
		*(f"\t{line}" for line in sorted(imports)),
		"",
		*(f"\t{line}" for line in sorted(f"{field}: {kind}" for field, kind in types.items())),
		END,
	]
	return "".join(f"\t{line}\n" if line else "\n" for line in lines) + "\n"


def _type_of(field: dict) -> str:
	kind = field["fieldtype"]
	if kind == "Select":
		return f"DF.Literal{json.dumps([option.strip() for option in (field.get('options') or '').split(chr(10))])}"
	if kind in TABLES:
		return f"DF.{kind.replace(' ', '')}[{field['options'].replace(' ', '')}]"
	return f"DF.{kind.replace(' ', '')}" + ("" if kind in NEVER_EMPTY or field.get("reqd") else " | None")


def controllers() -> dict[Path, str]:
	"""{controller: its text as it should be} of all our DocTypes."""
	doctypes = {path: json.loads(path.read_text(encoding="utf-8")) for path in doctype_files()}
	modules = {row: f"{module}.doctype.{_scrubbed(row)}.{_scrubbed(row)}" for row, module in NATIVE.items()}
	for path, doctype in doctypes.items():
		modules[doctype["name"]] = ".".join(path.relative_to(ROOT).with_suffix("").parts)
	return {path.with_suffix(".py"): _with_block(path, doctype, modules) for path, doctype in doctypes.items()}


def _scrubbed(name: str) -> str:
	return name.lower().replace(" ", "_")


def _with_block(path: Path, doctype: dict, modules: dict[str, str]) -> str:
	text = re.sub(rf"(?s)\t{BEGIN}.*?{END}\n+", "", path.with_suffix(".py").read_text(encoding="utf-8"))
	# Behind the docstring, where there is one: Frappe replaces a block wherever it stands.
	head = re.search(rf"^class {doctype['name'].replace(' ', '')}\(.*\n(\t\"\"\"[^\"]*\"\"\"\n)?", text, re.MULTILINE)
	blank = "\n" if head[1] else ""
	return text[: head.end()] + blank + block(doctype, modules) + text[head.end() :].lstrip("\n")


def main() -> None:
	for path, wanted in controllers().items():
		if path.read_text(encoding="utf-8") != wanted:
			print(path.relative_to(ROOT))
			if "--write" in sys.argv:
				path.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
	main()
