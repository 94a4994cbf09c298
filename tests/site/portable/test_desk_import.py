"""Import in Desk: columns guessed, a preview that names each bad row, run in chunks, stopped, gone on with, undone.

A run commits; what it made is removed here.
"""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.importer import desk_import, import_check
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.plain_records import MASTERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

IMPORT, LEAD, PROSPECT = "Sales Import", "Sales Lead", "Sales Prospect"


def company() -> str:
	return frappe.db.get_value("Company", {"name": ("not like", "%Demo%")}, "name", order_by="creation asc")


@pytest.fixture
def imported(site, as_user, monkeypatch):
	"""imported(text, doctype, **values) is a Sales Import of a private file, made by `by`; imported.tag is in every name."""
	as_user("Administrator")
	HOST.plain_records(monkeypatch, *MASTERS)
	tag = f"D{frappe.generate_hash(length=6)}"
	made, files = [], []
	before = set(frappe.get_all(PROSPECT, pluck="name", order_by="name asc"))

	def make(text, document_type=LEAD, by="manager", private=1, name="list.csv", **values):
		as_user(by)
		content = text.replace("TAG", tag) if isinstance(text, str) else text
		file = frappe.get_doc(
			{"doctype": "File", "file_name": f"{tag}-{name}", "is_private": private, "content": content}
		)
		files.append(file.insert())
		doc = frappe.get_doc(
			{"doctype": IMPORT, "file": file.file_url, "document_type": document_type, "company": company(), **values}
		)
		made.append(doc.insert())
		return doc

	make.tag = tag
	yield make
	frappe.db.rollback()
	as_user("Administrator")
	remove(tag, made, files)
	# Deals of an import bring prospects: those of unknown accounts, and one for deals without any.
	for name in set(frappe.get_all(PROSPECT, pluck="name", order_by="name asc")) - before:
		frappe.delete_doc(PROSPECT, name, **HOST.by_force)
	# What was committed is gone.
	frappe.db.commit()


def remove(tag, made, files) -> None:
	for doctype, field in (
		("Sales Opportunity", "title"),
		("Contact", "last_name"),
		(LEAD, "prospect_name"),
		(PROSPECT, "prospect_name"),
		("Sales Campaign", "title"),
		("Sales Activity", "subject"),
		("Sales Memo", "memo"),
	):
		names = frappe.get_all(doctype, filters={field: ("like", f"%{tag}%")}, pluck="name", order_by="name asc")
		for name in names:
			frappe.delete_doc(doctype, name, **HOST.by_force)
	for doctype in ("Customer", "Item", "Sales Channel", "Industry Type", "Sales Lost Reason"):
		frappe.db.delete(doctype, {"name": ("like", f"%{tag}%")})
	for doc in made:
		frappe.db.delete("Imported Record", {"sales_import": doc.name})
		for child in ("Sales Import Column", "Sales Import Value"):
			frappe.db.delete(child, {"parent": doc.name})
		for file in frappe.get_all("File", filters={"attached_to_name": doc.name}, pluck="name", order_by="name asc"):
			frappe.delete_doc("File", file, **HOST.by_force)
		frappe.db.delete(IMPORT, {"name": doc.name})
	for file in files:
		if frappe.db.exists("File", file.name):
			frappe.delete_doc("File", file.name, **HOST.by_force)
	# What was committed is gone.
	frappe.db.commit()


def run(doc):
	"""Start it, and do at once what the queue would do."""
	doc.reload()
	api.start_import(doc.name)
	frappe.db.commit()
	if doc.reload().status == "Queued":
		desk_import.run(doc.name)
	return doc.reload()


def of(tag, doctype=LEAD, *fields):
	return frappe.get_all(
		doctype, filters={"prospect_name": ("like", f"%{tag}%")}, fields=["name", "prospect_name", *fields],
		order_by="prospect_name asc",
	)  # fmt: skip


