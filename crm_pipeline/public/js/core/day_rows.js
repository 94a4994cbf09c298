/** My Day: what can be done about a row, and in which order rows stand. */

const OPEN_ONLY = ["open"];

/** The actions for a row of a section, the usual one first; `follow_up` is the day on which a lead is contacted again. */
export function actions_of(row, section) {
	if (section === "late" || section === "today") return ["done", "move", "log", "forward", "assign"];
	if (section === "steps") return ["done", "move", "log", "forward", "assign"];
	if (section === "leads") return row.follow_up ? ["log", "move", "forward", "assign"] : ["log", "forward", "assign"];
	if (section === "stalled") return ["log", "move", "forward", "assign"];
	if (section === "tasks") return ["done", "move", "forward"];
	if (section === "cases") return ["log", "forward", "assign"];
	if (section === "promises") return ["log"];
	if (section === "pool") return ["claim", "open"];
	if (section === "unassigned") return ["forward", "open"];
	return OPEN_ONLY;
}

/** The row that has the focus after one is gone: the next one, else the one before; -1 where none is left. */
export function next_place(place, left) {
	return Math.min(place, left - 1);
}

/** The list filters of a part that holds exactly its documents, and nothing where there is none. */
export function listed_parts(parts) {
	return parts.filter((part) => part.count > 0);
}

/** How many of a section are not shown. */
export function hidden_count(section) {
	return Math.max(section.count - section.rows.length, 0);
}
