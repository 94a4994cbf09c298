"""Guidance on a deal: its playbook, its checks, and help from its manager. Typed, permission first."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.chain import gates, playbook
from crm_pipeline.chain import help as help_wanted
from crm_pipeline.chain.locks import whole_transaction


def _deal(doctype: str, name: str, right: str) -> None:
	if doctype not in help_wanted.DEALS:
		frappe.throw(_("{0} is no deal").format(doctype))
	frappe.has_permission(doctype, right, doc=name, throw=True)


@frappe.whitelist()
def get_stage_guide(doctype: str, name: str) -> dict:
	"""Guidance, gates, suggested tasks and help requests of a deal; see chain/playbook.py for the shape."""
	_deal(doctype, name, "read")
	return playbook.guide(doctype, name)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def tick_check(doctype: str, name: str, check: str, done: bool | int | str = True) -> None:
	"""Tick or clear a check of a deal; `check` is the key that get_stage_guide answers."""
	_deal(doctype, name, "write")
	gates.tick(doctype, name, check, bool(cint(done)))


@frappe.whitelist(methods=["POST"])
@whole_transaction
def plan_task(doctype: str, name: str, task: str) -> dict:
	"""Make a suggested task a planned activity; a second call answers the first one's."""
	_deal(doctype, name, "write")
	return {"doctype": "Sales Activity", "name": playbook.plan_task(doctype, name, task)}


@frappe.whitelist(methods=["POST"])
def ask_for_help(doctype: str, name: str, wanted: str, question: str) -> dict:
	"""Ask the deal's manager for people, resources, price or advice."""
	_deal(doctype, name, "read")
	return {"doctype": help_wanted.REQUEST, "name": help_wanted.ask(doctype, name, wanted, question).name}


@frappe.whitelist(methods=["POST"])
@whole_transaction
def answer_help(name: str, answer: str) -> None:
	"""Answer a help request: whoever was asked, or a Sales Manager who sees the deal."""
	frappe.has_permission(help_wanted.REQUEST, "write", doc=name, throw=True)
	help_wanted.answer(name, answer)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def withdraw_help(name: str) -> None:
	"""Take back a question that was not answered yet."""
	frappe.has_permission(help_wanted.REQUEST, "write", doc=name, throw=True)
	help_wanted.withdraw(name)
