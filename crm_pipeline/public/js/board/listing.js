/** The filters of a list that shows the deals of a column. */

const TREES = ["territory", "sales_person"];

export function list_filters(board, column) {
	const { company, recent_days } = board.data;
	const wanted = { company, stage: column.name };
	if (column.is_open) wanted.status = "Open";
	else wanted.closed_on = [">=", frappe.datetime.add_days(frappe.datetime.get_today(), -recent_days)];
	for (const [name, value] of Object.entries(board.filters)) {
		if (TREES.includes(name)) wanted[name] = ["descendants of (inclusive)", value];
		else if (name === "stalled") wanted.is_stalled = 1;
		else if (name === "search") wanted.title = ["like", `%${value}%`];
		else if (name === "source_type" && value === "Created Directly") wanted[name] = ["is", "not set"];
		else wanted[name] = value;
	}
	return wanted;
}
