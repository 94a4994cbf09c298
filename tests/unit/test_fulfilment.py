from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.fulfilment import Fulfilment, InvoiceShare, OrderFacts, of_order, progress, roll_up

amount = st.integers(0, 1_000_000).map(lambda cents: cents / 100)
positive = st.integers(1, 1_000_000).map(lambda cents: cents / 100)
name = st.sampled_from(["SO-1", "SO-2", "SO-3"])
orders = st.lists(
	st.builds(
		OrderFacts,
		name=name,
		net=positive,
		gross=positive,
		delivered=amount,
		advance=amount,
		closed=st.booleans(),
	),
	max_size=3,
	unique_by=lambda order: order.name,
)
shares = st.lists(st.builds(InvoiceShare, order=name, net=amount, gross=positive, settled=amount), max_size=6)


def close(amounts: Fulfilment):
	return pytest.approx(astuple(amounts), rel=1e-9, abs=1e-6)


def test_an_order_without_invoices_is_ordered_and_nothing_more():
	assert of_order(OrderFacts("SO-1", 480, 571.2), []) == Fulfilment(ordered=480)


def test_billed_and_paid_are_net_of_tax():
	order = OrderFacts("SO-1", net=100, gross=119, delivered=100)
	assert of_order(order, [InvoiceShare("SO-1", net=100, gross=119, settled=119)]) == Fulfilment(
		100, 100, 100, 100
	)


def test_an_invoice_paid_in_part_counts_in_part():
	found = of_order(OrderFacts("SO-1", 100, 119), [InvoiceShare("SO-1", 100, 119, settled=59.5)])
	assert found.paid == pytest.approx(50)


def test_an_advance_on_the_order_is_paid_before_any_invoice():
	found = of_order(OrderFacts("SO-1", 100, 119, advance=23.8), [])
	assert (found.billed, found.paid) == (0, pytest.approx(20))


def test_a_full_credit_note_nets_out_what_was_billed():
	bill = InvoiceShare("SO-1", 100, 119)
	credit = InvoiceShare("SO-1", -100, -119)
	assert of_order(OrderFacts("SO-1", 100, 119), [bill, credit]).billed == 0


def test_a_refund_nets_out_what_was_paid():
	bill = InvoiceShare("SO-1", 100, 119, settled=119)
	credit = InvoiceShare("SO-1", -100, -119, settled=-119)
	found = of_order(OrderFacts("SO-1", 100, 119), [bill, credit])
	assert (found.billed, found.paid) == (0, 0)


def test_a_credit_note_without_refund_leaves_the_money_paid():
	bill = InvoiceShare("SO-1", 100, 100, settled=100)
	credit = InvoiceShare("SO-1", -40, -40, settled=0)
	found = of_order(OrderFacts("SO-1", 100, 100), [bill, credit])
	assert (found.billed, found.paid) == (60, 100)


@pytest.mark.parametrize(
	("delivered", "billed", "ordered"), [(0, 0, 0), (30, 0, 30), (30, 50, 50), (60, 50, 60)]
)
def test_a_closed_order_counts_as_what_was_delivered_or_billed_of_it(delivered, billed, ordered):
	order = OrderFacts("SO-1", 100, 100, delivered=delivered, closed=True)
	assert of_order(order, [InvoiceShare("SO-1", billed, billed)] if billed else []).ordered == ordered


def test_shares_of_other_orders_are_left_out():
	assert of_order(OrderFacts("SO-1", 100, 100), [InvoiceShare("SO-2", 70, 70, 70)]) == Fulfilment(
		ordered=100
	)


@given(orders, shares)
def test_each_order_counts_once_however_many_ways_lead_to_it(found, invoiced):
	assert roll_up([*found, *found], invoiced) == roll_up(found, invoiced)


@given(orders, shares)
def test_the_roll_up_is_the_sum_of_its_orders(found, invoiced):
	total = Fulfilment()
	for order in found:
		total += of_order(order, invoiced)
	assert astuple(roll_up(found, invoiced)) == close(total)


@given(orders, shares, st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(found, invoiced, random):
	shuffled_orders, shuffled_shares = list(found), list(invoiced)
	random.shuffle(shuffled_orders)
	random.shuffle(shuffled_shares)
	assert astuple(roll_up(shuffled_orders, shuffled_shares)) == close(roll_up(found, invoiced))


@given(st.lists(positive, min_size=1, max_size=3), st.integers(0, 30), st.integers(0, 100))
def test_an_invoice_over_several_orders_hands_out_exactly_what_was_settled(nets, tax, settled_percent):
	net = sum(nets)
	gross = net * (1 + tax / 100)
	settled = gross * settled_percent / 100
	facts = [OrderFacts(f"SO-{i}", part, part * (1 + tax / 100)) for i, part in enumerate(nets)]
	invoiced = [InvoiceShare(f"SO-{i}", part, gross, settled) for i, part in enumerate(nets)]
	total = roll_up(facts, invoiced)
	assert total.billed == pytest.approx(net)
	assert total.paid * gross / net == pytest.approx(settled)


@given(orders, shares)
def test_crediting_every_invoice_in_full_leaves_nothing_billed_or_paid(found, invoiced):
	credited = [replace(s, net=-s.net, gross=-s.gross, settled=-s.settled) for s in invoiced]
	without_advance = [replace(order, advance=0.0) for order in found]
	total = roll_up(without_advance, [*invoiced, *credited])
	assert (total.billed, total.paid) == pytest.approx((0, 0), abs=1e-6)


@pytest.mark.parametrize(
	("delivered", "billed", "paid", "states"),
	[
		(0, 0, 0, ("none", "none", "none")),
		(0.004, 40, 100, ("none", "part", "full")),
		(99.996, 99.99, 120, ("full", "part", "full")),
		(-5, 0, 0, ("none", "none", "none")),
	],
)
def test_progress_is_measured_against_what_was_ordered(delivered, billed, paid, states):
	assert tuple(progress(Fulfilment(100, delivered, billed, paid)).values()) == states


def test_nothing_ordered_is_zero_percent():
	assert Fulfilment(ordered=0, billed=10).percent("billed") == 0
	assert Fulfilment(ordered=200, billed=50).percent("billed") == 25
