"""Gates of stages on a site: reads them, gathers what a deal shows, says what is missing in the user's words."""

from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import cint, escape_html, flt, getdate, now_datetime, nowdate

from crm_pipeline.chain import graph, pipelines
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.chain.read_once import kept
from crm_pipeline.core import gates
from crm_pipeline.core.gates import Facts, Gate, Kind, Tick
from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.leads import origins
from crm_pipeline.wording import bold, text_of

NUMBERS = ("Currency", "Float", "Int", "Percent", "Check", "Duration", "Rating")

# Kinds of fields that hold nothing a user could fill.
LAYOUT = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image")

# Kinds of fields that a dialog can ask for by themselves.
ASKED = (
	"Data", "Small Text", "Text", "Long Text", "Text Editor", "Select", "Link", "Date", "Datetime", "Time", "Int",
	"Float", "Currency", "Percent", "Check", "Autocomplete",
)  # fmt: skip

# What a dialog needs of a field to ask for it.
FIELD_FACTS = ("fieldname", "fieldtype", "options", "label", "length", "precision", "non_negative", "description")

# Which field of a gate says what is asked, by kind.
SUBJECTS = {Kind.FIELD: "fieldname", Kind.DOCUMENT: "document_type", Kind.ROLE: "contact_role"}


@kept
def gates_of(pipeline: str) -> list[Gate]:
	"""All gates of a pipeline's enabled open stages, by position of the stage and row: one query."""
	gate, stage = frappe.qb.DocType("Pipeline Stage Gate"), frappe.qb.DocType("Pipeline Stage")
	rows = (
		frappe.qb.from_(gate)
		.join(stage)
		.on((gate.parent == stage.name) & (gate.parenttype == "Pipeline Stage"))
		.select(
			gate.name,
			gate.parent,
			gate.kind,
			gate.fieldname,
			gate.document_type,
			gate.submitted,
			gate.contact_role,
			gate.days,
			gate.text,
		)
		.where((stage.pipeline == pipeline) & (stage.disabled == 0) & (stage.stage_type == OPEN))
		.orderby(stage.position, stage.name, gate.idx)
	).run(as_dict=True)
	return [_gate(row, row.parent) for row in rows]


def _gate(row, stage: str) -> Gate:
	kind = Kind(row.kind)
	return Gate(
		key=row.name,
		stage=stage,
		kind=kind,
		subject=row.get(SUBJECTS.get(kind, "")) or "",
		text=row.text or "",
		days=cint(row.days),
		submitted=bool(row.submitted),
	)


# ---- what a deal shows


def facts_of(doc, asked: list[Gate]) -> Facts:
	"""What `doc`, saved or not, shows of what these gates ask. Asks the database only where a gate needs it."""
	kinds = {gate.kind for gate in asked}
	documents, submitted = _documents(doc) if Kind.DOCUMENT in kinds else (frozenset(), frozenset())
	return Facts(
		filled=frozenset(g.subject for g in asked if g.kind == Kind.FIELD and is_filled(doc, g.subject)),
		ticked=frozenset(row.gate for row in doc.get("checks") or [] if row.done),
		documents=documents,
		submitted=submitted,
		roles=frozenset(row.role for row in doc.contacts if row.role),
		idle_days=_idle_days(doc) if Kind.ACTIVITY in kinds else None,
	)


def is_filled(doc, fieldname: str) -> bool:
	"""A number is filled when it is not zero, a text when something can be read. A field that is gone asks nothing."""
	df = doc.meta.get_field(fieldname)
	if not df:
		return True
	value = doc.get(fieldname)
	if df.fieldtype in NUMBERS:
		return bool(flt(value))
	if df.fieldtype == "Text Editor":
		return bool(text_of(value)) or "<img" in (value or "")
	return bool(value.strip() if isinstance(value, str) else value)


def _documents(doc) -> tuple[frozenset[str], frozenset[str]]:
	if doc.is_new():
		return frozenset(), frozenset()
	refs = graph.descendants(doc.doctype, doc.name)
	there, submitted = set(), set()
	for doctype in {ref.doctype for ref in refs} | {"Cost Estimate"}:
		for docstatus in _states(doc, doctype, [ref.name for ref in refs if ref.doctype == doctype]):
			there.add(doctype)
			if docstatus == 1 or not frappe.get_meta(doctype).is_submittable:
				submitted.add(doctype)
	return frozenset(there), frozenset(submitted)


def _states(doc, doctype: str, names: list[str]) -> list[int]:
	"""Which states (0 draft, 1 submitted) documents of a type are in; cancelled ones don't count."""
	which = _belonging(doc, doctype, names)
	if not which:
		return []
	filters = {"docstatus": ("<", 2), **which}
	return frappe.get_all(doctype, filters=filters, pluck="docstatus", distinct=True, order_by="docstatus asc")


