"""Taking a record out of the public pool: a rep claims one, a manager gives out several; and giving one back.

Who claims holds their own name first, then the record: limits count once, and of many who want one record one gets it.
"""

import frappe
from frappe import _
from frappe.utils import add_days, cint, now_datetime

from crm_pipeline import user_day
from crm_pipeline.chain import automation, ledger, locks, rights
from crm_pipeline.core import activity, pool
from crm_pipeline.parties import people
from crm_pipeline.pool import held_facts, pool_rules, pooling
from crm_pipeline.pool.movements import record
from crm_pipeline.pool.pool_rules import (
	CLAIMED,
	CUSTOMER,
	GIVEN,
	LEAD,
	MOVEMENT,
	RELEASED,
	RULE,
	field,
	open_filters,
	owner_field,
)
from crm_pipeline.wording import bold, text_of

MOST = 500


class PoolError(frappe.ValidationError):
	"""A record can't be taken out of the public pool by this person now."""


def claim(doctype: str, name: str) -> None:
	"""Make who is logged in the owner of a record in the pool. Raises PoolError with what stands against it."""
	user = frappe.session.user
	locks.hold_name(f"pool {user}")
	doc = _pooled(doctype, name)
	rule = _rule_of(doc)
	if not rule or rule.name not in pool_rules.may_claim_by(user):
		_refuse(pool.GONE if not doc.get(field(doctype, "pool_since")) else pool.NOT_YOURS, doc, rule)
	if not people.is_colleague(user) or not frappe.has_permission(doctype, "read", user=user):
		rights.refuse_hidden(doctype, name)
	why = pool.refusal(
		pool.Claimer(user, True, _holds(doctype, user), _claims_today(rule.name, user)),
		pool.ClaimTerms(cint(rule.hold_limit), cint(rule.claims_per_day), cint(rule.cool_down_days)),
		doc.get(field(doctype, "pool_since")),
		doc.get(field(doctype, "pool_from")),
		now_datetime(),
	)
	if why:
		_refuse(why, doc, rule)
	_take_out(doc, user, CLAIMED, rule.name)


def _pooled(doctype: str, name: str):
	"""The record, locked. One that may not be seen is as hidden as one that is not there."""
	if not frappe.db.exists(doctype, name):
		rights.refuse_hidden(doctype, name)
	doc = locks.locked_doc(doctype, name)
	if not doc.get(field(doctype, "pool_since")) and not rights.has(doctype, name):
		# Somebody claimed it a moment ago, or it was never in the pool: both is told to who could see it there.
		last = frappe.db.get_value(
			MOVEMENT,
			{"reference_doctype": doctype, "reference_name": name},
			["movement", "pool_rule"],
			order_by="at desc, creation desc",
			as_dict=True,
		)
		if not last or last.pool_rule not in pool_rules.may_claim_by(frappe.session.user):
			rights.refuse_hidden(doctype, name)
	return doc


def _rule_of(doc) -> dict | None:
	name = doc.get(field(doc.doctype, "pool_rule"))
	return frappe.db.get_value(RULE, name, "*", as_dict=True) if name else None


def _holds(doctype: str, user: str) -> int:
	return frappe.db.count(doctype, {**open_filters(doctype), owner_field(doctype): user})


def _claims_today(rule: str, user: str) -> int:
	"""Claims of the day that it is for the user."""
	day = user_day.today_of(user)
	begins, ends = activity.bounds(day, user_day.site_zone(), user_day.zone_of(user))
	filters = [
		["movement", "=", CLAIMED],
		["by", "=", user],
		["pool_rule", "=", rule],
		["at", ">=", begins],
		["at", "<", ends],
	]
	return len(frappe.get_all(MOVEMENT, filters=filters, pluck="name", order_by="name asc", limit=0))


def _refuse(why: str, doc, rule: dict | None) -> None:
	title = bold(doc.get("title") or doc.get("customer_name") or doc.get("prospect_name") or doc.name)
	if why == pool.GONE:
		frappe.throw(_("{0} is not in the public pool any more. Somebody else was faster.").format(title), PoolError)
	if why == pool.NOT_YOURS:
		rights.refuse_hidden(doc.doctype, doc.name)
	if why == pool.COOLING:
		until = add_days(doc.get(field(doc.doctype, "pool_since")), cint(rule.cool_down_days))
		when = bold(user_day.in_words(until, frappe.session.user))
		frappe.throw(_("You had {0} last. You can claim it again from {1}.").format(title, when), PoolError)
	if why == pool.HOLDS:
		frappe.throw(
			_(
				"You have {0} open records of this type or more, as many as one may hold. Close or release one first."
			).format(rule.hold_limit),
			PoolError,
		)
	frappe.throw(
		_("You have claimed {0} today, as many as one may. Try again tomorrow.").format(rule.claims_per_day), PoolError
	)


