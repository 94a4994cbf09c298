/** The board without a mouse: arrows go from card to card, with Ctrl they move the card. */

import { arrow, beside, in_sight } from "../core/columns";
import { ask_stage, move } from "./moving";

const step_of = (key) => arrow(key, frappe.utils.is_rtl());

export function watch_keys(board) {
	board.area.addEventListener("keydown", (event) => {
		const card = event.target.closest(".crm-card");
		if (!card || event.target !== card || event.altKey) return;
		const answer = event.ctrlKey || event.metaKey ? with_control : plain;
		if (!answer(board, card, event.key)) return;
		event.preventDefault();
		event.stopPropagation();
	});
	board.area.addEventListener("focusin", (event) => {
		if (event.target.classList.contains("crm-card")) board.mark_reachable(event.target);
	});
}

function plain(board, card, key) {
	const column = board.column_of(card.dataset.name);
	const cards = column.cards();
	if (step_of(key)) go(board, column, cards.indexOf(card), step_of(key));
	else if (key === "Home") focus(cards[0]);
	else if (key === "End") focus(cards[cards.length - 1]);
	else if (key === "Enter") board.open(card.dataset.name);
	else if (key.toLowerCase() === "m" && board.data.may_write) ask_stage(board, card.dataset.name);
	else return false;
	return true;
}

function with_control(board, card, key) {
	if (key.toLowerCase() === "z") {
		board.undo?.();
		return true;
	}
	const [step] = step_of(key) || [0];
	if (!step) return false;
	if (!board.data.may_write) return true;
	const from = board.column_of(card.dataset.name);
	const target = beside(board.facts(), from.name, step);
	if (target) move(board, card.dataset.name, from, board.column(target.name));
	return true;
}

async function go(board, column, row, [across, down]) {
	if (down) {
		if (down > 0 && row === column.cards().length - 1) await column.load_more();
		focus(column.cards()[row + down]);
		return;
	}
	const place = in_sight(board.facts(), board.columns.indexOf(column), across);
	const cards = board.columns[place]?.cards();
	if (cards) focus(cards[Math.min(row, cards.length - 1)]);
}

function focus(card) {
	card?.focus();
	card?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
