/** The board's own rules: whose deals, what a card offers, whether a move can be undone. */

export const SORTS = ["close", "amount", "next_step", "entered", "title"];

/** The filters of "mine", "team" and "all" for a user; `team` is the group of the Sales Person tree that they stand in. */
export function whose_filters(key, user, team) {
	return { sales_owner: key === "mine" ? user : "", sales_person: key === "team" ? team : "" };
}

/** Which of them the filters say: "mine", "team", "all", or "" for somebody else's. */
export function whose_of({ sales_owner, sales_person }, user, team) {
	if (sales_owner) return sales_owner === user && !sales_person ? "mine" : "";
	if (sales_person) return team && sales_person === team ? "team" : "";
	return "all";
}

/** What is offered on a card, in its order. Who may not write may still ring and write a mail. */
export function card_actions({ phone, email_id, status }, may_write) {
	const reach = [phone && "call", email_id && "mail"].filter(Boolean);
	if (!may_write) return reach;
	return [...reach, "log", ...(status === "Open" ? ["plan", "won", "lost"] : [])];
}

/**
 * Whether the server would take a move back. `from` and `to` are columns of `columns`, `rules` those of the pipeline; it
 * looks at the same: core/stages.py, refusal().
 */
export function undo_allowed(columns, from, to, rules) {
	const at = (stage) => columns.findIndex((column) => column.name === stage.name);
	if (from.disabled || from.name === to.name) return false;
	if (from.type === "Lost") return true;
	if (from.type === "Won" && !rules.allow_win_by_hand) return false;
	if (to.type !== "Open") return Boolean(rules.allow_reopen);
	if (from.type === "Open" && at(from) < at(to)) return Boolean(rules.allow_back);
	const passed = columns.slice(at(to) + 1, at(from)).filter((column) => column.type === "Open" && !column.disabled);
	return Boolean(rules.allow_skip) || !passed.length;
}

/** Whether a move still asks its user something before the server takes it. */
export function asks({ fields, checks, others } = {}) {
	return Boolean(fields?.length || checks?.length || others?.some(({ kind }) => kind));
}
