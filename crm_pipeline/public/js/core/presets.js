/** What people look for in a list every day: which filters, by the fields that a DocType has. */

/**
 * [{key, rules}] of the presets of a DocType, in the order of the menu. Its `closed` states are those in which nothing
 * is left to do, and a `deal` has one that is open; `has(field)` says which fields it has; `user` and `today` are whose
 * and when. "team" has no rules of its own: they depend on the user's place in the tree.
 */
export function presets({ deal, closed }, has, user, today) {
	const open = deal ? ["status", "=", "Open"] : ["status", "not in", closed];
	const due = has("follow_up_date") ? "follow_up_date" : "expected_close";
	const found = [{ key: "mine", rules: [["sales_owner", "=", user]] }];
	if (has("sales_person")) found.push({ key: "team", rules: [] });
	if (has("assignment_rule")) found.push({ key: "unassigned", rules: [open, ["sales_owner", "is", "not set"], ["pool_since", "is", "not set"]] });
	if (has("pool_since")) found.push({ key: "pool", rules: [open, ["pool_since", "is", "set"]] });
	if (has(due)) found.push({ key: "overdue", rules: [open, [due, "<", today]] });
	if (has("expected_close")) found.push({ key: "closing", rules: [open, ["expected_close", "Timespan", "this month"]] });
	const plan = has("next_step") ? ["next_step", "next_step_date"] : has("follow_up_date") ? ["follow_up_date"] : [];
	if (plan.length) found.push({ key: "unplanned", rules: [open, ...plan.map((field) => [field, "is", "not set"])] });
	return found;
}

/** The rules of "team": from the user's group, or the one above them, down; none for who stands nowhere in the tree. */
export function team_rules(place) {
	if (!place) return [];
	return [["sales_person", "descendants of (inclusive)", place.is_group ? place.name : place.parent_sales_person]];
}
