"""A day that is none and a number that is too large are refused in words, before the database sees them."""

from datetime import datetime, timezone

import frappe
import pytest
from frappe.utils import flt, get_datetime

from crm_pipeline import user_day
from crm_pipeline.chain import typed_values
from tests.site.world import refused

TOO_LARGE = [("qty", 1e15), ("rate", 1e12), ("rate", -1e13), ("qty", float("inf")), ("rate", float("nan"))]


@pytest.mark.parametrize(("field", "value"), TOO_LARGE)
def test_a_number_that_does_not_fit_names_its_row_and_field(sale, world, field, value):
	row = {"item_code": world.pump, "qty": 1, "rate": 5}
	for make in (sale.opportunity, sale.contract):
		label = frappe.get_meta("Sales Deal Item").get_label(field)
		with refused(match=f"Items, Row 2: .*{label}.* is too large"):
			make(items=[row, {**row, field: value}])


def test_a_product_of_numbers_that_fit_may_not(sale, world):
	with refused(match="is too large"):
		sale.opportunity(items=[{"item_code": world.pump, "qty": 1e8, "rate": 1e8}])
	assert sale.opportunity(items=[{"item_code": world.pump, "qty": 1e5, "rate": 1e5}]).amount == 1e10


@pytest.mark.parametrize("value", [1e12, "1e13", -1e12])
def test_an_amount_that_does_not_fit_is_told(sale, value):
	with refused(match="Amount.* is too large"):
		sale.opportunity(items=[], amount=value)


@pytest.mark.parametrize("value", ["5 EUR", "12abc", "€ 5", "12,5", "1.200,50", "1,20,30", "ten"])
def test_a_number_that_is_none_or_may_be_another_is_not_taken_for_one(sale, value):
	with refused(match="Amount.* is not a number"):
		sale.opportunity(items=[], amount=value)


@pytest.mark.parametrize(
	("value", "number"), [("1,200.50", 1200.5), ("12,34,567", 1234567), (" 5 ", 5), ("1e3", 1000), ("-0", 0)]
)
def test_a_number_as_text_is_that_number(sale, value, number):
	assert flt(sale.opportunity(items=[], amount=value).amount) == number


@pytest.mark.parametrize(
	("word", "kept"), [("true", 1), ("Yes", 1), ("on", 1), (True, 1), ("false", 0), (" NO ", 0), ("off", 0), ("0", 0)]
)
def test_yes_and_no_of_other_programs_are_what_they_say(sale, word, kept):
	lead = sale.lead(consent=word)
	assert (lead.consent, bool(lead.consent_on)) == (kept, bool(kept))


@pytest.mark.parametrize("word", ["maybe", "2031-01-01", ["x"], {"a": 1}])
def test_what_is_neither_yes_nor_no_is_not_taken_for_either(sale, word):
	with refused(match="is neither yes nor no"):
		sale.lead(consent=word)


@pytest.mark.parametrize(
	"value", ["2031-02-30", "soon", "31.31.2031", "2031-13-01", "31/12/2031", "0001-01-01", 1924905600]
)
def test_a_day_that_is_none_names_its_field(sale, value):
	with refused(match="Next Step.* is not a date"):
		sale.opportunity(next_step_date=value)


def test_what_the_database_can_hold_is_let_in():
	fits = {"Currency": (0, 999_999_999_999.99, -5, "12"), "Int": (2**31 - 1, -(2**31) + 1), "Percent": (100,)}
	for fieldtype, values in fits.items():
		assert all(typed_values._fits(fieldtype, value) for value in values)
	assert not typed_values._fits("Int", 2**31) and not typed_values._fits("Float", -(10**12))
	# An Int of more than eleven digits is a bigint, for the key of the stages that a deal has left.
	assert typed_values._fits("Int", 2**53, 20) and not typed_values._fits("Int", 2**63, 20)
	moments = {"Date": "2031-02-28", "Datetime": "2031-02-28 23:59:59.5"}
	assert all(typed_values._is_moment(fieldtype, value) for fieldtype, value in moments.items())
	assert not typed_values._is_moment("Datetime", "2031-02-30 9:00")


@pytest.mark.parametrize("text", ["2031-05-04T10:00:00Z", "2031-05-04 15:30:00+05:30", "2031-05-04T06:00:00.000-04:00"])
def test_a_moment_of_another_zone_is_the_site_s_time(sale, text):
	there = datetime(2031, 5, 4, 10, tzinfo=timezone.utc).astimezone(user_day.site_zone()).replace(tzinfo=None)
	doc = frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "starts_on": text}).insert()
	assert doc.starts_on == there and get_datetime(frappe.db.get_value(doc.doctype, doc.name, "starts_on")) == there
	assert str(sale.opportunity(next_step_date="2031-05-04T23:30:00Z").next_step_date) == "2031-05-04"


TAKE_IN = (
	"Case Severity", "Contact Position", "Contact Relation", "Cost Estimate", "Customer Case",
	"Customer Discussion", "Customer Relation", "Lead Assignment Rule", "Lead Score Rule", "Pipeline Stage", "Pool Rule",
	"Promise to Pay", "Relation Type", "Sales Absence", "Sales Activity", "Sales Activity Type", "Sales Campaign",
	"Sales Channel", "Sales Competitor", "Sales Contract", "Sales Handover", "Sales Help Request", "Sales Import",
	"Sales Lead", "Sales Lost Reason", "Sales Memo", "Sales Opportunity", "Sales Order Request", "Sales Pipeline",
	"Sales Project", "Sales Prospect", "Sales Segment",
)  # fmt: skip
LATER = tuple(
	(doctype, verb)
	for doctype in ("Cost Estimate", "Sales Contract", "Sales Order Request")
	for verb in ("update", "cancel")
)


@pytest.mark.parametrize(
	("doctype", "verb"),
	[
		*((doctype, "validate") for doctype in TAKE_IN),
		*((doctype, "before_update_after_submit" if verb == "update" else "before_cancel") for doctype, verb in LATER),
	],
)
def test_every_save_looks_first_at_what_comes_in(site, doctype, verb):
	doc = frappe.new_doc(doctype)
	if not hasattr(doc, verb):
		pytest.skip("there is no such verb")
	fields = [
		df for df in doc.meta.fields if df.fieldtype in ("Data", "Small Text", "Text", "Long Text", "Text Editor")
	]
	field = fields[0] if fields else next(df for df in doc.meta.fields if df.fieldtype in ("Date", "Currency", "Int"))
	doc.set(field.fieldname, {"a": "list"} if fields else "no number and no day")
	with refused(match="is not a text" if fields else "is not a date|is too large"):
		doc.run_method(verb)
