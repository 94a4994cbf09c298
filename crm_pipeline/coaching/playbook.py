"""The playbook of a stage before the rep: guidance, what is missing for the next stage, suggested tasks."""

import hashlib

import frappe
from frappe import _
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime

from crm_pipeline.chain import pipelines, system_fields
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.core import gates as rules
from crm_pipeline.core.gates import Kind
from crm_pipeline.core.stages import OPEN
from crm_pipeline.deals import stage_gates

# A planned activity starts at this hour of its day.
MORNING = 9


def guide(doctype: str, name: str) -> dict:
	"""What helps a rep on a deal now.

	{"stage", "label", "guidance", "next": {"name", "label"} | None, "gates": [{"key", "kind", "text", "met",
	"field", "ticked_by"}], "tasks": [{"key", "subject", "way", "due", "guidance", "activity", "status"}],
	"requests": [...], "may_ask": bool}. A closed deal has requests only.
	"""
	doc = frappe.get_doc(doctype, name)
	answer = {
		"stage": doc.stage,
		"requests": help_wanted.requests_of(doctype, name),
		"may_ask": doc.status == OPEN and frappe.has_permission(help_wanted.REQUEST, "create"),
	}
	stages = pipelines.stages_of(doc.pipeline) if doc.status == OPEN else []
	current = next((s for s in stages if s.name == doc.stage), None)
	if not current:
		return answer
	ahead = rules.next_stage(current, stages)
	texts = _texts([doc.stage, *([ahead.name] if ahead else [])])
	here = texts[doc.stage]
	return {
		**answer,
		"label": _(here.label),
		"guidance": _(here.guidance) if here.guidance else "",
		"next": {"name": ahead.name, "label": _(texts[ahead.name].label)} if ahead else None,
		"gates": _gates(doc),
		"tasks": _tasks(doc),
	}


def _texts(stages: list[str]) -> dict[str, dict]:
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", stages)},
		fields=["name", "label", "guidance"],
		order_by="position asc",
	)
	return {row.name: row for row in rows}


def _gates(doc) -> list[dict]:
	asked = [gate for gate in stage_gates.gates_of(doc.pipeline) if gate.stage == doc.stage]
	facts = stage_gates.facts_of(doc, asked)
	ticked = {row.gate: row for row in doc.checks if row.done}
	return [
		{
			"key": gate.key,
			"kind": gate.kind.value,
			"text": ticked[gate.key].text if gate.key in ticked else stage_gates.words(gate, doc.doctype),
			"met": rules.is_met(gate, facts),
			"field": gate.subject if gate.kind == Kind.FIELD else None,
			"ticked_by": ticked[gate.key].done_by if gate.key in ticked else None,
		}
		for gate in asked
	]


# ---- suggested tasks


def _task_rows(stage: str) -> list[dict]:
	return frappe.get_all(
		"Pipeline Stage Task",
		filters={"parent": stage, "parenttype": "Pipeline Stage"},
		fields=["name", "subject", "way", "due_after_days", "guidance"],
		order_by="idx asc",
		limit=0,
	)


def _tasks(doc) -> list[dict]:
	rows = _task_rows(doc.stage)
	keys = {row.name: activity_key(doc, row.name) for row in rows}
	made = {}
	if rows:
		found = frappe.get_all(
			"Sales Activity",
			filters={"playbook_key": ("in", sorted(keys.values()))},
			fields=["name", "status", "playbook_key"],
			order_by="name asc",
		)
		made = {activity.playbook_key: activity for activity in found}
	return [_task(doc, row, made.get(keys[row.name])) for row in rows]


def _task(doc, row, activity) -> dict:
	return {
		"key": row.name,
		"subject": _(row.subject),
		"way": row.way,
		"due": str(due_on(doc, row.due_after_days)),
		"guidance": _(row.guidance) if row.guidance else "",
		"activity": activity.name if activity else None,
		"status": activity.status if activity else None,
	}


def activity_key(doc, task: str) -> str:
	"""One activity per deal and suggested task: the value of a unique field."""
	return hashlib.sha1(f"{doc.doctype}\n{doc.name}\n{task}".encode()).hexdigest()


def due_on(doc, days: int):
	"""The day a task is due: so many days after the deal came to the stage, today at the earliest."""
	entered = get_datetime(doc.stage_entered_on or doc.creation)
	return max(add_days(entered.date(), days or 0), now_datetime().date())


def plan_task(doctype: str, name: str, task: str) -> str:
	"""Make a suggested task a planned activity of the deal's owner, once; answers its name."""
	# The lock lets a second click wait for the first one.
	doc = locked_doc(doctype, name)
	row = next((row for row in _task_rows(doc.stage) if row.name == task), None)
	if not row:
		frappe.throw(_("This task is not suggested in the deal's stage"), title=_("Task Gone"))
	key = activity_key(doc, task)
	there = frappe.db.get_value(
		"Sales Activity", {"playbook_key": key}, ["name", "reference_doctype", "reference_name"], as_dict=True
	)
	if there and (there.reference_doctype, there.reference_name) == (doctype, name):
		return there.name
	if there:
		# Somebody hung the activity on another document: the task is to be done here again.
		frappe.db.set_value("Sales Activity", there.name, "playbook_key", None, update_modified=False)
	day = due_on(doc, row.due_after_days)
	morning = add_to_date(get_datetime(day), hours=MORNING)
	activity = frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"subject": _(row.subject),
			"way": row.way,
			"status": "Planned",
			"reference_doctype": doctype,
			"reference_name": name,
			"starts_on": max(morning, now_datetime()),
			"sales_owner": doc.sales_owner or frappe.session.user,
			"sales_person": doc.sales_person,
			"notes": _(row.guidance) if row.guidance else None,
		}
	)
	system_fields.write(activity, playbook_key=key)
	return activity.insert().name