LIST = (
	"Firma;E-Mail;Telefon;Quelle;Created On;Lead Status\n"
	"Acme TAG;ann@TAG.example;+49 30 901820;Fair TAG;2021-03-04;\n"
	"Bluth TAG;bob@;;Fair TAG;2021-03-05;\n"
	"Corp TAG;;;Web TAG;2021-04-01;converted\n"
	"Dyn TAG;ANN@TAG.example;;;;\n"
	"=cmd();not a mail;;;;\n"
)


def test_a_list_is_in_with_its_days_channels_and_each_bad_row_named(imported):
	doc = imported(LIST)
	assert {row.column_name: row.field for row in doc.columns} == {
		"Firma": "company_name", "E-Mail": "email", "Telefon": "phone", "Quelle": "channel", "Created On": "created_on",
		"Lead Status": "status",
	}  # fmt: skip
	assert doc.columns[0].sample == f"Acme {imported.tag}"
	found = api.preview_import(doc.name)
	assert (found["rows"], found["usable"], found["already"], found["rejected"]) == (5, 2, 0, 3)
	assert found["lines"][0] == {"line": 3, "reasons": 'E-Mail: "bob@" is not an e-mail address'}
	assert of(imported.tag) == [], "a preview stores nothing"
	run(doc)
	assert (doc.status, doc.rows_total, doc.rows_stored, doc.rows_already, doc.rows_rejected) == ("Done", 5, 2, 0, 3)
	acme, corp = of(imported.tag, LEAD, "creation", "status", "channel", "phone", "email_id", "match_phone")
	assert (str(acme.creation)[:10], acme.status, acme.channel) == ("2021-03-04", "New", f"Fair {imported.tag}")
	assert (acme.email_id, acme.phone, acme.match_phone[-8:]) == (
		f"ann@{imported.tag.lower()}.example",
		"+49 30 901820",
		"30901820",
	)
	assert (corp.status, str(corp.creation)[:10]) == ("Converted", "2021-04-01")
	march = {
		"company": company(),
		"from_date": "2021-03-01",
		"to_date": "2021-03-31",
		"channel": f"Fair {imported.tag}",
	}
	assert api.get_funnel_outline(march)["leads"] == {"entered": 1, "advanced": 0, "lost": 0, "here": 1}


def test_the_same_file_again_stores_nothing_twice_and_a_mended_file_adds_what_was_rejected(imported):
	run(imported(LIST, source="List"))
	again = imported(LIST, source="List")
	assert api.preview_import(again.name)["already"] == 2
	assert (run(again).rows_stored, again.rows_already) == (0, 2)
	mended = run(imported(LIST.replace("bob@;", "bob@TAG.example;"), source="List"))
	assert (mended.rows_stored, mended.rows_already, mended.rows_rejected) == (1, 2, 2)
	other = imported("Company,Mail\nAcme Two TAG,ann@TAG.example\n", columns=[])
	assert api.preview_import(other.name)["already"] == 1, "by e-mail she is there already"


@pytest.mark.parametrize(
	("choice", "phone", "stored"), [("Fill Gaps", "+49 30 901820", 0), ("Overwrite", "+49 30 901821", 0)]
)
def test_who_is_there_already_is_completed_or_written_over(imported, choice, phone, stored):
	run(imported(LIST))
	doc = imported("Company,Mail,Phone,Title\nAcme TAG,ann@TAG.example,+49 30 901821,x\n", duplicates=choice)
	doc.columns[3].field = "designation"
	doc.save()
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_already, doc.message) == ("Done", stored, 1, None)
	[acme] = [lead for lead in of(imported.tag, LEAD, "phone", "designation") if lead.prospect_name.startswith("Acme")]
	assert (acme.phone, acme.designation) == (phone, "x")


def test_who_may_be_there_already_is_asked_about(imported):
	run(imported(LIST))
	doc = run(imported("Company,Mail\nAcme TAG,ann@TAG.example\nNew TAG,new@TAG.example\n", duplicates="Ask"))
	assert (doc.rows_stored, doc.rows_rejected) == (1, 1)


