"""Names of documents: series, field, hash, the controller's own, amendments."""

import random
from datetime import datetime

from benchless import clock, metadata
from benchless.database import db
from benchless.errors import DuplicateEntryError, NotOffered, ValidationError
from benchless.messages import throw
from benchless.values import cstr

LETTERS = "0123456789abcdefghijklmnopqrstuv"


def random_name() -> str:
	return "".join(random.choices(LETTERS, k=10))


def make_autoname(rule: str, doctype: str = "") -> str:
	return random_name() if rule == "hash" else parse_naming_series(rule)


def set_new_name(doc) -> None:
	"""Give a new document its name. Raises ValidationError where there is nothing to make one of."""
	meta = metadata.get_meta(doc.doctype)
	rule = meta.autoname or ""
	if meta.issingle or meta.istable or doc.get("amended_from"):
		fixed = doc.doctype if meta.issingle else _amended(doc) if doc.get("amended_from") else doc.name
		doc.name = fixed or random_name()
		return
	doc.run_method("before_naming")
	given, doc.name = doc.name, None
	doc.run_method("autoname")
	doc.name = doc.name or _by_rule(doc, rule, given)
	doc.name = doc.name.strip()
	if not doc.name:
		throw(f"{doc.doctype}: a name is missing", ValidationError)
	chosen = rule.startswith("field:") or rule.lower() == "prompt"
	if chosen and db.exists(doc.doctype, doc.name) and not doc.flags.ignore_duplicate:
		raise DuplicateEntryError(doc.doctype, doc.name)


def _by_rule(doc, rule: str, given: str | None) -> str:
	if rule.startswith("field:"):
		value = cstr(doc.get(rule[6:])).strip()
		if not value:
			throw(f"{doc.meta.get_label(rule[6:])} is required", ValidationError)
		return value
	if rule.startswith("naming_series:"):
		series = doc.get("naming_series") or doc.meta.get_field("naming_series").default
		doc.naming_series = series or doc.meta.get_field("naming_series").options.strip().split("\n")[0]
		return parse_naming_series(doc.naming_series, doc=doc)
	if rule.lower() == "prompt" or (not rule and given):
		return given or ""
	if rule in ("hash", "") or "#" in rule:
		return parse_naming_series(rule, doc=doc) if rule.endswith("#") else random_name()
	raise NotOffered(f"autoname {rule!r}")


def parse_naming_series(series: str, doctype=None, doc=None, number_generator=None) -> str:
	"""'LEAD-.YYYY.-.#####' to 'LEAD-2025-00001'; a series without hash signs gets five."""
	if "#" not in series:
		series += ".#####"
	name, today = "", clock.now()
	for part in series.split("."):
		name += (number_generator or getseries)(name, len(part)) if part.startswith("#") else _part(part, today, doc)
	return name


def _part(part: str, today: datetime, doc) -> str:
	dates = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}
	return today.strftime(dates[part]) if part in dates else cstr(doc is not None and doc.get(part) or part)


def getseries(prefix: str, digits: int) -> str:
	one_more = "on conflict (name) do update set current = current + 1"
	db.sql(f"insert into tabSeries (name, current) values (%s, 1) {one_more}", (prefix,))
	return str(db.sql("select current from tabSeries where name = %s", (prefix,))[0][0]).zfill(digits)


def _amended(doc) -> str:
	"""X, X-1, X-2 ..."""
	before = doc.amended_from
	if not db.get_value(doc.doctype, before, "amended_from"):
		return f"{before}-1"
	root, _, count = before.rpartition("-")
	return f"{root}-{int(count) + 1}"
