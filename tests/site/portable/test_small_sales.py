"""Small rules of deals and what is made of them: rows, quotations, contacts, help, rights to rows, merged prospects."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_months, getdate, now_datetime, nowdate

from crm_pipeline import access_explained, api, permissions
from crm_pipeline.analytics import deal_facts, funnel_cells, lead_contact, learned_rates, movement, scope, stalled_rules
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.api import types
from crm_pipeline.chain import item_rows, pipelines, row_changes
from crm_pipeline.coaching import help_notices, help_requests
from crm_pipeline.core import access
from crm_pipeline.core.registry import STEP_FIELDS
from crm_pipeline.crm_pipeline.report.sales_forecast import sales_forecast
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from crm_pipeline.deals import conversions, moving, native_quotation
from crm_pipeline.erp import form_values, item_costs, payment_schedule, prices
from crm_pipeline.orders import native_order
from crm_pipeline.parties import verification
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


# ---- rows


@pytest.mark.parametrize(
	("item", "row", "message"),
	[
		({"disabled": 1}, {}, "is disabled"),
		({"has_variants": 1}, {}, "is a template, choose one of its variants"),
		({"is_sales_item": 0}, {}, "is not a sales item"),
		({"end_of_life": "2020-01-31"}, {}, "reached the end of its life on [0-9]+-[0-9]+-2020"),
		({"end_of_life": "today"}, {}, "reached the end of its life"),
		({"end_of_life": "tomorrow"}, {}, None),
		({}, {"item_code": None}, "is missing"),
		({}, {"item_code": "Nowhere"}, "Nowhere.* does not exist"),
		({}, {"qty": 0}, "must be more than zero"),
		({}, {"qty": -1}, "must be more than zero"),
		({}, {"rate": -0.01}, "Rate.* must not be negative"),
		({}, {"price_list_rate": -1}, "must not be negative"),
		({}, {"cost_rate": -1}, "must not be negative"),
		({}, {"rate": 0, "price_list_rate": 0, "cost_rate": 0}, None),
		({}, {"discount_percentage": 100.01}, "must be between 0 and 100"),
		({}, {"discount_percentage": -0.01}, "must be between 0 and 100"),
		({}, {"discount_percentage": 100}, None),
	],
)
def test_what_is_wrong_with_a_row_is_said_with_its_number(sale, world, item, row, message):
	deal = sale.opportunity()
	days = {"today": nowdate(), "tomorrow": add_days(nowdate(), 1)}
	if item:
		frappe.db.set_value("Item", world.service, {"is_sales_item": 1, **{k: days.get(v, v) for k, v in item.items()}})
		frappe.clear_document_cache("Item", world.service)
	deal.items[1].update(row)
	if message:
		with refused(match=f"Row 2: .*{message}"):
			item_rows.check_rows(deal)
	else:
		item_rows.check_rows(deal)


@pytest.mark.parametrize("do", ["insert", "save", "delete"])
def test_a_row_is_changed_with_its_document_alone(sale, do):
	row = sale.opportunity().items[0]
	with refused(
		frappe.PermissionError, match="A row is changed with its document: save the Sales Opportunity instead"
	):
		if do == "insert":
			values = {
				"parent": row.parent,
				"parenttype": row.parenttype,
				"parentfield": "items",
				"item_code": row.item_code,
			}
			frappe.get_doc({"doctype": row.doctype, **values}).insert()
		elif do == "save":
			frappe.get_doc(row.doctype, row.name).save()
		else:
			frappe.get_doc(row.doctype, row.name).run_method("on_trash")


@pytest.mark.parametrize(
	("change", "old", "price", "rate"),
	[
		({"item_code": "Other"}, {}, {"price_list_rate": 50, "rate": 45, "discount_percentage": 10}, (45, 50, 10)),
		(
			{"item_code": "Other", "discount_percentage": 20},
			{},
			{"price_list_rate": 50, "rate": 45, "discount_percentage": 10},
			(0, 50, 20),
		),
		({"item_code": "Other"}, {}, {}, (100, 0, 0)),
		({"uom": "Box"}, {}, {"price_list_rate": 1000, "rate": 950, "discount_percentage": 5}, (950, 1000, 5)),
		(
			{"uom": "Box"},
			{"price_list_rate": 0},
			{"price_list_rate": 1000, "rate": 950, "discount_percentage": 5},
			(100, 100, 0),
		),
	],
)
def test_another_item_or_unit_costs_what_the_list_says(sale, monkeypatch, change, old, price, rate):
	deal = sale.opportunity()
	row, before = deal.items[0], frappe._dict(deal.items[0].as_dict())
	for one in (row, before):
		one.update({"price_list_rate": 100, "rate": 100, "discount_percentage": 0, **(old if one is before else {})})
	row.update(change)
	monkeypatch.setattr(prices, "list_price", lambda *args: frappe._dict(price))
	row_changes._price_anew(deal, row, before)
	assert (row.rate, row.price_list_rate, row.discount_percentage) == rate


# ---- quotations


class Made(Exception):
	"""A quotation is complete as far as it is ours."""


def quoted(deal, monkeypatch):
	"""The quotation of a deal as it is before ERPNext's own values come in."""

	def stop(quotation):
		raise Made(quotation)

	monkeypatch.setattr(form_values, "fill", stop)
	with pytest.raises(Made) as made:
		native_quotation.make(deal)
	return made.value.args[0]


