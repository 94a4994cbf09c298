"""A copy of a document that used up what it came from."""

from tests.site.portable.test_copied import duplicate


def test_a_request_that_used_up_its_quotation_is_copied_and_asked_for_again(sale, as_user):
	as_user("rep")
	request = sale.request(sale.quotation())
	copy = duplicate(request).insert()
	assert [(row.item_code, row.rate, row.quotation, row.quotation_item) for row in copy.items] == [
		(row.item_code, row.rate, None, None) for row in request.items
	]
	copy.submit()
	assert (copy.status, copy.source_type, copy.amount) == ("Requested", None, request.amount)
	as_user("desk")
	order = sale.accept(copy)
	assert [row.quotation_item for row in order.items] == [None, None]
