"""What the host does not offer is an error that names it; what it does offer is answered as Frappe answers."""

from datetime import date, datetime

import pytest

from benchless.errors import NotOffered

REFUSED = [
	# Names
	("frappe.sendmail", "frappe.sendmail"),
	("frappe.db.multisql", "frappe.db.multisql"),
	("frappe.qb.get_query", "frappe.qb.get_query"),
	("frappe.qb.terms", "frappe.qb.terms"),
	("frappe.local.request", "frappe.local.request"),
	("frappe.cache.hdel", "frappe.cache.hdel"),
	("__import__('frappe.email.queue')", "frappe.email"),
	("frappe.get_meta('Sales Lead').get_workflow", "meta.get_workflow"),
	("lead.add_seen()", "Document.add_seen"),
	("lead.get_signature()", "Document.get_signature"),
	("lead.get_formatted('amount')", "Document.get_formatted"),
	("lead.as_json()", "Document.as_json"),
	("customer.default_bank_account", "Customer.default_bank_account"),
	("customer.get_signature()", "Customer.get_signature"),
	# SQL
	("frappe.db.sql('select no_such_function(1)')", "no_such_function"),
	("frappe.db.sql('select name from `tabNo Such`')", "No Such"),
	("frappe.db.sql('select name from tabUser where name in ()')", r"in \(\) in SQL"),
	("frappe.db.sql('select \"nothere\"')", '"'),
	("frappe.db.sql(\"select 'a' || 'b'\")", r"\|\|"),
	("frappe.qb.from_(user).select(user.name).where(user.name.isin([])).run()", r"IN \(\) in SQL"),
	# Fields and filters
	("frappe.get_all('Sales Lead', fields=['count(name)'])", "count"),
	("frappe.get_all('Sales Lead', fields=['distinct status'])", "distinct status"),
	("frappe.get_all('Sales Lead', fields=[{'COUNT': 'name'}])", "COUNT"),
	("frappe.get_all('Sales Lead', filters={'items.item_code': 'x'})", "items.item_code"),
	("frappe.get_all('Sales Lead', filters='LEAD-1')", "filters='LEAD-1'"),
	("frappe.get_all('Sales Lead', filters=['LEAD-1'])", "LEAD-1"),
	("frappe.get_all('Sales Lead', filters=['status', '=', 'Won'])", "status"),
	("frappe.get_all('Sales Lead', filters=[{'status': 'Won'}])", "status"),
	("frappe.get_all('Sales Lead', filters={'title': ('soundex', 'x')})", "soundex"),
	("frappe.get_all('Sales Lead', filters={'title': ('is', 'rubbish')})", "title is 'rubbish'"),
	("frappe.db.count('Sales Lead', {'title': ('is', None)})", "title is None"),
	("frappe.get_all('Sales Lead', filters={'title': ('between', ['a', 'b'])})", "title between"),
	("frappe.get_all('Territory', filters={'name': ('ancestors of', 'x')})", "ancestors of"),
	("lead.get('items', {'qty': ('>', 3)})", "qty"),
	# Keywords
	("frappe.get_all('Sales Lead', run=False)", "run"),
	("frappe.db.get_value('Sales Lead', 'x', 'title', shout=1)", "shout"),
	("frappe.db.delete('Sales Lead', {'name': 'x'}, rubbish=1)", "rubbish"),
	("frappe.qb.from_(user).select(user.name).run(as_iterator=True)", "as_iterator"),
	("frappe.cache.get_value('x', user='y')", "user"),
	("frappe.cache.set_value('x', 1, user='y')", "user"),
	("frappe.get_traceback(with_context=True)", "with_context"),
	("frappe.log_error('x', 'y', reference_doctype='Sales Lead')", "reference_doctype"),
	("lead.insert(ignore_permission=True)", "ignore_permission"),
	("lead.insert(set_name='X')", "set_name"),
	("frappe.delete_doc('Sales Lead', 'x', force=True)", "force"),
	("frappe.get_hooks()", "get_hooks of all hooks"),
	# Values
	("frappe.utils.getdate('25-11-2026')", "25-11-2026"),
	("frappe.utils.get_datetime('25 Nov')", "25 Nov"),
	("frappe.utils.formatdate('2026-11-25', 'EEEE')", "EEEE"),
	(
		"frappe.get_attr('frappe.utils.html_utils.sanitize_html')('<script>x</script>', always_sanitize=True)",
		"cleaning of HTML",
	),
	("frappe.get_attr('frappe.utils.html_utils.sanitize_html')('<b>')", "cleaning of HTML"),
	("frappe.utils.add_to_date('2026-11-25', weeks=1)", "weeks"),
	("frappe.format(3661, {'fieldtype': 'Duration'})", "Duration"),
	("frappe.format(7.5, {'fieldtype': 'Currency'})", "Currency"),
]