@pytest.mark.parametrize(("days", "until"), [(0, "month"), (10, "days"), (None, "month")])
def test_a_quotation_says_what_the_deal_says_and_how_long_it_is_valid(sale, world, monkeypatch, days, until):
	deal = sale.opportunity()
	monkeypatch.setattr(
		native_quotation, "_valid_till", lambda day: add_days(day, days) if days else add_months(day, 1)
	)
	quotation = quoted(deal, monkeypatch)
	assert (quotation.quotation_to, quotation.party_name, quotation.company) == (
		"Customer",
		world.customer,
		world.company,
	)
	assert (quotation.currency, quotation.conversion_rate, quotation.order_type) == (world.currency, 1, "Sales")
	assert (quotation.crm_source_type, quotation.crm_source_name) == (deal.doctype, deal.name)
	assert getdate(quotation.valid_till) == getdate(
		add_days(nowdate(), days) if until == "days" else add_months(nowdate(), 1)
	)
	assert [(row.item_code, row.qty, row.rate) for row in quotation.items] == [
		(world.pump, 4, 100),
		(world.service, 1, 80),
	]
	assert quotation.contact_person is None


def test_a_price_list_that_was_switched_off_is_not_quoted_from_and_that_is_told(sale, world, monkeypatch):
	deal = sale.opportunity()
	deal.selling_price_list = world.price_list
	assert quoted(deal, monkeypatch).selling_price_list == world.price_list
	frappe.db.set_value("Price List", world.price_list, "enabled", 0)
	frappe.clear_messages()
	assert quoted(deal, monkeypatch).selling_price_list is None
	assert "is disabled. It was left out" in str(frappe.local.message_log)


@pytest.mark.parametrize("broken", [False, True])
def test_chosen_alternatives_are_told_to_erpnext_and_forgotten_again(world, broken):
	frappe.flags.args = "before"
	offer = rows.row("Quotation", company=world.company, docstatus=1)
	common = {"parent": offer, "parenttype": "Quotation", "parentfield": "items", "item_code": world.pump, "qty": 1}
	plain = rows.row("Quotation Item", idx=1, is_alternative=0, **common)
	chosen = rows.row("Quotation Item", idx=2, is_alternative=1, **common)
	with native_order._selected(offer, {plain, "a row that is gone"}):
		assert frappe.flags.args == "before", "nothing to tell"
	try:
		with native_order._selected(offer, {plain, chosen, None}):
			told = [row["name"] for row in frappe.flags.args.selected_items]
			assert told == sorted([plain, chosen])
			if broken:
				raise ValueError
	except ValueError:
		assert broken
	assert frappe.flags.pop("args") == "before"
	with native_order._selected(offer, {chosen}):
		pass
	assert "args" not in frappe.flags


def test_rows_that_a_quotation_has_for_their_price_alone_are_left_out_and_said(sale, world):
	contract, source = sale.contract(submit=False), SimpleNamespace(doctype="Quotation", name="QTN-1")
	item_rows.leave_out_unquantified(contract, source)
	assert len(contract.items) == 2 and not frappe.local.message_log
	contract.items[0].qty = 0.0004
	item_rows.leave_out_unquantified(contract, source)
	assert [(row.idx, row.item_code) for row in contract.items] == [(1, world.service)]
	assert f"Row 1: <strong>{world.pump}</strong> has no quantity and was left out" in str(frappe.local.message_log)
	contract.items[0].qty = 0
	with refused(match="No row of Quotation .*QTN-1.* has a quantity. Make the Sales Contract by hand"):
		item_rows.leave_out_unquantified(contract, source)


# ---- what ERPNext knows of a customer


KNOWN = {
	"customer_address": "A", "shipping_address_name": "S", "contact_person": "C", "tax_category": "T",
	"payment_terms_template": "P", "territory": "R", "contact_display": "Of C", "contact_email": "c@x.example",
	"contact_mobile": "1", "contact_phone": "2", "commission_rate": 5, "no_such_field": "x", "customer_group": None,
}  # fmt: skip


