"""Where the story takes place: the company with its books and stores, price list, items, reasons."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, add_years, getdate
from frappe.utils.nestedset import get_root_of

from crm_pipeline import install
from crm_pipeline.chain import pipelines
from crm_pipeline.core import stages
from crm_pipeline.deals import stage_gates
from crm_pipeline.demo import actors, story
from crm_pipeline.wording import bold

# What one unit of the story is in currencies of another size; 1 for all others.
SCALE = {
	"CNY": 8, "CZK": 25, "DKK": 7, "EGP": 50, "HKD": 8, "HUF": 400, "IDR": 17000, "INR": 90, "JPY": 160, "KRW": 1450,
	"MXN": 20, "NGN": 1600, "NOK": 11, "PHP": 60, "PKR": 300, "RUB": 90, "SEK": 11, "THB": 38, "TRY": 40, "TWD": 34,
	"UAH": 43, "VND": 27000, "ZAR": 20,
}  # fmt: skip


def scale() -> int:
	return SCALE.get(currency(), 1)


def currency() -> str:
	return frappe.get_cached_value("Company", story.COMPANY, "default_currency")


def refuse_taken_names() -> None:
	"""Raise a ValidationError when a record of the site has a name that the demo needs: the two would mix."""
	wanted = {
		"Company": [story.COMPANY],
		"User": actors.emails(),
		"Item": [p.code for p in story.CATALOGUE],
		"Item Group": [story.PRODUCTS, story.SERVICES],
		"Price List": [story.PRICE_LIST],
		"Payment Terms Template": [story.PAYMENT_TERMS],
		"Payment Term": [story.PAYMENT_TERMS],
		"Territory": list(story.TERRITORIES),
		"Sales Person": [story.SALES_TEAM, *(a.full_name for a in story.ACTORS if a.sells)],
		"Sales Competitor": [name for name, _strength, _weakness in story.COMPETITORS],
		"Quotation Lost Reason": [story.QUOTATION_LOST],
	}
	for doctype, names in wanted.items():
		_refuse(doctype, frappe.db.get_value(doctype, {"name": ("in", names)}, "name", order_by="name asc"))
	parties = [party.name for party in story.PARTIES]
	_refuse(
		"Customer",
		frappe.db.get_value("Customer", {"customer_name": ("in", parties)}, "name", order_by="name asc"),
	)
	_refuse("Company", frappe.db.get_value("Company", {"abbr": story.ABBR}, "name", order_by="name asc"))


def _refuse(doctype: str, name: str | None) -> None:
	if name:
		frappe.throw(_("{0} {1} is on this site already; the demo can't use that name").format(_(doctype), bold(name)))


def build(first: date, last: date) -> None:
	"""Everything else the story needs that has no date of its own. `first` and `last` are the days it covers."""
	make_fiscal_years(first, last)
	make_bank_account()
	make_masters()
	make_items()
	make_pipelines()


def make_company() -> None:
	"""A company like the site's own: same country and currency, the standard chart of accounts."""
	own = frappe.db.get_single_value("Global Defaults", "default_company") or frappe.db.get_value(
		"Company", {}, "name", order_by="creation asc"
	)
	country, money = frappe.db.get_value("Company", own, ["country", "default_currency"]) if own else (None, None)
	company = frappe.new_doc("Company")
	company.update(
		{
			"company_name": story.COMPANY,
			"abbr": story.ABBR,
			"country": country or frappe.db.get_single_value("System Settings", "country") or "United States",
			"default_currency": money or frappe.db.get_single_value("Global Defaults", "default_currency") or "USD",
			"create_chart_of_accounts_based_on": "Standard Template",
			"chart_of_accounts": "Standard",
			"enable_perpetual_inventory": 1,
		}
	)
	# As all of this file: masters of the back office, made for people who may not make such.
	company.insert(ignore_permissions=True)


def make_fiscal_years(first: date, last: date) -> None:
	"""Fiscal years for days that no year of the site covers, in the site's own rhythm and for this company only."""
	from erpnext.accounts.utils import get_fiscal_years

	begins = frappe.db.get_value(
		"Fiscal Year", {"is_short_year": 0}, "year_start_date", order_by="year_start_date desc"
	)
	begins = getdate(begins) if begins else date(last.year, 1, 1)
	day = first
	while day <= last:
		year = get_fiscal_years(day, company=story.COMPANY, boolean=True)
		if not year:
			start = begins.replace(year=day.year)
			start = start if start <= day else add_years(start, -1)
			year = ((None, None, _fiscal_year(start, add_days(add_years(start, 1), -1))),)
		day = add_days(getdate(year[0][2]), 1)


def _fiscal_year(start: date, end: date) -> date:
	"""Make a year, or join one of the same days that is meant for other companies; answers its last day."""
	same = frappe.db.get_value("Fiscal Year", {"year_start_date": start, "year_end_date": end}, "name")
	year = frappe.get_doc("Fiscal Year", same) if same else frappe.new_doc("Fiscal Year")
	if not same:
		year.update({"year": f"{start.year} {story.ABBR}", "year_start_date": start, "year_end_date": end})
	year.append("companies", {"company": story.COMPANY})
	year.save(ignore_permissions=True)
	# ERPNext 16 remembers a company's years and does not notice a new one.
	frappe.cache.delete_value("fiscal_years")
	return end


