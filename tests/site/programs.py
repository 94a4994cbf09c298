"""Random programs: operations on documents, filters and permissions as plain data, and what came of them.

A program is a list of steps; playing it on a host gives a transcript, one line per step, in which names and days are
written so that they are the same everywhere. hypothesis draws the programs, a real site writes the transcripts
(`CRM_WRITE_PROGRAMS=100 make test-site ARGS="tests/site/portable/test_programs.py -k write"`), and
tests/site/portable/test_programs.py plays them on either host.
"""

import json
import os
import traceback
from datetime import date, datetime
from pathlib import Path

import frappe
from frappe.utils import add_days, getdate, nowdate

from tests.site.hosts import HOST

FILE = Path(__file__).with_name("programs.json")
PEOPLE = ("Administrator", "rep", "other_rep", "manager", "finance", "stranger")

# What a step may name of each DocType: field -> values, good and bad. "@X" is a document of the program, or nothing.
TEXTS = ("alpha", "Beta", "GAMMA ray", "", None, "50% off_", "O'Neill", "x" * 141, "管道 7")
DAYS = ("+0", "+3", "-5", "", None)
NUMBERS = (0, 1, 12.5, "7.25", -1, None, 1234567.891)
FIELDS = {
	"Sales Campaign": {
		"title": TEXTS,
		"status": ("Planned", "Running", "Nonsense", "", None),
		"campaign_type": ("Exhibition", "E-mail", None),
		"budget": NUMBERS,
		"start_date": DAYS,
		"end_date": DAYS,
		"sales_owner": ("Administrator", "nobody@nowhere.example", None),
		"naming_series": ("CAMP-.YYYY.-.#####", "CAMP-X-.#####"),
	},
	"Sales Prospect": {
		"prospect_name": TEXTS,
		"prospect_kind": ("Organisation", "Person", "Robot"),
		"email_id": ("a@b.example", "wrong", "", None),
		"phone": ("+1 555 010", "call me", None),
		"website": ("https://a.example", "no address", None),
		"no_of_employees": (0, 5, "12", -3, None),
		"campaign": ("@Sales Campaign", "No Such", None),
		"source_type": ("Sales Campaign", None),
		"source_name": ("@Sales Campaign", None),
	},
	"Sales Activity": {
		"subject": TEXTS,
		"status": ("Planned", "Done", "Nonsense"),
		"reference_doctype": ("Sales Prospect", "Sales Campaign", None),
		"reference_name": ("@Sales Prospect", "@Sales Campaign", None),
		"next_step": TEXTS,
		"next_step_date": DAYS,
	},
	"Sales Competitor": {
		"competitor_name": TEXTS,
		"disabled": (0, 1, "1", None),
		"strengths": TEXTS,
	},
	"Sales Project": {
		"title": TEXTS,
		"project_type": ("Marketing", "Internal", "Nonsense"),
		"start_date": DAYS,
		"end_date": DAYS,
		"campaign": ("@Sales Campaign", None),
		"amount": NUMBERS,
	},
}
ROWS = {
	("Sales Project", "milestones"): {
		"milestone": TEXTS,
		"due_date": DAYS,
		"status": ("Open", "Done", "Nonsense"),
	},
	("Sales Project", "members"): {"user": ("Administrator", "nobody@nowhere.example", None)},
	("Sales Prospect", "contacts"): {"contact_name": TEXTS, "email_id": ("a@b.example", "wrong", None)},
}
STATE = ("owner", "docstatus", "idx", "modified_by")
OPERATORS = ("=", "!=", "like", "not like", "in", "not in", "is", ">", "<", ">=", "<=")


