"""What loader tests and the loader's benchmark need: small exports, and removing what a load committed."""

import csv
import json
from pathlib import Path

import frappe

from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.importer.site import example_mapping

SHIPPED = example_mapping("crm_sales_opportunities")
DATA = Path(__file__).parents[3].parent / "shared" / "data" / "crm-sales-opportunities"
OPPORTUNITY = "Sales Opportunity"


def company() -> str:
	return frappe.db.get_value("Company", {"name": ("not like", "%Demo%")}, "name", order_by="creation asc")


def column(folder: Path, file: str, name: str) -> set[str]:
	with open(folder / file, encoding="utf-8", newline="") as handle:
		return {row[name] for row in csv.DictReader(handle) if row[name]}


class Traces:
	"""Names that an export may bring in, and which of them the site had before; the others can be removed."""

	def __init__(self, folder: Path, mapping: dict):
		alias = mapping["aliases"]
		names = {
			"Item": column(folder, "products.csv", "product"),
			"Item Group": column(folder, "products.csv", "series"),
			"Customer": column(folder, "accounts.csv", "account"),
			"Territory": column(folder, "accounts.csv", "office_location") | set(alias["country"].values()),
			"Industry Type": set(alias["industry"].values()) | column(folder, "accounts.csv", "sector"),
			"Sales Lost Reason": {mapping["defaults"]["lost_reason"]},
			"Sales Person": {
				name
				for field in ("sales_agent", "manager", "regional_office")
				for name in column(folder, "sales_teams.csv", field)
			},
		}
		self.ids = sorted(column(folder, "sales_pipeline.csv", "opportunity_id"))
		self.prospect = mapping["defaults"]["unnamed_account"]
		self.new = {doctype: sorted(values - _there(doctype, values)) for doctype, values in names.items()}
		self.prospects = set(_prospects(self.prospect))

	@whole_transaction
	def remove(self) -> None:
		"""Delete what was loaded, with its rows and ledger, and commit. Straight from the tables: it is test data."""
		frappe.db.rollback()
		found = self.loaded()
		for part in _parts(found):
			frappe.db.delete("Sales Deal Item", {"parent": ("in", part)})
			frappe.db.delete("Pipeline Event", {"reference_name": ("in", part)})
			frappe.db.delete("Stage Passage", {"reference_name": ("in", part)})
			frappe.db.delete(OPPORTUNITY, {"name": ("in", part)})
		if self.new["Customer"]:
			# A parent company is a relation.
			frappe.db.delete("Customer Relation", {"customer": ("in", self.new["Customer"])})
		for prospect in set(_prospects(self.prospect)) - self.prospects:
			frappe.delete_doc("Sales Prospect", prospect, force=True)
		if self.new["Item"]:
			frappe.db.delete("Item Price", {"item_code": ("in", self.new["Item"])})
			frappe.db.delete("UOM Conversion Detail", {"parent": ("in", self.new["Item"])})
			frappe.db.delete("Item Default", {"parent": ("in", self.new["Item"])})
		for doctype, names in self.new.items():
			if names:
				frappe.db.delete(doctype, {"name": ("in", names)})
		frappe.db.commit()
		frappe.clear_cache()

	def loaded(self) -> list[str]:
		return [
			name
			for part in _parts(self.ids)
			for name in frappe.get_all(
				OPPORTUNITY, filters={"external_id": ("in", part)}, pluck="name", order_by="name asc", limit=0
			)
		]


def _parts(values: list, size: int = 1000):
	return (values[start : start + size] for start in range(0, len(values), size))


def _there(doctype: str, values: set[str]) -> set[str]:
	found = {
		n.casefold()
		for n in frappe.get_all(
			doctype,
			filters={"name": ("in", sorted(values) or [""])},
			pluck="name",
			order_by="name asc",
			limit=0,
		)
	}
	return {value for value in values if value.casefold() in found}


def _prospects(label: str) -> list[str]:
	return frappe.get_all("Sales Prospect", filters={"prospect_name": label}, pluck="name", order_by="name asc")


HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"


def small_export(folder: Path, tag: str, deals: list[str] | int = 30, **changes) -> tuple[Path, Path, dict]:
	"""A folder with a small export whose names all end in `tag`; answers folder, mapping file, mapping.

	`deals` are lines of sales_pipeline.csv, or how many to invent. `changes` replace keys of the mapping.
	"""
	if isinstance(deals, int):
		stages = (
			"Won,20-10-16,01-03-17,4500",
			"Lost,20-10-16,02-03-17,0",
			"Engaging,21-10-16,,",
			"Prospecting,,,",
		)
		deals = [
			f"{tag}-{n},Anna {tag},GTX{tag},{'' if n % 5 == 0 else f'Acme {tag}'},{stages[n % 4]}" for n in range(deals)
		]
	files = {
		"products.csv": f"product,series,sales_price\nGTX {tag},Series {tag},4821\nMG {tag},Series {tag},55\n",
		"sales_teams.csv": f"sales_agent,manager,regional_office\nAnna {tag},Dustin {tag},Central {tag}\n",
		"accounts.csv": (
			"account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
			f"Bluth {tag},technolgy,1993,12.5,30,Kenya,Acme {tag}\nAcme {tag},technolgy,1996,11,28,Kenya,\n"
		),
		"sales_pipeline.csv": "\n".join([HEAD, *deals]) + "\n",
	}
	for name, text in files.items():
		(folder / name).write_text(text, encoding="utf-8")
	mapping = json.loads(Path(SHIPPED).read_text(encoding="utf-8"))
	mapping["aliases"]["product"] = {f"GTX{tag}": f"GTX {tag}"}
	mapping["defaults"]["unnamed_account"] = f"Unnamed {tag}"
	mapping.update(changes)
	path = folder / "mapping.json"
	path.write_text(json.dumps(mapping), encoding="utf-8")
	return folder, path, mapping
