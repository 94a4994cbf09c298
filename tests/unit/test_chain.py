from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.chain import (
	ORDER,
	Ref,
	allowed_sources,
	ancestors,
	descendants,
	position,
	project_type,
)

LEAD, OPPORTUNITY, PROJECT = "Sales Lead", "Sales Opportunity", "Sales Project"


class Graph:
	"""Links from a document to what it came from, and the loaders that read them, counting their calls."""

	def __init__(self, links: dict[Ref, set[Ref]]):
		self.links = links
		self.calls = Counter()

	def sources_of(self, doctype, names):
		self.calls[doctype] += 1
		assert names, "a loader is never called for nothing"
		for ref in sorted((r for r in self.links if r.doctype == doctype and r.name in names), key=lambda r: r.name):
			if not self.links[ref]:
				yield ref.name, None
			for source in sorted(self.links[ref], key=str):
				yield ref.name, source

	def children_of(self, doctype, sources):
		self.calls[doctype] += 1
		# As a query by name would: documents of other types with the same name come along.
		names = {ref.name for ref in sources}
		for ref in sorted((r for r in self.links if r.doctype == doctype), key=lambda r: r.name):
			for source in sorted(self.links[ref], key=str):
				if source.name in names:
					yield ref.name, source

	def above(self, ref: Ref) -> set[Ref]:
		"""The naive closure of the sources."""
		found: set[Ref] = set()
		todo = [ref]
		while todo:
			for source in self.links.get(todo.pop(), ()):
				if source not in found:
					found.add(source)
					todo.append(source)
		return found - {ref}

	def below(self, ref: Ref) -> set[Ref]:
		return {other for other in self.links if other != ref and ref in self.above(other)}


@st.composite
def graphs(draw, leads_from_projects: bool = True):
	"""A random acyclic graph in which every document comes only from types that it may come from."""
	count = draw(st.integers(1, 14))
	refs = [Ref(draw(st.sampled_from(ORDER)), str(draw(st.integers(1, 3)))) for _ in range(count)]
	refs = list(dict.fromkeys(refs))
	links: dict[Ref, set[Ref]] = {}
	for index, ref in enumerate(refs):
		allowed = ORDER[: position(ref.doctype)] if not leads_from_projects else allowed_sources(ref.doctype)
		earlier = [r for r in refs[:index] if r.doctype in allowed]
		links[ref] = set(draw(st.lists(st.sampled_from(earlier), max_size=2))) if earlier else set()
	return Graph(links)


@given(graphs(), st.data())
def test_ancestors_agree_with_the_naive_closure(graph, data):
	start = data.draw(st.sampled_from(list(graph.links)))
	found = ancestors([start], graph.sources_of)
	assert set(found) == graph.above(start)
	assert len(found) == len(set(found))


@given(graphs(), st.data())
def test_descendants_agree_with_the_naive_closure(graph, data):
	start = data.draw(st.sampled_from(list(graph.links)))
	found = descendants([start], graph.children_of)
	assert set(found) == graph.below(start)
	assert len(found) == len(set(found))


@given(graphs(), st.data())
def test_descendants_come_in_chain_order(graph, data):
	start = data.draw(st.sampled_from(list(graph.links)))
	places = [position(ref.doctype) for ref in descendants([start], graph.children_of)]
	assert places == sorted(places)


@given(graphs(leads_from_projects=False), st.data())
def test_a_walk_up_asks_each_type_once_at_most(graph, data):
	ancestors([data.draw(st.sampled_from(list(graph.links)))], graph.sources_of)
	assert set(graph.calls.values()) <= {1}


@given(graphs(leads_from_projects=False), st.data())
def test_a_walk_down_asks_each_type_a_fixed_number_of_times(graph, data):
	descendants([data.draw(st.sampled_from(list(graph.links)))], graph.children_of)
	assert set(graph.calls) == set(ORDER[1:])
	assert graph.calls[PROJECT] == 2 and graph.calls[LEAD] <= 2
	assert all(calls == 1 for doctype, calls in graph.calls.items() if doctype not in (PROJECT, LEAD))


