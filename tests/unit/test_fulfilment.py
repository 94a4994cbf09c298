from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.fulfilment import (
	Fulfilment,
	InvoiceShare,
	OrderFacts,
	OrderRow,
	all_billed,
	all_delivered,
	of_order,
	progress,
	roll_up,
)

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
	assert of_order(order, [InvoiceShare("SO-1", net=100, gross=119, settled=119)]) == Fulfilment(100, 100, 100, 100)


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


@pytest.mark.parametrize(("delivered", "billed", "ordered"), [(0, 0, 0), (30, 0, 30), (30, 50, 50), (60, 50, 60)])
def test_a_closed_order_counts_as_what_was_delivered_or_billed_of_it(delivered, billed, ordered):
	order = OrderFacts("SO-1", 100, 100, delivered=delivered, closed=True)
	assert of_order(order, [InvoiceShare("SO-1", billed, billed)] if billed else []).ordered == ordered


def test_shares_of_other_orders_are_left_out():
	assert of_order(OrderFacts("SO-1", 100, 100), [InvoiceShare("SO-2", 70, 70, 70)]) == Fulfilment(ordered=100)


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


# ---- all of it


def reached(row: OrderRow, **amounts) -> tuple[str, ...]:
	return tuple(progress(Fulfilment(**{"ordered": 100, **amounts}), [row]).values())


def test_nothing_ordered_is_nothing_reached():
	assert set(progress(Fulfilment(), []).values()) == {"none"}


def test_all_of_it_goes_by_quantity_and_the_orders_own_currency():
	row = OrderRow(qty=4, amount=400, delivered=4, billed=300, billed_qty=3, invoice_rows=1)
	assert reached(row, delivered=100, billed=130) == ("full", "part", "none")
	assert reached(replace(row, billed=400, billed_qty=4), delivered=100, billed=94) == ("full", "full", "none")


def test_what_costs_nothing_is_delivered_and_needs_no_invoice():
	row = OrderRow(qty=2, amount=0)
	assert reached(row)[:2] == ("none", "full")
	assert reached(replace(row, delivered=2))[:2] == ("full", "full")


def test_a_service_is_delivered_when_it_is_billed_or_on_a_delivery_note():
	row = OrderRow(qty=1, amount=80, needs_note=False)
	assert not all_delivered(row)
	assert not all_delivered(replace(row, billed=40, billed_qty=1, invoice_rows=1))
	assert all_delivered(replace(row, billed=80, billed_qty=2, invoice_rows=2))
	assert all_delivered(replace(row, delivered=1))


def test_the_whole_quantity_at_half_the_price_is_not_all_billed():
	assert not all_billed(OrderRow(qty=3, amount=300, billed=150, billed_qty=3, invoice_rows=1))


def test_a_closed_order_wants_what_was_begun():
	row = OrderRow(qty=4, amount=400, closed=True)
	assert reached(row)[:2] == ("none", "none")
	begun = replace(row, delivered=1)
	assert (all_delivered(begun), all_billed(begun)) == (True, False)
	begun = replace(begun, billed=200, billed_qty=2, invoice_rows=1)
	assert (all_delivered(begun), all_billed(begun)) == (False, True)


def test_many_invoices_of_next_to_nothing_are_not_all_of_it():
	row = OrderRow(qty=1000, amount=1, billed=0, billed_qty=500, invoice_rows=500)
	assert not all_billed(row)
	assert all_billed(replace(row, billed_qty=1000, invoice_rows=1000))


def test_closing_an_order_lets_a_lower_price_on_its_invoice_stand():
	row = OrderRow(qty=4, amount=400, delivered=4, billed=360, billed_qty=4, invoice_rows=1)
	assert not all_billed(row)
	assert all_billed(replace(row, closed=True))
	assert not all_billed(replace(row, closed=True, billed_qty=3))


def test_what_was_credited_of_the_price_keeps_no_closed_order_open():
	"""Four were invoiced, and for the late one a credit note took 20 off."""
	row = OrderRow(qty=4, amount=400, delivered=4, billed=380, billed_qty=3, invoiced_qty=4, invoice_rows=2)
	assert not all_billed(row), "it may be billed once more"
	assert all_billed(replace(row, closed=True))
	assert not all_billed(replace(row, closed=True, invoiced_qty=3))


def test_all_that_can_be_billed_and_was_paid_is_paid_in_full():
	row = OrderRow(qty=3, amount=10.11, billed=10.11, billed_qty=3, invoice_rows=3)
	assert progress(Fulfilment(9.10, 0, 9.09, 9.09), [row])["paid"] == "full"
	assert progress(Fulfilment(9.10, 0, 9.09, 9.00), [row])["paid"] == "part"
	assert progress(Fulfilment(9.10, 0, 0, 9.10), [replace(row, billed=0, billed_qty=0)])["paid"] == "full"


@given(
	st.integers(1, 10**6), st.lists(st.integers(1, 50), min_size=1, max_size=12), st.sampled_from([1.0, 0.01, 0.001])
)
def test_any_parts_that_make_up_the_quantity_bill_all_of_it_and_none_fewer_do(rate, parts, unit):
	"""Whatever each invoice rounds."""

	def amount(qty):
		return round(rate * qty / 700 / unit) * unit

	row = OrderRow(qty=sum(parts), amount=amount(sum(parts)), unit=unit)
	whole = replace(row, billed=sum(map(amount, parts)), billed_qty=sum(parts), invoice_rows=len(parts))
	assert all_billed(whole)
	missing = amount(parts[-1])
	if row.amount and missing > 2 * unit:
		fewer = replace(row, billed=whole.billed - missing, billed_qty=sum(parts[:-1]), invoice_rows=len(parts) - 1)
		assert not all_billed(fewer) or row.amount - fewer.billed < unit / 2


def test_nothing_ordered_is_zero_percent():
	assert Fulfilment(ordered=0, billed=10).percent("billed") == 0
	assert Fulfilment(ordered=200, billed=50).percent("billed") == 25


@pytest.mark.parametrize(
	("billed_qty", "invoice_rows", "missing", "all_of_it"),
	[
		(3, 1, 0.01, True),
		(3, 1, 0.011, False),
		(3, 3, 0.02, True),
		(3, 3, 0.021, False),
		# Of a part of the quantity no rounding explains more than half a cent.
		(2, 3, 0.004, True),
		(2, 3, 0.006, False),
	],
)
def test_each_invoice_may_lack_half_a_cent_that_its_rounding_took_and_the_order_another(
	billed_qty, invoice_rows, missing, all_of_it
):
	row = OrderRow(qty=3, amount=100, billed=100 - missing, billed_qty=billed_qty, invoice_rows=invoice_rows)
	assert all_billed(row) is all_of_it
	assert all_billed(replace(row, unit=1.0, amount=10000, billed=10000 - 100 * missing)) is all_of_it
