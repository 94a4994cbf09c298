/** Native documents of a deal in an order to be read: each order, what followed it, and what paid its invoices. */

export function grouped(rows) {
	const orders = rows.filter((row) => row.doctype === "Sales Order");
	const sorted = orders.flatMap((order) => [order, ...after(rows, order)]);
	return [...new Set([...sorted, ...rows])];
}

function after(rows, order) {
	const direct = rows.filter((row) => row !== order && row.order === order.name);
	const invoices = new Set(direct.map((row) => row.name));
	return [...direct, ...rows.filter((row) => invoices.has(row.order) && !direct.includes(row))];
}
