"""The page that tells admins who may see a document, and why."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.conftest import USERS, switch
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


def told(user: str, doc) -> tuple:
	found = api.get_access(user, doc.doctype, doc.name)
	return found["read"]["allowed"], found["write"]["allowed"], [r["text"] for r in found["read"]["reasons"]]


@pytest.fixture
def deal(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	as_user("Administrator")
	return deal


def test_a_role_lets_a_rep_see_and_change_a_deal(deal):
	read, write, why = told(REP, deal)
	assert read and write and why == ["By the role Sales User"]


def test_team_visibility_hides_and_a_share_opens(deal):
	set_apart()
	frappe.set_user("Administrator")
	read, write, why = told(REP, deal)
	assert not (read or write) and "another part of the team" in why[-1] and OTHER in why[-1]
	frappe.share.add(deal.doctype, deal.name, REP, read=1)
	read, write, why = told(REP, deal)
	assert read and not write and why[-1] == "The document is shared with the user"
	assert "part of the team" in told(OTHER, deal)[2][-1]


def test_a_user_permission_is_named(deal, world):
	from tests.site.world import customer

	permission = {"user": REP, "allow": "Customer", "for_value": customer(f"Other {world.tag}")}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	read, _write, why = told(REP, deal)
	assert not read and why[-1] == f"A User Permission refuses Customer {world.customer}"


def test_a_stranger_and_a_disabled_user_see_nothing(deal):
	assert told(USERS["stranger"][0], deal)[2] == ["No role of the user gives this right to Sales Opportunity"]
	frappe.db.set_value("User", REP, "enabled", 0)
	assert told(REP, deal)[0] is False


def test_what_a_user_sees_in_numbers_follows_the_team(deal, sale, as_user):
	before = seen(REP)
	set_apart()
	as_user("rep")
	sale.opportunity()
	frappe.set_user("Administrator")
	assert seen(REP) < before + 1
	as_user("rep")
	assert seen_now() == seen_by_admin()


def seen(user: str) -> int:
	rows = api.get_access_numbers(user)["numbers"]
	return next(row["sees"] for row in rows if row["doctype"] == "Sales Opportunity")


def seen_now() -> int:
	return len(frappe.get_list("Sales Opportunity", pluck="name", limit=0, order_by="name asc"))


def seen_by_admin() -> int:
	frappe.set_user("Administrator")
	return seen(REP)


def test_only_who_gives_rights_is_told(deal, as_user):
	for who in ("rep", "manager", "finance", "desk"):
		as_user(who)
		with refused(frappe.PermissionError):
			api.get_access(REP, deal.doctype, deal.name)
		with refused(frappe.PermissionError):
			api.get_access_numbers(REP)


def test_a_document_that_who_asks_may_not_see_is_not_explained(deal, as_user):
	"""Who gives rights for one company learns nothing of another one's deals."""
	import copy

	frappe.db.set_value("System Settings", None, "apply_strict_user_permissions", 0)
	clerk = copy.copy(USERS["stranger"][0])
	frappe.get_doc("User", clerk).add_roles("System Manager")
	as_user("stranger")
	assert told(REP, deal)[0]
	as_user("Administrator")
	permission = {"user": clerk, "allow": "Sales Opportunity", "for_value": "", "apply_to_all_doctypes": 1}
	other = frappe.copy_doc(deal).insert()
	frappe.get_doc({"doctype": "User Permission", **permission, "for_value": other.name}).insert()
	as_user("stranger")
	said = []
	for name in (deal.name, "OPP-NONE"):
		with pytest.raises(frappe.PermissionError) as error:
			api.get_access(REP, "Sales Opportunity", name)
		said.append(str(error.value).replace(name, "?"))
	assert said[0] == said[1]


SETTINGS = (
	"nothing",
	"team",
	"customer",
	"company",
	"item",
	"strict",
	"share",
	"share to write",
	"everyone",
	"creator",
	"disabled",
)


