"""A company and two customers with everything that ERPNext's form scripts look at when a document is made by hand."""

import frappe


def build(world) -> None:
	"""Adds to the world of tests/site/world.py. `world.customer` has records of its own for everything, and a tax
	rule; `world.plain` has what its group and the company give."""
	world.country = frappe.db.get_value("Company", world.company, "country")
	world.home, world.export = tax_template(world, "Home", 19, is_default=1), tax_template(world, "Export", 3)
	world.reduced = item_tax_template(world)
	# In Desk it was to the cent; a currency that names no smallest coin is rounded to the whole.
	frappe.db.set_value("Currency", world.currency, "smallest_currency_fraction_value", 0.01)
	_company(world)
	_masters(world)
	_customers(world)
	for item in (world.pump, world.filter):
		_insert("Item Price", item_code=item, price_list=world.price_list_of_group, price_list_rate=90, uom="Nos")
	pump = frappe.get_doc("Item", world.pump)
	pump.append("taxes", {"item_tax_template": world.reduced})
	pump.save()


def _insert(doctype: str, **values):
	return frappe.get_doc({"doctype": doctype, **values}).insert()


def tax_account(world, name: str) -> str:
	parent = frappe.db.get_value(
		"Account",
		{"company": world.company, "is_group": 1, "root_type": "Liability", "account_name": "Duties and Taxes"},
	) or frappe.db.get_value("Account", {"company": world.company, "is_group": 1, "root_type": "Liability"})
	name = f"{name} {world.tag}"
	found = frappe.db.get_value("Account", {"company": world.company, "account_name": name})
	return (
		found
		or _insert("Account", account_name=name, parent_account=parent, account_type="Tax", company=world.company).name
	)


def tax_template(world, name: str, rate: float, **values) -> str:
	row = {"charge_type": "On Net Total", "account_head": tax_account(world, "VAT"), "description": name, "rate": rate}
	return _insert(
		"Sales Taxes and Charges Template", title=f"{name} {world.tag}", company=world.company, taxes=[row], **values
	).name


def item_tax_template(world) -> str:
	return _insert(
		"Item Tax Template",
		title=f"Reduced {world.tag}",
		company=world.company,
		taxes=[{"tax_type": tax_account(world, "VAT"), "tax_rate": 7}],
	).name


def address(world, title: str, party: tuple[str, str], **values) -> str:
	return _insert(
		"Address",
		address_title=f"{title} {world.tag}",
		address_line1=f"{title} Street 1",
		city=title,
		country=world.country,
		links=[{"link_doctype": party[0], "link_name": party[1]}],
		**{"address_type": "Billing", **values},
	).name


def contact(world, first_name: str, customer: str, primary=1) -> str:
	mail = f"{first_name.lower()}@{world.tag}.example"
	return _insert(
		"Contact",
		first_name=first_name,
		last_name=world.tag,
		is_primary_contact=primary,
		email_ids=[{"email_id": mail, "is_primary": 1}],
		phone_nos=[
			{"phone": "+49 30 123456", "is_primary_phone": 1},
			{"phone": "+49 170 654321", "is_primary_mobile_no": 1},
		],
		links=[{"link_doctype": "Customer", "link_name": customer}],
	).name


def terms_template(world, name: str, *days: int) -> str:
	"""A Payment Terms Template with equal parts that fall due so many days after the document."""
	rows = []
	for n, days_after in enumerate(days):
		term = _insert(
			"Payment Term",
			payment_term_name=f"{name} {n} {world.tag}",
			invoice_portion=100 / len(days),
			due_date_based_on="Day(s) after invoice date",
			credit_days=days_after,
		)
		fields = ("invoice_portion", "due_date_based_on", "credit_days")
		rows.append({"payment_term": term.name, **{field: term.get(field) for field in fields}})
	return _insert("Payment Terms Template", template_name=f"{name} {world.tag}", terms=rows).name


def _company(world) -> None:
	for name in ("Standard", "Special"):
		_insert(
			"Terms and Conditions",
			title=f"{name} {world.tag}",
			terms=f"{name} terms for {{{{ customer_name }}}}",
			selling=1,
		)
	letter_head = _insert("Letter Head", letter_head_name=f"Letter {world.tag}", content="We", source="HTML").name
	frappe.db.set_value(
		"Company",
		world.company,
		{"default_selling_terms": f"Standard {world.tag}", "default_letter_head": letter_head, "payment_terms": None},
	)
	frappe.clear_document_cache("Company", world.company)
	address(world, "Works", ("Company", world.company), is_your_company_address=1, is_primary_address=1)


def _masters(world) -> None:
	world.tax_category = _insert("Tax Category", title=f"Abroad {world.tag}").name
	world.price_list_of_group = _insert(
		"Price List", price_list_name=f"Retail {world.tag}", selling=1, currency=world.currency
	).name
	world.net30, world.parts = terms_template(world, "Net", 30), terms_template(world, "Parts", 10, 40)
	world.group = _insert(
		"Customer Group",
		customer_group_name=f"Retail {world.tag}",
		parent_customer_group=frappe.db.get_value(
			"Customer Group", {"is_group": 1, "parent_customer_group": ("in", ("", None))}
		),
		default_price_list=world.price_list_of_group,
		payment_terms=world.net30,
	).name
	root = frappe.db.get_value("Sales Person", {"is_group": 1}, "name")
	world.seller = _insert("Sales Person", sales_person_name=f"Seller {world.tag}", parent_sales_person=root).name
	world.partner = _insert(
		"Sales Partner",
		partner_name=f"Partner {world.tag}",
		commission_rate=4,
		territory=frappe.db.get_value("Territory", {"is_group": 0}, "name"),
	).name


def _customers(world) -> None:
	from tests.site.world import customer

	world.plain = customer(f"Plain {world.tag}", customer_group=world.group)
	world.customer = customer(
		f"Rich {world.tag}",
		customer_group=world.group,
		tax_category=world.tax_category,
		payment_terms=world.parts,
		language="de",
		default_sales_partner=world.partner,
		default_commission_rate=5,
		sales_team=[{"sales_person": world.seller, "allocated_percentage": 100}],
		tax_id=f"DE{world.tag}",
	)
	for name in (world.plain, world.customer):
		first = name.split()[0]
		address(world, f"{first} Billing", ("Customer", name), is_primary_address=1)
		address(world, f"{first} Shipping", ("Customer", name), address_type="Shipping", is_shipping_address=1)
		contact(world, f"{first}Contact", name)
	_insert(
		"Tax Rule",
		tax_type="Sales",
		customer=world.customer,
		tax_category=world.tax_category,
		sales_tax_template=world.export,
		company=world.company,
		from_date="2001-01-01",
		priority=1,
	)
