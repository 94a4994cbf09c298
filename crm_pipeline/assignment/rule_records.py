"""Lead Assignment Rules as they are stored: read for the core, checked when they are saved."""

import frappe
from frappe import _
from frappe.utils import cint, flt

from crm_pipeline.core import assignment as rules
from crm_pipeline.core.assignment import GivingRule, RuleMember
from crm_pipeline.parties import people
from crm_pipeline.segments import record_conditions
from crm_pipeline.wording import bold, plain

RULE, MEMBER, LEAD = "Lead Assignment Rule", "Lead Assignment Member", "Sales Lead"
MOST_MEMBERS = 200
# Native trees that rules ask for: the field that names what is above.
PARENTS = {
	"Territory": "parent_territory",
	"Customer Group": "parent_customer_group",
	"Item Group": "parent_item_group",
}


def names(company: str | None = None) -> list[str]:
	"""The rules that give leads, in the order in which they are asked; with `company` those that may give its leads."""
	rows = frappe.get_all(
		RULE,
		filters={"disabled": 0},
		fields=["name", "company"],
		order_by="position asc, creation asc, name asc",
		limit=0,
	)
	return [row.name for row in rows if not (company and row.company) or row.company == company]


def docs() -> list:
	return [frappe.get_doc(RULE, name) for name in names()]


def of_doc(doc) -> GivingRule:
	return GivingRule(
		name=doc.name or "",
		method=doc.method,
		members=tuple(
			RuleMember(row.user, cint(row.weight), cint(row.capacity), bool(row.paused)) for row in doc.members
		),
		company=doc.company or None,
		territory=doc.territory or None,
		industry=doc.industry or None,
		channel=doc.channel or None,
		item_group=doc.item_group or None,
		item=doc.item or None,
		employees=(cint(doc.employees_from), cint(doc.employees_to)),
		amount=(flt(doc.amount_from), flt(doc.amount_to)),
		segment=doc.segment or None,
		own_condition=bool((doc.own_filters or "").strip()),
		next_rule=(doc.next_rule or None) if doc.method == rules.REGIONAL_MANAGER else None,
	)


# ---- checked on save


def follow(doc) -> None:
	"""validate(): raises ValidationError for a rule that contradicts itself, leads in a circle or can give to nobody."""
	doc.title = (doc.title or "").strip()
	_check_limits(doc)
	check_product(doc)
	record_conditions.check(doc, LEAD)
	if doc.method in rules.BY_MEMBERS:
		_check_members(doc)
	else:
		doc.members = []
	_check_next(doc)
	if cint(doc.remind_minutes) >= cint(doc.answer_minutes) > 0:
		frappe.throw(
			_("{0} must be less than {1}").format(_label(doc, "remind_minutes"), _label(doc, "answer_minutes"))
		)
	_warn(doc)


def _label(doc, field: str) -> str:
	return bold(_(doc.meta.get_label(field)))


def _check_limits(doc) -> None:
	for low, high in (("employees_from", "employees_to"), ("amount_from", "amount_to")):
		if flt(doc.get(high)) and flt(doc.get(low)) > flt(doc.get(high)):
			frappe.throw(_("{0} must not be more than {1}").format(_label(doc, low), _label(doc, high)))


def check_product(doc) -> None:
	"""Part of validate() of a rule with `item` and `item_group`."""
	if not (doc.item and doc.item_group):
		return
	group = frappe.db.get_value("Item", doc.item, "item_group")
	if group not in {row.name for row in people.subtree("Item Group", doc.item_group)}:
		frappe.throw(
			_("{0} {1} is not in {2} {3}, so no lead would meet both").format(
				_label(doc, "item"), bold(doc.item), _label(doc, "item_group"), bold(doc.item_group)
			)
		)


def _check_members(doc) -> None:
	if not doc.members:
		frappe.throw(_("Add at least one member, or choose another method"), frappe.MandatoryError)
	if len(doc.members) > MOST_MEMBERS:
		frappe.throw(_("A rule has at most {0} members").format(MOST_MEMBERS))
	before = doc.get_doc_before_save()
	known = {row.user for row in before.members} if before else set()
	seen = set()
	for row in doc.members:
		place = _("Members, row {0}").format(row.idx)
		if row.user in seen:
			frappe.throw(_("{0}: {1} is a member already").format(place, bold(row.user)))
		seen.add(row.user)
		if cint(row.weight) < 1:
			frappe.throw(_("{0}: the weight must be at least 1. Tick Paused for who gets nothing now.").format(place))
		# Who left meanwhile is skipped, and keeps nobody from changing the rule.
		if row.user not in known and not people.is_colleague(row.user):
			frappe.throw(_("{0}: user {1} is disabled or does not exist").format(place, bold(row.user)))
		if row.user not in known and not frappe.has_permission(LEAD, "read", user=row.user):
			frappe.throw(_("{0}: user {1} has no right to read {2}").format(place, bold(row.user), _(LEAD)))


def _check_next(doc) -> None:
	if doc.method != rules.REGIONAL_MANAGER:
		doc.next_rule = None
	if not doc.next_rule:
		return
	found = circle_of(doc.name or "", doc.next_rule)
	if found:
		titles = [frappe.db.get_value(RULE, name, "title") or doc.title for name in found]
		frappe.throw(
			_("{0}: the rules lead in a circle: {1}").format(_label(doc, "next_rule"), plain(" → ".join(titles)))
		)
	if not cint(doc.next_minutes):
		doc.next_minutes = 1


def circle_of(rule: str, following: str | None = None) -> list[str] | None:
	"""The way in which next rules lead from a rule back to one that was passed already; None where they end. `following`:
	what follows the rule from now on."""
	rows = frappe.get_all(RULE, fields=["name", "next_rule"], order_by="name asc", limit=0)
	known = {row.name: row.next_rule for row in rows}
	return rules.circle(rule, known | {rule: following} if following else known)


def _warn(doc) -> None:
	"""What is allowed, and hardly meant."""
	if doc.disabled or frappe.flags.in_import:
		return
	own = of_doc(doc)
	above = {**ancestors("Territory"), **ancestors("Item Group")}
	for other in docs():
		first = (cint(other.position), str(other.creation)) <= (cint(doc.position), str(doc.creation or "9"))
		if other.name != doc.name and first and rules.hides(of_doc(other), own, above):
			frappe.msgprint(
				_(
					"{0} stands before this rule and takes all of its leads; this one gets only those for which it has nobody."
				).format(bold(other.title)),
				indicator="orange",
			)
			break
	native = frappe.db.get_value("Assignment Rule", {"document_type": LEAD, "disabled": 0}, "name")
	if native:
		frappe.msgprint(
			_(
				"The Assignment Rule {0} assigns leads as tasks, too. Both work side by side; disable one of them where only one is meant."
			).format(bold(native)),
			indicator="orange",
		)


def ancestors(doctype: str) -> dict[str, tuple[str, ...]]:
	"""{node of a native tree: itself and those above it, the nearest first}."""
	rows = frappe.get_all(doctype, fields=["name", f"{PARENTS[doctype]} as above"], order_by="lft asc", limit=0)
	found: dict[str, tuple[str, ...]] = {}
	for row in rows:
		found[row.name] = (row.name, *found.get(row.above, ()))
	return found
