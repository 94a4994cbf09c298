"""Lists that were exported from this very site: their ids are names of records here, which are there already."""

import frappe

from crm_pipeline.core import matching

DEAL = "Sales Opportunity"
LABELS = {"Sales Lead": "prospect_name", "Sales Prospect": "prospect_name", "Contact": "full_name"}


def own_parties(doctype: str, parties: list) -> dict[str, str]:
	"""{key of a party: the record that has it for a name}, where what it is called agrees: ids of another site may be the
	same."""
	called = _called(doctype, LABELS[doctype], [party.key for party in parties])
	return {
		party.key: party.key
		for party in parties
		if party.key in called and matching.normal_name(called[party.key]) == matching.normal_name(party.name)
	}


def is_own_deal(site, external_id: str, title: str) -> bool:
	"""Whether an opportunity of this company has that name, and the title that the file says."""
	if site.mapping.from_site or not external_id.startswith(_series()):
		return False
	called = _called(DEAL, "title", [external_id], {"company": site.company}).get(external_id)
	return called is not None and (not title or matching.normal_name(called) == matching.normal_name(title))


def _series() -> tuple[str, ...]:
	"""What names of opportunities begin with: of another id nothing has to be asked."""
	options = frappe.get_meta(DEAL).get_field("naming_series").options or ""
	return tuple(filter(None, (series.partition(".")[0] for series in options.split("\n"))))


def _called(doctype: str, label: str, names: list[str], more: dict | None = None) -> dict[str, str]:
	filters = {"name": ("in", names or [""]), **(more or {})}
	rows = frappe.get_all(doctype, filters=filters, fields=["name", label], order_by="name asc", limit=0)
	return {row.name: row[label] or "" for row in rows}