@pytest.fixture(scope="module")
def documents(ground):
	return documents_of_all_kinds(ground, switch)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_page_says_what_holds_for_many_users_and_documents(documents, world, as_user, setting):
	"""Its answer is the framework's for each user and document, its reasons lead to the answer, its numbers are those
	of the user's lists."""
	arrange(setting, documents, world)
	for who in ("rep", "other_rep", "manager", "desk", "finance", "stranger"):
		user = USERS[who][0]
		told = {}
		as_user("Administrator")
		for doc in documents:
			told[doc.doctype, doc.name] = api.get_access(user, doc.doctype, doc.name)
		counted = {row["doctype"]: row["sees"] for row in api.get_access_numbers(user)["numbers"]}
		as_user(user)
		for doc in documents:
			found = told[doc.doctype, doc.name]
			for right in ("read", "write"):
				holds = bool(frappe.has_permission(doc.doctype, right, doc=doc.name))
				if setting == "disabled" and who == "rep":
					holds = False
				assert found[right]["allowed"] == holds, (setting, who, doc.doctype, right)
				assert not any("Another rule" in r["text"] for r in found[right]["reasons"]), (
					setting,
					who,
					doc.doctype,
					found[right],
				)
		for doctype, sees in counted.items():
			assert sees == len(names_listed(doctype)), (setting, who, doctype)


def names_listed(doctype: str) -> list[str]:
	try:
		return frappe.get_list(doctype, pluck="name", limit=0, order_by="name asc")
	except frappe.PermissionError:
		return []


def documents_of_all_kinds(sale, as_user) -> list:
	world = sale.world
	made = []
	for who in ("rep", "other_rep"):
		as_user(who)
		deal = sale.opportunity(contacts=[{"contact_name": "Ines"}])
		about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
		memo = frappe.get_doc({"doctype": "Sales Memo", "subject": "Note", "memo": "Note", **about}).insert()
		call = frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "way": "Phone", **about}).insert()
		contract = sale.contract()
		made += [deal, memo, call, contract, sale.contract(submit=False), sale.request(contract)]
	as_user("manager")
	made.append(sale.cancel(sale.contract()))
	as_user("Administrator")
	nobodys = sale.opportunity()
	nobodys.db_set({"sales_owner": None, "sales_person": None})
	campaign = frappe.get_doc({"doctype": "Sales Campaign", "title": "Fair", "company": world.company}).insert()
	return [*made, nobodys, campaign]


def arrange(setting: str, documents: list, world) -> None:
	from tests.site.world import customer

	frappe.set_user("Administrator")
	deal = documents[6]
	if setting in ("team", "share", "share to write", "everyone"):
		set_apart()
	if setting in ("share", "share to write"):
		for user in (REP, USERS["stranger"][0]):
			frappe.share.add(deal.doctype, deal.name, user, read=1, write=int(setting == "share to write"))
	elif setting == "everyone":
		frappe.share.add(deal.doctype, deal.name, everyone=1, read=1)
	elif setting in ("customer", "strict"):
		allow("Customer", customer(f"50% of {world.tag}"))
		frappe.db.set_single_value("System Settings", "apply_strict_user_permissions", int(setting == "strict"))
	elif setting == "company":
		company = frappe.db.get_value("Company", {"name": ("!=", world.company)}, "name", order_by="name asc")
		allow("Company", company or world.company)
	elif setting == "item":
		allow("Item", world.filter)
	elif setting == "creator":
		from frappe.permissions import setup_custom_perms

		setup_custom_perms("Sales Opportunity")
		frappe.db.set_value("Custom DocPerm", {"parent": "Sales Opportunity", "role": "Sales User"}, "if_owner", 1)
		frappe.clear_cache(doctype="Sales Opportunity")
	elif setting == "disabled":
		frappe.db.set_value("User", REP, "enabled", 0)


def allow(doctype: str, name: str) -> None:
	for user in (REP, USERS["desk"][0]):
		frappe.get_doc({"doctype": "User Permission", "user": user, "allow": doctype, "for_value": name}).insert()
