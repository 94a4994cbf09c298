"""Stores products, agents and accounts as ERPNext's own records. What is there already is left as it is.

Rows are few, so each is inserted as a document: ERPNext's rules and an admin's own apply, and a row they
refuse is rejected with their words.
"""

from collections.abc import Callable

import frappe
from frappe import _

from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.masters import Account, Agent, Master, Masters, Product, Reject
from crm_pipeline.importer.site import DOCTYPES, Site, root_of
from crm_pipeline.importer.tables import Table
from crm_pipeline.relations import customer_relations
from crm_pipeline.wording import text_of

# Each is stored in this order: a deal needs all three.
ORDER = (("products", "product"), ("agents", "agent"), ("accounts", "account"))


def store(
	masters: Masters,
	tables: dict[str, Table],
	site: Site,
	reject: Reject,
	progress: Callable[[str, int, int], None],
) -> dict[str, int]:
	"""Insert what is missing, each record in its own transaction. Answers how many were new, by table."""
	made = {}
	for table, kind in ORDER:
		if table in tables:
			made[table] = _store_table(masters, tables[table], table, kind, site, reject, progress)
	whole_transaction(_set_parents)(masters, site)
	frappe.db.commit()  # a load commits chunk by chunk - nosemgrep
	return made


def _store_table(masters, table: Table, name: str, kind: str, site: Site, reject: Reject, progress) -> int:
	make = {"products": _make_product, "agents": _make_agent, "accounts": _make_account}[name]
	records = getattr(masters, name)
	made, total = 0, len(records)
	for count, (key, (record, row)) in enumerate(list(records.items()), start=1):
		try:
			account = kind == "account"
			found = _found(record, kind, masters, site)
			if not found:
				new = _whole(make, record, site)
				site.remember(kind, record.handle, new)
				if account:
					site.remember_tax_id(new, record.tax_id)
				made += 1
			elif kind == "product":
				_whole(_make_price, record, found, site)
			if found and (record.source_id or kind != "agent"):
				site.remember(kind, record.handle, found)
			if found and record.source_id:
				_whole(source_ids.keep, site.mapping.source, DOCTYPES[kind], record.source_id, found)
		except (frappe.ValidationError, frappe.NameError) as error:
			reject(table, row, [f"{row.columns[kind]}: {text_of(str(error))}"])
			del records[key]
		progress(name.title(), count, total)
	return made


def _found(record: Master, kind: str, masters: Masters, site: Site) -> str | None:
	"""The record of the site that this one is: by its id, else by tax id or name, unless that is another id's."""
	table = f"{kind}s"
	if not record.source_id:
		return site.account_of(record.name, record.tax_id) if kind == "account" else getattr(site, kind)(record.name)
	known = getattr(site, kind)(record.handle)
	if known:
		return known
	if masters.several(table, record.name) or site.ambiguous(kind, record.name):
		free = source_ids.unclaimed(site.mapping.source, DOCTYPES[kind], site.named(kind, record.name))
		if free:
			frappe.throw(
				_("{0} is called {1} here, and several records of the file are").format(", ".join(free), record.name)
			)
		return None
	return site.account_of(record.name, record.tax_id) if kind == "account" else getattr(site, kind)(record.name)


def _whole(make: Callable, *args) -> str:
	"""A record is made whole, with its group, price and so on, or not at all: in a transaction of its own, which is
	tried again when it loses a race."""
	try:
		made = whole_transaction(make)(*args)
	except Exception:
		frappe.db.rollback()
		frappe.clear_messages()
		raise
	frappe.db.commit()  # a load commits record by record here - nosemgrep
	return made


def _make_product(product: Product, site: Site) -> str:
	item = _insert(
		"Item",
		item_code=_free("Item", product),
		item_name=product.name,
		item_group=_group("Item Group", product.group) if product.group else site.item_group,
		stock_uom=site.uom,
		is_stock_item=int(site.mapping.defaults.get("stock_items", True)),
	)
	_make_price(product, item, site)
	return _kept(product, "Item", item, site)


