/** Where a card of a board goes. Columns are {name, type, disabled, folded, count}, in their order. */

/** What a drop has to do: "none", "refuse" (a disabled stage takes nothing), "ask" why it was lost, or "move". */
export function drop_of(from, to) {
	if (!to || from.name === to.name) return "none";
	if (to.disabled) return "refuse";
	return to.type === "Lost" ? "ask" : "move";
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Where an arrow key points: [columns, cards], null for another key. From right to left the next column is left. */
export function arrow(key, is_rtl) {
	const found = ARROWS[key];
	return found && is_rtl ? [found[0] && -found[0], found[1]] : found || null;
}

/** The column beside, for a card that is moved by keyboard: disabled ones are passed over. Null at the end. */
export function beside(columns, name, step) {
	const open = columns.filter((column) => !column.disabled || column.name === name);
	return open[open.findIndex((column) => column.name === name) + step] || null;
}

/** The place of the next column with cards in sight, for who looks around; null where there is none. */
export function in_sight(columns, place, across) {
	let next = place + across;
	while (columns[next] && (columns[next].folded || !columns[next].count)) next += across;
	return columns[next] ? next : null;
}

/** The stages that a card of column `name` may be moved to, and the one to propose: the next one, else the first. */
export function choices_of(columns, name) {
	const at = columns.findIndex((column) => column.name === name);
	const others = columns.filter((column, place) => place !== at && !column.disabled);
	const next = others.find((column) => columns.indexOf(column) > at) || others[0];
	return { options: others.map((column) => column.name), proposed: next ? next.name : null };
}

/**
 * How a stage of a bar stands to the current one of a deal: "here", "passed" (the deal has been in it), "skipped", "added"
 * (it came to the pipeline after the deal had gone by) or "ahead". `visits` is {stage: when it was entered first}; a stage
 * is {name, position, stage_type, creation}.
 */
export function standing(stage, current, stages = [], visits = {}) {
	if (!current) return "ahead";
	if (stage.name === current.name) return "here";
	if (!Object.keys(visits).length) {
		// Of a deal without a ledger nobody knows more than where it stands; a lost one has passed none.
		return stage.position < current.position && current.stage_type !== "Lost" ? "passed" : "ahead";
	}
	if (visits[stage.name] && (current.stage_type !== "Open" || stage.position < current.position)) return "passed";
	const beyond = stages.filter((other) => visits[other.name] && other.stage_type === "Open" && other.position > stage.position);
	const went_by = beyond.map((other) => visits[other.name]).sort()[0];
	const behind = current.stage_type === "Open" ? stage.position < current.position : Boolean(went_by) || current.stage_type === "Won";
	if (!behind) return "ahead";
	const gone = went_by || visits[current.name];
	return gone && stage.creation && stage.creation > gone ? "added" : "skipped";
}
