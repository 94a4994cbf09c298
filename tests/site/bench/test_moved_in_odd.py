"""What real CRMs hold that nobody would type today: broken links, people who left, endless texts, days of a wrong clock, orphaned
rows, cancelled papers, fields of the site's own. Each comes as it is, or is named; one odd record never stops the others."""

import json

import frappe
from frappe.utils import add_days, nowdate

from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in import DEAL, GONE, LEAD, PROSPECT, a_move, here, moved, old, record  # noqa: F401

LONG = "Ä long näme 🎉 & <b>x</b> " * 420


def report_of(doc) -> dict:
	return json.loads(doc.move_report)


def rejected(doc) -> dict:
	return {line["record"]: line["reasons"] for line in report_of(doc)["lines"]}


def test_long_texts_and_emoji_come_whole_where_there_is_room_and_cut_where_there_is_not(old):  # noqa: F811
	customer = old.world.customer
	lead = old.lead("Ann 🎉", company_name="🏢 Büro & Söhne", title="T" * 140, website="w" * 140, job_title="Ä" * 140)
	deal = old.deal("Big 🎉", "Customer", customer, contact_display=LONG[:400], order_lost_reason=LONG, to_discuss=LONG, status="Lost",
		contact_mobile=LONG[:139], contact_email="x" * 130 + "@y.example")  # fmt: skip
	put("Campaign", old.name("Spring"), campaign_name=old.name("Spring"), description=LONG)
	child("CRM Note", ("Lead", lead), "notes", 1, note=f"<p>{LONG}</p>", added_by=GONE, added_on="2022-01-02 08:00:00")
	put("Contract", old.name("C"), party_type="Customer", party_name=customer, contract_terms=LONG, status="Unsigned")
	doc = moved(old)
	assert rejected(doc) == {}
	assert record(lead).prospect_name == "🏢 Büro & Söhne"
	assert here(deal).description.count("🎉") >= 420
	assert len(here(deal).contacts[0].contact_name) <= 140
	memo = frappe.db.get_value("Sales Memo", {"reference_name": record(lead).name}, "memo")
	assert memo.count("🎉") == 420


def test_a_lead_of_whom_nearly_nothing_is_known(old):  # noqa: F811
	mail = old.lead("Mail", lead_name=None, company_name=None, title=None, email_id=f"only@{old.t}.example")
	firm = old.lead("Firm", lead_name=None, company_name=old.name("Just a Firm"), status=None, lead_owner=None)
	nothing = old.lead("Nothing", lead_name=None, company_name=None, title=None)
	doc = moved(old)
	assert record(mail).prospect_name == f"only@{old.t}.example"
	assert (record(firm).prospect_name, record(firm).status) == (old.name("Just a Firm"), "New")
	assert record(nothing) or list(rejected(doc)) == [f"Lead {nothing}"]


def test_a_deal_without_currency_company_or_rate_and_one_with_a_currency_that_is_none(old):  # noqa: F811
	customer = old.world.customer
	bare = old.deal("Bare", "Customer", customer, currency=None, company=None, conversion_rate=0, title=None,
		transaction_date=None, sales_stage=None)  # fmt: skip
	strange = old.deal("Strange", "Customer", customer, currency="XXQ")
	doc = moved(old)
	deal = here(bare)
	assert (deal.currency, deal.company, deal.conversion_rate) == (old.world.currency, old.world.company, 1)
	assert list(rejected(doc)) == [f"Opportunity {strange}"] and "XXQ" in rejected(doc)[f"Opportunity {strange}"]


def test_days_of_a_wrong_clock(old):  # noqa: F811
	customer = old.world.customer
	tomorrow = add_days(nowdate(), 40)
	lead = old.lead("Ahead", creation=f"{tomorrow} 10:00:00")
	ahead = old.deal("Ahead", "Customer", customer, transaction_date=tomorrow)
	never = old.deal("Never", "Customer", customer, expected_closing="2099-12-31")
	before = old.deal(
		"Before", "Customer", customer, status="Lost", transaction_date="2023-05-05", modified="2022-01-01 10:00:00"
	)
	zero = old.deal("Old", "Customer", customer, transaction_date="0001-01-01")
	doc = moved(old, closing_days="Last Change")
	told = rejected(doc)
	print(told)
	assert record(lead) and here(ahead) and here(never) and here(before) and here(zero), told
	assert str(here(ahead).opened_on) == nowdate()
	assert str(here(before).closed_on) == "2023-05-05"


def test_links_that_lead_nowhere_and_rows_without_a_parent(old):  # noqa: F811
	customer = old.world.customer
	lead = old.lead("Lost Links", territory="Atlantis", campaign_name="Gone", source=None, industry="Own Industry", country="Nowhere",
		lead_owner=GONE)  # fmt: skip
	deal = old.deal("Lost Links", "Customer", customer, contact_person="Nobody", campaign="Gone", opportunity_owner=GONE,
		sales_stage="Deleted Stage")  # fmt: skip
	child("Opportunity Item", ("Opportunity", "OPP-GONE"), "items", 1, item_code=old.world.pump, qty=1, rate=1)
	child("Opportunity Item", ("Opportunity", deal), "items", 1, item_code="Gone Item", item_name=None, qty=1, rate=5)
	child("CRM Note", ("Lead", "LEAD-GONE"), "notes", 1, note="x", added_by=GONE, added_on="2022-01-02 08:00:00")
	child("Prospect Lead", ("Prospect", "PROSPECT-GONE"), "leads", 1, lead=lead)
	child("Competitor Detail", ("Opportunity", deal), "competitors", 1, competitor="Gone Rival")
	put("Appointment", old.name("A"), customer_name="X", scheduled_time="2023-03-03 10:30:00", appointment_with="Lead",
		party="LEAD-GONE")  # fmt: skip
	doc = moved(old)
	print(rejected(doc))
	assert list(rejected(doc)) == [f"Appointment {old.name('A')}"]
	assert (record(lead).territory, record(lead).campaign, record(lead).sales_owner) == (None, None, None)
	assert here(deal).amount == 1000 or here(deal).amount == 5


def test_a_cancelled_contract_and_a_cancelled_quotation_stay_away(old):  # noqa: F811
	put(
		"Contract", old.name("C"), party_type="Customer", party_name=old.world.customer, contract_terms="x", docstatus=2
	)
	doc = moved(old)
	assert not frappe.db.exists("Sales Memo", {"subject": f"Contract {old.name('C')}"})
	assert rejected(doc) == {}


def test_industries_and_sources_that_the_database_takes_for_one(old):  # noqa: F811
	names = [old.name("Café"), old.name("Cafe"), old.name("CAFÉ")]
	leads = [old.lead(f"L{place}", industry=name, source=name) for place, name in enumerate(names)]
	doc = moved(old)
	assert rejected(doc) == {}
	assert len({record(one).industry.casefold() for one in leads}) <= 2


def test_fields_of_the_site_s_own_are_kept_as_text(old, monkeypatch):  # noqa: F811
	column = next(name for name in ("market_segment", "request_type") if frappe.get_meta("Lead").has_field(name))
	values = {"dt": "Lead", "fieldname": column, "label": "Shoe Size", "fieldtype": "Data", "is_system_generated": 0}
	put("Custom Field", f"Lead-{column}", **values)
	lead = old.lead("Own", **{column: "44 ½"})
	moved(old)
	assert "Shoe Size: 44 ½" in record(lead).message