OF_AGREEMENT = (
	"customer_address", "shipping_address_name", "contact_person", "tax_category", "payment_terms_template",
	"territory",
)  # fmt: skip


@pytest.mark.parametrize("field", OF_AGREEMENT)
def test_a_contract_is_filled_with_what_is_known_of_its_customer_where_nobody_chose(sale, monkeypatch, field):
	monkeypatch.setattr(form_values, "_of_party", lambda doc, customer: KNOWN if customer == doc.customer else {})
	contract = sale.contract(submit=False)
	contract.update({**dict.fromkeys(OF_AGREEMENT), field: "Chosen"})
	form_values.fill_agreement(contract)
	assert {f: contract.get(f) for f in OF_AGREEMENT} == {
		**{f: KNOWN[f] for f in OF_AGREEMENT},
		field: "Chosen",
	}


def test_a_contract_says_the_terms_that_its_order_will_have(sale, world, monkeypatch):
	monkeypatch.setattr(form_values, "_of_party", lambda *args: {})
	monkeypatch.setattr(form_values, "_text_of", lambda terms, doc: f"{terms} of {doc.customer}")
	ours = rows.row("Terms and Conditions", name=f"Ours {world.tag}", docstatus=0)
	frappe.db.set_value("Company", world.company, "default_selling_terms", ours)
	frappe.clear_document_cache("Company", world.company)
	for make in (api.make_contract, api.make_order_request):
		deal = sale.opportunity()
		made = frappe.get_doc(*make(deal.doctype, deal.name).values())
		assert (made.tc_name, made.terms) == (ours, f"{ours} of {world.customer}"), made.doctype
	of_quotation = frappe.new_doc("Sales Contract")
	of_quotation.company, of_quotation.customer = world.company, world.customer
	monkeypatch.setattr(conversions.payment_schedule, "carry", lambda *args: None)
	conversions.fill_from_quotation(frappe.new_doc("Quotation"), of_quotation)
	assert of_quotation.tc_name == ours
	for agreed in ({"tc_name": "Theirs"}, {"terms": "As we said"}):
		contract = sale.contract(submit=False)
		contract.update({"tc_name": None, "terms": None, **agreed})
		form_values.fill_terms(contract)
		wanted = {"tc_name": None, "terms": f"Theirs of {world.customer}", **agreed}
		assert {field: contract.get(field) for field in wanted} == wanted


def test_a_quotation_is_filled_with_what_is_known_of_its_customer(world, monkeypatch):
	monkeypatch.setattr(form_values, "_of_party", lambda *args: dict(KNOWN))
	quotation = frappe.new_doc("Quotation")
	quotation.update({"territory": "Chosen", "customer_address": None})
	form_values.fill_party(quotation, world.customer)
	assert (quotation.territory, quotation.customer_address, quotation.contact_person) == ("Chosen", "A", "C")
	assert (quotation.contact_email, quotation.payment_terms_template) == ("c@x.example", "P")


def test_the_person_who_was_agreed_brings_their_own_mail_and_a_schedule_stands_for_itself(world, monkeypatch):
	monkeypatch.setattr(form_values, "_of_party", lambda *args: dict(KNOWN))
	person = rows.row("Contact", docstatus=0, email_id="own@x.example", mobile_no="77")
	quotation = frappe.new_doc("Quotation")
	quotation.update({"contact_person": person, "contact_email": "old@x.example", "contact_phone": "old"})
	quotation.append("payment_schedule", {"invoice_portion": 100})
	form_values.fill_party(quotation, world.customer)
	assert (quotation.contact_person, quotation.contact_email, quotation.contact_mobile) == (
		person,
		"own@x.example",
		"77",
	)
	assert not quotation.contact_phone and not quotation.payment_terms_template


# ---- terms of payment


@pytest.mark.parametrize(
	("row", "n", "found"),
	[
		({"payment_term": None, "invoice_portion": 60}, 0, "own"),
		({"payment_term": None, "invoice_portion": 50}, 0, None),
		({"payment_term": "Other", "invoice_portion": 60}, 0, None),
		({"payment_term": None, "invoice_portion": 60}, 1, None),
		({"payment_term": None, "invoice_portion": 60, "due_date_based_on": "Day(s) after invoice date"}, 0, "row"),
	],
)
def test_the_dates_of_a_row_follow_from_the_template_s_row_that_it_is(site, row, n, found):
	own = frappe._dict(payment_term="", invoice_portion=60.0)
	row = frappe._dict(row)
	assert payment_schedule._term(row, n, SimpleNamespace(terms=[own])) is {"own": own, "row": row, None: None}[found]
	if not row.due_date_based_on:
		assert payment_schedule._term(row, n, None) is None
	assert payment_schedule._dates(None, date(2026, 1, 1)) == (None, None)
	assert payment_schedule._dates(own, date(2026, 1, 1)) == (None, None)