def test_values_are_mapped_and_columns_are_remembered_from_earlier_imports(imported):
	text = "Who are they,Stand,From\nAcme TAG,cold,fairs TAG\n"
	doc = imported(text)
	assert [row.field for row in doc.columns] == [None] * 3 or [row.field or None for row in doc.columns] == [None] * 3
	for row, field in zip(doc.columns, ("company_name", "status", "channel"), strict=True):
		row.field = field
	doc.save()
	assert api.preview_import(doc.name)["unknown"] == [{"field": "status", "value": "cold", "rows": 1}]
	doc.append("value_rows", {"field": "status", "file_value": "cold", "meaning": "Contacted"})
	doc.append(
		"value_rows",
		{"field": "channel", "file_value": "Fairs TAG".replace("TAG", imported.tag), "meaning": f"Fair {imported.tag}"},
	)
	doc.save()
	run(doc)
	[lead] = of(imported.tag, LEAD, "status", "channel")
	assert (lead.status, lead.channel) == ("Contacted", f"Fair {imported.tag}")
	again = imported(text.replace("Acme", "Other"))
	assert [row.field for row in again.columns] == ["company_name", "status", "channel"]


def test_an_import_is_stopped_and_gone_on_with(imported, monkeypatch):
	monkeypatch.setattr(desk_import, "CHUNK", 10)
	doc = imported("Company\n" + "".join(f"Firm {n:02} TAG\n" for n in range(30)))
	told = []

	def stop_after_two(*args, **kwargs):
		told.append(1)
		if len(told) == 2:
			desk_import.stop(doc.name)

	monkeypatch.setattr(frappe, "publish_realtime", stop_after_two)
	run(doc)
	assert (doc.status, doc.rows_stored, len(of(imported.tag))) == ("Stopped", 20, 20)
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_already, len(of(imported.tag))) == ("Done", 30, 0, 30)


def test_prospects_come_in_as_well(imported):
	head = "Company,Contact,E-mail,Country,City\n"
	assert (
		run(imported(head + "Acme TAG,Ann Lee,a@TAG.example,Germany,Ulm\nB TAG,,,Atlantis,\n", PROSPECT)).rows_stored
		== 1
	)
	[acme] = of(imported.tag, PROSPECT, "country", "city", "match_email", "status")
	assert (acme.country, acme.city, acme.status) == ("Germany", "Ulm", "Unverified") and acme.match_email


def test_a_rep_imports_for_themself_only(imported, as_user):
	text = "Company,Owner\nOwn TAG,\nOther TAG,manager@crm-test.example\n"
	doc = run(imported(text, by="rep"))
	assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 1, 1), doc.message
	assert of(imported.tag, LEAD, "sales_owner")[0].sales_owner == "rep@crm-test.example"
	with refused(frappe.PermissionError, match="not allowed to import Contact"):
		api.start_import(imported("Name\nAnn TAG\n", "Contact", by="rep").name)
	theirs = imported("Company\nX TAG\n", by="manager")
	as_user("rep")
	for ask in (api.preview_import, api.start_import, api.stop_import, api.undo_import):
		with pytest.raises(frappe.PermissionError):
			ask(theirs.name)


def test_what_is_wrong_with_a_file_is_said_and_kept(imported):
	with refused(match="the file is empty"):
		imported("\n")
	doc = imported("Company\nAcme TAG\n")
	doc.columns[0].field = "contact"
	doc.save()
	doc.db_set("company", "Nowhere Ltd")
	run(doc)
	assert doc.status == "Failed" and "Company Nowhere Ltd does not exist" in doc.message
	doc.company = company()
	with refused(match="is not a field"):
		doc.columns[0].field = "colour"
		doc.save()


def test_rejected_rows_come_back_as_a_private_file_that_says_why(imported):
	doc = run(imported(LIST))
	rejected = frappe.get_doc("File", {"file_url": doc.rejected_file})
	assert rejected.is_private and "'=cmd()" in rejected.get_content() and "rejected_reason" in rejected.get_content()
	doc = run(imported("Company,Mail\nAcme TAG,ann@TAG.example\nNew TAG,new@TAG.example\n", duplicates="Ask"))
	assert "is perhaps LEAD-" in frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()


