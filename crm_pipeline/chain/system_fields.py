"""Fields that the app alone writes: keys, stamps, states, sums. One table, one rule for form, API, import and amend.

That a field is read-only or hidden is a matter of the form: a client may send any value. What is sent for a field
of this table is put back to what is stored, or left out of a new document. The app itself writes with db_set, with
`write`, or for a whole save with `flags.follows`.
"""

from crm_pipeline.core.registry import ROLLED_UP

ORDERED = ("ordered_amount", "delivered_amount", "billed_amount", "paid_amount")
STALLED = ("is_stalled", "stalled_score", "stalled_reasons", "not_stalled_until", "not_stalled_reason")
POOL = ("pool_since", "pool_rule", "pool_from", "pool_warned_on", "last_touch_on")
DEAL = (
	*("status", "outcome", "closed_on", "closed_from", "won_by_type", "won_by", "won_amount", "base_won_amount"),
	*("stage_entered_on", "earlier_seconds", "passed_stages", "conversion_key"),
	*("external_id", "own_probability", "own_forecast_category", *ORDERED, *STALLED),
)

SYSTEM_FIELDS = {
	"Sales Campaign": ORDERED,
	"Sales Prospect": (
		*("status", "customer", "verified_on", "verified_by", "verification_method", "verification_note"),
		*("rejected_reason", "assigned_on", *POOL),
	),
	"Sales Lead": (
		*("joined_opportunity", "converted_on", "assessed_by", "assessed_on", "consent_on", "capture_key"),
		*("assigned_on", "assignment_rule", "next_rule_on", "answer_due_on", "first_answer_on"),
		*("answer_reminded_on", "answer_escalated_on", *POOL),
		*("score", "score_told", "learned_score"),
	),
	"Lead Score Model": (
		*("state", "trained_on", "examples", "converted", "split_on", "judged", "auc", "rules_auc", "brier"),
		*("rules_brier", "guess_brier", "calibration", "model"),
	),
	"Lead Assignment Rule": ("given",),
	"Lead Assignment Member": ("given", "credit"),
	"Sales Opportunity": (*DEAL, "external_source", "external_key"),
	"Sales Project": (*DEAL, "erp_project"),
	"Sales Project Milestone": ("task",),
	"Sales Contract": ("status", "terminated_on", "termination_reason", "conversion_key", "order_changes", *ORDERED),
	"Sales Order Request": (
		*("status", "requested_by", "requested_on", "accepted_by", "accepted_on", "returned_by", "returned_on"),
		*("return_reason", "overridden_warnings", "override_reason", "overridden_by", "overridden_on", *ORDERED),
	),
	"Sales Activity": ("playbook_key", "remind_at", "reminded_on", "cancelled_with_document"),
	"Sales Memo": ("copied_from",),
	"Customer Discussion": ("answers", "last_answer_on", "last_answer_by"),
	"Sales Channel": ("standard_key",),
	"Sales Activity Type": ("standard_key",),
	"Relation Type": ("standard_key", "tree_changes"),
	"Sales Handover": (
		*("status", "total", "done", "refused", "started_by", "started_on", "finished_on", "running_key"),
	),
	"Sales Handover Item": ("document_type", "document", "title", "party", "state", "message"),
	"Sales Import": (
		*("status", "rows_total", "rows_stored", "rows_already", "rows_rejected", "rows_left_out", "progress"),
		*("rejected_file", "message", "stop_requested", "move_report", "check_report"),
	),
	"Promise to Pay": (
		*("status", "currency", "outstanding", "due_date", "made_on", "settled_amount", "settled_on"),
		*("withdrawn_because", "escalated_to", "escalated_on", "deputy"),
	),
	"Cost Estimate": ("approved_by", "approved_on"),
	"Customer Case": (
		*(
			"answer_by",
			"due_by",
			"first_answer_on",
			"log",
			"minutes",
			"solved_on",
			"solved_by",
			"reopened_on",
		),
		*("times_reopened", "satisfaction", "satisfaction_comment", "satisfaction_asked_on", "satisfaction_on"),
		*("satisfaction_key", "waited_hours"),
	),
	"Sales Help Request": (
		*("asked_by", "asked_on", "manager", "stage", "is_control_point", "deal_title", "answered_by", "answered_on"),
		*("company", "customer", "prospect", "pipeline"),
	),
}

# What was ordered and so on is counted, of a type that is added to the chain as well.
for _name in ROLLED_UP:
	SYSTEM_FIELDS.setdefault(_name, ORDERED)


def restore(doc) -> None:
	"""First verb of validate(), before_update_after_submit() and before_cancel(): whatever was sent for a system
	field, in the document or in its rows, is what it was before."""
	if doc.flags.history_import or doc.flags.follows is True:
		return
	before = doc.get_doc_before_save()
	# Of this save alone: the next one of the same document may bring what a client sent.
	_restore(doc, before, doc.flags.pop("written_by_app", None) or ())
	for table in doc.meta.get_table_fields():
		if table.options in SYSTEM_FIELDS:
			rows = {row.name: row for row in (before.get(table.fieldname) if before else None) or []}
			for row in doc.get(table.fieldname) or []:
				_restore(row, rows.get(row.name), ())


def _restore(doc, before, written: tuple[str, ...]) -> None:
	for field in SYSTEM_FIELDS.get(doc.doctype, ()):
		if field not in written:
			doc.set(field, before.get(field) if before else None)


def write(doc, **values) -> None:
	"""Set system fields of a document that is saved next: these keep what is set here. After `restore` nothing needs it."""
	doc.update(values)
	doc.flags.written_by_app = (*(doc.flags.written_by_app or ()), *values)