# ---- help


def asked(sale, as_user, **values):
	as_user("rep")
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name, "question": "May I?", "wanted": "Price"}
	doc = frappe.get_doc({"doctype": "Sales Help Request", **about}).insert()
	doc.db_set(values)
	return deal, doc.reload()


def test_a_notice_about_help_names_who_asked_or_answered_and_the_deal(sale, as_user):
	deal, doc = asked(sale, as_user, deal_title="Pumps <i>")
	rep, manager = (frappe.utils.get_fullname(user) for user in (REP, OTHER))
	deal_in_bold = frappe.bold("Pumps &lt;i&gt;")
	assert help_requests.subject_of(doc) == f"{frappe.bold(rep)} asks for help with {deal_in_bold}: Price"
	doc.update({"status": "Answered", "answered_by": OTHER})
	assert help_requests.subject_of(doc) == f"{frappe.bold(manager)} answered your question about {deal_in_bold}"
	doc.deal_title = None
	assert deal.name in help_requests.subject_of(doc)


def test_a_request_that_is_gone_or_withdrawn_tells_nobody(sale, as_user):
	deal, doc = asked(sale, as_user, status="Withdrawn")
	frappe.set_user("Administrator")
	frappe.db.delete("Notification Log", {"document_name": deal.name})
	help_notices.send(doc.name)
	help_notices.send("gone")
	assert not frappe.db.exists("ToDo", {"reference_name": doc.name, "status": "Open"})
	assert not frappe.db.exists("Notification Log", {"document_name": deal.name})


# ---- who sees rows


def test_rows_of_hidden_deals_are_not_listed_by_themselves(sale, as_user):
	as_user("other_rep")
	hidden = sale.opportunity()
	as_user("rep")
	own = sale.opportunity()
	sql = f"select parent from `tabSales Deal Item` where parent in ('{hidden.name}', '{own.name}')"
	assert permissions.row_condition(REP, "Sales Deal Item") == ""
	set_apart()
	frappe.set_user("Administrator")
	condition = permissions.row_condition(REP, "Sales Deal Item")
	assert {name for (name,) in frappe.db.sql(f"{sql} and {condition}")} == {own.name}
	condition = permissions.row_condition(OTHER, "Sales Deal Item")
	assert {name for (name,) in frappe.db.sql(f"{sql} and {condition}")} == {hidden.name}
	assert permissions.row_condition("Administrator", "Sales Deal Item") == ""


@pytest.mark.parametrize(
	("who", "may"),
	[("rep", True), ("manager", True), ("desk", True), ("finance", True), ("stranger", False), ("store", False)],
)
def test_the_app_s_icon_is_for_who_sells_hands_over_or_accounts(site, as_user, who, may):
	as_user(who)
	assert permissions.may_use_app() is may


# ---- prospects and people


def prospect(world, name: str, **values):
	doc = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "company": world.company}
	).insert()
	for field, value in values.items():
		doc.db_set(field, value)
	return doc


def test_a_merged_prospect_takes_over_what_it_lacks_and_keeps_what_it_has(world):
	kept = prospect(world, "Kept", website="https://kept.example")
	gone = prospect(
		world, "Gone", website="https://gone.example", phone="+1 555 010 77", customer=world.customer, status="Verified"
	)
	verification.check_merge(gone, kept.name)
	verification.take_over(kept, gone.name)
	kept.reload()
	assert (kept.website, kept.phone) == ("https://kept.example", "+1 555 010 77")
	assert (kept.prospect_name, kept.status, kept.customer) == (f"Kept {world.tag}", "Verified", world.customer)


def test_a_verified_prospect_is_not_rejected_and_a_rejection_needs_a_reason(world):
	verified = prospect(world, "Verified", customer=world.customer)
	with refused(match=f"Prospect .*Verified {world.tag}.* is verified already"):
		verification.reject(verified.name, "Wrong")
	new = prospect(world, "New")
	with refused(frappe.MandatoryError, match="A reason is needed"):
		verification.reject(new.name, "")
	verification.reject(new.name, "Wrong Data")
	assert frappe.db.get_value("Sales Prospect", new.name, ["status", "rejected_reason"]) == ("Rejected", "Wrong Data")
	verification.reopen(new.name)
	assert frappe.db.get_value("Sales Prospect", new.name, ["status", "rejected_reason"]) == ("Unverified", None)


# ---- pipelines, figures


