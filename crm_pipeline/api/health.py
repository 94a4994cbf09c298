"""How deals stand: time per stage, signals of a stalled deal, and the documents behind a figure. Reading only."""

import frappe
from frappe import _

from crm_pipeline.figures import dwell, stalled, win_loss


def _readable_deal(doctype: str, name: str) -> None:
	if doctype not in stalled.DEALS:
		frappe.throw(_("{0} is no deal").format(doctype))
	frappe.has_permission(doctype, "read", doc=name, throw=True)


@frappe.whitelist()
def get_dwell(doctype: str, name: str) -> list[dict]:
	"""Time of a deal per stage, the running visit included; see figures/dwell.py for the shape."""
	_readable_deal(doctype, name)
	return [{**row, "label": _(row["label"])} for row in dwell.of_document(doctype, name)]


@frappe.whitelist()
def get_deal_health(doctype: str, name: str) -> dict:
	"""Score of a deal with its reasons in words; see figures/stalled.py for the shape."""
	_readable_deal(doctype, name)
	return stalled.health(doctype, name)


@frappe.whitelist()
def get_dwell_documents(filters: str | dict, stage: str, over_limit: bool | int | str = False) -> dict:
	"""Deals behind a row of the report Stage Dwell, the longest stays first: {"names", "more": there are more}."""
	chosen = frappe._dict(frappe.parse_json(filters) or {})
	frappe.has_permission(dwell.doctype_of(chosen), "read", throw=True)
	return dwell.documents_behind(chosen, stage, bool(frappe.utils.cint(over_limit)))


@frappe.whitelist()
def get_wins_against(filters: str | dict, competitor: str) -> dict:
	"""Won deals behind a competitor's row of the report Win and Loss: {"names", "more": there are more}."""
	closed = win_loss.Closed(frappe.parse_json(filters))
	frappe.has_permission(closed.doctype, "read", throw=True)
	return win_loss.wins_against(closed, competitor)