class Player:
	"""Plays one program as the people of tests/site/conftest.py."""

	def __init__(self, users: dict[str, str], company: str):
		self.users, self.company = users, company
		self.made: list[tuple[str, str]] = []
		self.older: dict[str, object] = {}

	def play(self, steps: list[list]) -> list:
		"""The transcript: what each step answered, or the class of the error it raised."""
		return [self._step(*step) for step in steps]

	def _step(self, operation: str, *arguments):
		frappe.db.savepoint("step")
		try:
			return self._told(getattr(self, f"_{operation}")(*arguments))
		except HOST.own_errors:
			raise
		except Exception as error:
			frappe.db.rollback(save_point="step")
			frappe.clear_messages()
			if os.environ.get("CRM_TRACE"):
				traceback.print_exc()
			known = type(error).__name__ if isinstance(error, FRAPPE_ERRORS) else "another error"
			return f"! {known}"

	# ---- the same words on every host

	def _told(self, value):
		if isinstance(value, datetime):
			return "a moment"
		if isinstance(value, date):
			return f"{(value - getdate()).days:+d}"
		if isinstance(value, dict):
			return {key: self._told(inner) for key, inner in value.items()}
		if isinstance(value, list | tuple):
			return [self._told(inner) for inner in value]
		if isinstance(value, float):
			return round(value, 6)
		if isinstance(value, str):
			for number, (_doctype, name) in enumerate(self.made):
				if value == name:
					return f"#{number}"
			for who, user in self.users.items():
				if value == user:
					return who
		return value

	def _meant(self, doctype: str, field: str, value):
		"""A value of a step as this host understands it: days relative to today, documents by kind."""
		if isinstance(value, str) and value[:1] in "+-" and value[1:].isdigit():
			return add_days(nowdate(), int(value))
		if isinstance(value, str) and value.startswith("@"):
			names = [name for kind, name in self.made if kind == value[1:]]
			return names[-1] if names else None
		return value

	def _values(self, doctype: str, values: dict) -> dict:
		return {field: self._meant(doctype, field, value) for field, value in values.items()}

	def _pick(self, number: int) -> tuple[str, str]:
		if not self.made:
			raise frappe.DoesNotExistError
		return self.made[number % len(self.made)]

	def _shown(self, doc) -> dict:
		fields = [*FIELDS[doc.doctype], *STATE]
		shown = {field: doc.get(field) for field in fields}
		for (doctype, table), row_fields in ROWS.items():
			if doctype == doc.doctype:
				shown[table] = [{"idx": row.idx, **{f: row.get(f) for f in row_fields}} for row in doc.get(table)]
		return shown

	# ---- steps

	def _be(self, who: str):
		frappe.set_user(self.users.get(who, who))

	def _new(self, doctype: str, values: dict):
		# Whoever may not create is refused; 15 looks at the links before that, 16 after it.
		frappe.has_permission(doctype, "create", throw=True)
		doc = frappe.get_doc({"doctype": doctype, **self._values(doctype, values)})
		if doc.meta.has_field("company"):
			doc.company = self.company
		doc.insert()
		self.made.append((doctype, doc.name))
		return self._shown(frappe.get_doc(doctype, doc.name))

	def _save(self, number: int, values: dict):
		doc = frappe.get_doc(*self._pick(number))
		self.older[doc.name] = frappe.get_doc(doc.doctype, doc.name)
		known = {field: value for field, value in values.items() if field in FIELDS[doc.doctype]}
		doc.update(self._values(doc.doctype, known))
		doc.save()
		return self._shown(frappe.get_doc(doc.doctype, doc.name))

	def _save_older(self, number: int):
		doc = self.older.get(self._pick(number)[1])
		return doc.save().name if doc else None

	def _row(self, number: int, table: str, values: dict):
		doc = frappe.get_doc(*self._pick(number))
		doc.append(table, self._values(doc.doctype, values))
		doc.save()
		return self._shown(frappe.get_doc(doc.doctype, doc.name))

	def _drop_row(self, number: int, table: str):
		doc = frappe.get_doc(*self._pick(number))
		doc.remove(doc.get(table)[0])
		doc.save()
		return self._shown(frappe.get_doc(doc.doctype, doc.name))

	def _delete(self, number: int):
		doctype, name = self._pick(number)
		# A permission on the document stops this on 15 and goes along on 16.
		if frappe.db.exists("User Permission", {"allow": doctype, "for_value": name}):
			raise frappe.DoesNotExistError
		frappe.delete_doc(doctype, name)
		# Gone for the program too: within a request Frappe remembers that a link was good.
		self.made.remove((doctype, name))
		return bool(frappe.db.exists(doctype, name))

	def _copy(self, number: int):
		doc = frappe.copy_doc(frappe.get_doc(*self._pick(number)), ignore_no_copy=False).insert()
		self.made.append((doc.doctype, doc.name))
		return self._shown(doc)

	def _put(self, number: int, field: str, value):
		doctype, name = self._pick(number)
		frappe.db.set_value(doctype, name, field, self._meant(doctype, field, value))
		return frappe.db.get_value(doctype, name, field)

	def _rename(self, number: int, name: str):
		doctype, old = self._pick(number)
		new = frappe.rename_doc(doctype, old, name)
		self.made[number % len(self.made)] = (doctype, new)
		return self._shown(frappe.get_doc(doctype, new))

	def _filters(self, doctype: str, filters: list) -> list[list]:
		"""Only documents of the program: what else is on the site must not matter."""
		mine = [name for kind, name in self.made if kind == doctype]
		meant = [
			[
				field,
				operator,
				[self._meant(doctype, field, v) for v in value]
				if isinstance(value, list)
				else self._meant(doctype, field, value),
			]
			for field, operator, value in filters
		]
		return [["name", "in", mine or ["-"]], *meant]

	def _all(self, doctype: str, filters: list, order: str):
		return frappe.get_all(
			doctype,
			filters=self._filters(doctype, filters),
			pluck="name",
			order_by=f"{order}, creation asc",
			limit=0,
		)

	def _page(self, doctype: str, filters: list, order: str, start: int, length: int):
		return frappe.get_all(
			doctype,
			filters=self._filters(doctype, filters),
			pluck="name",
			order_by=f"{order}, creation asc",
			limit_start=start,
			limit_page_length=length,
		)

	def _kinds(self, doctype: str, filters: list, field: str):
		"""The values of a field, each once. What is empty in two ways (NULL and "") is sorted by nobody."""
		found = frappe.get_all(
			doctype,
			filters=self._filters(doctype, filters),
			fields=[field],
			distinct=True,
			order_by=f"{field} asc",
			limit=0,
		)
		return [row[field] for row in found if row[field] not in (None, "")]

	def _either(self, doctype: str, filters: list):
		wanted = self._filters(doctype, filters)
		return frappe.get_all(
			doctype, filters=wanted[:1], or_filters=wanted[1:], pluck="name", order_by="creation asc", limit=0
		)

	def _seen(self, doctype: str, filters: list):
		return frappe.get_list(
			doctype, filters=self._filters(doctype, filters), pluck="name", order_by="creation asc", limit=0
		)

	def _values_of(self, doctype: str, filters: list, field: str):
		wanted = {row[0]: (row[1], row[2]) for row in self._filters(doctype, filters)}
		return frappe.db.get_values(doctype, wanted, ["name", field], order_by="creation asc")

	def _count(self, doctype: str, filters: list):
		return frappe.db.count(doctype, {row[0]: (row[1], row[2]) for row in self._filters(doctype, filters)})

	def _may(self, number: int, right: str):
		doctype, name = self._pick(number)
		return bool(frappe.has_permission(doctype, right)), bool(frappe.has_permission(doctype, right, doc=name))

	def _restrict(self, who: str, number: int):
		"""A User Permission on one document, given by the administrator."""
		doctype, name = self._pick(number)
		user = frappe.session.user
		frappe.set_user("Administrator")
		try:
			frappe.get_doc(
				{
					"doctype": "User Permission",
					"user": self.users.get(who, who),
					"allow": doctype,
					"for_value": name,
				}
			).insert()
		finally:
			frappe.set_user(user)