@pytest.mark.parametrize("value", ["Off", "Optional", "Required", None])
def test_steps_of_a_pipeline_are_those_that_were_set_and_optional_where_nothing_was(sale, value):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, dict.fromkeys(STEP_FIELDS.values(), value))
	expected = dict.fromkeys(STEP_FIELDS, value or "Optional")
	assert pipelines.steps_of(deal.pipeline) == pipelines.steps_of(None) == expected
	frappe.db.set_value("Sales Pipeline", {"applies_to": "Sales Opportunity"}, {"disabled": 1, "is_default": 0})
	frappe.clear_cache()
	assert pipelines.steps_of(None) in (dict.fromkeys(STEP_FIELDS, "Optional"), expected)


@pytest.mark.parametrize(("days", "known"), [(-1, True), (0, False), (1, False)])
def test_rates_of_a_day_know_what_closed_before_it(sale, world, days, known):

	moment = getdate(nowdate())
	deal = sale.opportunity()
	before_it, before = deal.stage, learned_rates.visits_until(world.company, moment)
	moving.lose(deal.doctype, deal.name, "Price")
	frappe.db.set_value(deal.doctype, deal.name, "closed_on", add_days(moment, days))
	frappe.db.set_value(
		"Stage Passage",
		{"reference_name": deal.name, "stage": before_it},
		"last_left",
		f"{add_days(moment, -2)} 10:00:00",
	)
	after = learned_rates.visits_until(world.company, moment)
	assert (sum(v.lost for v in after) - sum(v.lost for v in before)) == int(known)


@pytest.mark.parametrize("field", ["company", "pipeline", "sales_owner", "sales_person", "territory"])
def test_the_movement_of_a_forecast_can_be_narrowed_by_what_snapshots_keep(world, field):
	week = {
		"taken_on": nowdate(),
		"week": "2026-01",
		"month": str(getdate(nowdate()).replace(day=1)),
		"amount": 100,
		"category": "Commit",
	}
	person = rows.row("Sales Person", docstatus=0, name="S", sales_person_name="S", lft=1000, rgt=1001)
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	base = {
		"company": world.company,
		"pipeline": "P",
		"sales_owner": REP,
		"sales_person": person,
		"territory": territory,
	}
	rows.row("Forecast Snapshot", docstatus=0, document_type="Sales Opportunity", **week, **base)
	rows.row("Forecast Snapshot", docstatus=0, document_type="Sales Opportunity", **week, **{**base, field: "Another"})
	from crm_pipeline.core.forecast import MONTH, period_of

	found = movement.snapshot_rows(
		period_of(getdate(nowdate()), MONTH),
		ForecastScope.of({"company": world.company, field: base[field]}),
	)
	assert sum(row["commit"] for row in found) == 100
	assert {*scope.EQUAL, *scope.TREES} - set(movement.NOT_KEPT) == set(base) - {"company"}


# ---- why somebody may see a document


@pytest.mark.parametrize(
	("rule", "found"),
	[
		({}, ("Sales User",)),
		({"if_owner": 1}, ()),
		({"if_owner": 1, "owner": REP}, ("Sales User",)),
		({"permlevel": 1}, ()),
		({"read": 0}, ()),
		({"role": "Order Desk"}, ()),
	],
)
def test_a_role_that_speaks_for_own_documents_speaks_for_its_owner_alone(site, rule, found):
	owner = rule.pop("owner", OTHER)
	row = frappe._dict({"role": "Sales User", "read": 1, "permlevel": 0, "if_owner": 0, **rule})
	doc = SimpleNamespace(owner=owner, meta=SimpleNamespace(permissions=[row, row]))
	assert access_explained._roles(REP, doc, "read") == found


def test_rights_are_explained_by_role_team_and_limits(sale, as_user, world):
	as_user("other_rep")
	deal = sale.opportunity()
	frappe.set_user("Administrator")
	assert access_explained._roles(REP, deal, "read") == ("Sales User",)
	assert access_explained._roles(USERS["stranger"][0], deal, "read") == ()
	assert access_explained._team(REP, deal, "read") == access.NOT_NARROWED
	assert access_explained.narrowing(REP)["team"] is None
	set_apart()
	frappe.set_user("Administrator")
	assert access_explained._team(REP, deal, "read") == access.HIDDEN
	assert access_explained._team(OTHER, deal, "read") == access.IN_SIGHT
	assert access_explained.narrowing(REP) == {"team": [], "permissions": []}
	seen = {row["doctype"]: (row["sees"], row["of"]) for row in access_explained.numbers(REP)}
	assert seen["Sales Opportunity"][0] < seen["Sales Opportunity"][1]


# ---- figures


