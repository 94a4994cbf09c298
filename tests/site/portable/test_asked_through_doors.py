"""Endpoints hand on everything that they were asked with: page, period, kinds, company, filters, currency."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import figure_documents, workspace_numbers
from crm_pipeline.chain import finding
from crm_pipeline.costs import cost_gate
from tests.site import rows
from tests.site.conftest import USERS, forget_documents
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


def memo(world, at: str, title: str = "Noted") -> str:
	doc = {"doctype": "Sales Activity", "subject": title, "way": "Phone", "customer": world.customer, "starts_on": at}
	return frappe.get_doc(doc).insert().name


def test_a_timeline_is_of_the_days_and_kinds_that_were_asked_for_and_goes_on_where_it_ended(
	sale, world, as_user, monkeypatch
):
	as_user("rep")
	made = [memo(world, f"2031-03-0{day} 09:00:00") for day in (1, 2, 3, 4)]
	deal = sale.opportunity()

	def shown(**asked) -> list[str]:
		asked = {"kinds": ["activity"], "from_date": "2031-01-01", **asked}
		return [row["name"] for row in api.get_customer_timeline("Customer", world.customer, **asked)["rows"]]

	assert shown() == made[::-1]
	assert shown(from_date="2031-03-02") == made[:0:-1], "the first day counts"
	assert shown(from_date="2031-03-02", to_date="2031-03-03") == [made[2], made[1]], "so does the last one"
	assert deal.name in shown(kinds=["opportunity"], from_date=None) and made[0] not in shown(kinds=["opportunity"])
	assert shown(place=["2031-03-03 09:00:00", "activity", made[2]]) == [made[1], made[0]]


def test_a_timeline_of_a_company_leaves_out_what_belongs_to_another_one(sale, world, as_user):
	as_user("rep")
	deal = sale.opportunity()
	other = rows.bare_deal(world, "Abroad", company="Nowhere Ltd", opened_on=nowdate())
	names = lambda **asked: {  # noqa: E731
		row["name"]
		for row in api.get_customer_timeline("Customer", world.customer, kinds=["opportunity"], **asked)["rows"]
	}
	assert names() == {deal.name, other} and names(company=world.company) == {deal.name}


def test_the_documents_of_a_contract_come_in_pages(sale, world, as_user, monkeypatch):
	as_user("Administrator")
	contract = sale.contract()
	source = {"crm_source_type": "Sales Contract", "crm_source_name": contract.name}
	orders = [
		rows.order(world, net, transaction_date=add_days(nowdate(), place), **source)
		for place, net in enumerate((100, 200, 300))
	]
	monkeypatch.setattr(figure_documents, "PAGE", 2)
	pages = [api.get_documents_of_contract(contract.name, "ordered", start) for start in (0, 2, 4)]
	assert [[one["name"] for one in page["documents"]] for page in pages] == [orders[:2], orders[2:], []]
	assert [page["total"] for page in pages] == [3, 3, 3]


def test_a_number_of_a_workspace_is_of_the_company_that_was_chosen(world, as_user, monkeypatch):
	other = rows.row("Company", name=f"Second {world.tag}", default_currency=world.currency, docstatus=0)
	here, there = rows.bare_deal(world, "Here", base_amount=9e9), rows.bare_deal(world, "There", company=other)
	as_user("manager")

	def shown(**asked) -> set[str]:
		found = api.get_documents_of_number("manager", "open", **asked)["documents"]
		return {row["name"] for row in found} & {here, there}

	assert shown(company=world.company) == {here} and shown(company=other) == {there}
	asked = []
	monkeypatch.setattr(workspace_numbers, "documents_of", lambda *about: asked.append(about))
	api.get_documents_of_number("", "open", other, 20)
	api.get_documents_of_number("rep", "won", world.company)
	assert asked == [("manager", "open", other, 20), ("rep", "won", world.company, 0)]


# ---- the cost gate


def test_a_gate_that_is_off_has_no_floor_and_nobody_to_override_it(site, as_user):
	settings = {"cost_gate": "Off", "margin_floor": 25, "margin_override_role": "Sales Manager"}
	for field, value in settings.items():
		frappe.db.set_single_value("CRM Pipeline Settings", field, value)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("manager")
	assert cost_gate.may_override() and api.get_cost_gate() == {"on": False, "floor": None, "may_override": False}


# ---- finding


def test_a_link_field_offers_what_its_filters_leave_as_the_form_wants_it(world, as_user):
	as_user("rep")
	first, second = (rows.bare_deal(world, key, title=f"Cranes {world.tag}", sales_owner=REP) for key in ("A", "B"))

	def offered(**asked) -> list:
		asked = {"txt": f"Cranes {world.tag}", "searchfield": "name", "start": 0, "page_len": 9, **asked}
		return api.search_documents("Sales Opportunity", **asked)

	assert {row[0] for row in offered()} == {first, second}
	assert [row[0] for row in offered(filters={"name": first})] == [first]
	assert [row[0] for row in offered(filters=[["Sales Opportunity", "name", "=", second]])] == [second]
	assert offered(filters={"name": first}, as_dict=1)[0]["title"] == f"Cranes {world.tag}"
	assert len(offered(page_len=1)) == 1 and offered(start=1) == offered()[1:]


@pytest.fixture
def colleagues(world):
	"""Users of one name: two work here, one left, one is a customer's."""
	made = {}
	for key, name, values in (
		("b", "Zed", {}),
		("a", "Zed Young", {}),
		("left", "Zed Left", {"enabled": 0}),
		("guest", "Zed Guest", {"user_type": "Website User"}),
	):
		name, email = f"{world.tag} {name}", f"{key}-{world.tag}@finders.example"
		values = {"enabled": 1, "user_type": "System User", "full_name": name, "first_name": name, **values}
		made[key] = rows.row("User", name=email, email=email, docstatus=0, **values)
	return made