ANSWERED = [
	("frappe.db.get_value('User', None, 'name')", None),
	("frappe.db.get_values('User', None, 'name')", []),
	("frappe.cache() is frappe.cache", True),
	("frappe.get_all('User', filters={'name': 'Guest'}, as_list=True, order_by='name asc')", (("Guest",),)),
	('frappe.db.sql("select \'in () and || and \\"\'")[0][0]', 'in () and || and "'),
	("frappe.utils.add_to_date(day, hours=9)", datetime(2026, 11, 25, 9)),
	("frappe.utils.add_to_date('2026-01-31', months=1)", "2026-02-28"),
	("frappe.utils.formatdate(day, 'MMM yyyy')", "Nov 2026"),
	("frappe.utils.formatdate(None)", ""),
	("frappe.utils.getdate('') == frappe.utils.getdate()", True),
	("frappe.format(day, {'fieldtype': 'Date'}) == frappe.utils.formatdate(day)", True),
	("getattr(lead, 'add_seen', 'nothing')", "nothing"),
	("hasattr(frappe.local, 'crm_nothing')", False),
]


@pytest.fixture(scope="module")
def names(frappe):
	lead, customer = (frappe.new_doc(doctype) for doctype in ("Sales Lead", "Customer"))
	return {
		"frappe": frappe, "lead": lead, "customer": customer, "user": frappe.qb.DocType("User"), "day": date(2026, 11, 25)
	}  # fmt: skip


@pytest.mark.parametrize(("reach", "name"), REFUSED)
def test_what_is_not_offered_is_an_error_with_its_name(names, reach, name):
	with pytest.raises(NotOffered, match=name):
		eval(reach, names)


@pytest.mark.parametrize(("ask", "answer"), ANSWERED)
def test_what_is_offered_is_answered_as_frappe_answers(names, ask, answer):
	assert eval(ask, names) == answer


def test_the_back_office_answers_in_stories_only(frappe):
	from benchless.back_office import NoTraceError

	with pytest.raises(NoTraceError, match="inside a recorded story"):
		frappe.get_doc({"doctype": "Customer", "customer_name": "Nobody asked"}).insert()


@pytest.mark.parametrize("error", [True, "PermissionError"])
def test_a_message_may_raise(frappe, error):
	kind = frappe.ValidationError if error is True else getattr(frappe, error)
	with pytest.raises(kind, match="no"):
		frappe.msgprint("no", raise_exception=True if error is True else kind)


def test_lists_take_the_whole_last_day_and_the_database_does_not(frappe):
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Rival of today"}).insert()
	today = frappe.utils.nowdate()
	made = {"name": "Rival of today", "creation": ("between", [today, today])}
	assert frappe.get_all("Sales Competitor", filters=made, pluck="name") == ["Rival of today"]
	assert frappe.db.count("Sales Competitor", made) == 0


def test_who_has_a_role_is_a_user_of_the_desk(frappe):
	user = frappe.get_doc(
		{"doctype": "User", "email": "dora@desk.example", "first_name": "Dora", "roles": [{"role": "Sales User"}]}
	)
	user.insert()
	assert set(frappe.get_roles(user.name)) == {"Sales User", "All", "Guest", "Desk User"}
	assert "Desk User" in frappe.get_roles("Administrator")


def test_a_key_of_the_cache_is_dropped_alone(frappe):
	frappe.cache.set_value("crm_test", 1, expires_in_sec=60)
	frappe.cache.hset("crm_test_more", "x", 2)
	frappe.cache.delete_value("crm_test")
	assert (frappe.cache.get_value("crm_test", expires=True), frappe.cache.hget("crm_test_more", "x")) == (None, 2)
	frappe.cache.delete_keys("crm_test")
	assert frappe.cache.hget("crm_test_more", "x") is None
