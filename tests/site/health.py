"""Deals with a past, and a sales team, for the tests of dwell, stalled deals and win and loss."""

from datetime import timedelta
from types import SimpleNamespace

import frappe
from frappe.utils import get_datetime, now_datetime

from crm_pipeline import api
from tests.site.rows import set_event

PIPELINE = "Standard Sales"


def stage(key: str) -> str:
	return frappe.db.get_value("Pipeline Stage", {"pipeline": PIPELINE, "stage_key": key}, "name")


def settings(**values) -> None:
	for field, value in values.items():
		frappe.db.set_single_value("CRM Pipeline Settings", field, value)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")


def walk(deal, *visits: tuple[str, float], won: bool | None = None):
	"""Let a deal stand in each (stage key, days) in turn, the last one until now; `won` closes it afterwards.

	The moves go through the app; then the ledger is dated back, as an import of history would have it.
	"""
	for key, _days in visits[1:]:
		api.move_stage(deal.doctype, deal.name, stage(key))
	if won is not None:
		api.move_stage(deal.doctype, deal.name, stage("won")) if won else api.lose_deal(
			deal.doctype, deal.name, "Price"
		)
	at = now_datetime() - timedelta(days=sum(days for _key, days in visits))
	start = at
	moves = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": deal.name, "kind": "Stage"},
		pluck="name",
		order_by="at asc, creation asc",
	)
	spent = [days for _key, days in visits]
	for name, days in zip(moves, spent, strict=False):
		at += timedelta(days=days)
		set_event(name, {"at": at, "seconds_spent": int(days * 86400)}, update_modified=False)
	entered = get_datetime(at) if won is None else now_datetime()
	opened = min(start, now_datetime()).date()
	frappe.db.set_value(
		deal.doctype, deal.name, {"stage_entered_on": entered, "opened_on": opened}, update_modified=False
	)
	deal.reload()
	return deal


def build_team(tag: str, users: dict) -> SimpleNamespace:
	"""A manager with one rep below, and another rep beside them: {name: Sales Person}."""
	root = frappe.db.get_value("Sales Person", {"parent_sales_person": ("in", ("", None))}, "name")

	for user, _roles in users.values():
		frappe.db.set_value("Sales Person", {"crm_user": user}, "crm_user", None)

	def person(name: str, user: str, parent: str, group: int = 0) -> str:
		values = {
			"sales_person_name": f"{name} {tag}",
			"parent_sales_person": parent,
			"is_group": group,
			"crm_user": user,
		}
		return frappe.get_doc({"doctype": "Sales Person", **values}).insert().name

	manager = person("Manager", users["manager"][0], root, 1)
	return SimpleNamespace(
		manager=manager,
		rep=person("Rep", users["rep"][0], manager),
		other_rep=person("Other", users["other_rep"][0], root),
	)
