"""A Sales Import whose rows are another system's: its words listed with what they probably mean, and checked."""

import frappe
from frappe import _

from crm_pipeline.core import lead as lead_rules
from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.moving_in import systems
from crm_pipeline.importer.moving_in.systems import SYSTEMS, System
from crm_pipeline.wording import bold

STAGE, STATUS, OWNER, REASON, CHANNEL = FIELDS = ("stage", "status", "owner", "lost_reason", "channel")
ROLES = ("Sales Master Manager", "System Manager")
STATES = (
	*(lead_rules.NEW, lead_rules.CONTACTED, lead_rules.QUALIFIED, lead_rules.CONVERTED),
	lead_rules.DISQUALIFIED,
)


def is_move(doc) -> bool:
	"""Whether it moves records of another system in, rather than a file."""
	return doc.get("import_from") in SYSTEMS


def system_of(doc) -> System:
	"""Raises ValidationError where that system is not on this site."""
	system = SYSTEMS[doc.import_from]
	if not system.is_there:
		frappe.throw(
			_("{0} is not on this site: there is no table of {1}").format(bold(_(doc.import_from)), system.deal)
		)
	return system


def need_role() -> None:
	"""Raises PermissionError for everybody who may not move all records of a system in."""
	if not {*ROLES} & {*frappe.get_roles()}:
		frappe.throw(
			_("To move a system in takes the role {0}").format(" / ".join(map(_, ROLES))), frappe.PermissionError
		)


def follow(doc) -> None:
	"""Part of validate(): each word of the system has a row; those that somebody filled in are kept."""
	need_role()
	system = system_of(doc)
	doc.source = system.name
	if not doc.pipeline:
		frappe.throw(_("Please choose the {0} that the deals go to").format(bold(_("Pipeline"))))
	before = doc.get_doc_before_save()
	stages = stages_of(doc.pipeline)
	if before and before.pipeline != doc.pipeline:
		doc.set("value_rows", [row for row in doc.value_rows if row.field != STAGE])
	add_words(doc, system, stages)
	_check(doc, stages)


def add_words(doc, system: System, stages: dict) -> list:
	"""A row for each word of the system that has none; answers those."""
	known = {(row.field, row.file_value) for row in doc.value_rows}
	said, new = _said_before(doc), []
	for field, guesses in _guesses(system, stages).items():
		for value, meaning in guesses.items():
			if (field, value) not in known:
				meaning = said.get((field, value), meaning)
				new.append(doc.append("value_rows", {"field": field, "file_value": value, "meaning": meaning}))
	return new


def _said_before(doc) -> dict[tuple[str, str], str]:
	"""What the last move from the system took words for: another meaning would change what moved."""
	same = {"import_from": doc.import_from, "company": doc.company, "pipeline": doc.pipeline}
	last = frappe.db.get_value(
		doc.doctype, {**same, "status": "Done", "name": ("!=", doc.name or "")}, "name", order_by="creation desc"
	)
	rows = frappe.get_doc(doc.doctype, last).value_rows if last else []
	return {(row.field, row.file_value): row.meaning for row in rows}


def _guesses(system: System, stages: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
	here = [(label, kind) for label, (_key, kind) in stages.items()]
	return {
		STAGE: rules.guess_stages(systems.old_stages(system), here),
		STATUS: systems.old_states(system),
		OWNER: systems.old_owners(system),
		REASON: systems.old_reasons(system),
		CHANNEL: systems.old_channels(system),
	}


def stages_of(pipeline: str) -> dict[str, tuple[str, str]]:
	"""{label: (key, type)} of the stages that can be used, in their order."""
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": pipeline, "disabled": 0},
		fields=["label", "stage_key", "stage_type"],
		order_by="position asc, name asc",
		limit=0,
	)
	return {row.label: (row.stage_key, row.stage_type) for row in rows if row.stage_key}


def _check(doc, stages: dict) -> None:
	users = {row.meaning for row in doc.value_rows if row.field == OWNER and row.meaning}
	known = set(
		frappe.get_all(
			"User", filters={"name": ("in", sorted(users) or [""])}, pluck="name", order_by="name asc", limit=0
		)
	)
	for row in doc.value_rows:
		if row.field not in FIELDS:
			_refuse(row, row.field, _("Field"), FIELDS)
		if not row.meaning:
			continue
		if row.field == STAGE and row.meaning not in stages:
			_refuse(row, row.meaning, _("Stage"), stages)
		elif row.field == STATUS and row.meaning not in STATES:
			_refuse(row, row.meaning, _("Status"), STATES)
		elif row.field == OWNER and row.meaning not in known:
			frappe.throw(_("Row {0}: {1} is not a user").format(row.idx, bold(row.meaning)))


def _refuse(row, value: str, label: str, known) -> None:
	frappe.throw(
		_("Row {0}, {1}: {2} can't be used. Known are {3}").format(row.idx, label, bold(value), ", ".join(known))
	)