@pytest.mark.parametrize(("by_item", "kind"), [(False, "Currency"), (True, "Currency"), (False, "Float")])
def test_a_forecast_by_items_has_no_column_for_what_was_ordered(by_item, kind):
	found = sales_forecast.columns("Owner" if by_item else None, kind, by_item)
	names = [column["fieldname"] for column in found]
	assert ("ordered" in names) is not by_item and ("part" in names) is by_item
	assert names[:3] == (["part", "label", "documents"] if by_item else ["label", "documents", names[2]])
	assert {column["fieldtype"] for column in found if column["fieldname"] in sales_forecast.MONEY} == {kind}
	assert len(names) == len(set(names)) == len({column["label"] for column in found})


@pytest.mark.parametrize(
	("values", "has", "late"),
	[
		({}, False, None),
		({"next_step": "Call"}, True, None),
		({"next_step_date": 0}, True, None),
		({"next_step_date": -1}, True, True),
		({"next_step": "Call", "next_step_date": 1}, True, None),
	],
)
def test_a_next_step_is_a_plan_or_a_day_and_is_late_the_day_after(sale, values, has, late):
	deal = sale.opportunity()
	day = {k: add_days(nowdate(), v) for k, v in values.items() if k == "next_step_date"}
	deal.db_set({"next_step": None, "next_step_date": None, **values, **day})
	facts = deal_facts.gather(deal.doctype, [deal.name], stalled_rules.rules(), now_datetime())[deal.name]
	assert facts.has_next_step is has
	assert (facts.next_step_late or 0) > 0 if late else not facts.next_step_late


@pytest.mark.parametrize(("days", "overdue"), [(-1, 1), (0, 0), (1, -1)])
def test_a_deal_is_overdue_from_the_day_after_it_was_to_close(sale, days, overdue):
	deal = sale.opportunity()
	deal.db_set({"expected_close": add_days(nowdate(), days), "not_stalled_until": add_days(nowdate(), days)})
	facts = deal_facts.gather(deal.doctype, [deal.name], stalled_rules.rules(), now_datetime())[deal.name]
	assert facts.days_overdue == overdue
	assert facts.acknowledged is (days >= 0), "through its last day"


def test_stalled_deals_come_by_worth_then_by_score_then_by_name(sale):
	deals = [sale.opportunity(title=f"No. {n}") for n in range(4)]
	for deal, worth, score in zip(deals, (10, 20, 10, 10), (50, 1, 60, 50), strict=True):
		frappe.db.set_value(
			deal.doctype,
			deal.name,
			{"base_amount": worth, "amount": 1000 - worth, "stalled_score": score, "is_stalled": 1},
		)
	filters = frappe._dict(company=deals[0].company)
	order = [
		row["name"]
		for row in stalled_deals.rows(StalledScope.of(filters))
		if row["name"] in {deal.name for deal in deals}
	]
	assert order == [deals[n].name for n in (1, 2, 0, 3)]
	assert [row["amount"] for row in stalled_deals.rows(StalledScope.of(filters)) if row["name"] == deals[1].name] == [
		20
	]


def test_the_last_purchase_is_the_youngest_of_all_kinds_per_stock_unit(monkeypatch):
	def bought(item, day, creation, rate, factor=1.0):
		return frappe._dict(
			item_code=item,
			date=date(2026, 1, day),
			creation=creation,
			base_net_rate=rate,
			conversion_factor=factor,
			parent=f"{item}-{day}-{creation}",
		)

	kinds = iter(
		[
			[bought("A", 2, 1, 50, 10), bought("A", 1, 9, 70)],
			[bought("A", 2, 0, 60), bought("B", 3, 1, 8, 0)],
			[bought("B", 3, 2, 9)],
		]
	)
	monkeypatch.setattr(item_costs, "_purchases", lambda *args: next(kinds))
	found = item_costs._last_purchases(["A", "B"], "Company")
	assert found == {"A": item_costs.Found(5.0, "A-2-1"), "B": item_costs.Found(9.0, "B-3-2")}


def test_a_schedule_without_days_goes_along_as_it_is(sale):
	contract, request = sale.contract(submit=False), frappe.new_doc("Sales Order Request")
	for portion in (30, 70):
		contract.append("payment_schedule", {"invoice_portion": portion})
	request.append("payment_schedule", {"invoice_portion": 100})
	payment_schedule.carry(contract, request, nowdate())
	assert [(row.invoice_portion, row.due_date) for row in request.payment_schedule] == [(30, None), (70, None)]
	assert request.payment_terms_template is None


