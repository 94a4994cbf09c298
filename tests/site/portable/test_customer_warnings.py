"""What to know of a customer before calling, as a rep, finance, and a user of another company know it."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.warnings import customer_warnings, hand_off_gate
from crm_pipeline.warnings.hand_off_gate import WarningStopError
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer, refused

SETTINGS = "CRM Pipeline Settings"


def configure(**values):
	frappe.db.set_single_value(SETTINGS, values)
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def found(sale, company=None, about=None) -> list:
	return customer_warnings.of_customer(about or sale.world.customer, company)


def kinds(*args, **kwargs) -> list[str]:
	return [warning.kind for warning in found(*args, **kwargs)]


@pytest.fixture
def overdue(sale, as_user):
	"""An invoice over 480 that has been due for 40 days."""
	as_user("Administrator")
	return invoice(sale, 40)


def invoice(sale, days: int, **values):
	doc = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"customer": sale.world.customer,
			"company": sale.world.company,
			"set_posting_time": 1,
			"posting_date": add_days(nowdate(), -days - 1),
			"due_date": add_days(nowdate(), -days),
			"items": [{"item_code": sale.world.service, "qty": 6, "rate": 80}],
			**values,
		}
	).insert()
	doc.submit()
	return doc


def test_of_a_new_customer_there_is_nothing_to_say(sale, as_user):
	as_user("rep")
	assert found(sale) == []


def test_an_unresolved_severe_complaint_comes_first_and_names_itself(sale, overdue, as_user):
	as_user("manager")
	case = sale.case(severity="Critical", subject="Pump <b>leaks</b>", opened_on=add_days(nowdate(), -12))
	as_user("rep")
	first = found(sale)[0]
	assert (first.kind, first.level, first.doctype, first.name) == ("complaint", "stop", case.doctype, case.name)
	assert first.text == "Unresolved complaint (Critical): Pump <b>leaks</b>, for 12 days, overdue"
	case.update({"status": "Solved", "solution": "A new seal"})
	case.save()
	assert kinds(sale) == []


def test_money_is_told_to_who_may_read_invoices(sale, overdue, as_user):
	as_user("finance")
	(money,) = found(sale)
	assert (money.kind, money.level, money.name) == ("overdue", "warn", overdue.name)
	assert "480.00" in money.text and "40 days" in money.text and sale.world.company in money.text
	as_user("rep")
	assert found(sale) == []


def test_sales_hears_of_the_money_of_its_own_customers(sale, overdue, as_user):
	"""ERPNext's Sales User reads no invoices: they are told what to ask for, and are led nowhere."""
	frappe.db.set_value("Customer", sale.world.customer, "account_manager", USERS["rep"][0])
	as_user("rep")
	(money,) = found(sale)
	assert (money.kind, money.doctype, money.name) == ("overdue", None, None)
	assert "480" in money.text and "40 days" in money.text
	as_user("other_rep")
	assert kinds(sale) == []
	as_user("manager")
	assert kinds(sale) == ["overdue"]


def test_by_payment_terms_only_what_is_due_counts(sale, as_user):
	as_user("Administrator")
	invoice(
		sale,
		-30,
		posting_date=add_days(nowdate(), -20),
		payment_schedule=[
			{"due_date": add_days(nowdate(), -10), "invoice_portion": 25, "payment_amount": 120},
			{"due_date": add_days(nowdate(), 30), "invoice_portion": 75, "payment_amount": 360},
		],
	)
	(money,) = found(sale)
	assert "120.00" in money.text and "10 days" in money.text


def test_a_credit_limit_is_judged_as_erpnext_does(sale, as_user):
	as_user("Administrator")
	doc = frappe.get_doc("Customer", sale.world.customer)
	doc.append("credit_limits", {"company": sale.world.company, "credit_limit": 500})
	doc.save()
	invoice(sale, -5)
	assert kinds(sale) == []
	doc.credit_limits[0].credit_limit = 479
	doc.flags.ignore_validate = True
	doc.save()
	as_user("rep")
	(used,) = found(sale)
	assert (used.kind, used.level) == ("credit", "stop")
	assert "480" not in used.text and "479" not in used.text
	as_user("finance")
	assert any("480.00" in warning.text for warning in found(sale) if warning.kind == "credit")
	as_user("Administrator")
	with refused(match="(?i)credit limit"):
		sale.order(sale.opportunity())


@pytest.mark.parametrize(("field", "word"), [("disabled", "disabled"), ("is_frozen", "frozen")])
def test_a_customer_that_is_blocked_is_told(sale, as_user, field, word):
	frappe.db.set_value("Customer", sale.world.customer, field, 1)
	as_user("rep")
	(blocked,) = found(sale)
	assert blocked.level == "stop" and word in blocked.text


def test_contracts_and_stalled_deals_are_told_as_far_as_the_reader_sees_them(sale, as_user):
	as_user("other_rep")
	contract = sale.contract(start_date=add_days(nowdate(), -300), end_date=add_days(nowdate(), 20))
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, {"is_stalled": 1, "stalled_score": 60})
	assert sorted((w.kind, w.name) for w in found(sale)) == [("contract", contract.name), ("stalled", deal.name)]
	set_apart()
	as_user("rep")
	assert found(sale) == []


