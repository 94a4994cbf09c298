"""Which leads a deal came from. What was said and planned with the customer there counts for the deal."""

import frappe

LEAD, OPPORTUNITY, PROJECT = "Sales Lead", "Sales Opportunity", "Sales Project"


def leads_of(doctype: str, names: list[str], rows: list[dict] | None = None) -> dict[str, list[str]]:
	"""{deal: leads that became it or joined it}; of a project also those of the opportunity that it runs. `rows` are the
	deals, each with its name and source, where they are known already."""
	if not names or doctype not in (OPPORTUNITY, PROJECT):
		return {}
	found: dict[str, list[str]] = {}
	if rows is None:
		rows = frappe.get_all(
			doctype,
			filters={"name": ("in", names), "source_type": ("in", (LEAD, OPPORTUNITY))},
			fields=["name", "source_type", "source_name"],
			order_by="name asc",
			limit=0,
		)
	for row in rows:
		if row.source_type == LEAD:
			found.setdefault(row.name, []).append(row.source_name)
	if doctype == OPPORTUNITY:
		for row in frappe.get_all(
			LEAD,
			filters={"joined_opportunity": ("in", names)},
			fields=["name", "joined_opportunity"],
			order_by="name asc",
			limit=0,
		):
			found.setdefault(row.joined_opportunity, []).append(row.name)
		return found
	runs = {row.name: row.source_name for row in rows if row.source_type == OPPORTUNITY}
	before = leads_of(OPPORTUNITY, sorted(set(runs.values())))
	for name, opportunity in runs.items():
		found.setdefault(name, []).extend(before.get(opportunity, []))
	return found


def deals_of(lead: str) -> list[tuple[str, str]]:
	"""(DocType, name) of the deals that a lead became or joined; not the projects that run them."""
	found = [
		(doctype, name)
		for doctype in (OPPORTUNITY, PROJECT)
		for name in frappe.get_all(
			doctype, filters={"source_type": LEAD, "source_name": lead}, pluck="name", order_by="name asc"
		)
	]
	joined = frappe.db.get_value(LEAD, lead, "joined_opportunity")
	return [*found, (OPPORTUNITY, joined)] if joined else found
