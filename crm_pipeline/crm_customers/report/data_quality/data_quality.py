"""What is missing, unreachable, outdated or doubled in the data of customers, prospects and leads: a list to work off."""

from collections import Counter

from frappe import _
from frappe.utils import cint

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.api.door import report
from crm_pipeline.core import quality
from crm_pipeline.duplicates import data_quality
from crm_pipeline.duplicates.data_quality import STALE_DAYS, Asked
from crm_pipeline.user_day import user_today

SHOWN = 1000


@report
def execute(filters: dict | None = None):
	asked = Asked(
		doctype=filters.get("document_type") or "",
		kind=filters.get("kind") or "",
		group=filters.get("group") or "",
		sales_person=filters.get("sales_person") or "",
		sales_owner=filters.get("sales_owner") or "",
		stale_days=cint(filters.get("count")) or STALE_DAYS,
	)
	found = data_quality.faults(asked, user_today())
	return columns(), rows(found), message(len(found)), chart(found), summary(found)


def columns() -> list[dict]:
	return [
		{"fieldname": "doctype", "fieldtype": "Data", "label": _("Type"), "hidden": 1},
		{"fieldname": "type", "fieldtype": "Data", "label": _("Type"), "width": 110},
		{"fieldname": "name", "fieldtype": "Dynamic Link", "options": "doctype", "label": _("Record"), "width": 170},
		{"fieldname": "title", "fieldtype": "Data", "label": _("Title"), "width": 200},
		{"fieldname": "fault", "fieldtype": "Data", "label": _("What Is Wrong"), "width": 160},
		{"fieldname": "detail", "fieldtype": "Data", "label": _("Detail"), "width": 240},
		{"fieldname": "last", "fieldtype": "Date", "label": _("Last Contact or Change"), "width": 130},
		{
			"fieldname": "sales_person",
			"fieldtype": "Link",
			"options": "Sales Person",
			"label": _("Sales Person"),
			"width": 140,
		},
		{"fieldname": "sales_owner", "fieldtype": "Link", "options": "User", "label": _("Sales Owner"), "width": 170},
	]


def rows(found: list[dict]) -> list[dict]:
	labels = fault_labels()
	return [
		{**row, "type": _(row["doctype"]), "fault": labels[row["kind"]], "detail": _detail(row)}
		for row in found[:SHOWN]
	]


def _detail(row: dict) -> str:
	if row["kind"] == quality.OUTDATED:
		return _("{0} days without contact or change").format(row["detail"])
	if row["kind"] == quality.DOUBLED:
		return _("{0} suspected pairs").format(row["detail"])
	return row["detail"]


def fault_labels() -> dict[str, str]:
	return {
		quality.NO_CONTACT: _("No Contact"),
		quality.NO_REACH: _("No E-mail or Phone"),
		quality.INCOMPLETE: _("Incomplete"),
		quality.BAD_EMAIL: _("Invalid E-mail"),
		quality.BAD_PHONE: _("Invalid Phone"),
		quality.BOUNCED: _("Bounced"),
		quality.OUTDATED: _("Outdated"),
		quality.DOUBLED: _("Doubled"),
	}


def message(count: int) -> str | None:
	if count > SHOWN:
		return _("The first {0} of {1} faults are shown; the numbers are of all of them.").format(SHOWN, count)
	return None


def chart(found: list[dict]) -> dict | None:
	counts, labels = Counter(row["kind"] for row in found), fault_labels()
	shown = [kind for kind in quality.KINDS if counts[kind]]
	if not shown:
		return None
	return {
		"type": "bar",
		"data": {
			"labels": [labels[kind] for kind in shown],
			"datasets": [{"name": _("Faults"), "values": [counts[kind] for kind in shown]}],
		},
		"colors": [colours.AT_RISK],
	}


def summary(found: list[dict]) -> list[dict]:
	labels = {
		"Unreachable": _("Unreachable"),
		"Missing": _("Missing"),
		"Doubled": _("Doubled"),
		"Outdated": _("Outdated"),
	}
	counts = Counter(row["group"] for row in found)
	return [{"value": counts[group], "label": labels[group], "datatype": "Int"} for group in quality.GROUPS]