def test_a_case_of_another_team_is_not_told(sale, as_user):
	as_user("other_rep")
	sale.case(severity="Critical")
	set_apart()
	assert kinds(sale) == ["complaint"]
	as_user("rep")
	assert found(sale) == []


def test_who_may_not_read_the_customer_is_told_nothing(sale, as_user):
	as_user("manager")
	sale.case(severity="Critical")
	as_user("stranger")
	assert found(sale) == []


def test_a_customer_who_falls_silent_is_told_by_their_own_rhythm(sale, as_user):
	as_user("rep")
	for days in (300, 270, 240, 210, 180):
		frappe.get_doc(
			{
				"doctype": "Sales Activity",
				"subject": "Call",
				"status": "Done",
				"starts_on": add_days(nowdate(), -days),
				"customer": sale.world.customer,
				"company": sale.world.company,
			}
		).insert()
	(silent,) = found(sale)
	assert silent.kind == "silent" and "180 days" in silent.text and "30" in silent.text


def test_a_kind_that_is_switched_off_is_not_told(sale, as_user):
	as_user("rep")
	sale.case()
	configure(warn_complaint="None")
	assert found(sale) == []


def test_the_number_of_queries_does_not_grow_with_the_history(sale, as_user):
	as_user("Administrator")
	invoice(sale, 3)
	first = queries(lambda: found(sale))
	for days in range(4, 10):
		invoice(sale, days)
		sale.case()
		sale.contract(end_date=add_days(nowdate(), days))
	more = queries(lambda: found(sale))
	assert more <= first + 2 and more <= 60, (first, more)


def queries(step) -> int:
	sql, count = frappe.db.sql, []
	step()
	frappe.db.sql = lambda *args, **kwargs: (count.append(args), sql(*args, **kwargs))[1]
	try:
		step()
	finally:
		frappe.db.sql = sql
	return len(count)


# ---- on forms


def test_a_form_shows_the_warnings_of_its_customer(sale, as_user):
	as_user("rep")
	deal, quotation = sale.opportunity(), sale.quotation(submit=False)
	case = sale.case()
	for doc in (deal, quotation, sale.contract(submit=False)):
		shown = api.get_warnings(doc.doctype, doc.name)
		assert [w["name"] for w in shown["warnings"]] == [case.name]
		assert shown["customer"] == sale.world.customer


def test_a_stalled_deal_is_told_on_the_forms_of_other_documents(sale, as_user):
	as_user("rep")
	one, other = sale.opportunity(), sale.opportunity()
	for deal in (one, other):
		frappe.db.set_value(deal.doctype, deal.name, {"is_stalled": 1, "stalled_score": 60})
	assert [w["name"] for w in api.get_warnings(one.doctype, one.name)["warnings"]] == [other.name]
	assert "1 more" in api.get_warnings("Quotation", sale.quotation(submit=False).name)["warnings"][0]["text"]


def test_a_lead_shows_the_complaints_of_its_prospect(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	case = sale.case(customer=None, prospect=lead.prospect)
	assert [w["name"] for w in api.get_warnings("Sales Lead", lead.name)["warnings"]] == [case.name]
	assert [w["name"] for w in api.get_warnings("Sales Prospect", lead.prospect)["warnings"]] == [case.name]


# ---- stopping a hand-off


def test_as_long_as_nothing_is_set_nothing_stops(sale, overdue, as_user):
	as_user("Administrator")
	sale.case(severity="Critical")
	assert sale.order(sale.opportunity()).docstatus == 1


def test_a_severe_complaint_stops_submission_and_acceptance(sale, as_user):
	configure(warn_complaint="Stop if Severe")
	as_user("rep")
	waiting = sale.request(sale.opportunity())
	case = sale.case(severity="Critical")
	draft = sale.request(sale.opportunity(), submit=False)
	with refused(WarningStopError, match=case.name):
		draft.submit()
	as_user("desk")
	with refused(WarningStopError, match="Unresolved complaint"):
		api.accept_request(waiting.name)
	with refused(WarningStopError):
		deal = sale.opportunity()
		api.order_now(deal.doctype, deal.name)
	as_user("rep")
	case.update({"status": "Solved", "solution": "A new seal"})
	case.save()
	draft.reload()
	draft.submit()
	as_user("desk")
	assert api.accept_request(waiting.name)["name"]


def test_overdue_money_stops_who_may_not_read_invoices_in_words_without_amounts(sale, overdue, as_user):
	configure(warn_overdue="Stop", stop_overdue_days=30)
	as_user("rep")
	deal = sale.opportunity()
	draft = sale.request(deal, submit=False)
	with refused(WarningStopError, match=f"^((?!480|{overdue.name}).)*Finance stops((?!480|{overdue.name}).)*$"):
		draft.submit()
	shown = api.get_warnings(deal.doctype, deal.name)["warnings"]
	assert [w["kind"] for w in shown] == ["hidden"]
	assert shown[0]["stops"] and "Finance" in shown[0]["text"] and "480" not in shown[0]["text"]
	configure(stop_overdue_days=41)
	draft.reload()
	draft.submit()


def test_who_holds_the_role_lets_one_pass_with_a_reason_that_stays(sale, as_user):
	configure(warn_complaint="Stop", warning_override_role="Sales Manager")
	as_user("rep")
	sale.case()
	draft = sale.request(sale.opportunity(), submit=False)
	with refused(frappe.PermissionError):
		api.override_warnings(draft.name, "They agreed")
	assert not api.get_warnings(draft.doctype, draft.name)["may_override"]
	as_user("manager")
	assert api.get_warnings(draft.doctype, draft.name)["may_override"]
	with refused(frappe.MandatoryError):
		api.override_warnings(draft.name, "  ")
	api.override_warnings(draft.name, "They agreed")
	as_user("rep")
	draft.reload()
	draft.submit()
	as_user("desk")
	api.accept_request(draft.name)
	(event,) = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": draft.name, "kind": "Override"},
		fields=["to_value", "by", "name"],
		order_by="at asc",
	)
	assert (event.to_value, event.by) == ("Unresolved Complaints", "manager@crm-test.example")
	assert "They agreed" in frappe.db.get_value("Pipeline Event Note", {"event": event.name}, "note")
	with refused(WarningStopError, match="Nothing stops"):
		as_user("manager")
		api.override_warnings(draft.name, "Again")


