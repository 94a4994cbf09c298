"""The score rules of the site as the core's dataclasses, and what is wrong with one."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.core import scoring
from crm_pipeline.core.scoring import ANSWER, FIELD, SILENCE, TERRITORY, UNARY, Rule
from crm_pipeline.wording import bold

RULE, LEAD, PROSPECT = "Lead Score Rule", "Sales Lead", "Sales Prospect"
# A field of the prospect is named with this in front.
OF_PROSPECT = "prospect."
COLUMNS = (
	"name", "kind", "points", "most", "fieldname", "operator", "value", "territory", "question_key", "answer", "days",
	"activity_type", "result", "direction", "page",
)  # fmt: skip
FIELDTYPES = (
	"Data", "Select", "Link", "Check", "Int", "Float", "Currency", "Percent", "Small Text", "Text", "Date", "Datetime",
	"Autocomplete", "Rating", "Phone", "Read Only",
)  # fmt: skip
NUMBERS = ("Int", "Float", "Currency", "Percent")
# Numbers are typed as the site writes them.
DECIMAL_COMMA = ("#.###,##", "# ###,##", "#.###")
# What a score itself says is no reason for it.
NOT_ASKED = ("score", "score_told", "learned_score")


class ScoreRuleError(frappe.ValidationError):
	"""A rule that can't be followed."""


def rules() -> list[Rule]:
	"""The rules that are followed, the oldest first; those that can't be any more are left out."""
	rows = frappe.get_all(
		RULE, filters={"disabled": 0}, fields=list(COLUMNS), order_by="creation asc, name asc", limit=0
	)
	return [rule_of(row) for row in rows if not problem_of(row)]


def rule_of(row) -> Rule:
	"""One rule as stored, or as somebody is saving it."""
	return Rule(
		name=row.name,
		kind=row.kind,
		points=cint(row.points),
		most=cint(row.most),
		field="territory" if row.kind == TERRITORY else row.fieldname or "",
		operator=scoring.IS if row.kind == TERRITORY else row.operator or scoring.IS,
		values=_values_of(row),
		question=row.question_key or "",
		answer=row.answer or "",
		days=cint(row.days),
		way=row.activity_type or "",
		result=row.result or "",
		direction=row.direction or "",
		page=row.page or "",
	)


def _values_of(row) -> frozenset[str]:
	if row.kind == TERRITORY:
		return frozenset(name.casefold() for name in below(row.territory))
	lines = [line.strip().casefold() for line in (row.value or "").splitlines() if line.strip()]
	field = field_of(row.fieldname) if row.kind == FIELD else None
	if field and (field.fieldtype in NUMBERS or row.operator in scoring.NUMERIC):
		decimal = "," if _number_format() in DECIMAL_COMMA else "."
		lines = [scoring.plain_number(line, decimal) for line in lines]
	return frozenset(lines)


def _number_format() -> str | None:
	return frappe.db.get_default("number_format")


def below(territory: str | None) -> list[str]:
	"""A territory with all that lie in it; none where it is gone."""
	edges = territory and frappe.db.get_value("Territory", territory, ["lft", "rgt"])
	if not edges:
		return []
	return frappe.get_all(
		"Territory",
		filters={"lft": (">=", edges[0]), "rgt": ("<=", edges[1])},
		pluck="name",
		order_by="lft asc",
		limit=0,
	)


def field_of(fieldname: str | None):
	"""The field of a lead, or of its prospect, that a rule may ask about; None where there is none of that name."""
	doctype, name = LEAD, fieldname or ""
	if name.startswith(OF_PROSPECT):
		doctype, name = PROSPECT, name.removeprefix(OF_PROSPECT)
	found = frappe.get_meta(doctype).get_field(name) if name not in NOT_ASKED else None
	return found if found and found.fieldtype in FIELDTYPES else None


def problem_of(row) -> str | None:
	"""Why a rule can't be followed, in words; None where it can."""
	if row.kind == FIELD and not field_of(row.fieldname):
		return _("There is no field {0} that a rule can ask about").format(bold(row.fieldname or ""))
	if row.kind == FIELD and row.operator not in UNARY and not (row.value or "").strip():
		return _("Say which value of {0} is meant").format(bold(label_of(row.fieldname)))
	if row.kind == FIELD and row.operator in scoring.NUMERIC:
		if None in [scoring.number_of(value) for value in _values_of(row)]:
			return _("{0} is not a number").format(bold(row.value))
	if row.kind == TERRITORY and not (row.territory and frappe.db.exists("Territory", row.territory)):
		return _("Choose the territory")
	if row.kind == ANSWER and not row.question_key:
		return _("Say which question is meant, by its key")
	return None