def test_a_link_to_a_user_offers_who_works_here_by_name_or_address(world, colleagues):
	asked = {"doctype": "User", "searchfield": "name"}
	found = lambda txt, start=0, page_len=9: [  # noqa: E731
		row[0] for row in api.search_users(**asked, txt=txt, start=start, page_len=page_len)
	]
	both = [colleagues["b"], colleagues["a"]]
	assert found(world.tag) == both, "in the order of their names, not of their addresses"
	assert found(f"{world.tag} zed y") == [colleagues["a"]] and found(f"b-{world.tag}@find") == [colleagues["b"]]
	assert found(world.tag, start=1) == both[1:] and found(world.tag, page_len=1) == both[:1]
	assert found(f"nobody {world.tag}") == []
	assert api.search_users(**asked, txt=f"b-{world.tag}", start=0, page_len=5) == [
		(colleagues["b"], f"{world.tag} Zed")
	]


def test_a_link_to_a_user_offers_ten_where_no_number_is_asked_for(world):
	for n in range(12):
		email = f"{n}-{world.tag}@many.example"
		rows.row(
			"User", name=email, email=email, full_name=f"Many {n:02}", enabled=1, user_type="System User", docstatus=0
		)
	assert len(finding.users(world.tag, 0, 0)) == 10 and len(finding.users(world.tag, 0, 11)) == 11
	assert len(finding.users(world.tag, 10, 0)) == 2


def test_a_link_to_a_user_keeps_to_the_reader_s_user_permissions(world, as_user, colleagues):
	allowed = {"user": OTHER, "allow": "User", "for_value": colleagues["a"]}
	frappe.get_doc({"doctype": "User Permission", "apply_to_all_doctypes": 1, **allowed}).insert()
	for user in (REP, OTHER):
		rows.row("Has Role", docstatus=0, parent=user, parenttype="User", parentfield="roles", role="System Manager")
	forget_documents()
	as_user("other_rep")
	assert [row[0] for row in finding.users(world.tag, 0, 9)] == [colleagues["a"]]
	as_user("rep")
	assert [row[0] for row in finding.users(world.tag, 0, 9)] == [colleagues["b"], colleagues["a"]]


def test_who_may_not_choose_users_is_offered_none(world, as_user, colleagues):
	as_user("Guest")
	with refused(frappe.PermissionError):
		api.search_users("User", world.tag, "name", 0, 9)