def test_what_comes_up_after_the_override_stops_again(sale, as_user):
	configure(warn_complaint="Stop", warn_blocked="Stop", warning_override_role="Sales Manager")
	as_user("manager")
	sale.case()
	draft = sale.request(sale.opportunity(), submit=False)
	api.override_warnings(draft.name, "They agreed")
	draft.reload()
	draft.submit()
	frappe.db.set_value("Customer", sale.world.customer, "is_frozen", 1)
	as_user("desk")
	with refused(WarningStopError, match="frozen"):
		api.accept_request(draft.name)


def test_nobody_lets_themselves_pass_by_what_a_client_sends(sale, as_user):
	configure(warn_complaint="Stop", warning_override_role="Sales Manager")
	as_user("rep")
	sale.case()
	draft = sale.request(sale.opportunity(), submit=False)
	draft.update({"overridden_warnings": "complaint", "override_reason": "I say so"})
	with refused(WarningStopError):
		draft.submit()


def test_an_order_made_by_hand_is_stopped_only_where_the_settings_say_so(sale, as_user):
	configure(warn_complaint="Stop")
	as_user("Administrator")
	sale.case()
	assert sale.native_order(sale.quotation()).docstatus == 1
	configure(stop_native_orders=1)
	with refused(WarningStopError):
		sale.native_order(sale.quotation())


def test_complaints_of_another_customer_stop_nobody(sale, as_user):
	configure(warn_complaint="Stop", warn_overdue="Stop")
	as_user("Administrator")
	sale.case(customer=customer(f"Southwind {sale.world.tag}"), severity="Critical")
	assert sale.request(sale.opportunity()).status == "Requested"


def test_a_number_of_hidden_complaints_is_not_told(sale, as_user):
	as_user("manager")
	for severity in ("Critical", "Normal"):
		sale.case(severity=severity, subject=f"{severity} leak")
	as_user("Administrator")
	configure(warn_complaint="Stop")
	(finding,) = [f for f in customer_warnings.that_stop(sale.world.customer, sale.world.company)]
	as_user("manager")
	assert hand_off_gate._may_know(finding)
	frappe.get_doc(
		{"doctype": "User Permission", "user": USERS["rep"][0], "allow": "Customer Case", "for_value": finding.name}
	).insert(ignore_permissions=True)
	as_user("rep")
	assert frappe.has_permission("Customer Case", "read", doc=finding.name)
	assert not hand_off_gate._may_know(finding)


def test_the_use_of_credit_is_told_to_who_sees_all_that_it_sums_up_and_of_their_companies(sale, overdue, as_user):
	doc = frappe.get_doc("Customer", sale.world.customer)
	doc.append("credit_limits", {"company": sale.world.company, "credit_limit": 100, "bypass_credit_limit_check": 1})
	doc.flags.ignore_validate = True
	doc.save()
	frappe.db.set_value("Customer Credit Limit", {"parent": doc.name}, "credit_limit", 100)
	as_user("rep")
	(text,) = [warning.text for warning in found(sale) if warning.kind == "credit"]
	assert "480" not in text and "100" not in text
	as_user("Administrator")
	assert [w for w in found(sale, sale.world.company) if w.kind == "credit"][0].text.count("480") == 1
	other = frappe.db.get_value("Company", {"name": ("!=", sale.world.company)}, "name") or "Another Company"
	frappe.get_doc(
		{"doctype": "User Permission", "user": USERS["rep"][0], "allow": "Company", "for_value": other}
	).insert(ignore_permissions=True, ignore_links=True)
	as_user("rep")
	assert [w for w in found(sale, sale.world.company) if w.kind == "credit"] == []