def _free(doctype: str, record: Master) -> str:
	"""A name for a record whose own is that of another id."""
	taken = record.source_id and frappe.db.exists(doctype, record.name)
	return f"{record.name} ({record.source_id})" if taken else record.name


def _kept(record: Master, doctype: str, name: str, site: Site) -> str:
	"""Keeps the id of a new record, in the transaction that makes it."""
	if record.source_id or site.sales_import:
		record_id = record.source_id or f"name {record.key}"
		source_ids.keep(site.mapping.source, doctype, record_id, name, site.sales_import)
	return name


def _insert(doctype: str, **values) -> str:
	"""Insert a record by the framework, with all the checks and events of its type; answers its name."""
	return frappe.get_doc({"doctype": doctype, **values}).insert().name


def _make_price(product: Product, item: str, site: Site) -> None:
	"""The list price of an Item that has none in the price list yet."""
	if product.price is None or not site.price_list:
		return
	if frappe.db.exists("Item Price", {"item_code": item, "price_list": site.price_list}):
		return
	_insert("Item Price", item_code=item, price_list=site.price_list, price_list_rate=float(product.price))


def _make_agent(agent: Agent, site: Site) -> str:
	root = root_of("Sales Person")
	region = _person(agent.region, root, is_group=True) if agent.region else root
	manager = _person(agent.manager, region, is_group=True) if agent.manager else region
	name = _person(_free("Sales Person", agent), manager, is_group=False)
	if agent.email and frappe.db.exists("User", agent.email):
		frappe.db.set_value("Sales Person", name, "crm_user", frappe.db.get_value("User", agent.email, "name"))
	return _kept(agent, "Sales Person", name, site)


def _person(name: str, parent: str, is_group: bool) -> str:
	"""The node of that name wherever it stands, or a new one below `parent`."""
	found = frappe.db.get_value("Sales Person", {"sales_person_name": name}, ["name", "is_group"], as_dict=True)
	if not found:
		values = {"sales_person_name": name, "parent_sales_person": parent, "is_group": int(is_group), "enabled": 1}
		return _insert("Sales Person", **values)
	if is_group and not found.is_group:
		# A seller who manages others now.
		frappe.db.set_value("Sales Person", found.name, "is_group", 1)
	return found.name


def _make_account(account: Account, site: Site) -> str:
	name = _insert(
		"Customer",
		customer_name=account.name,
		customer_type="Company",
		customer_group=site.customer_group,
		territory=_group("Territory", account.country) if account.country else site.territory,
		industry=_industry(account.industry) if account.industry else None,
		website=account.website or None,
		tax_id=account.tax_id or None,
		customer_details=account.details or None,
	)
	return _kept(account, "Customer", name, site)


def _industry(name: str) -> str:
	found = frappe.db.get_value("Industry Type", name, "name")
	return found or _insert("Industry Type", industry=name)


def _group(doctype: str, name: str) -> str:
	"""A leaf of the Item Group or Territory tree, made below the root where it is missing."""
	found = frappe.db.get_value(doctype, name, "name")
	if found:
		return found
	fieldname = frappe.scrub(doctype)
	return _insert(doctype, **{f"{fieldname}_name": name, f"parent_{fieldname}": root_of(doctype), "is_group": 0})


def _set_parents(masters: Masters, site: Site) -> None:
	"""Parent companies, once all accounts are there. One that somebody set by hand is kept."""
	for account, _row in masters.accounts.values():
		if not account.parent:
			continue
		above = masters.find("accounts", account.parent) or account.parent
		customer, parent = site.account(account.handle), site.account(above)
		if customer and parent and not frappe.db.get_value("Customer", customer, "crm_parent_customer"):
			frappe.db.set_value("Customer", customer, "crm_parent_customer", parent)
			customer_relations.give_relation(customer)