def test_questions_of_a_deal_come_open_ones_first_then_the_newest_and_without_those_withdrawn(sale, as_user):
	deal, first = asked(sale, as_user, asked_on="2026-01-01 10:00:00")
	names = {first.name: "old"}
	for word, values in (
		("new", {"asked_on": "2026-01-03 10:00:00"}),
		("answered", {"asked_on": "2026-01-09 10:00:00", "status": "Answered"}),
		("gone", {"status": "Withdrawn"}),
	):
		about = {"reference_doctype": deal.doctype, "reference_name": deal.name, "question": word, "wanted": "Price"}
		doc = frappe.get_doc({"doctype": "Sales Help Request", **about}).insert()
		frappe.db.set_value(doc.doctype, doc.name, values)
		names[doc.name] = word
	rows_ = help_requests.requests_of(deal.doctype, deal.name)
	assert [names[row.name] for row in rows_] == ["new", "old", "answered"]
	assert [(bool(row.may_answer), bool(row.may_withdraw)) for row in rows_] == [
		(False, True),
		(False, True),
		(False, False),
	]


@pytest.mark.parametrize(
	("kind", "more_than"), [("ordered", 0), ("delivered", 0), ("billed", 0), ("paid", 0), ("won", -1)]
)
def test_behind_what_was_ordered_or_paid_stands_every_won_deal_with_anything_of_it(sale, kind, more_than):
	deals = {sale.opportunity().name: amount for amount in (0, 0.01, 1, 2)}
	for name, amount in deals.items():
		amounts = {f"{step}_amount": amount for step in ("ordered", "delivered", "billed", "paid")}
		frappe.db.set_value("Sales Opportunity", name, {"outcome": "Won", "status": "Won", **amounts})
	table = frappe.qb.DocType("Sales Opportunity")
	found = funnel_cells._of_outcome(table, kind).where(table.name.isin(list(deals))).select(table.name).run(pluck=True)
	assert set(found) == {name for name, amount in deals.items() if amount > more_than}


@pytest.mark.parametrize("written", [False, True])
def test_the_app_s_own_writing_of_a_state_calls_nobody_to_a_control_point(sale, monkeypatch, written):
	deal, called = sale.opportunity(), []
	monkeypatch.setattr(help_requests, "call_at_control_point", called.append)
	deal.flags.state_written = written
	deal.on_update()
	assert called == ([] if written else [deal])


@pytest.mark.parametrize(("title", "expected"), [("Pumps", "Pumps"), (None, "Northwind")])
def test_a_contract_of_a_quotation_is_called_as_the_quotation_or_its_customer(site, as_user, title, expected):
	mail, quotation, contract = as_user("rep"), frappe.new_doc("Quotation"), frappe.new_doc("Sales Contract")
	quotation.update({"title": title, "customer_name": "Northwind", "transaction_date": nowdate()})
	contract.sales_owner = None
	conversions.fill_from_quotation(quotation, contract)
	assert (contract.title, contract.sales_owner) == (expected, mail)
	contract.sales_owner = OTHER
	conversions.fill_from_quotation(quotation, contract)
	assert contract.sales_owner == OTHER


def test_the_tables_of_an_unsaved_form_are_not_its_values():
	assert types._plain('{"a": 1, "rows": [{}], "b": {"c": 2}, "d": "x", "e": null}') == {"a": 1, "d": "x", "e": None}
	assert types._plain("[1]") == [1]


@pytest.mark.parametrize(
	("mail", "text"),
	[
		({"sender": "a@x", "subject": "5 < 6", "content": "<p>Hello</p> you"}, ("a@x · 5 &lt; 6", "Hello<br>you")),
		({"sender": "a@x", "subject": None, "content": None}, ("<b>a@x</b>", "<div></div>")),
		(
			{"sender": "a@x", "subject": "S", "content": "z" * (lead_contact.MAX_TEXT + 1)},
			("a@x · S", f"<div>{'z' * lead_contact.MAX_TEXT}</div>"),
		),
	],
)
def test_the_card_of_a_mail_says_who_what_and_about_which_lead(mail, text):
	card = lead_contact._card(frappe._dict(mail, reference_name="LEAD-1"))
	assert all(part in card for part in (*text, "LEAD-1"))


def test_a_deal_that_came_from_no_lead_or_from_one_that_the_reader_may_not_open_shows_no_mails(
	sale, world, monkeypatch
):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "communication_type": "Communication"}
	for day, subject in enumerate(("Late", "Early")):
		mail = {"doctype": "Communication", "subject": subject, "sender": "a@x.example", "content": "Hello"}
		frappe.get_doc({**mail, **about, "communication_date": add_days(nowdate(), -day)}).insert()
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	plain = sale.opportunity()
	shown = lead_contact.timeline(deal.doctype, deal.name)
	assert [("Late" in card["content"], "Early" in card["content"]) for card in shown] == [(True, False), (False, True)]
	assert all(lead.name in card["content"] and card["is_card"] and card["icon"] == "mail" for card in shown)
	assert [str(getdate(card["creation"])) for card in shown] == [nowdate(), add_days(nowdate(), -1)]
	assert lead_contact.timeline(plain.doctype, plain.name) == []
	monkeypatch.setattr(frappe, "has_permission", lambda *about, **how: how.get("doc") != lead.name)
	assert lead_contact.timeline(deal.doctype, deal.name) == []