def _frappe_errors() -> tuple:
	names = (
		"ValidationError", "PermissionError", "DoesNotExistError", "DuplicateEntryError", "MandatoryError",
		"LinkValidationError", "LinkExistsError", "TimestampMismatchError", "CharacterLengthExceededError",
	)  # fmt: skip
	return tuple(getattr(frappe, name) for name in names if name != "CharacterLengthExceededError")


FRAPPE_ERRORS = _frappe_errors()


def load() -> list[dict]:
	return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def draw(count: int) -> list[list]:
	"""`count` programs, the same ones for the same hypothesis and the same tables above."""
	from hypothesis import Phase, given, settings
	from hypothesis import strategies as st

	number = st.integers(0, 7)
	doctypes = st.sampled_from(sorted(FIELDS))
	people = st.sampled_from(PEOPLE)

	def values_of(fields):
		return st.fixed_dictionaries({}, optional={field: st.sampled_from(values) for field, values in fields.items()})

	def likely(doctype):
		"""Mostly right: the title is there, each other field may be wrong."""
		fields = FIELDS[doctype]
		title = next(iter(fields))
		return values_of(fields).map(lambda values: {title: "alpha", **values} if values.get(title) != "" else values)

	def comparison(doctype):
		field = st.sampled_from(sorted(FIELDS[doctype]))
		plain = ("=", "!=", ">", "<", ">=", "<=")
		days = [day for day in DAYS if day]

		def of(name):
			choices = [value for value in FIELDS[doctype][name] if value is not None]
			value = st.sampled_from(choices)
			return st.one_of(
				st.tuples(st.just(name), st.sampled_from(plain), value),
				st.tuples(
					st.just(name),
					st.sampled_from(("in", "not in")),
					st.lists(st.sampled_from(days), min_size=1, max_size=3, unique=True)
					if FIELDS[doctype][name] is DAYS
					else st.lists(value, max_size=3, unique_by=str),
				),
				st.tuples(st.just(name), st.just("is"), st.sampled_from(("set", "not set"))),
				# Unequal to nothing is nothing on 15 and all that is filled on 16, in frappe.db.
				st.tuples(st.just(name), st.just("="), st.none()),
				*(
					[
						st.tuples(
							st.just(name), st.just("between"), st.lists(st.sampled_from(days), min_size=2, max_size=2)
						)
					]
					if FIELDS[doctype][name] is DAYS
					else []
				),
				*(
					# A pattern on a date is an error on 15 and none on 16.
					[]
					if FIELDS[doctype][name] is DAYS
					else [
						st.tuples(
							st.just(name),
							st.sampled_from(("like", "not like")),
							st.sampled_from(("%a%", "B%", "%_", "", "%道%")),
						)
					]
				),
			)

		return field.flatmap(of).map(list)

	def query(kind):
		def of(doctype):
			filters = st.lists(comparison(doctype), max_size=3, unique_by=lambda row: row[0])
			field = st.sampled_from(sorted(FIELDS[doctype]))
			order = field.map(lambda f: f"{f} asc")
			more = {
				"all": [order],
				"page": [order, st.integers(0, 2), st.integers(1, 3)],
				"kinds": [field],
				"values_of": [field],
			}
			parts = [st.just(kind), st.just(doctype), filters, *more.get(kind, [])]
			return st.tuples(*parts).map(list)

		return doctypes.flatmap(of)

	def step(*parts):
		return st.tuples(*parts).map(list)

	new = doctypes.flatmap(lambda doctype: step(st.just("new"), st.just(doctype), likely(doctype)))
	change = doctypes.flatmap(lambda doctype: step(st.just("save"), number, values_of(FIELDS[doctype])))
	row = st.sampled_from(sorted(ROWS)).flatmap(
		lambda key: step(st.just("row"), number, st.just(key[1]), values_of(ROWS[key]))
	)
	steps = st.one_of(
		new,
		new,
		new,
		change,
		row,
		step(st.just("be"), people),
		step(st.just("save_older"), number),
		step(st.just("drop_row"), number, st.sampled_from([table for _doctype, table in ROWS])),
		step(st.just("delete"), number),
		step(st.just("copy"), number),
		step(st.just("rename"), number, st.sampled_from(("Renamed", "alpha"))),
		step(st.just("may"), number, st.sampled_from(("read", "write", "create", "delete", "submit", "import"))),
		step(st.just("restrict"), st.sampled_from(("rep", "other_rep", "manager")), number),
		*(query(kind) for kind in ("all", "page", "kinds", "either", "seen", "values_of", "count")),
	)
	drawn: list[list] = []

	@settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
	@given(st.lists(steps, min_size=12, max_size=30))
	def note(program):
		if program not in drawn:
			drawn.append(json.loads(json.dumps(program)))

	note()
	return drawn
