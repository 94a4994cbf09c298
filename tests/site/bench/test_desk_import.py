# ruff: noqa: F811
"""Import in Desk: files that a user may not read, items, currencies."""

import frappe

from tests.site.portable.test_desk_import import IMPORT, LEAD, company, imported, run  # noqa: F401
from tests.site.world import refused


def test_nobody_imports_another_s_file(imported, as_user):
	theirs = imported("Company\nX TAG\n", by="manager")
	as_user("rep")
	with refused(match="the file .* is not there"):
		frappe.get_doc({"doctype": IMPORT, "file": theirs.file, "document_type": LEAD, "company": company()}).insert()


def test_rows_of_one_deal_are_its_items_and_the_report_counts_rows(imported):
	text = (
		"ID,Name,Stage,Account,Product,Quantity,Price\n"
		"1,Two TAG,Proposal,For TAG,TAG P,2,10\n2,One TAG,Proposal,For TAG,TAG P,1,7\n1,Two TAG,Proposal,For TAG,TAG V,3,10\n"
	)  # fmt: skip
	for item in ("P", "V"):
		values = {"item_code": f"{imported.tag} {item}", "item_group": "All Item Groups", "stock_uom": "Nos"}
		frappe.get_doc({"doctype": "Item", **values, "is_stock_item": 0, "is_sales_item": 1}).insert()
	doc = run(imported(text, "Sales Opportunity"))
	assert (doc.rows_total, doc.rows_stored, doc.rows_already, doc.rows_rejected) == (3, 3, 0, 0), doc.message
	filters = {"title": ("like", f"%{imported.tag}")}
	amounts = frappe.get_all("Sales Opportunity", filters=filters, pluck="amount", order_by="title")
	assert amounts == [7, 50]


def test_rows_in_a_currency_without_a_rate_are_rejected_and_no_others(imported, monkeypatch):
	# Whatever service ERPNext would ask for a rate, it knows none.
	monkeypatch.setattr("erpnext.setup.utils.get_exchange_rate", lambda *asked, **more: 0)
	own = frappe.get_cached_value("Company", company(), "default_currency")
	other = next(name for name in ("CHF", "JPY") if name != own)
	text = "Name,Stage,Account,Amount,Currency\n" + "".join(
		f"{name} TAG,Proposal,For TAG,5,{code}\n" for name, code in (("A", own), ("B", other), ("C", other))
	)
	doc = run(imported(text, "Sales Opportunity"))
	assert (doc.rows_stored, doc.rows_rejected) == (1, 2), doc.message
	assert (
		f"there is no exchange rate for {other}"
		in frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	)