def _belonging(doc, doctype: str, names: list[str]) -> dict:
	"""Filters for what came of a deal, by `names`, or else refers to it; {} where nothing can."""
	if names:
		return {"name": ("in", names)}
	if frappe.db.exists("DocType", doctype) and frappe.get_meta(doctype).has_field("reference_name"):
		return {"reference_doctype": doc.doctype, "reference_name": doc.name}
	return {}


def _idle_days(doc) -> int | None:
	"""Whole days since the last activity of the deal, or of a lead that it came from, that was done."""
	if doc.is_new():
		return None
	leads = origins.leads_of(doc.doctype, [doc.name]).get(doc.name, [])
	done, last = {"status": "Done", "starts_on": ("<=", now_datetime())}, []
	# Type by type: a lead may be called as another deal is.
	for doctype, names in ((doc.doctype, [doc.name]), (origins.LEAD, leads)):
		about = {"reference_doctype": doctype, "reference_name": ("in", names or [""]), **done}
		last += frappe.get_all("Sales Activity", filters=about, pluck="starts_on", order_by="starts_on desc", limit=1)
	return (getdate(nowdate()) - getdate(max(last))).days if last else None


# ---- moves


def missing_for(doc, start: str | None, target: Stage) -> list[Gate]:
	"""The gates between the open stage `start` of the deal's pipeline (None: new in it) and `target`."""
	asked = gates_of(doc.pipeline)
	if not asked:
		return []
	stages = pipelines.stages_of(doc.pipeline)
	current = next((s for s in stages if s.name == start), None)
	passed = gates.passed_stages(current, target, stages)
	asked = [gate for gate in asked if gate.stage in passed]
	return gates.missing(asked, facts_of(doc, asked)) if asked else []


@dataclass(frozen=True)
class Answers:
	"""What a user answers to the gates of a move: `values` of fields, and keys of the checks that are `ticked`."""

	values: dict = field(default_factory=dict)
	ticked: tuple[str, ...] = ()


def questions(doc, left: list[Gate]) -> dict:
	"""What is missing for a move as a dialog asks for it, each gate once and in the order of the gates.

	{"fields": [docfield facts with "value"], "checks": [{"key", "text"}], "others": [{"text", "kind", ...}]}. Others
	are no field of the dialog: an activity, a contact with a role ("subject") or a document ("subject", "submitted",
	"made": the name of one that is there and not submitted yet) is made from there; "" is the kind of a table and of
	what the user may not write.
	"""
	found = {"fields": [], "checks": [], "others": []}
	for gate in left:
		df = doc.meta.get_field(gate.subject) if gate.kind == Kind.FIELD else None
		if gate.kind == Kind.CHECK:
			found["checks"].append({"key": gate.key, "text": words(gate, doc.doctype)})
		elif df and _may_ask(doc, df):
			if df.fieldname not in {known["fieldname"] for known in found["fields"]}:
				facts = {name: df.get(name) for name in FIELD_FACTS}
				found["fields"].append({**facts, "label": _(df.label), "value": doc.get(df.fieldname)})
		else:
			found["others"].append({"text": words(gate, doc.doctype), **_step(doc, gate)})
	return found


STEPS = {Kind.ACTIVITY: "activity", Kind.ROLE: "role", Kind.DOCUMENT: "document"}


def _step(doc, gate: Gate) -> dict:
	"""What a user does about a gate that no field answers."""
	step = {"kind": STEPS.get(gate.kind, "")}
	if gate.kind == Kind.ROLE:
		step["subject"] = gate.subject
	if gate.kind == Kind.DOCUMENT:
		made = _drafts(doc, gate.subject) if gate.submitted else []
		step |= {"subject": gate.subject, "submitted": gate.submitted, "made": made[0] if made else None}
	return step


def _drafts(doc, doctype: str) -> list[str]:
	"""Documents of a type that came of a deal and are not submitted yet, the newest first."""
	names = [ref.name for ref in graph.descendants(doc.doctype, doc.name) if ref.doctype == doctype]
	filters = {"docstatus": 0, **_belonging(doc, doctype, names)}
	if len(filters) < 2 or not frappe.has_permission(doctype, "read"):
		return []
	return frappe.get_list(doctype, filters=filters, pluck="name", order_by="creation desc", limit=1)


def _may_ask(doc, df) -> bool:
	writable = df.permlevel in doc.meta.get_permlevel_access("write")
	return df.fieldtype in ASKED and not df.read_only and not df.hidden and writable