def test_an_import_is_undone_unless_somebody_worked_on_what_it_made(imported):
	doc = run(imported("Company\n" + "".join(f"Firm {n:02} TAG\n" for n in range(30))))
	touched = frappe.get_doc(LEAD, of(imported.tag)[3].name)
	touched.db_set("modified", frappe.utils.add_to_date(None, minutes=5), update_modified=False)
	with refused(match=f"Somebody worked on 1 of these records: {touched.name}. Nothing was deleted"):
		api.undo_import(doc.name)
	touched.db_set("modified", touched.creation, update_modified=False)
	assert api.undo_import(doc.name) == 30
	assert (of(imported.tag), doc.reload().status) == ([], "Undone")


def test_contacts_and_customers_come_in_as_well(imported):
	customers = run(imported("Account,Industry\nBuyer TAG,Pumps TAG\n", "Customer", by="Administrator"))
	assert (customers.status, customers.rows_stored) == ("Done", 1), customers.message
	contacts = run(imported("Name,Account,Mail\nAnn TAG,Buyer TAG,x@TAG.example\n", "Contact", by="Administrator"))
	assert (contacts.status, contacts.rows_stored) == ("Done", 1), contacts.message
	link = frappe.db.get_value(
		"Dynamic Link", {"link_name": f"Buyer {imported.tag}", "parenttype": "Contact"}, "parent"
	)
	assert frappe.db.get_value("Contact", link, "email_id") == f"x@{imported.tag.lower()}.example"


def test_a_public_file_is_not_imported(imported):
	with refused(match="is public. Please upload it as a private file"):
		imported("Company\nX TAG\n", private=0)


def test_deals_of_a_preset_come_in_with_one_close_date(imported):
	frappe.get_doc(
		{"doctype": "Customer", "customer_name": f"Buyer {imported.tag}", "customer_type": "Company"}
	).insert()
	text = (
		"Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date,Probability (%)\n"
		"006TAGa,Big TAG,Buyer TAG,Proposal,\"$1,200.50\",2030-01-31,2024-05-01,40\n"
		"006TAGA,Old TAG,Buyer TAG,Closed Won,300,2024-06-01,2024-05-01,100\n"
	)  # fmt: skip
	doc = imported(text, "Sales Opportunity", preset="Salesforce", pipeline="Standard Sales", source="SF")
	fields = {row.column_name: row.field for row in doc.columns}
	assert (fields["Stage"], fields["Close Date"], fields["Account Name"]) == ("stage", "close_date", "account")
	doc.append("value_rows", {"field": "stage", "file_value": "Closed Won", "meaning": "won"})
	doc.save()
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 2, 0), doc.message
	assert api.undo_import(doc.name) == 2
	assert not frappe.db.exists("Sales Opportunity", {"title": ("like", f"%{imported.tag}%")})


def test_a_plain_list_of_deals_comes_in_and_unknown_accounts_are_prospects(imported):
	text = (
		"Name,Stage,Account,Amount\n"
		"Pump TAG,Proposal,Fresh TAG,1000\nValve TAG,Proposal,FRESH  TAG,5\nPipe TAG,Proposal,There TAG Ltd,7\n"
	)  # fmt: skip
	there = frappe.get_doc(
		{"doctype": PROSPECT, "prospect_name": f"There {imported.tag}", "company": company()}
	).insert()
	doc = imported(text, "Sales Opportunity")
	assert doc.pipeline == "Standard Sales" and doc.unknown_accounts == "New Prospect"
	told = import_check.preview(doc.name)
	assert (told["usable"], told["prospects"]) == (3, 1)
	assert [row.name for row in of(imported.tag, PROSPECT)] == [there.name]
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_already, doc.rows_rejected) == ("Done", 3, 0, 0), doc.message
	fresh = next(row.name for row in of(imported.tag, PROSPECT) if row.name != there.name)
	deals = frappe.get_all(
		"Sales Opportunity",
		filters={"title": ("like", f"%{imported.tag}")},
		fields=["title", "prospect"],
		order_by="title",
	)
	assert [(row.title.split()[0], row.prospect) for row in deals] == [
		("Pipe", there.name), ("Pump", fresh), ("Valve", fresh),
	]  # fmt: skip
	again = run(imported(text, "Sales Opportunity", name="again.csv", source=doc.source or doc.name))
	assert (again.rows_stored, again.rows_already) == (0, 3)
	# Undoing takes the prospect along that came with it, and no other.
	api.undo_import(doc.name)
	assert [row.name for row in of(imported.tag, PROSPECT)] == [there.name] and doc.reload().rows_stored == 0


