"""Whatever is sent to an endpoint or a report, the answer is a result or a refusal in words: never a raw error."""

import inspect

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site.hosts import HOST
from tests.site.portable.test_api_rights import ENDPOINTS, Made, arguments

REPORTS = (
	"Forecast Movement",
	"Open Pipeline by Stage",
	"Sales Forecast",
	"Sales Funnel",
	"Stage Dwell",
	"Stalled Deals",
	"Win and Loss",
)

NESTED = "[" * 5000
OPERATORS = {"a": ["in", "x"], "b": {"c": [1]}, "name": ["like", "%"], "': drop": 1}
JUNK = (
	*(
		"",
		" ",
		"0",
		"-1",
		"1e999",
		"NaN",
		"nonsense",
		"None",
		"null",
		"true",
		"'; select 1 --",
		"%",
		"\x00",
		"\ud800",
		"😀",
	),
	*(
		"{",
		"[",
		"[]",
		"{}",
		'{"a": NaN}',
		'{"a": 1e999}',
		'{"a": {"b": 1}}',
		'["like", "%"]',
		'"text"',
		"1" * 5000,
		NESTED,
	),
	*(
		"2026-02-31",
		"0000-00-00",
		"9999-12-31",
		"0001-01-01",
		"2026-01-01 25:00:00",
		"31.12.2026",
		"x" * 141,
		"x" * 70_000,
	),
	*(
		None,
		True,
		0,
		-1,
		7,
		2**31,
		2**70,
		-1.5,
		float("nan"),
		float("inf"),
		[],
		{},
		[1],
		["like", "%"],
		[[]],
		OPERATORS,
		b"x",
	),
)
FILTERS = (
	*(
		"company",
		"pipeline",
		"from_date",
		"to_date",
		"territory",
		"sales_person",
		"sales_owner",
		"source_type",
		"channel",
	),
	*(
		"campaign",
		"item_code",
		"item_group",
		"scope",
		"by",
		"measure",
		"first",
		"basis",
		"split_by",
		"group_by",
		"search",
	),
	*(
		"document_type",
		"stalled",
		"size_limits",
		"part",
		"column",
		"last",
		"outside",
		"dimension",
		"key",
		"horizon",
		"periods",
	),
	*("score", "limit", "start"),
)
junk = st.sampled_from(JUNK)
filters = st.dictionaries(st.sampled_from(FILTERS), junk, min_size=1, max_size=3)
quick = settings(
	max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	"""The site has no mail account."""
	HOST.without_mail(monkeypatch)


def answer_in_words(call) -> None:
	"""The call ends well, or in an error that Frappe answers with 4xx and a message."""
	frappe.db.savepoint("fuzz")
	frappe.clear_messages()
	try:
		call()
	except Exception as error:
		status = getattr(error, "http_status_code", 500)
		assert 400 <= status < 500 and str(error), f"{type(error).__name__}: {error}"
	finally:
		frappe.db.rollback(save_point="fuzz")
		frappe.clear_messages()


@pytest.fixture
def made(sale):
	return Made(sale)


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
def test_an_endpoint_answers_anything_in_words(made, endpoint):
	good, function = arguments(endpoint, made), ENDPOINTS[endpoint]
	takes = list(inspect.signature(function).parameters)
	if not takes:
		return

	@quick
	@given(st.data())
	def anything(data):
		chosen = dict(good)
		for name in data.draw(st.sets(st.sampled_from(takes), min_size=1, max_size=2)):
			chosen[name] = data.draw(st.one_of(junk, filters) if name in ("filters", "cell", "doc", "row") else junk)
		for name in data.draw(st.sets(st.sampled_from(takes), max_size=1)):
			if data.draw(st.integers(0, 9)) == 0:
				chosen.pop(name, None)
		answer_in_words(lambda: frappe.call(function, **chosen))

	anything()


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_answers_any_filter_in_words(world, report):
	module = frappe.get_doc("Report", report)
	path = f"crm_pipeline.crm_pipeline.report.{frappe.scrub(module.name)}.{frappe.scrub(module.name)}.execute"
	execute = frappe.get_attr(path)

	@quick
	@given(st.one_of(junk, filters))
	def anything(sent):
		answer_in_words(lambda: execute(sent))

	anything()


MADE_UP = [
	{"from_date": ""},
	{"company": []},
	{"company": ["="]},
	[["no_field", "=", 1]],
	[["name", "no operator", 1]],
	[["name"]],
	[["name", "in", 5]],
]


@pytest.mark.parametrize("filters", MADE_UP, ids=str)
@pytest.mark.parametrize("endpoint", ["search_documents", "get_documents_listed"])
def test_filters_of_any_fields_are_answered_in_words(made, endpoint, filters):
	given = {**arguments(endpoint, made), "filters": filters}
	answer_in_words(lambda: frappe.call(ENDPOINTS[endpoint], **given))
