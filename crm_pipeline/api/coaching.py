"""Guidance on a deal: its playbook, its checks, and help from its manager."""

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Flag, Name, Text
from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.coaching import playbook
from crm_pipeline.core.registry import DEALS
from crm_pipeline.deals import stage_gates


@reads(may("read", DEALS, "name"))
def get_stage_guide(doctype: Name, name: Name) -> dict:
	"""Guidance, gates, suggested tasks and help requests of a deal; see coaching/playbook.py for the shape."""
	return playbook.guide(doctype, name)


@writes(may("write", DEALS, "name"))
def tick_check(doctype: Name, name: Name, check: Name, done: Flag = True) -> None:
	"""Tick or clear a check of a deal; `check` is the key that get_stage_guide answers."""
	stage_gates.tick(doctype, name, check, done)


@writes(may("write", DEALS, "name"))
def plan_task(doctype: Name, name: Name, task: Name) -> dict:
	"""Make a suggested task a planned activity; a second call answers the first one's."""
	return {"doctype": "Sales Activity", "name": playbook.plan_task(doctype, name, task)}


@writes(may("read", DEALS, "name"))
def ask_for_help(doctype: Name, name: Name, wanted: Name, question: Text) -> dict:
	"""Ask the deal's manager for people, resources, price or advice."""
	return {"doctype": help_wanted.REQUEST, "name": help_wanted.ask(doctype, name, wanted, question).name}


@writes(may("write", help_wanted.REQUEST, "name"))
def answer_help(name: Name, answer: Text) -> None:
	"""Answer a help request: whoever was asked, or a Sales Manager who sees the deal."""
	help_wanted.answer(name, answer)


@writes(may("write", help_wanted.REQUEST, "name"))
def withdraw_help(name: Name) -> None:
	"""Take back a question that was not answered yet."""
	help_wanted.withdraw(name)
