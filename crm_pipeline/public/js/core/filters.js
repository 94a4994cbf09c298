/** Filters: what a page is asked with, and the list that shows the same documents. Rules are [field, operator, value]. */

const TREES = ["territory", "sales_person"];

/** The values that are filled. */
export function filled(values) {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}

/** Whether two choices of filters ask for the same, in whichever order they were chosen. */
export function same_filters(one, other) {
	const sorted = (filters) => JSON.stringify(Object.entries(filled(filters)).sort());
	return sorted(one) === sorted(other);
}

/** What is remembered for next time: everything but what was searched. */
export function lasting(filters) {
	const { search: _search, ...others } = filters;
	return others;
}

/** The query of a list's address as pairs [field, text]; a field may come several times. */
export function address_pairs(rules) {
	return rules.map(([field, operator, value]) => [
		field,
		operator === "=" && typeof value === "string" ? value : JSON.stringify([operator, value]),
	]);
}

/** The same as options of a route: {field: [operator, value]}. Several rules of one field are understood as texts only. */
export function route_options(rules) {
	const by_field = {};
	for (const [field, operator, value] of rules) (by_field[field] ||= []).push([operator, value]);
	return Object.fromEntries(
		Object.entries(by_field).map(([field, found]) => [field, found.length > 1 ? found.map((rule) => JSON.stringify(rule)) : found[0]])
	);
}

/** One filter of a page as the rule of a list. */
export function list_rule(name, value) {
	if (TREES.includes(name)) return [name, "descendants of (inclusive)", value];
	if (name === "stalled") return ["is_stalled", "=", 1];
	if (name === "search") return ["title", "like", `%${value}%`];
	if (name === "source_type" && value === "Created Directly") return [name, "is", "not set"];
	return [name, "=", value];
}

/**
 * The rules of the list that shows the deals of a stage {name, is_open} under the filters of a page. Closed ones count
 * from the day `since` on.
 */
export function stage_rules(stage, filters, since) {
	return [
		["stage", "=", stage.name],
		stage.is_open ? ["status", "=", "Open"] : ["closed_on", ">=", since],
		...Object.entries(filled(filters)).map(([name, value]) => list_rule(name, value)),
	];
}
