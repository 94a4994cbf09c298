/**
 * Amounts of item rows and totals while typing, as core/pricing.py and core/costing.py have them on the server, which
 * works them out again on save. `round(value, field)` rounds as the site does for that field.
 */

const number = (value) => Number(value) || 0;

/** A rate typed by hand decides; the discount in percent follows from it. What is dearer than listed has none. */
export function discount_of(rate, price_list_rate, round) {
	return Math.max(round((1 - number(rate) / number(price_list_rate)) * 100, "discount_percentage"), 0);
}

/** List price less discount. */
export function rate_of({ price_list_rate, discount_percentage }, round) {
	return round(number(price_list_rate) * (1 - number(discount_percentage) / 100), "rate");
}

/** {amount, base_amount, stock_qty} of a row. */
export function row_amounts({ rate, qty, conversion_factor }, conversion_rate, round) {
	const amount = round(number(rate) * number(qty), "amount");
	return {
		amount,
		base_amount: round(amount * (number(conversion_rate) || 1), "base_amount"),
		stock_qty: number(qty) * (number(conversion_factor) || 1),
	};
}

/** Whether a row's rate was typed by hand: it is neither the list's nor the one that was looked up last. */
export function is_typed({ rate, price_list_rate }, looked_up) {
	return Boolean(number(rate)) && ![price_list_rate, looked_up].some((known) => number(known) === number(rate));
}

/** Rows that are sold for nothing because no list knows them; a discount of 100 % is somebody's choice, and so is the tick. */
export function unpriced(doc) {
	return (doc.items || []).filter((row) => row.item_code && !number(row.rate) && !number(row.price_list_rate) && !row.is_free && !is_agreed(doc, row));
}

/**
 * A row's price after its list, customer or day became another one: {price_list_rate, discount_percentage, rate}. `found` is
 * what the list says now; what is on no list stays as it was, and so does a discount that somebody gave.
 */
export function repriced(row, found, looked_up, round) {
	const typed = is_typed(row, looked_up);
	if (!number(found.price_list_rate) || (typed && number(found.price_list_rate) === number(row.price_list_rate))) {
		const { price_list_rate, discount_percentage, rate } = row;
		return { price_list_rate, discount_percentage, rate };
	}
	const { price_list_rate } = found;
	if (!typed) return { price_list_rate, discount_percentage: found.discount_percentage, rate: found.rate };
	// A rate of a row that was on no list is somebody's own.
	if (!number(row.price_list_rate)) return { price_list_rate, discount_percentage: discount_of(row.rate, price_list_rate, round), rate: row.rate };
	const { discount_percentage } = row;
	return { price_list_rate, discount_percentage, rate: rate_of({ price_list_rate, discount_percentage }, round) };
}

/** Whether a row's price was agreed before: a contract's for its requests, a quotation's for both. */
export function is_agreed(doc, row) {
	return Boolean((doc.doctype === "Sales Order Request" && doc.contract) || row.quotation_item);
}

const sum = (rows, field) => rows.reduce((total, row) => total + number(row[field]), 0);

/** Totals of a document that has rows and a discount of its own. `net_share` is how much of the prices is without tax. */
export function agreed_totals(doc, net_share, round) {
	const rows = doc.items || [];
	const total = round(sum(rows, "amount"), "total");
	const percentage = number(doc.additional_discount_percentage);
	const discount = round(percentage ? (total * percentage) / 100 : number(doc.discount_amount), "total");
	return {
		total_qty: sum(rows, "qty"),
		total,
		base_total: round(total * (number(doc.conversion_rate) || 1), "base_total"),
		discount_amount: discount,
		amount: round((total - discount) * net_share, "amount"),
	};
}

/** The amount of a document whose rows are all it has. */
export function rows_amount(doc, net_share, round) {
	return round(sum(doc.items || [], "amount") * net_share, "amount");
}

/** Price, cost and what is left, in percent of the price. Sold for nothing, the whole cost is lost: -100. */
export function margin_of(selling_amount, cost_amount, round) {
	const margin = round(selling_amount - cost_amount, "margin");
	const lost = margin < 0 ? -100 : 0;
	return { selling_amount, cost_amount, margin, margin_percentage: selling_amount ? (margin / selling_amount) * 100 : lost };
}

/**
 * What is asked for of the rows that remain [{row, remaining, qty}]: {over} is the first row with too much, {none} that
 * nothing is asked for; else {quantities} by row, null for all of it.
 */
export function asked_quantities(chosen, offered) {
	const over = chosen.find((row) => number(row.qty) > row.remaining);
	if (over) return { over };
	const wanted = chosen.filter((row) => number(row.qty) > 0);
	if (!wanted.length) return { none: true };
	const whole = wanted.length === offered.length && wanted.every((row) => number(row.qty) === row.remaining);
	return { quantities: whole ? null : Object.fromEntries(wanted.map((row) => [row.row, number(row.qty)])) };
}