def label_of(fieldname: str | None) -> str:
	field = field_of(fieldname)
	return _(field.label) if field else fieldname or ""


def follow(doc) -> None:
	"""Part of validate(): a rule can be followed, and keeps within the limits. One that others work against is pointed out."""
	doc.operator = doc.operator or scoring.IS
	problem = problem_of(doc)
	if problem and not doc.disabled:
		frappe.throw(problem, ScoreRuleError, title=_("Score Rule"))
	if not cint(doc.points) or abs(cint(doc.points)) > scoring.MOST_OF_RULE:
		frappe.throw(
			_("{0} must be between {1} and {2}, and not 0").format(
				bold(_(doc.meta.get_label("points"))), -scoring.MOST_OF_RULE, scoring.MOST_OF_RULE
			),
			ScoreRuleError,
		)
	if cint(doc.days) > scoring.LONGEST:
		frappe.throw(
			_("{0} must not be more than {1}").format(bold(_(doc.meta.get_label("days"))), scoring.LONGEST),
			ScoreRuleError,
		)
	_refuse_unknown_value(doc)
	_forget_other_kinds(doc)
	if not (doc.disabled or problem):
		_point_out_others(doc)


def _refuse_unknown_value(doc) -> None:
	"""A value of a link or a choice that does not exist is a typing error."""
	field = field_of(doc.fieldname) if doc.kind == FIELD else None
	if not field or doc.operator not in (scoring.IS, scoring.IS_NOT) or not doc.has_value_changed("value"):
		return
	for value in filter(None, (line.strip() for line in (doc.value or "").splitlines())):
		known = None
		if field.fieldtype == "Link":
			known = bool(frappe.db.exists(field.options, value))
		elif field.fieldtype == "Select":
			known = value.casefold() in [choice.casefold() for choice in (field.options or "").split("\n")]
		if known is False:
			frappe.throw(_("{0} is not a value of {1}").format(bold(value), bold(_(field.label))), ScoreRuleError)


# What each kind asks about; the rest is emptied, so that nobody reads a condition that is none.
ASKED = {
	FIELD: ("fieldname", "operator", "value"),
	TERRITORY: ("territory",),
	ANSWER: ("question_key", "answer"),
	scoring.ACTIVITIES: ("activity_type", "result", "direction", "days", "most"),
	scoring.MAILS: ("direction", "days", "most"),
	scoring.PAGES: ("page", "days", "most"),
	SILENCE: ("most",),
}


def _forget_other_kinds(doc) -> None:
	asked = ASKED.get(doc.kind, ())
	for name in dict.fromkeys(name for names in ASKED.values() for name in names):
		if name not in asked:
			doc.set(name, 0 if name in ("days", "most") else None)
	if doc.kind == FIELD and doc.operator in UNARY:
		doc.value = None


def _point_out_others(doc) -> None:
	others = scoring.against(rule_of(doc), rules())
	if others:
		frappe.msgprint(
			_("Rules work against each other: {0} gives what {1} takes, for the same leads. Both are followed.").format(
				bold(doc.name), ", ".join(bold(name) for name in others)
			),
			title=_("Score Rules"),
			indicator="orange",
		)


def choices() -> list[dict]:
	"""[{"value", "label"}] of the fields that a rule may ask about."""
	found = []
	for doctype, prefix in ((LEAD, ""), (PROSPECT, OF_PROSPECT)):
		for field in frappe.get_meta(doctype).fields:
			if field.label and field_of(prefix + field.fieldname):
				label = f"{_(doctype)}: {_(field.label)}" if prefix else _(field.label)
				found.append({"value": prefix + field.fieldname, "label": label})
	return found


def question_keys() -> list[dict]:
	"""[{"value", "label", "choices"}] of the questions of all pipelines, by their keys."""
	found: dict[str, dict] = {}
	for row in frappe.get_all(
		"Qualification Question",
		filters={"parenttype": "Sales Pipeline"},
		fields=["question_key", "question"],
		order_by="parent asc, idx asc",
		limit=0,
	):
		found.setdefault(row.question_key, {"value": row.question_key, "label": _(row.question)})
	return list(found.values())


def asks_for(found: list[Rule], *kinds: str) -> bool:
	return any(rule.kind in kinds for rule in found)