@pytest.mark.parametrize(
	("kind", "names", "text"),
	[
		(access.Kind.LIMIT, ("Customer", "Northwind"), "A User Permission refuses Customer Northwind"),
		(
			access.Kind.ABOUT,
			("Sales Project", "P-1"),
			"The user has no such right to what it is about: Sales Project P-1",
		),
		(access.Kind.DISABLED, (), "The user is disabled"),
		(access.Kind.ADMINISTRATOR, (), "Administrator may do everything"),
		(access.Kind.ROLE, ("Sales User", "Sales Manager"), "By the role Sales User, Sales Manager"),
		(access.Kind.NO_ROLE, (), "No role of the user gives this right to Sales Opportunity"),
		(access.Kind.TEAM, ("a@x",), "It belongs to the user's part of the team (a@x)"),
		(access.Kind.OTHER_TEAM, ("a@x",), "Team visibility: it belongs to another part of the team (a@x)"),
		(access.Kind.SHARE, (), "The document is shared with the user"),
	],
)
def test_each_reason_is_said_in_words(site, kind, names, text):
	for speaks_for in (True, False):
		assert (
			access_explained._words(
				SimpleNamespace(kind=kind, names=names, speaks_for=speaks_for),
				frappe._dict(doctype="Sales Opportunity"),
			)
			== text
		)
	assert {"ELSEWHERE"} == {one.name for one in access.Kind} - {
		"LIMIT",
		"ABOUT",
		"DISABLED",
		"ADMINISTRATOR",
		"ROLE",
		"NO_ROLE",
		"TEAM",
		"OTHER_TEAM",
		"SHARE",
	}


@pytest.mark.parametrize(("apart", "may"), [(False, (True, True)), (True, (False, False))])
def test_why_somebody_may_read_and_change_a_deal(sale, as_user, monkeypatch, apart, may):
	as_user("other_rep")
	deal = sale.opportunity()
	if apart:
		set_apart()
	frappe.set_user("Administrator")
	monkeypatch.setattr(access_explained, "_shared", lambda *args: False)
	found = access_explained.answer(REP, deal.doctype, deal.name)
	assert (found["read"]["allowed"], found["write"]["allowed"]) == may
	told = {right: [reason["text"] for reason in found[right]["reasons"]] for right in ("read", "write")}
	expected = (
		f"Team visibility: it belongs to another part of the team ({OTHER})" if apart else "By the role Sales User"
	)
	assert told["read"][-1] == told["write"][-1] == expected
	assert [reason["speaks_for"] for reason in found["read"]["reasons"]][-1] is not apart
	assert access_explained.answer("Administrator", deal.doctype, deal.name)["read"]["reasons"] == [
		{"text": "Administrator may do everything", "speaks_for": True}
	]
	frappe.db.set_value("User", REP, "enabled", 0)
	gone = access_explained.answer(REP, deal.doctype, deal.name)["read"]
	assert (gone["allowed"], gone["reasons"][0]["text"]) == (False, "The user is disabled")


def test_a_record_about_a_hidden_deal_says_what_it_is_about(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	memo = frappe.get_doc(
		{"doctype": "Sales Memo", "reference_doctype": deal.doctype, "reference_name": deal.name, "memo": "A note"}
	).insert()
	assert access_explained._about(REP, memo, "read") == access_explained._about(REP, deal, "read") == ()
	set_apart()
	frappe.set_user("Administrator")
	assert access_explained._about(REP, memo, "read") == (deal.doctype, deal.name)
	assert access_explained._about(OTHER, memo, "read") == ()
	assert access_explained._team(REP, memo, "read") == access.NOT_NARROWED, "what it is about says it"
	assert access_explained._team(OTHER, memo, "read") == access.IN_SIGHT


def test_what_narrows_a_user_s_sight_are_the_user_permissions(sale, world):
	deal = sale.opportunity()
	assert access_explained._limits(REP, deal) == () and access_explained.narrowing(REP)["permissions"] == []
	frappe.get_doc(
		{"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": world.customer}
	).insert()
	frappe.clear_cache()
	[row] = access_explained.narrowing(REP)["permissions"]
	assert (row["allow"], row["for_value"], row["applicable_for"] or None) == ("Customer", world.customer, None)
