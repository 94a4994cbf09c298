/** The filters [field, operator, value] of a list that shows the deals of a column. */

const TREES = ["territory", "sales_person"];

export function list_filters(board, column) {
	const { company, recent_days } = board.data;
	const since = frappe.datetime.add_days(frappe.datetime.get_today(), -recent_days);
	const wanted = { ...board.filters, company: board.filters.company || company };
	return [
		["stage", "=", column.name],
		column.is_open ? ["status", "=", "Open"] : ["closed_on", ">=", since],
		...Object.entries(wanted).map(([name, value]) => as_filter(name, value)),
	];
}

function as_filter(name, value) {
	if (TREES.includes(name)) return [name, "descendants of (inclusive)", value];
	if (name === "stalled") return ["is_stalled", "=", 1];
	if (name === "search") return ["title", "like", `%${value}%`];
	if (name === "source_type" && value === "Created Directly") return [name, "is", "not set"];
	return [name, "=", value];
}
