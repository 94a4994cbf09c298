"""The systems that can be moved in from: their tables, and which of their records became which here."""

from collections.abc import Iterator
from dataclasses import dataclass

import frappe

from crm_pipeline.core import moving_in as rules
from crm_pipeline.core.moving_in import OldStage
from crm_pipeline.importer.moving_in import erpnext_rows, frappe_crm_rows, old_tables
from crm_pipeline.importer.moving_in.erpnext_rows import ErpnextRows
from crm_pipeline.importer.moving_in.frappe_crm_rows import FrappeCrmRows

LEAD, PROSPECT, DEAL = "Sales Lead", "Sales Prospect", "Sales Opportunity"
CAMPAIGN, ACTIVITY, MEMO = "Sales Campaign", "Sales Activity", "Sales Memo"
FILE = "File"


@dataclass(frozen=True)
class System:
	"""`tables` says which table of the import is called what there, in the order in which they move in; `became` which
	DocType became which; `lead` and `deal` are the DocTypes that have to be there."""

	name: str
	rows: type
	tables: dict[str, str]
	became: dict[str, str]
	lead: str
	deal: str
	owners: dict[str, tuple[str, ...]]
	reasons: str
	# {DocType there: ((DocType here, what stands before its name in the id), ...)} of all that can be renamed there.
	ids: dict[str, tuple[tuple[str, str], ...]]

	@property
	def is_there(self) -> bool:
		return old_tables.is_there(self.lead) and old_tables.is_there(self.deal)


SYSTEMS = {
	"ERPNext's CRM": System(
		name="ERPNext CRM",
		rows=ErpnextRows,
		tables={
			"campaigns": "Campaign",
			"prospects": "Prospect and Leads with Deals",
			"leads": "Lead",
			"opportunities": "Opportunity",
			"history": "Version",
			"memos": "CRM Note and Contract",
			"activities": "Appointment",
		},
		became={"Lead": LEAD, "Prospect": PROSPECT, "Opportunity": DEAL},
		lead="Lead",
		deal="Opportunity",
		owners={"Lead": ("lead_owner",), "Opportunity": ("opportunity_owner",), "Prospect": ("prospect_owner",)},
		reasons="Opportunity Lost Reason",
		ids={
			"Lead": ((LEAD, ""), (PROSPECT, erpnext_rows.OF_LEAD)),
			"Prospect": ((PROSPECT, ""),),
			"Opportunity": ((DEAL, ""),),
			**dict.fromkeys(("Campaign", "UTM Campaign"), ((CAMPAIGN, ""),)),
			"Appointment": ((ACTIVITY, ""),),
			"Contract": ((MEMO, "Contract "),),
		},
	),
	"Frappe CRM": System(
		name="Frappe CRM",
		rows=FrappeCrmRows,
		tables={
			"prospects": "CRM Organization and Persons with Deals",
			"leads": "CRM Lead",
			"opportunities": "CRM Deal",
			"history": "CRM Status Change Log",
			"memos": "FCRM Note",
			"activities": "CRM Task and CRM Call Log",
		},
		became={"CRM Lead": LEAD, "CRM Organization": PROSPECT, "CRM Deal": DEAL},
		lead="CRM Lead",
		deal="CRM Deal",
		owners={"CRM Lead": ("lead_owner",), "CRM Deal": ("deal_owner",)},
		reasons="CRM Lost Reason",
		ids={
			"CRM Lead": ((LEAD, ""),),
			"CRM Organization": ((PROSPECT, ""),),
			"CRM Deal": ((DEAL, ""), (PROSPECT, frappe_crm_rows.OF_DEAL)),
			"CRM Task": ((ACTIVITY, "CRM Task "),),
			"CRM Call Log": ((ACTIVITY, "CRM Call Log "),),
			"FCRM Note": ((MEMO, "FCRM Note "),),
		},
	),
}


# ---- words that have to be said


