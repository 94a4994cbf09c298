"""Answers of one story: finds the recorded exchange, writes its rows, fires its events."""

import copy
import functools
import itertools
import json
from difflib import ndiff

import frappe

from benchless import back_office, events, store
from benchless import errors as host_errors
from benchless.back_office import facts, files, names, questions, shape

_lines = functools.partial(json.dumps, indent=1, ensure_ascii=False)

# A story that nobody recorded yet may insert these, where no recorded answer says otherwise than the fullest.
MASTERS = ("Item", "Item Price", "Customer")


class Replay:
	"""The exchanges of one story, each used once; equal questions are answered in the recorded order."""

	def __init__(self, story: str):
		stories = files.load("stories", files.version())
		self.exchanges = files.load("exchanges", files.version())
		recorded = files.told(stories, self.exchanges, story)
		self.story, self.known, self.left = story, recorded is not None, recorded or []
		self.names = names.of_this_site()
		facts.begin()
		self.bases = questions.Bases()

	# ---- asking

	def operation(self, doc, op: str, options: dict):
		options = questions.option_flags(doc, options)
		exchange = self._find(questions.of_operation(op, doc, self.bases.of(doc), options, self.names))
		if options.get("ignore_permissions"):
			doc.flags.ignore_permissions = True
		if not doc.is_new():
			doc._doc_before_save = frappe.get_doc(doc.doctype, doc.name)
		self._play(exchange["then"], doc)
		return doc

	def method(self, doc, name: str, args):
		exchange = self._find(questions.of_operation(name, doc, self.bases.of(doc), {}, self.names, args))
		return self._play(exchange["then"], doc)

	def call(self, dotted: str, args, kwargs: dict):
		return self._play(self._find(questions.of_call(dotted, args, kwargs, self.names))["then"], None)

	def close(self) -> None:
		if self.left:
			asked = "\n".join(f"  {files.compact(_question_of(e))}" for e in self.left)
			raise back_office.NotAskedError(f"{self.story}: recorded but not asked (record-traces?):\n{asked}")

	def _find(self, question: dict) -> dict:
		for i, exchange in enumerate(self.left):
			if _question_of(exchange) == question:
				return self.left.pop(i)
		doctype = question["ask"].removeprefix("insert ")
		if not self.known and doctype in MASTERS:
			told = [e for e in self.exchanges.values() if _question_of(e) == question]
			fullest = max(told, key=lambda e: len(e["then"][0][1]), default=None)
			if fullest and all(e["then"][0][1].items() <= fullest["then"][0][1].items() for e in told):
				return fullest
		raise back_office.NoTraceError(self._explain(question))

	def _explain(self, question: dict) -> str:
		head = f"{self.story}: the traces of ERPNext {files.version()} hold no answer to this question"
		near = [e for e in self.left if e["ask"] == question["ask"]] or self.left[:1]
		if not near:
			why = "all recorded ones were asked already" if self.known else "this story was never recorded"
			return f"{head}; {why} (make record-traces). Asked:\n{_lines(question)}"
		lines = ndiff(_lines(_question_of(near[0])).splitlines(), _lines(question).splitlines())
		difference = "\n".join(line for line in lines if not line.startswith("?"))
		return f"{head}. The nearest recorded one (-) and what was asked (+):\n{difference}"

	# ---- answering

	def _play(self, steps: list, doc):
		result = None
		for kind, *values in steps:
			result = getattr(self, f"_{kind}")(doc, *values)
		if doc is not None:
			self._finish(doc)
		return result

	def _finish(self, doc) -> None:
		if doc.name and frappe.db.exists(doc.doctype, doc.name):
			for part in (doc, *doc.get_all_children()):
				part.set("__islocal", None)
		self.bases.keep(doc)

	def _apply(self, doc, change: dict) -> None:
		facts.apply(doc, change, self.names.reveal, self._name)

	_set = _apply

	def _name(self, recorded, doctype: str) -> str:
		"""The name of a native document in this run; a new one where it comes from a series or at random."""
		placeholder, pattern = recorded if isinstance(recorded, list) else (recorded, None)
		if pattern:
			self.names.bind(placeholder, self._next(pattern, doctype))
		elif names.PLACEHOLDER.fullmatch(placeholder) and not self.names.knows(placeholder):
			self.names.bind(placeholder, frappe.generate_hash(length=names.ROW_NAME))
		return self.names.reveal(placeholder)

	def _next(self, pattern: str, doctype: str) -> str:
		prefix = pattern.rstrip("#").replace("«year»", str(self.names.today.year))
		series = (f"{prefix}{number:0{pattern.count('#')}d}" for number in itertools.count(1))
		return next(n for n in series if n not in self.names.shown and not frappe.db.exists(doctype, n))

	def _store(self, doc) -> None:
		"""Write the document as it is in memory; rows that it has no longer go."""
		stamp = {"modified": frappe.utils.now(), "modified_by": frappe.session.user}
		if not frappe.db.exists(doc.doctype, doc.name):
			doc.owner, doc.creation = frappe.session.user, stamp["modified"]
		doc.update(stamp)
		store.put_row(doc.doctype, _row_of(doc))
		frappe.clear_document_cache(doc.doctype, doc.name)
		for field, table in shape.tables(doc.doctype).items():
			rows = doc.get(field) or []
			link = {"parent": doc.name, "parenttype": doc.doctype, "parentfield": field}
			for name in frappe.get_all(table, filters=link, pluck="name", order_by="idx asc", limit=0):
				if name not in {row.name for row in rows}:
					store.drop_row(table, name)
			for idx, row in enumerate(rows, 1):
				row.update({**link, **stamp, "idx": idx})
				row.owner, row.creation = row.owner or doc.owner, row.creation or doc.creation
				store.put_row(table, _row_of(row))

	def _row(self, doc, doctype: str, name, values: dict) -> None:
		name = self._name(name, doctype)
		row = {k: facts.typed(doctype, k, v) for k, v in self.names.reveal(values).items()}
		if not frappe.db.exists(doctype, name):
			row |= dict.fromkeys(("creation", "modified"), frappe.utils.now())
			row |= dict.fromkeys(("owner", "modified_by"), frappe.session.user)
		store.put_row(doctype, {"name": name, **row})
		frappe.clear_document_cache(doctype, name)

	def _drop(self, doc, doctype: str, name) -> None:
		store.drop_row(doctype, self._name(name, doctype))

	def _fire(self, doc, event: str, doctype: str = "", name="", change=None, before=None) -> None:
		if not doctype:
			return events.fire(doc, event)
		other = frappe.get_doc(doctype, self._name(name, doctype))
		if before is not None:
			other._doc_before_save = copy.deepcopy(other)
			self._apply(other._doc_before_save, before)
		self._apply(other, change or {})
		events.fire(other, event)

	def _answer(self, doc, value):
		value = self.names.reveal(value)
		return frappe._dict(value) if isinstance(value, dict) else value

	def _document(self, doc, doctype: str, change: dict, flags: dict):
		from benchless import documents

		made = documents.make({"doctype": doctype, "__islocal": 1})
		self._apply(made, change)
		made.flags.update(flags)
		self._finish(made)
		return made

	def _error(self, doc, kind: str, message: str) -> None:
		raise host_errors.named(kind)(self.names.reveal(message))

	def _refused(self, doc) -> None:
		raise back_office.BackOfficeError(
			f"{self.story}: a handler of the app refused here on the real site; now none did"
		)


def _question_of(exchange: dict) -> dict:
	return {key: value for key, value in exchange.items() if key != "then"}


def _row_of(doc) -> dict:
	ours = (df.fieldname for df in doc.meta.get_custom_fields())
	stamps = ("name", "owner", "creation", "modified", "modified_by")
	return {field: doc.get(field) for field in (*stamps, *shape.LINK_OF_ROW, *shape.columns(doc.doctype), *ours)}
