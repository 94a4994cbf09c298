"""What a Pipeline Stage owes the deals that stand in it, or have."""

import frappe
from frappe import _
from frappe.query_builder.functions import Min
from frappe.utils import cint

from crm_pipeline.chain import passages
from crm_pipeline.core.gates import Kind
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.deals.forecast_fields import OUTLOOK
from crm_pipeline.deals.stage_gates import LAYOUT
from crm_pipeline.wording import bold

# Events whose values are names of stages.
STAGED_KINDS = ("Stage", "Created")

# What the form of a stage sends along when its deals are to stay as they are.
KEEP_DEALS = "__keep_deals"

# What each kind of gate can't do without.
NEEDED = {
	Kind.FIELD: "fieldname",
	Kind.CHECK: "text",
	Kind.DOCUMENT: "document_type",
	Kind.ROLE: "contact_role",
	Kind.ACTIVITY: "days",
}


def validate_gates(stage) -> None:
	"""Every gate says what it asks, and fields are those of the pipeline's deals."""
	if not stage.gates:
		return
	doctype = frappe.db.get_value("Sales Pipeline", stage.pipeline, "applies_to")
	for row in stage.gates:
		field = NEEDED[Kind(row.kind)]
		if not row.get(field) or (field == "days" and cint(row.days) < 1):
			frappe.throw(
				_("Gate {0} ({1}): {2} is missing").format(row.idx, _(row.kind), bold(_(row.meta.get_label(field)))),
				title=_("Incomplete Gate"),
			)
		if row.kind == Kind.FIELD.value:
			_validate_field(row, doctype)


def _validate_field(row, doctype: str) -> None:
	df = frappe.get_meta(doctype).get_field(row.fieldname)
	if not df or df.fieldtype in LAYOUT:
		frappe.throw(
			_("Gate {0}: {1} has no field {2}").format(row.idx, _(doctype), bold(row.fieldname)),
			title=_("Unknown Field"),
		)


def refuse_while_in_use(stage, message: str) -> None:
	"""`message` takes a number, a type of document and the stage."""
	for doctype in DEALS:
		standing = frappe.db.count(doctype, {"stage": stage.name})
		if standing:
			frappe.throw(message.format(standing, _(doctype), bold(_(stage.label))), frappe.LinkExistsError)


def refuse_with_history(stage) -> None:
	"""The ledger names the stages that deals have been in: their figures would lose them."""
	for field in ("to_value", "from_value"):
		if frappe.db.exists("Pipeline Event", {"kind": ("in", STAGED_KINDS), field: stage.name}):
			frappe.throw(
				_("Deals have been in stage {0}. Disable it instead of deleting it.").format(bold(_(stage.label))),
				frappe.LinkExistsError,
			)


def refuse_losing_last(stage, kind: str) -> None:
	"""A pipeline with deals keeps one enabled stage of each type."""
	others = frappe.db.exists(
		"Pipeline Stage",
		{"pipeline": stage.pipeline, "stage_type": kind, "disabled": 0, "name": ("!=", stage.name)},
	)
	if others or not any(frappe.db.exists(doctype, {"pipeline": stage.pipeline}) for doctype in DEALS):
		return
	frappe.throw(_("{0} is the only {1} stage of pipeline {2}").format(bold(_(stage.label)), _(kind), stage.pipeline))


def followers(stage: str) -> dict[str, int]:
	"""How many open deals of a stage have its {"probability", "forecast_category"}, because nobody set their own."""
	return {
		field: sum(frappe.db.count(doctype, _following(stage, own)) for doctype in DEALS)
		for field, own in OUTLOOK.items()
	}


def _following(stage: str, own: str) -> dict:
	return {"stage": stage, "status": OPEN, own: 0}


def pass_on_outlook(stage) -> None:
	"""on_update() of a stage: its open deals follow another probability or category, where nobody set their own.

	They are written as changed, so that a form that was open before can't put the old value back.
	"""
	before = stage.get_doc_before_save()
	if not before or stage.stage_type != OPEN or stage.get(KEEP_DEALS):
		return
	for field, own in OUTLOOK.items():
		if before.get(field) != stage.get(field):
			for doctype in DEALS:
				frappe.db.set_value(doctype, _following(stage.name, own), field, stage.get(field))


def rename_in_ledger(old: str, new: str) -> None:
	"""Ledger rows hold names of stages as text: they follow."""
	event = frappe.qb.DocType("Pipeline Event")
	for field in (event.from_value, event.to_value):
		(
			frappe.qb.update(event)
			.set(field, new)
			.where((field == old) & event.kind.isin(STAGED_KINDS) & event.reference_doctype.isin(DEALS))
		).run()
	for doctype in DEALS:
		_renew_keys(doctype)


def _renew_keys(doctype: str) -> None:
	"""The keys of the stages that deals have left are made of the names of stages; deals that share one share the next."""
	deal = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(deal).select(deal.passed_stages, Min(deal.name)).where(deal.passed_stages != 0)
	examples = dict(query.groupby(deal.passed_stages).run())
	if not examples:
		return
	keys = passages.keys_of(passages.expected(doctype, list(examples.values())))
	for old, name in examples.items():
		if (new := keys.get(name, 0)) != old:
			frappe.qb.update(deal).set(deal.passed_stages, new).where(deal.passed_stages == old).run()


def forget_open_checks(stage: str) -> None:
	"""Checks that were never ticked go with their stage."""
	frappe.db.delete("Sales Deal Check", {"stage": stage, "done": 0})