def test_an_unknown_account_is_rejected_where_that_is_wanted_or_a_customer_is_nearly_called_so(imported):
	frappe.get_doc(
		{"doctype": "Customer", "customer_name": f"Nearly {imported.tag} Ltd", "customer_type": "Company"}
	).insert()
	text = "Name,Stage,Account\nA TAG,Proposal,Nobody TAG\nB TAG,Proposal,NEARLY TAG GmbH\n"
	told = import_check.preview(imported(text, "Sales Opportunity").name)["lines"]
	assert [(row["line"], "nearly that name is Nearly" in row["reasons"]) for row in told] == [(3, True)]
	strict = imported(text, "Sales Opportunity", name="strict.csv", unknown_accounts="Reject")
	assert [row["line"] for row in import_check.preview(strict.name)["lines"]] == [2, 3]


def test_a_second_address_and_number_of_a_lead_are_kept(imported):
	text = "Company,Email,Phone\nAcme TAG,a@TAG.example; b@TAG.example,+49 30 901820 / +49 30 901821 / +49 30 901822\n"
	doc = imported(text, LEAD)
	run(doc)
	lead = frappe.get_doc(LEAD, of(imported.tag)[0].name)
	assert lead.email_id.casefold() == f"a@{imported.tag}.example".casefold()
	assert "Other Numbers: " in lead.message and lead.phone != lead.mobile_no
	assert f"b@{imported.tag}.example".casefold() in lead.message.casefold()


def test_of_prospects_of_nearly_one_name_the_exact_one_is_meant_and_none_of_another_company(imported, world):
	tag = imported.tag
	first, exact = (
		frappe.get_doc({"doctype": PROSPECT, "prospect_name": name, "company": company()}).insert()
		for name in (f"Same {tag} Ltd", f"Same {tag}")
	)
	elsewhere = frappe.get_doc({"doctype": PROSPECT, "prospect_name": f"Else {tag}", "company": company()}).insert()
	frappe.db.set_value(PROSPECT, elsewhere.name, "company", "Another Company")
	run(imported("Name,Stage,Account\nA TAG,Proposal,Same TAG\nB TAG,Proposal,Else TAG\n", "Sales Opportunity"))
	filters = {"title": ("like", f"%{tag}")}
	found = frappe.get_all("Sales Opportunity", filters=filters, pluck="prospect", order_by="title")
	assert found[0] == exact.name and found[1] not in (elsewhere.name, first.name)
	told = import_check.preview(
		imported("Name,Stage,Account\nA TAG,Proposal,SAME TAG GmbH\n", "Sales Opportunity").name
	)
	assert "is the name of several records" in told["lines"][0]["reasons"]


def test_prospects_that_a_rep_s_deals_bring_are_the_rep_s(imported, as_user):
	doc = imported("Name,Stage,Account\nA TAG,Proposal,Mine TAG\n", "Sales Opportunity", by="rep")
	rep = frappe.session.user
	run(doc)
	assert [row.sales_owner for row in of(imported.tag, PROSPECT, "sales_owner")] == [rep]
	run(imported(f"Name,Stage,Account,Owner\nB TAG,Proposal,Theirs TAG,{rep}\n", "Sales Opportunity", by="manager"))
	assert [row.sales_owner for row in of(imported.tag, PROSPECT, "sales_owner")] == [rep, rep]


