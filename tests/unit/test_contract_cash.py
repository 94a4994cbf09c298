"""From contract to cash: installments and payment terms add up to what was invoiced, billed and paid."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.ageing import Part
from crm_pipeline.core.contract_cash import AgreedTerm, Installment, TermLine, by_term, installments, paid_by_term

DAY = date(2026, 5, 1)
amounts = st.integers(1, 100_000).map(lambda cents: cents / 100)
days = st.integers(-60, 60).map(lambda n: DAY + timedelta(days=n))
terms = st.sampled_from(("", "A", "B", "C"))
TERMS = (AgreedTerm("A", 0.25), AgreedTerm("B", 0.75))


def close(one: float, other: float) -> bool:
	return abs(one - other) < 0.02


@st.composite
def billed(draw):
	invoiced = draw(amounts)
	return Installment(draw(terms), draw(days), invoiced, invoiced * draw(st.floats(0, 1)), invoiced / 1.2, draw(st.sampled_from("xyz")))  # fmt: skip


@given(st.lists(billed(), max_size=8), amounts)
def test_the_terms_add_up_to_the_invoices(found, agreed):
	lines = by_term(agreed, TERMS, found, DAY)
	for name, wanted in (
		("billed", "net"),
		("invoiced", "invoiced"),
		("outstanding", "outstanding"),
		("settled", "settled"),
	):
		assert close(sum(getattr(line, name) for line in lines), sum(getattr(row, wanted) for row in found))
	assert close(sum(line.agreed for line in lines), agreed)
	assert close(sum(line.overdue for line in lines), sum(row.outstanding for row in found if row.due < DAY))


@given(st.lists(billed(), max_size=8), amounts, st.integers(0, 1000))
def test_what_was_paid_is_all_told_by_term(found, agreed, paid):
	lines = by_term(agreed, TERMS, found, DAY)
	assert close(sum(paid_by_term(lines, paid)), paid)


def test_an_advance_pays_the_terms_that_come_first():
	assert paid_by_term(by_term(400, TERMS, [], DAY), 150) == [100, 50]


def test_an_invoice_without_terms_fills_the_first_and_its_money_pays_the_first():
	lines = by_term(400, TERMS, [Installment("", DAY, 240, 90, 200, "x")], DAY)
	assert [(line.billed, line.invoiced, line.settled) for line in lines] == [(100, 120, 120), (100, 120, 30)]


def test_cents_without_terms_fill_the_first_and_a_credited_cent_is_taken_from_the_last():
	told = lambda *rows: [(line.term, line.billed, line.settled) for line in by_term(400, TERMS, rows, DAY)]  # noqa: E731
	assert told(Installment("", DAY, 0.9, 0.4, 0.75, "x")) == [("A", 0.75, 0.5), ("B", 0, 0)]
	whole = Installment("", DAY, 480, 480, 400, "x")
	assert told(whole, Installment("", DAY, -0.9, -0.9, -0.75, "y")) == [("A", 100, 0), ("B", 299.25, 0)]
	assert told(Installment("", DAY, 0, 0, 0, "x")) == [("A", 0, 0), ("B", 0, 0), ("", 0, 0)]


def test_a_credit_note_without_terms_takes_from_the_last_that_is_billed():
	rows = [Installment("", DAY, 400, 400, 400, "x"), Installment("", DAY, -100, -100, -100, "y")]
	assert [line.billed for line in by_term(400, TERMS, rows, DAY)] == [100, 200]


def test_what_is_billed_beyond_the_contract_names_no_term():
	lines = by_term(100, TERMS, [Installment("", DAY, 150, 0, 150, "x")], DAY)
	assert [(line.term, line.billed) for line in lines] == [("A", 25), ("B", 75), ("", 50)]


@given(
	st.lists(st.tuples(st.sampled_from("AB"), days, amounts), max_size=4), amounts, st.floats(0.1, 1), st.floats(0, 1)
)
def test_the_installments_of_an_invoice_add_up_to_its_share(schedule, net, share, open_share):
	invoiced = sum(row[2] for row in schedule) + 5
	parts = [Part(day, amount * open_share, term) for term, day, amount in schedule]
	found = installments("x", schedule, parts, invoiced, share, net, DAY)
	assert close(sum(row.invoiced for row in found), invoiced * share)
	assert close(sum(row.outstanding for row in found), sum(part.amount for part in parts) * share)
	assert close(sum(row.net for row in found), net)


def test_a_contract_without_payment_terms_has_no_line():
	assert paid_by_term([], 150) == []


def test_what_was_paid_beyond_the_terms_counts_for_the_last_of_them():
	assert paid_by_term(by_term(400, TERMS, [], DAY), 450) == [100, 350]


def test_money_counts_for_the_terms_whose_invoices_are_settled():
	rows = [Installment("A", DAY, 120, 120, 100, "x"), Installment("B", DAY, 360, 0, 300, "y")]
	assert paid_by_term(by_term(400, TERMS, rows, DAY), 300) == [0, 300]


def test_a_credit_note_that_was_partly_paid_out_gives_back_the_last_term_first():
	rows = [Installment("", DAY, 480, 480, 400, "x"), Installment("", DAY, -420, -20, -350, "y")]
	lines = by_term(400, TERMS, rows, DAY)
	assert [(line.billed, line.invoiced, line.settled) for line in lines] == [(50, 60, -40), (0, 0, -360)]


def test_each_term_of_an_invoice_has_what_is_open_of_it_on_its_own_day():
	later = DAY + timedelta(days=30)
	schedule = [("A", DAY, 60), ("B", DAY, 40), ("C", DAY, 0.004), ("A", later, 100)]
	parts = [Part(DAY, 10, "B"), Part(later, 30, "A")]
	assert installments("x", schedule, parts, 200, 0.5, 80, later) == [
		Installment("A", DAY, 30, 0, 24, "x"),
		Installment("B", DAY, 20, 5, 16, "x"),
		Installment("A", later, 50, 15, 40, "x"),
	]


def test_what_an_invoice_s_schedule_does_not_say_is_due_with_the_invoice():
	later = DAY + timedelta(days=30)
	found = installments("x", [("A", DAY, 90)], [Part(DAY, 90, "A"), Part(DAY, 4, "")], 100, 1, 50, later)
	assert found == [Installment("A", DAY, 90, 90, 45, "x"), Installment("", later, 10, 4, 5, "x")]
	assert installments("x", [], [Part(DAY, -7)], 0, 1, 50, later) == [Installment("", later, 0, -7, 50, "x")]
	assert installments("x", [("A", DAY, 90)], [Part(later, -7)], 90, 1, 50, later) == [
		Installment("A", DAY, 90, -7, 50, "x")
	], "paid too much: of the last one"


def test_a_term_is_late_from_the_day_after_it_is_due_and_names_each_invoice_once():
	before = DAY - timedelta(days=1)
	rows = [
		Installment("Z", DAY, 10, 10, 8, "z"),
		Installment("A", DAY, 60, 50, 48, "y"),
		Installment("A", before, 30, 20, 24, "x"),
		Installment("A", before, 6, 6, 5, "x"),
	]
	lines = by_term(400, (AgreedTerm("A", 0.25, before), *TERMS), rows, DAY)
	assert [(line.term, line.agreed, line.billed, line.outstanding, line.overdue) for line in lines] == [
		("A", 200, 77, 76, 26), ("B", 300, 0, 0, 0), ("Z", 0, 8, 10, 0),
	]  # fmt: skip
	assert [(line.due, line.invoices) for line in lines] == [(before, ("x", "y")), (None, ()), (DAY, ("z",))]


def test_money_that_settles_no_invoice_counts_for_the_terms_that_come_first():
	rows = [Installment("A", DAY, 120, 120, 100, "x"), Installment("B", DAY, 0, 0, 50, "y")]
	assert paid_by_term(by_term(400, TERMS, rows, DAY), 150) == [100, 50]


def test_a_credit_note_gives_back_by_its_own_terms():
	later = DAY + timedelta(days=30)
	schedule = [("A", DAY, -60), ("B", later, -30), ("C", later, -0.004)]
	parts = [Part(DAY, -60, "A"), Part(later, -10, "B")]
	assert installments("x", schedule, parts, -100, 0.5, -45, later) == [
		Installment("A", DAY, -30, -30, -27, "x"),
		Installment("B", later, -15, -5, -13.5, "x"),
		Installment("", later, -5, 0, -4.5, "x"),
	]


def test_an_invoice_of_nothing_has_its_net_amount_once():
	assert installments("x", [], [], 0, 1, 0, DAY) == [Installment("", DAY, 0, 0, 0, "x")]
	both = installments("x", [("A", DAY, 50), ("B", DAY, -50)], [], 0, 1, 8, DAY)
	assert [(row.term, row.invoiced, row.net) for row in both] == [("A", 50, 4), ("B", -50, 4)]


def test_money_is_told_net_where_the_terms_bear_different_taxes():
	rows = [Installment("A", DAY, 120, 0, 100, "x"), Installment("B", DAY, 300, 0, 300, "y")]
	assert paid_by_term(by_term(400, TERMS, rows, DAY), 400) == [100, 300]
	half = [Installment("A", DAY, 120, 60, 100, "x"), Installment("B", DAY, 300, 225, 300, "y")]
	assert paid_by_term(by_term(400, TERMS, half, DAY), 125) == [50, 75]


def test_an_advance_pays_nothing_for_a_term_that_takes_off_or_is_nothing():
	lines = [TermLine("Discount", -20.0), TermLine("A", 0.0), TermLine("B", 100.0), TermLine("C", 50.0)]
	assert paid_by_term(lines, 70) == [0, 0, 70, 0]
	assert paid_by_term(lines, 170) == [0, 0, 100, 70]