def answer(doc, start: str | None, target: Stage, answers: Answers) -> None:
	"""Fill in what the gates between `start` and `target` ask for, and nothing else. Raises ValidationError for a field
	or check that none of them asks for."""
	passed = gates.passed_stages(
		next((s for s in pipelines.stages_of(doc.pipeline) if s.name == start), None),
		target,
		pipelines.stages_of(doc.pipeline),
	)
	asked = [gate for gate in gates_of(doc.pipeline) if gate.stage in passed]
	known = {gate.subject for gate in asked if gate.kind == Kind.FIELD and _is_asked(doc, gate.subject)}
	strange = [name for name in answers.values if name not in known]
	keys = {gate.key for gate in asked if gate.kind == Kind.CHECK}
	if strange or not set(answers.ticked) <= keys:
		frappe.throw(
			_("This move does not ask for {0}. Fill it in on the document.").format(
				bold(", ".join(strange) or _("Checks"))
			)
		)
	doc.update(answers.values)
	if answers.ticked:
		sync_checks(doc)
		for row in doc.checks:
			row.done = 1 if row.gate in answers.ticked else row.done


def _is_asked(doc, fieldname: str) -> bool:
	df = doc.meta.get_field(fieldname)
	return bool(df) and _may_ask(doc, df)


def words(gate: Gate, doctype: str) -> str:
	"""What a gate asks, as plain text in the user's language."""
	if gate.text:
		return _(gate.text)
	if gate.kind == Kind.FIELD:
		return _("Field {0} filled in").format(_(frappe.get_meta(doctype).get_label(gate.subject)))
	if gate.kind == Kind.DOCUMENT:
		document = _(gate.subject)
		return _("{0} submitted").format(document) if gate.submitted else _("{0} made").format(document)
	if gate.kind == Kind.ROLE:
		return _("A contact with the role {0}").format(_(gate.subject))
	if gate.days == 1:
		return _("An activity done today or yesterday")
	return _("An activity done in the last {0} days").format(gate.days)


def refusal_html(left: list[Gate], doc, target: Stage) -> str:
	"""Everything that is missing for a move, in one message."""
	labels = dict(
		frappe.get_all(
			"Pipeline Stage",
			filters={"name": ("in", [target.name, *{gate.stage for gate in left}])},
			fields=["name", "label"],
			order_by="name asc",
			as_list=True,
		)
	)
	stage = bold(_(labels[target.name]))
	several = len({gate.stage for gate in left}) > 1
	rows = [
		escape_html(words(gate, doc.doctype)) + (f" ({escape_html(_(labels[gate.stage]))})" if several else "")
		for gate in left
	]
	return "{}<ul>{}</ul>".format(
		_("Still missing before {0}:").format(stage), "".join(f"<li>{row}</li>" for row in rows)
	)


# ---- the checklist of a deal


def follow_checks(doc, before, target: Stage) -> None:
	"""Part of validate(): an open deal's checklist is that of its pipeline; a tick says who and when."""
	if target.type == OPEN or (before and before.status == OPEN):
		sync_checks(doc)
	was = {row.gate: row for row in (before.get("checks") if before else None) or []}
	for row in doc.get("checks") or []:
		_stamp(row, was.get(row.gate))


def sync_checks(doc) -> None:
	asked = [gate for gate in gates_of(doc.pipeline) if gate.kind == Kind.CHECK]
	ticks = [Tick(row.gate, row.stage, row.text, bool(row.done), row) for row in doc.get("checks") or []]
	if ticks or asked:
		_write_checks(doc, gates.checklist(ticks, asked))


def _write_checks(doc, ticks: list[Tick]) -> None:
	rows = [tick.row or doc.append("checks", {}) for tick in ticks]
	for position, (row, tick) in enumerate(zip(rows, ticks, strict=True), start=1):
		row.update({"gate": tick.key, "stage": tick.stage, "text": tick.text, "idx": position})
	doc.checks = rows


def _stamp(row, was) -> None:
	"""Who ticked it and when; whatever a user sent for that is not believed."""
	row.done = cint(row.done)
	if not row.done:
		row.done_by = row.done_on = None
	elif was and was.done:
		row.done_by, row.done_on = was.done_by, was.done_on
	else:
		row.done_by, row.done_on = frappe.session.user, now_datetime()


def tick(doctype: str, name: str, key: str, done: bool) -> None:
	"""Tick or clear one check of a deal, by the key of its gate. Raises ValidationError for an unknown one."""
	doc = locked_doc(doctype, name)
	doc.check_permission("write")
	sync_checks(doc)
	row = next((row for row in doc.checks if row.gate == key), None)
	if not row:
		frappe.throw(_("This check is no longer asked for"), title=_("Check Gone"))
	row.done = cint(done)
	doc.save()
