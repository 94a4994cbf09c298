"""The worked example of CONTRIBUTING.md, done to a copy of the app: a type of its own in the chain."""

import json
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCTYPE, FOLDER = "Site Visit", "crm_pipeline/crm_pipeline/doctype/site_visit"
BEFORE = 'DocumentType(\n\t\t"Quotation",'
RIGHTS = ("read", "write", "create", "delete", "report", "export", "print", "email", "share")


def blocks() -> dict[str, str]:
	"""The fenced blocks of the example, by the file that each is about."""
	text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
	example = text[text.index("## A worked example") :]
	return dict(re.findall(r"`([\w./]+)`:\n\n```\w*\n(.*?)```", example, re.DOTALL))


def apply_to(folder: Path) -> Path:
	"""Copy the app and its tests into `folder` and follow the example there; answers `folder`."""
	leave = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "browser", "soak")
	for part in ("crm_pipeline", "tests"):
		shutil.copytree(ROOT / part, folder / part, ignore=leave)
	for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "pyproject.toml", "setup.py"):
		shutil.copy(ROOT / name, folder / name)
	said = blocks()
	registry = folder / "crm_pipeline/core/registry.py"
	text = registry.read_text(encoding="utf-8")
	row = "\n".join(f"\t{line}" if line else line for line in said["core/registry.py"].rstrip().split("\n"))
	assert text.count(BEFORE) == 1
	registry.write_text(text.replace(BEFORE, f"{row.lstrip()}\n\t{BEFORE}"), encoding="utf-8")
	own = folder / FOLDER
	own.mkdir()
	(own / "__init__.py").write_text("")
	for name in ("site_visit.py", "site_visit.js", "site_visit_list.js", "site_visit_dashboard.py"):
		(own / name).write_text(said[name], encoding="utf-8")
	(own / "site_visit.json").write_text(json.dumps(_doctype(said["site_visit.json"]), indent=1), encoding="utf-8")
	return folder


def _doctype(fields: str) -> dict:
	"""What Desk writes for a DocType with these fields: name, type and options of each in a line."""
	rows = []
	for line in fields.strip().split("\n"):
		name, kind, *options = re.split(r"\s{2,}", line.strip())
		row = {"fieldname": name, "fieldtype": kind, "label": name.replace("_", " ").title()}
		if options:
			row["options"] = "\n".join(options[0].split(", ")) if kind == "Select" else options[0]
		if kind == "Currency":
			row |= {"read_only": 1, "options": "Company:company:default_currency"}
		if name in ("title", "company", "status"):
			row["reqd"] = 1
		if name == "party_name":
			row["read_only"] = 1
		rows.append(row)
	roles = ("Sales User", "Sales Manager", "System Manager")
	states = next(row["options"] for row in rows if row["fieldname"] == "status").split("\n")
	colours = re.findall(r'State\("(\w+)", "([\w-]+)"', blocks()["core/registry.py"])
	return {
		"doctype": "DocType", "name": DOCTYPE, "module": "CRM Pipeline", "engine": "InnoDB", "autoname": "VISIT-.#####",
		"creation": "2026-01-01 00:00:00", "modified": "2026-01-01 00:00:00", "owner": "Administrator",
		"modified_by": "Administrator", "title_field": "title", "sort_field": "modified", "sort_order": "DESC",
		"track_changes": 1, "field_order": [row["fieldname"] for row in rows], "fields": rows, "links": [], "actions": [],
		"permissions": [{"role": role, **dict.fromkeys(RIGHTS, 1)} for role in roles],
		"states": [{"title": name, "color": colour.title()} for name, colour in colours if name in states],
	}  # fmt: skip