def make_bank_account() -> None:
	group = frappe.db.get_value("Account", {"company": story.COMPANY, "account_type": "Bank", "is_group": 1}, "name")
	account = frappe.new_doc("Account")
	account.update(
		{
			"account_name": "Harbour Bank",
			"parent_account": group,
			"company": story.COMPANY,
			"account_type": "Bank",
		}
	)
	account.insert(ignore_permissions=True)
	frappe.db.set_value("Company", story.COMPANY, "default_bank_account", account.name)
	frappe.clear_document_cache("Company", story.COMPANY)


def make_masters() -> None:
	_make("Price List", price_list_name=story.PRICE_LIST, currency=currency(), selling=1, enabled=1)
	terms = {"due_date_based_on": "Day(s) after invoice date", "invoice_portion": 100, "credit_days": 30}
	_make("Payment Term", payment_term_name=story.PAYMENT_TERMS, **terms)
	_make(
		"Payment Terms Template",
		template_name=story.PAYMENT_TERMS,
		terms=[{"payment_term": story.PAYMENT_TERMS, **terms}],
	)
	for territory in story.TERRITORIES:
		_make("Territory", territory_name=territory, parent_territory=get_root_of("Territory"))
	for group in (story.PRODUCTS, story.SERVICES):
		_make("Item Group", item_group_name=group, parent_item_group=get_root_of("Item Group"))
	for name, strengths, weaknesses in story.COMPETITORS:
		_make("Sales Competitor", competitor_name=name, strengths=strengths, weaknesses=weaknesses)
	_make("Quotation Lost Reason", order_lost_reason=story.QUOTATION_LOST)
	reasons = {row[0] for row in (*story.LOST, *story.DISQUALIFIED)} | set(story.REJECTED)
	for reason in sorted(reasons):
		if not frappe.db.exists("Sales Lost Reason", reason):
			_make("Sales Lost Reason", reason=reason)


def kind_of(party: story.Party) -> dict:
	"""Customer group and industry of a party, as far as the site has them."""
	found = {
		"customer_group": _shipped("Customer Group", party.group),
		"industry": _shipped("Industry Type", party.industry),
	}
	return {field: value for field, value in found.items() if value}


def _shipped(doctype: str, name: str) -> str | None:
	"""What ERPNext's set-up made under an English name, in the language that the site was set up in; None where the site has
	it no more, or keeps others below it."""
	language = frappe.db.get_single_value("System Settings", "language")
	for called in dict.fromkeys((name, _(name, lang=language))):
		is_group = frappe.db.get_value(doctype, called, "is_group") if _is_tree(doctype) else 0
		if frappe.db.exists(doctype, called) and not is_group:
			return called
	return None


def _is_tree(doctype: str) -> bool:
	return bool(frappe.get_meta(doctype).is_tree)


def price_lists() -> list[str]:
	"""The demo's own, and the one that a customer gets who is made while the demo is looked at."""
	usual = frappe.db.get_single_value("Selling Settings", "selling_price_list")
	if usual and frappe.db.get_value("Price List", usual, ["enabled", "currency"]) == (1, currency()):
		return [story.PRICE_LIST, usual]
	return [story.PRICE_LIST]


def make_items() -> None:
	lists = price_lists()
	unit = frappe.db.get_single_value("Stock Settings", "stock_uom") or frappe.db.get_value(
		"UOM", {"enabled": 1}, "name", order_by="name asc"
	)
	for product in story.CATALOGUE:
		item = _make(
			"Item",
			item_code=product.code,
			item_name=product.name,
			item_group=story.PRODUCTS if product.stocked else story.SERVICES,
			stock_uom=unit,
			is_stock_item=1 if product.stocked else 0,
			item_defaults=[{"company": story.COMPANY, "default_warehouse": warehouse()}],
		)
		for price_list in lists:
			_make(
				"Item Price",
				item_code=item.name,
				price_list=price_list,
				price_list_rate=product.price * scale(),
				uom=unit,
			)


def warehouse() -> str:
	"""The company's first real warehouse: its stores."""
	return frappe.db.get_value(
		"Warehouse",
		{"company": story.COMPANY, "is_group": 0, "warehouse_type": ("is", "not set")},
		"name",
		order_by="lft asc",
	)


def make_pipelines() -> None:
	"""The site's default pipelines serve where the story fits them; else the company gets the standard ones as its own."""
	for name, (applies_to, rows) in install.PIPELINES.items():
		if _fits(pipelines.default_pipeline(applies_to, story.COMPANY)):
			continue
		own = f"{story.ABBR} {name}"
		_make("Sales Pipeline", pipeline_name=own, applies_to=applies_to, company=story.COMPANY, is_default=1)
		for position, (key, label, kind, probability, category, dwell, color) in enumerate(rows, start=1):
			_make(
				"Pipeline Stage", pipeline=own, stage_key=key, label=label, position=position * 10, stage_type=kind,
				probability=probability, forecast_category=category, expected_dwell_days=dwell, color=color,
			)  # fmt: skip


def _fits(pipeline: str | None) -> bool:
	if not pipeline or set(pipelines.steps_of(pipeline).values()) != {"Optional"} or stage_gates.gates_of(pipeline):
		return False
	found = pipelines.stages_of(pipeline)
	kinds = (stages.OPEN, stages.WON, stages.LOST)
	return all(stages.first_of_type(found, kind) for kind in kinds) and pipelines.rules_of(pipeline).allow_skip


def _make(doctype: str, **values):
	doc = frappe.new_doc(doctype)
	doc.update(values)
	return doc.insert(ignore_permissions=True)
