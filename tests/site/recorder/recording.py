"""One story's recording: every question of the app to the back office, with what followed until the answer.

Control passes between two sides. The app asks; then ERPNext works and calls the app's handlers of document events,
which may ask again. Whatever changed is noted each time that control goes back to the app: in the document's
memory and in the tables. Changes that the app makes itself belong to no answer.
"""

import frappe

from benchless.back_office import facts, questions, shape
from benchless.back_office.names import RANDOM_NAME, SERIES, of_this_site
from tests.site.recorder.rows import Rows
from tests.site.recorder.site import CORE

APP, SILENT = "app", "silent"


class Answering:
	"""ERPNext is at work on a question about `doc` (None for a function)."""

	def __init__(self, exchange: dict, doc):
		self.steps = exchange["then"]
		self.doc = doc
		self.memory = facts.of_document(doc, named=True) if doc is not None else {}


class Recording:
	def __init__(self):
		self.names = of_this_site()
		self.rows = Rows()
		facts.begin()
		for doctype in facts.TREES:
			# What grows with the story's own nodes.
			for root in frappe.get_all(doctype, filters={"lft": 1}, pluck="name", order_by="name asc"):
				self.rows.note(root, doctype)
		self.rows.changed()
		self.exchanges: list[dict] = []
		self.sides: list = [APP]
		self.bases = questions.Bases()
		self.introduced: set[str] = set()
		self.refusal: Exception | None = None

	@property
	def asking(self) -> bool:
		return self.sides[-1] == APP

	# ---- what names.py tells

	def note(self, name: str, doctype: str) -> None:
		self.names.note(name, doctype)
		self.rows.note(name, doctype)

	def note_tag(self, tag: str) -> None:
		self.names.note_tag(tag)

	# ---- questions

	def operation(self, doc, op: str, options: dict, work):
		options = questions.option_flags(doc, options)
		question = questions.of_operation(op, doc, self.bases.of(doc), options, self.names)
		return self._answer(question, doc, work, with_result=False)

	def method(self, doc, name: str, args, work):
		question = questions.of_operation(name, doc, self.bases.of(doc), {}, self.names, args)
		return self._answer(question, doc, work)

	def call(self, dotted: str, args, kwargs: dict, work):
		return self._answer(questions.of_call(dotted, args, kwargs, self.names), None, work)

	def silently(self, work):
		"""The framework's own documents do as they like."""
		return self._on_side(SILENT, work)

	def handler(self, doc, event: str, first: bool, work):
		"""A handler of the app runs, called by ERPNext."""
		answering = self.sides[-1]
		if not isinstance(answering, Answering):
			return work()
		# What the framework notes beside a document is in no trace.
		if first and doc.doctype not in CORE:
			self._observe(answering)
			answering.steps.append(self._fired(answering, doc, event))
		try:
			return self._on_side(APP, work)
		except Exception as error:
			self.refusal = error
			raise
		finally:
			self.rows.changed()

	def _on_side(self, side, work):
		self.sides.append(side)
		try:
			return work()
		finally:
			self.sides.pop()

	# ---- answers

	def _answer(self, question: dict, doc, work, with_result: bool = True):
		self.rows.changed()
		exchange = {**question, "then": []}
		self.exchanges.append(exchange)
		answering = Answering(exchange, doc)
		try:
			result = self._on_side(answering, work)
		except Exception as error:
			self._observe(answering)
			answering.steps.append(["refused"] if error is self.refusal else self._error(error))
			raise
		self._observe(answering)
		if with_result and result is not None:
			answering.steps.append(self._result(result))
		if doc is not None:
			self.bases.keep(doc)
		return result

	def _result(self, result) -> list:
		if isinstance(result, dict) or not hasattr(result, "doctype"):
			return ["answer", self.names.hide(_told(result))]
		self.bases.keep(result)
		flags = {"ignore_permissions": 1} if result.flags.ignore_permissions else {}
		return [
			"document",
			result.doctype,
			self._change(facts.changes({}, facts.of_document(result)), result.doctype),
			flags,
		]

	def _error(self, error: Exception) -> list:
		known = next(
			c.__name__ for c in type(error).__mro__ if getattr(frappe, c.__name__, None) is c or c is Exception
		)
		return ["error", known, self.names.hide(str(error))]

	def _observe(self, answering: Answering) -> None:
		"""Note what changed in the document's memory and in the tables since the last look."""
		doc = answering.doc
		if doc is not None:
			memory = facts.of_document(doc, named=True)
			change = facts.changes(answering.memory, memory)
			if change:
				answering.steps.append(["set", self._change(change, doc.doctype)])
			answering.memory = memory
		changed = self.rows.changed()
		if doc is not None:
			changed = self._store(answering, changed)
		for (doctype, name), (before, after) in changed.items():
			if after is None:
				answering.steps.append(["drop", doctype, self._named(name)])
			else:
				name = self._named(name)
				change = facts.changes(before or {}, after)
				answering.steps.append(["row", doctype, name, self.names.hide(change)])

	def _store(self, answering: Answering, changed: dict) -> dict:
		"""Whether the document was written as it is in memory; answers the rows that are other than that says."""
		doc = answering.doc
		own = _rows_in_memory(doc)
		top = (doc.doctype, doc.name)
		before, after = changed.get(top, (None, None))
		if after is None or not (before is None or after == own[top]):
			return changed
		answering.steps.append(["store"])
		rest = {key: value for key, value in changed.items() if key not in own and not _gone(value, top)}
		for key, row in own.items():
			real = self.rows.seen.get(key)
			if real is not None and real != row:
				rest[key] = (row, real)
		return rest

	def _fired(self, answering: Answering, doc, event: str) -> list:
		if doc is answering.doc:
			return ["fire", event]
		key = questions.row_name
		stored = questions.stored_facts(doc.doctype, doc.name)
		now = facts.of_document(doc, key)
		earlier = doc.get_doc_before_save()
		before = facts.changes(now, facts.of_document(earlier, key)) if earlier else None
		change = facts.changes(stored, now)
		return [
			"fire",
			event,
			doc.doctype,
			self._named(doc.name),
			self.names.hide(change),
			self.names.hide(before),
		]

	# ---- names

	def _change(self, change: dict, doctype: str) -> dict:
		"""A change in its normal form; a name that appears for the first time says how such names are made."""
		told, tables = {}, shape.tables(doctype)
		for field, value in change.items():
			if field == "name":
				# Handlers may see a name before anything is inserted.
				self.names.note(value, doctype)
				told[field] = self._named(value)
			elif field in tables and isinstance(value, dict):
				told[field] = {position: self._change(row, tables[field]) for position, row in value.items()}
			elif field in tables and value:
				told[field] = [[position, self._change(row, tables[field])] for position, row in value]
			else:
				told[field] = self.names.hide(value)
		return told

	def _named(self, name):
		hidden = self.names.hide(name)
		found = SERIES.match(str(name))
		if not found or RANDOM_NAME.match(name) or hidden in self.introduced or not hidden.startswith("«"):
			return hidden
		self.introduced.add(hidden)
		return [hidden, found[1].replace(str(self.names.today.year), "«year»") + "#" * len(found[2])]


def _rows_in_memory(doc) -> dict[tuple[str, str], dict]:
	"""What the tables hold when the document is written as it is."""
	rows = {(doc.doctype, doc.name): facts.of_document(doc, child=True)}
	for field, table in shape.tables(doc.doctype).items():
		for idx, row in enumerate(doc.get(field) or [], 1):
			link = dict(zip(shape.LINK_OF_ROW, (doc.name, doc.doctype, field, idx), strict=True))
			rows[table, row.name] = facts.of_document(row, child=True) | link
	return rows


def _gone(change: tuple, parent: tuple[str, str]) -> bool:
	"""A row of the document that was deleted; writing the document says so."""
	before, after = change
	return after is None and (before.get("parenttype"), before.get("parent")) == parent


def _told(result):
	"""What of a function's result the app can name."""
	from tests.site.recorder.measure import words

	if isinstance(result, dict):
		return {k: _told(v) for k, v in result.items() if k in words() and v not in (None, "", [], {})}
	return result