def test_an_id_of_a_prospect_goes_before_the_name_of_an_account(imported):
	known = imported("ID,Company\nP1,First TAG\n", PROSPECT, source="Old")
	run(known)
	text = "Name,Stage,Account,P\nA TAG,Proposal,Second TAG,P1\n"
	doc = imported(text, "Sales Opportunity", source="Old")
	next(row for row in doc.columns if row.column_name == "P").field = "prospect"
	doc.save()
	run(doc)
	names = {row.name: row.prospect_name for row in of(imported.tag, PROSPECT)}
	assert (
		names[frappe.db.get_value("Sales Opportunity", {"title": f"A {imported.tag}"}, "prospect")]
		== f"First {imported.tag}"
	)
	assert len(names) == 1


def test_contacts_are_with_their_company_though_it_is_no_customer_yet(imported):
	text = "Name,Email,Company\nAnn TAG,ann@TAG.example,With TAG\nBob TAG,bob@TAG.example,with TAG\nCee TAG,c@TAG.example,\n"
	doc = run(imported(text, "Contact", by="Administrator"))
	assert (doc.rows_stored, doc.rows_rejected) == (3, 0), doc.message
	prospect = of(imported.tag, PROSPECT)[0].name
	filters = {"parenttype": "Contact", "link_doctype": PROSPECT, "link_name": prospect}
	assert len(frappe.get_all("Dynamic Link", filters=filters, pluck="parent", order_by="parent asc")) == 2
	api.undo_import(doc.name)
	assert of(imported.tag, PROSPECT) == [] and doc.reload().status == "Undone"


def test_a_list_that_was_exported_from_here_is_known_again(imported):
	run(imported("Company\nAcme TAG\nBluth TAG\n"))
	first, second = (row.name for row in of(imported.tag))
	text = f"ID,Company,Industry\n{first},Acme TAG,Steel TAG\n{second},Other TAG,Steel TAG\n"
	doc = run(imported(text, name="again.csv", duplicates="Overwrite"))
	assert (doc.rows_already, doc.rows_stored) == (1, 1), doc.message
	known = {row.prospect_name.split()[0]: row for row in of(imported.tag, LEAD, "industry")}
	# An id of another site may be the same: what is called otherwise is another one.
	assert sorted(known) == ["Acme", "Bluth", "Other"] and known["Bluth"].name == second
	assert (known["Acme"].name, known["Acme"].industry, known["Bluth"].industry) == (
		first,
		f"Steel {imported.tag}",
		None,
	)


def test_deals_that_were_exported_from_here_are_not_doubled(imported):
	run(imported("Name,Stage,Account\nPump TAG,Proposal,For TAG\n", "Sales Opportunity"))
	name = frappe.db.get_value("Sales Opportunity", {"title": f"Pump {imported.tag}"}, "name")
	text = f"ID,Name,Stage,Account\n{name},Pump TAG,Proposal,For TAG\n{name}x,Pump TAG,Proposal,For TAG\n"
	told = import_check.preview(imported(text, "Sales Opportunity", name="again.csv").name)
	assert [row["line"] for row in told["lines"]] == [2]
	assert "is an opportunity of this site" in told["lines"][0]["reasons"]
	other = imported(
		f"ID,Name,Stage,Account\n{name},Valve TAG,Proposal,For TAG\n", "Sales Opportunity", name="other.csv"
	)
	assert import_check.preview(other.name)["usable"] == 1


def test_an_account_that_the_user_may_not_see_is_neither_named_nor_linked(imported, as_user):
	theirs = frappe.get_doc(
		{
			"doctype": PROSPECT,
			"prospect_name": f"Theirs {imported.tag}",
			"company": company(),
			"sales_owner": USERS["other_rep"][0],
		}
	).insert()
	set_apart()
	text = "Name,Stage,Account\nA TAG,Proposal,Theirs TAG\n"
	told = import_check.preview(imported(text, "Sales Opportunity", by="rep").name)
	assert (told["usable"], told["prospects"]) == (0, 0)
	assert told["lines"][0]["reasons"].endswith("is perhaps a record that you may not see")
	assert theirs.name not in frappe.as_json(told)