def old_stages(system: System) -> list[OldStage]:
	"""Where deals of the system stand or stood, in order; how they ended comes last."""
	if system.deal == erpnext_rows.DEAL:
		used = {
			row.sales_stage or row.status for row in old_tables.rows(system.deal, ["sales_stage", "status", "creation"])
		}
		known = set(old_tables.names("Sales Stage"))
		values = rules.in_order((used | known) - rules.ERPNEXT_ENDS.keys() - {None}, rules.ERPNEXT_STAGES)
		return [*(OldStage(value) for value in values), *(OldStage(*one) for one in rules.ERPNEXT_ENDS.items())]
	statuses = old_tables.rows("CRM Deal Status", ["type", "position", "creation"])
	ends = frappe_crm_rows.ends_of(statuses)
	known = sorted(statuses, key=lambda row: (row.position or 0, row.name))
	used = {row.status for row in old_tables.rows(system.deal, ["status", "creation"]) if row.status}
	gone = sorted(used - {row.name for row in statuses})
	return [OldStage(row.name, ends.get(row.name, "")) for row in known] + [OldStage(value) for value in gone]


def old_states(system: System) -> dict[str, str]:
	"""{state of a lead: what it probably is here}."""
	used = {row.status for row in old_tables.rows(system.lead, ["status", "creation"]) if row.status}
	if system.deal == erpnext_rows.DEAL:
		return {state: rules.ERPNEXT_LEADS.get(state, "") for state in sorted(used)}
	types = {row.name: row.type for row in old_tables.rows("CRM Lead Status", ["type", "creation"])}
	return {
		state: rules.FRAPPE_LEADS.get(state) or rules.FRAPPE_LEAD_TYPES.get(types.get(state), "")
		for state in sorted(used)
	}


def old_owners(system: System) -> dict[str, str]:
	"""{owner: the user here}, "" for one who is gone."""
	used = {
		row[field]
		for doctype, fields in system.owners.items()
		for field in fields
		for row in old_tables.rows(doctype, [field, "creation"])
		if row[field]
	}
	names = frappe.get_all(
		"User", filters={"name": ("in", sorted(used) or [""])}, pluck="name", order_by="name asc", limit=0
	)
	known = {name.casefold(): name for name in names}
	return {user: known.get(user.casefold(), "") for user in sorted(used)}


def old_channels(system: System) -> dict[str, str]:
	used = set()
	for doctype in (system.lead, system.deal):
		# 16 reads utm_source; the column of 15 stays where a site was upgraded.
		rows = old_tables.rows(doctype, ["source", "utm_source", "creation"])
		used |= {row.source or row.utm_source for row in rows} - {None, ""}
	return {value: value for value in sorted(used)}


def old_reasons(system: System) -> dict[str, str]:
	return {value: value for value in sorted(old_tables.names(system.reasons))}


# ---- what became of its records


def moved(system: System, company: str) -> Iterator[tuple[str, str, dict[str, str]]]:
	"""(DocType there, DocType here, {record there: record here}) of all that is here from the system, so many at a time."""
	for there, here in system.became.items():
		if here == DEAL:
			filters = {"external_source": system.name, "company": company}
			found = frappe.get_all(DEAL, filters=filters, fields=["external_id", "name"], order_by="name asc", limit=0)
			rows = [(row.external_id, row.name) for row in found]
		else:
			filters = {"source": system.name, "document_type": here}
			fields = ["record_id", "document"]
			found = frappe.get_all("Imported Record", filters=filters, fields=fields, order_by="name asc", limit=0)
			rows = [(row.record_id, row.document) for row in found]
		for start in range(0, len(rows), old_tables.CHUNK):
			yield there, here, dict(rows[start : start + old_tables.CHUNK])


def noted(system: System) -> Iterator[tuple[str, str, dict[str, str]]]:
	"""The same of notes, agreements, tasks and calls."""
	for there, ids in system.ids.items():
		for here, prefix in ids:
			if here not in (ACTIVITY, MEMO):
				continue
			filters = {"source": system.name, "document_type": here, "record_id": ("like", f"{prefix}%")}
			fields = ["record_id", "document"]
			rows = frappe.get_all("Imported Record", filters=filters, fields=fields, order_by="name asc", limit=0)
			for start in range(0, len(rows), old_tables.CHUNK):
				part = rows[start : start + old_tables.CHUNK]
				yield there, here, {row.record_id.removeprefix(prefix): row.document for row in part}
