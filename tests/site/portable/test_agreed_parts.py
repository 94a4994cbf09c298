"""What goes from one agreement to the next: terms of payment, discounts, steps; and what is done later of what was noted."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_pipeline.chain import finding, optional_steps, pending
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import payment_schedule, pricing_rules
from crm_pipeline.overrides import catch_up
from tests.site import rows
from tests.site.world import refused

DEAL, CONTRACT = "Sales Opportunity", "Sales Contract"
THEN, NOW = date(2026, 1, 10), date(2026, 3, 1)


# ---- terms of payment


def term(**values) -> frappe._dict:
	return frappe._dict({"payment_term": None, "invoice_portion": 100, **values})


@pytest.mark.parametrize(
	("row", "n", "found"),
	[
		({"due_date_based_on": "Day(s) after invoice date", "payment_term": "Net"}, 0, "row"), ({"invoice_portion": 40}, 0, "first"),
		({"invoice_portion": 60}, 1, "second"), ({"invoice_portion": 50}, 0, None), ({"invoice_portion": 40, "payment_term": "Net"}, 0, "Net"),
		({"invoice_portion": 60}, 2, None), ({"payment_term": "Gone"}, 2, None), ({"payment_term": "Net", "invoice_portion": 60}, 2, "Net"),
	],
)  # fmt: skip
def test_a_row_s_dates_follow_from_itself_its_template_or_its_term(world, row, n, found):
	net = rows.row("Payment Term", name=f"Net {world.tag}", due_date_based_on="Day(s) after invoice date", docstatus=0)
	template = SimpleNamespace(terms=[term(invoice_portion=40), term(invoice_portion=60, payment_term="")])
	row = term(**row)
	row.payment_term = net if row.payment_term == "Net" else row.payment_term
	answers = payment_schedule._term(row, n, template)
	known = {"row": row, "first": template.terms[0], "second": template.terms[1], None: None}
	assert answers.name == net if found == "Net" else answers is known[found]
	if found in ("first", "second"):
		assert payment_schedule._term(row, n, None) is None


@pytest.mark.parametrize(
	("row", "template", "default", "nothing"),
	[
		({}, None, None, True), ({"invoice_portion": 50}, None, None, False), ({"payment_term": "Net"}, None, None, False),
		({"due_date": date(2026, 1, 11)}, None, None, False), ({}, "T", None, False), ({}, None, "Theirs", False),
	],
)  # fmt: skip
def test_one_row_for_all_at_once_is_no_agreement_where_the_customer_has_none(
	monkeypatch, row, template, default, nothing
):
	asked = []
	monkeypatch.setattr(payment_schedule, "default_template", lambda *about: asked.append(about) or default)
	one = term(due_date=THEN, **row) if "due_date" not in row else term(**row)
	source = frappe._dict(party_name="Acme", company="Co")
	assert payment_schedule._says_nothing(source, [one], THEN, template) is nothing
	assert not payment_schedule._says_nothing(source, [one, one], THEN, template)
	assert asked in ([], [("Acme", "Co")])
	source.customer = "Own"
	payment_schedule._says_nothing(source, [one], THEN, template)
	assert asked in ([], [("Acme", "Co"), ("Own", "Co")])


def agreed(*lines, template: str | None = None):
	"""A contract of THEN with a schedule."""
	doc = frappe.new_doc(CONTRACT)
	doc.update({"contract_date": str(THEN), "payment_terms_template": template, "customer": "Acme", "company": "Co"})
	for idx, (due, portion, more) in enumerate(lines, start=1):
		doc.append("payment_schedule", {"idx": idx, "due_date": due, "invoice_portion": portion, **more})
	return doc


def carried(source) -> list[tuple]:
	target = frappe.new_doc("Sales Order Request")
	target.payment_terms_template = "before"
	frappe.clear_messages()
	payment_schedule.carry(source, target, NOW)
	return target.payment_terms_template, [
		(str(row.due_date), row.invoice_portion, row.description) for row in target.payment_schedule
	]


def test_a_schedule_by_hand_goes_along_and_dates_that_have_passed_are_said(site, monkeypatch):
	monkeypatch.setattr(payment_schedule, "default_template", lambda *about: None)
	by_hand = agreed((date(2026, 5, 1), 60, {"description": "Rest"}), (date(2026, 2, 1), 40, {"description": "First"}))
	assert carried(by_hand) == ("", [("2026-03-01", 40, "First"), ("2026-05-01", 60, "Rest")])
	said = str(frappe.local.message_log)
	assert len(frappe.local.message_log) == 1 and "Payment Schedule, Row 2" in said and "has passed" in said
	assert carried(agreed()) == (None, []) and carried(agreed((THEN, 100, {}))) == (None, [])
	frappe.clear_messages()


def test_a_row_without_a_date_goes_along_as_it_is(site):
	open_one = agreed((date(2026, 5, 1), 60, {"description": "Rest"}), (None, 40, {"description": "First"}))
	template, found = carried(open_one)
	assert found == [("None", 40, "First"), ("2026-05-01", 60, "Rest")] and not template


def test_a_schedule_that_its_template_gives_goes_along_as_the_template(site, monkeypatch):
	days = {"a": 10, "b": 15}
	template = SimpleNamespace(name="T", terms=[term(key="a", invoice_portion=40), term(key="b", invoice_portion=60)])
	monkeypatch.setattr(payment_schedule, "_template", lambda source: template)

	def dates(one, on):
		return payment_schedule.Dates(getdate(add_days(on, days[one.key])) if one else None)

	monkeypatch.setattr(payment_schedule, "_dates", dates)
	source = agreed((date(2026, 1, 20), 40, {}), (date(2026, 1, 25), 60, {}), template="T")
	assert carried(source) == ("T", [])
	source.payment_schedule[1].due_date = date(2026, 4, 25)
	assert carried(source) == ("", [("2026-03-11", 40, None), ("2026-04-25", 60, None)]), "one by the term, one by hand"
	source.payment_schedule = source.payment_schedule[:1]
	assert carried(source) == ("", [("2026-03-11", 40, None)]), "that is not all that the template has"


# ---- steps of a pipeline


@pytest.mark.parametrize(("setting", "there", "refuses"), [("Required", False, True), ("Required", True, False), ("Optional", False, False), ("Off", False, False)])  # fmt: skip
def test_a_step_that_a_pipeline_requires_must_be_there(sale, world, monkeypatch, setting, there, refuses):
	deal = sale.opportunity()
	monkeypatch.setattr(
		optional_steps.pipelines, "steps_of", lambda pipeline: {CONTRACT: setting, "Quotation": "Optional"}
	)
	source = (DEAL, deal.name)
	if there:
		source = (CONTRACT, sale.contract(submit=False, source_type=DEAL, source_name=deal.name).name)
	order = frappe._dict(doctype="Sales Order", crm_source_type=source[0], crm_source_name=source[1])
	assert optional_steps.deal_before(order)[0] == Ref(DEAL, deal.name)
	if refuses:
		with refused(
			optional_steps.StepError,
			match=f"Pipeline .*{deal.pipeline}.* requires a Sales Contract before a Sales Order",
		):
			optional_steps.require_before(order, CONTRACT)
	else:
		optional_steps.require_before(order, CONTRACT)
	optional_steps.require_before(order, "Quotation")
	optional_steps.require_before(frappe._dict(doctype="Sales Order"), CONTRACT)
	assert optional_steps.deal_before(frappe._dict(doctype="Sales Order")) == (None, [])


@pytest.mark.parametrize(("setting", "refuses"), [("Off", True), ("Required", False), ("Optional", False)])
def test_a_step_that_a_pipeline_leaves_out_is_refused(sale, monkeypatch, setting, refuses):
	deal, asked = sale.opportunity(), []
	monkeypatch.setattr(optional_steps.pipelines, "default_pipeline", lambda *about: asked.append(about) or "Standard")
	monkeypatch.setattr(
		optional_steps.pipelines, "steps_of", lambda pipeline: asked.append(pipeline) or {CONTRACT: setting}
	)
	doc = frappe._dict(company="Co")
	for of, pipeline in ((Ref(DEAL, deal.name), [deal.pipeline]), (None, [(DEAL, "Co"), "Standard"])):
		del asked[:]
		if refuses:
			with refused(optional_steps.StepError, match="works without the step Sales Contract"):
				optional_steps.refuse_if_off(doc, CONTRACT, of)
		else:
			optional_steps.refuse_if_off(doc, CONTRACT, of)
		assert asked == pipeline


# ---- what was noted


@pytest.mark.parametrize(
	("doctype", "noted", "done"),
	[
		("Sales Order", [], ["Amounts"]), (DEAL, [], []), ("Sales Order", ["Amounts", "Contract", "Sale"], ["Contract"]),
		("Sales Order", ["Sale", "Amounts"], ["Sale"]), (DEAL, ["Help Notice"], []), (DEAL, ["Help Notice", "Amounts"], ["Amounts"]),
	],
)  # fmt: skip
def test_the_widest_of_what_was_noted_is_done_once(sale, monkeypatch, doctype, noted, done):
	caught, told = [], []
	monkeypatch.setattr(catch_up, "document", lambda *about: caught.append(about))
	monkeypatch.setattr(pending, "_notify", lambda row: told.append(row.what))
	for what in noted:
		rows.row(pending.DOCTYPE, document_type=doctype, document="X-1", what=what, attempts=0, docstatus=0)
	assert pending.do(doctype, "X-1") is bool(noted)
	assert caught == [(doctype, "X-1", what) for what in done]
	assert told == [what for what in noted if what == "Help Notice"]
	assert not frappe.db.exists(pending.DOCTYPE, {"document": "X-1"})


def test_what_is_overdue_is_looked_after_the_oldest_first_and_not_for_ever(site):
	frappe.db.delete(pending.DOCTYPE)
	for key, minutes, attempts in (("B", 4, 0), ("A", 9, 19), ("new", 2, 0), ("tried", 9, 20), ("B", 5, 1)):
		at = frappe.utils.add_to_date(frappe.utils.now_datetime(), minutes=-minutes)
		rows.row(
			pending.DOCTYPE, document_type=DEAL, document=key, what="Sale", attempts=attempts, creation=at, docstatus=0
		)
	assert pending.overdue() == [(DEAL, "A"), (DEAL, "B")]


def test_while_nothing_is_queued_the_queue_is_not_asked_and_one_that_is_down_is_left_alone(site, monkeypatch):
	asked = []
	monkeypatch.setattr(pending, "_down_until", [0.0])
	monkeypatch.setattr(frappe, "enqueue", lambda method, **how: asked.append((method, how)))
	pending.queue("a", x=1)
	with pending.nothing_queued():
		pending.queue("b")
	pending.queue("c")
	assert asked == [("a", {"queue": "short", "x": 1}), ("c", {"queue": "short"})]

	def down(method, **how):
		asked.append(method)
		raise ConnectionError

	monkeypatch.setattr(frappe, "enqueue", down)
	pending.queue("d")
	pending.queue("e")
	assert asked[2:] == ["d"]


# ---- people by number and address


def test_contacts_are_found_by_the_beginning_of_a_number_or_an_address(world):
	for name, number, address in (
		("Ines", "5557771234", "ines@quay.example"),
		("Ann", "5557779999", "ann@quay.example"),
	):
		of = {"parent": f"{name} {world.tag}", "parenttype": "Contact", "docstatus": 0}
		rows.row("Contact Phone", crm_match_phone=f"{number}{world.tag}", **of)
		rows.row("Contact Email", crm_match_email=f"{world.tag}{address}", **of)
		rows.row(
			"Contact Email", crm_match_email=f"{world.tag}{address}", **{**of, "parent": "X", "parenttype": "Lead"}
		)
	found = lambda text, key="": {name.split()[0] for name in finding._contacts(text, key)}  # noqa: E731
	assert found("", f"5557771234{world.tag}") == {"Ines"} and found("x", "555777") >= {"Ines", "Ann"}
	assert found(f"{world.tag.upper()}INES@quay") == {"Ines"} and found(f"{world.tag}ines") == set()


# ---- rules that look at all rows


def test_rules_that_look_at_the_rows_around_are_asked_with_all_of_them(sale, monkeypatch):
	deal = sale.opportunity()
	asked = []
	monkeypatch.setattr(pricing_rules, "are_used", lambda: True)
	monkeypatch.setattr(pricing_rules, "_any", lambda either: asked.append(either) or False)
	assert pricing_rules.around(deal) is None
	assert asked == [{"is_recursive": 1, "mixed_conditions": 1, "is_cumulative": 1}]
	monkeypatch.setattr(pricing_rules, "_any", lambda either: True)
	monkeypatch.setattr(pricing_rules, "are_used", lambda: False)
	assert pricing_rules.around(deal) is None
	monkeypatch.setattr(pricing_rules, "are_used", lambda: True)
	made = pricing_rules.around(deal)
	assert (made.doctype, made.customer if made.get("customer") else deal.customer, made.company) == ("Quotation", deal.customer, deal.company)  # fmt: skip
	assert [(row.item_code, row.qty) for row in made.get("items")] == [(row.item_code, row.qty) for row in deal.items]


@pytest.mark.parametrize(
	("values", "used", "whole"),
	[({}, True, False), ({"disable": 1}, False, False), ({"selling": 0}, False, False), ({"apply_on": "Transaction"}, True, True), ({"price_or_product_discount": "Product"}, True, True)],
)  # fmt: skip
def test_a_pricing_rule_counts_while_it_is_on_for_selling(site, values, used, whole):
	frappe.db.delete("Pricing Rule")
	fixed = {"disable": 0, "selling": 1, "apply_on": "Item Code", "price_or_product_discount": "Price", "docstatus": 0}
	rows.row("Pricing Rule", **{**fixed, **values})
	assert pricing_rules.are_used() is used
	assert pricing_rules._any({"price_or_product_discount": "Product", "apply_on": "Transaction"}) is whole


# ---- amounts of a deal


@pytest.mark.parametrize(
	("before", "amount", "expected"), [(None, 100, (100, 200)), (100, 100, (0, 0)), (90, 100, (100, 200))]
)
def test_a_deal_without_rows_is_worth_what_was_entered(site, before, amount, expected):
	deal = frappe.new_doc(DEAL)
	deal.update({"amount": amount, "conversion_rate": 2, "items_total": 7})
	deal._doc_before_save = before and frappe._dict(amount=before, items=[frappe._dict()])
	deal.set_deal_amount()
	assert (deal.amount, deal.base_amount, deal.items_total) == (*expected, 0)


def test_a_discount_is_not_more_than_the_whole(sale, monkeypatch):
	contract = sale.contract(submit=False)
	totals = SimpleNamespace(net=-0.01, total=1, base_total=1, discount=1, base_net=1)
	monkeypatch.setattr(type(contract), "totals_of_rows", lambda doc: totals)
	with refused(match="must not be more than the total"):
		contract.set_agreed_totals()
	totals.net = 0
	contract.set_agreed_totals()
	assert (contract.total_qty, contract.total, contract.amount, contract.discount_amount) == (5, 1, 0, 1)


@pytest.mark.parametrize(
	("what", "done"),
	[(pending.AMOUNTS, []), (pending.SALE, ["sale"]), (pending.CONTRACT, ["sale", "contract"])],
)
def test_what_is_caught_up_with_holds_what_is_narrower(site, monkeypatch, what, done):
	seen = []
	monkeypatch.setattr(catch_up.frappe.db, "exists", lambda *about: True)
	monkeypatch.setattr(catch_up.frappe, "get_doc", lambda *about: frappe._dict(name="SO-1"))
	monkeypatch.setattr(catch_up, "_rows_above", lambda start: [])
	monkeypatch.setattr(catch_up, "_sale", lambda start, doc: seen.append("sale"))
	monkeypatch.setattr(catch_up, "_contract", lambda doc: seen.append("contract"))
	monkeypatch.setattr(catch_up.roll_up, "above", lambda names: ["CON-1"])
	monkeypatch.setattr(catch_up.roll_up, "recompute", seen.append)
	monkeypatch.setattr(catch_up.locks, "lock", lambda *rows: None)
	catch_up.document("Sales Order", "SO-1", what)
	assert seen == [*done, "CON-1"]