def _take_out(doc, user: str, movement: str, rule: str | None) -> None:
	"""The (locked) record gets its owner; written past the right to change it, which nobody has of a record in the pool."""
	doctype, now = doc.doctype, now_datetime()
	last = doc.get(field(doctype, "pool_from"))
	values = {field(doctype, name): None for name in ("pool_since", "pool_rule", "pool_from", "pool_warned_on")}
	doc.flags.notices = [] if user == frappe.session.user else None
	if doctype == CUSTOMER:
		person = people.person_of(user)
		team = [{"sales_person": person, "allocated_percentage": 100}] if person else []
		doc.update({**values, "account_manager": user, "sales_team": team, "crm_pool_assigned_on": now})
		doc.flags.follows = True
		# Who may claim need not be allowed to change customers.
		doc.save(ignore_permissions=True)
		event = ledger.record(doc, "Owner", None, user)
		frappe.db.set_value("Pipeline Event", event, "customer", doc.name, update_modified=False)
	else:
		values |= {"sales_owner": user, "sales_person": people.person_of(user), "assigned_on": now}
		if doctype == LEAD:
			values |= {"first_answer_on": None, "answer_reminded_on": None, "answer_escalated_on": None}
		automation.set_state(doc, values, event=("Owner", None, user))
	record(doc, movement, last, user, rule)


# ---- by hand


def give(doctype: str, names: list[str], user: str) -> dict:
	"""A manager gives records of the pool to somebody: {"done": how many, "refused": [{"name", "reason"}]}."""
	if len(names) > MOST:
		frappe.throw(_("Please choose at most {0} documents at once").format(MOST))
	if not pool_rules.may_give(frappe.session.user):
		frappe.throw(_("Records of the public pool are given out by managers"), frappe.PermissionError)
	people.need_possible_owner(doctype, user)
	locks.lock(*((doctype, name) for name in names if frappe.db.exists(doctype, name)))
	return _each(names, lambda name: _give_one(doctype, name, user))


def _give_one(doctype: str, name: str, user: str) -> None:
	rights.need(doctype, name)
	doc = locks.locked_doc(doctype, name)
	if not doc.get(field(doctype, "pool_since")):
		_refuse(pool.GONE, doc, None)
	_take_out(doc, user, GIVEN, doc.get(field(doctype, "pool_rule")))


def release(doctype: str, names: list[str], reason: str) -> dict:
	"""Give records back to the pool before their time; the same answer as give()."""
	if len(names) > MOST:
		frappe.throw(_("Please choose at most {0} documents at once").format(MOST))
	if not pool_rules.rules_of(doctype):
		frappe.throw(_("There is no Pool Rule for {0}").format(bold(_(doctype))))
	locks.lock(*((doctype, name) for name in names if frappe.db.exists(doctype, name)))
	return _each(names, lambda name: _release_one(doctype, name, reason))


def _release_one(doctype: str, name: str, reason: str) -> None:
	rights.need(doctype, name, "write")
	# A manager puts there what nobody has, too.
	rows = held_facts.held(doctype, [name], nobodys=pool_rules.may_give(frappe.session.user))
	if not rows:
		frappe.throw(_("{0} is closed, has no owner or is in the public pool already").format(bold(name)), PoolError)
	user = frappe.session.user
	if user not in rows[0].owners and not pool_rules.may_give(user):
		frappe.throw(_("{0} belongs to somebody else").format(bold(name)), frappe.PermissionError)
	rows[0].assigned_on = rows[0].assigned_on or now_datetime()
	known = pool_rules.rules_of(doctype)
	[one] = held_facts.facts(doctype, rows, {}, known)
	rule = pool.rule_of(one, [pool_rules.terms_of(row) for row in known])
	if not rule:
		frappe.throw(_("No Pool Rule is meant for {0}").format(bold(name)), PoolError)
	pooling.put_into(doctype, name, rule.name, RELEASED, reason)


def _each(names: list[str], step) -> dict:
	done, refused = 0, []
	for name in names:
		frappe.db.savepoint("crm_pool")
		try:
			step(name)
			done += 1
		except (frappe.ValidationError, frappe.PermissionError) as error:
			if locks.is_lost_race(error):
				raise
			frappe.db.rollback(save_point="crm_pool")
			frappe.clear_messages()
			refused.append({"name": name, "reason": text_of(str(error)) or _("You are not allowed to change it")})
	return {"done": done, "refused": refused}