@given(st.integers(1, 400))
def test_the_number_of_calls_does_not_grow_with_the_number_of_documents(width):
	campaign = Ref("Sales Campaign", "1")
	links = {campaign: set()}
	for number in range(width):
		lead, deal = Ref(LEAD, str(number)), Ref(OPPORTUNITY, str(number))
		links |= {lead: {campaign}, deal: {lead}}
	down, up = Graph(links), Graph(links)
	descendants([campaign], down.children_of)
	ancestors([Ref(OPPORTUNITY, str(n)) for n in range(width)], up.sources_of)
	assert sum(down.calls.values()) == len(ORDER)
	assert up.calls == {OPPORTUNITY: 1, LEAD: 1, "Sales Campaign": 1}


def test_a_lead_that_joined_an_opportunity_is_among_its_ancestors_and_the_deal_among_the_leads_descendants():
	first, joined, deal = Ref(LEAD, "1"), Ref(LEAD, "2"), Ref(OPPORTUNITY, "1")
	graph = Graph({first: set(), joined: set(), deal: {first, joined}})
	assert set(ancestors([deal], graph.sources_of)) == {first, joined}
	assert descendants([joined], graph.children_of) == [deal]


def test_a_campaigns_project_brings_a_lead_in_and_the_lead_gives_a_project_of_its_own():
	campaign, marketing = Ref("Sales Campaign", "1"), Ref(PROJECT, "1")
	lead, project, order = Ref(LEAD, "1"), Ref(PROJECT, "2"), Ref("Sales Order", "1")
	graph = Graph({campaign: set(), marketing: {campaign}, lead: {marketing}, project: {lead}, order: {project}})
	assert ancestors([order], graph.sources_of) == [project, lead, marketing, campaign]
	assert descendants([campaign], graph.children_of) == [lead, marketing, project, order]


def test_a_campaigns_lead_whose_project_brings_another_lead_in_loses_nobody():
	campaign, first, project = Ref("Sales Campaign", "1"), Ref(LEAD, "1"), Ref(PROJECT, "1")
	second, deal = Ref(LEAD, "2"), Ref(OPPORTUNITY, "1")
	graph = Graph({campaign: set(), first: {campaign}, project: {first}, second: {project}, deal: {second}})
	assert set(ancestors([deal], graph.sources_of)) == {second, project, first, campaign}
	assert set(descendants([campaign], graph.children_of)) == {first, project, second, deal}


def test_documents_of_another_type_with_the_same_name_are_no_relatives():
	graph = Graph({Ref(LEAD, "1"): set(), Ref(OPPORTUNITY, "1"): set(), Ref("Quotation", "9"): {Ref(OPPORTUNITY, "1")}})
	assert descendants([Ref(LEAD, "1")], graph.children_of) == []


def test_a_ring_of_links_ends():
	lead, project = Ref(LEAD, "1"), Ref(PROJECT, "1")
	graph = Graph({lead: {project}, project: {lead}})
	assert ancestors([lead], graph.sources_of) == [project]
	assert descendants([lead], graph.children_of) == [project]


def test_what_is_no_part_of_the_chain_has_no_relatives():
	graph = Graph({})
	assert position("Delivery Note") == -1
	assert ancestors([Ref("Delivery Note", "1")], graph.sources_of) == []
	assert allowed_sources("Delivery Note") == ()


@pytest.mark.parametrize("doctype", ORDER)
def test_a_source_stands_earlier_but_for_the_lead_of_a_project(doctype):
	later = [source for source in allowed_sources(doctype) if position(source) >= position(doctype)]
	assert later == ([PROJECT] if doctype == LEAD else [])


@pytest.mark.parametrize(
	("source", "chosen", "expected"),
	[
		("Sales Lead", "Marketing", "Sales"),
		("Sales Opportunity", None, "Sales"),
		("Sales Opportunity", "Marketing", "Sales"),
		("Sales Campaign", "Sales", "Marketing"),
		("Sales Prospect", "Marketing", "Marketing"),
		(None, "Marketing", "Marketing"),
		(None, None, "Sales"),
	],
)
def test_the_source_decides_the_type_of_a_project(source, chosen, expected):
	assert project_type(source, chosen) == expected
