"""Finding people and documents. Reading only."""

from crm_pipeline.api.door import filters_in_words, may, reads
from crm_pipeline.api.types import Count, Flag, Line, LinkFilters, Name
from crm_pipeline.chain import finding


@reads(may("read", "Sales Lead"))
def find_person(text: Line) -> list[dict]:
	"""Whom a typed number or address belongs to; see chain/finding.py for the shape."""
	return finding.who_is(text)


@reads(may("read", "Sales Prospect"))
def find_party(text: Line) -> list[dict]:
	"""Customers and prospects that a typed text may mean; see chain/finding.py for the shape."""
	return finding.parties(text)


@reads(may("read", finding.SEARCHED))
def search_documents(
	doctype: Name,
	txt: Line,
	searchfield: Line,
	start: Count,
	page_len: Count,
	filters: LinkFilters = None,
	as_dict: Flag = False,
) -> list:
	"""What Frappe's link fields ask for our documents (hook `standard_queries`): rows of name, title, search fields."""
	with filters_in_words(filters):
		return finding.documents(doctype, txt, start, page_len, filters, as_dict)


@reads(may("select", "User"))
def search_users(
	doctype: Name,
	txt: Line,
	searchfield: Line,
	start: Count,
	page_len: Count,
	filters: LinkFilters = None,
) -> list:
	"""What a link to a user offers on our screens: rows of name and full name of people who work here."""
	return finding.users(txt, start, page_len)
