"""`frappe.qb`: PyPika's query builder, writing what SQLite reads and running it."""

from pypika import Order, functions
from pypika.dialects import SQLLiteQuery, SQLLiteQueryBuilder
from pypika.queries import Table
from pypika.terms import Arithmetic, ArithmeticExpression, Function, Term, ValueWrapper

from benchless.database import db
from benchless.errors import Offering, only
from benchless.store import stored


class Builder(SQLLiteQueryBuilder):
	QUOTE_CHAR = "`"

	def _for_update_sql(self, **kwargs) -> str:
		"""One writer at a time is all there is; there is nothing to lock."""
		return ""

	def run(self, *, as_dict: bool = False, pluck: bool = False, as_list: bool = False, **options):
		only(options, "Query.run")
		return db.sql(self.get_sql(), as_dict=as_dict, pluck=pluck, as_list=as_list)


class Query(SQLLiteQuery):
	@classmethod
	def _builder(cls, **kwargs) -> Builder:
		return Builder(wrap_set_operation_queries=False, **kwargs)


class Queries(Offering, called="frappe.qb"):
	"""What `frappe.qb` is: starts of queries, and tables by DocType."""

	from_ = staticmethod(Query.from_)
	update = staticmethod(Query.update)
	asc, desc = Order.asc, Order.desc

	@staticmethod
	def DocType(name: str, *args, **kwargs) -> Table:
		return Table(f"tab{name}", *args, **kwargs)


def _sql_of_value(cls, value, **kwargs) -> str:
	if isinstance(value, Term):
		return value.get_sql(**kwargs)
	if value is None:
		return "null"
	value = stored(value)
	return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _divided(self, other):
	"""MariaDB divides whole numbers to a fraction; SQLite needs to be told."""
	return ArithmeticExpression(Arithmetic.div, self * 1.0, self.wrap_constant(other))


def adapt_pypika() -> None:
	"""Values and division as the two databases understand them alike; in this process only."""
	ValueWrapper.get_formatted_value = classmethod(_sql_of_value)
	Term.__truediv__ = _divided


class Coalesce(functions.Coalesce):
	"""SQLite wants two values at least."""

	def __init__(self, term, *others, **kwargs):
		super().__init__(term, *(others or (None,)), **kwargs)


def name_of_functions() -> dict:
	"""`frappe.query_builder.functions`: PyPika's own."""
	kinds = {name: value for name, value in vars(functions).items() if isinstance(value, type)}
	return {**{name: kind for name, kind in kinds.items() if issubclass(kind, Function)}, "Coalesce": Coalesce}
