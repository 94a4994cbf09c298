/** Moving a card to another stage. The server decides; the card ends in the stage that the server answers. */

import { undo_allowed } from "../core/board";
import { choices_of, drop_of } from "../core/columns";
import { ask_lost, stage_field } from "../shared/lost";
import { ask, call, read } from "../shared/server";
import { with_answers } from "../shared/stage_questions";
import { toast } from "../shared/toast";
import { ask_winner } from "../shared/winner";

/**
 * Move a deal from column `from` to the stage of column `to`; a lost one is asked for the reason first, and what the gates
 * on the way ask for is filled in. `back()` puts the card back where it was, for who has dragged it away already.
 */
export async function move(board, name, from, to, back = () => {}) {
	const deal = { doctype: board.data.doctype, name, seen_stage: from.name };
	const drop = drop_of(from.facts(), to.facts());
	if (drop === "none" || drop === "refuse") return back();
	if (drop === "ask") {
		back();
		return lose(board, from, [to], deal);
	}
	if (to.stage.type === "Won" && !board.data.rules.allow_win_by_hand) {
		back();
		return end(board, name, "Won");
	}
	const done = (answers) => run(board, from, to, "move_stage", { ...deal, stage: to.name, ...answers }, back);
	const moved = await with_answers(deal, to.name, to.stage.label, done);
	if (!moved && board.column_of(name) !== from) back();
	return moved;
}

/** Won or lost, in the stage of that type or, of several, in the one that is chosen. */
export function end(board, name, type) {
	const from = board.column_of(name);
	const ends = board.columns.filter((column) => column.stage.type === type && !column.stage.disabled);
	if (!ends.length) {
		frappe.msgprint(__("This pipeline has no enabled stage of type: {0}. Deals can't be moved there.", [__(type)]));
		return;
	}
	if (type === "Lost") {
		lose(board, from, ends, { doctype: board.data.doctype, name, seen_stage: from.name });
		return;
	}
	if (!board.data.rules.allow_win_by_hand) {
		ask_winner(board.data.rules, (method) => make(board, name, method));
		return;
	}
	if (ends.length < 2) {
		move(board, name, from, ends[0]);
		return;
	}
	ask(__("Won in Which Stage?"), stage_field(ends.map((column) => column.stage)), __("Won"), ({ stage }, dialog) => {
		dialog.hide();
		return move(board, name, from, board.column(stage));
	});
}

async function make(board, name, method) {
	const made = await call(method, { doctype: board.data.doctype, name }).catch(() => null);
	if (made) frappe.set_route("Form", made.doctype, made.name);
}

/** The card lands in the very stage that it was dropped on, or that was chosen. */
function lose(board, from, ends, deal) {
	ask_lost(
		async (values, dialog) => {
			const to = board.column(values.stage) || ends[0];
			if (await run(board, from, to, "lose_deal", { ...deal, ...values, stage: to.name })) dialog.hide();
		},
		ends.map((column) => column.stage)
	);
}

async function run(board, from, to, method, args, back = () => {}) {
	const card = board.find_card(args.name);
	const title = card.querySelector("a").textContent;
	const position = card.parentNode === to.list ? card.nextSibling : null;
	card.classList.add("crm-card-busy");
	let moved = true;
	try {
		await call(method, args, { freeze: false });
	} catch {
		moved = false;
		back();
	}
	card.classList.remove("crm-card-busy");
	const current = await refresh_card(board, args.name, from, position);
	const place = current?.stage.label || to.stage.label;
	if (!moved) board.find_card(args.name)?.scrollIntoView({ block: "nearest", inline: "nearest" });
	const text = moved ? __("{0} moved to {1}", [title, place]) : __("{0} was not moved, it stays in {1}", [title, place]);
	board.announce(text);
	if (moved) {
		board.undo = way_back(board, args.name, from, to, title);
		toast(text, board.undo);
	}
	return moved;
}

/** What Undo does: back by the server's rules; nothing where those forbid it. */
function way_back(board, name, from, to, title) {
	if (!undo_allowed(board.facts(), from.facts(), to.facts(), board.data.rules)) return null;
	return async () => {
		board.undo = null;
		try {
			await call("undo_move", { doctype: board.data.doctype, name, seen_stage: to.name }, { freeze: false });
		} catch {
			// The server has said why.
		}
		const current = await refresh_card(board, name, to);
		if (current === from) board.announce(__("{0} is back in {1}", [title, from.stage.label]));
	};
}

/**
 * Show a deal as it is now, before the card `position` where it came to another column, and the totals of
 * the columns concerned. Answers its column.
 */
export async function refresh_card(board, name, from, position = null) {
	const card = await read("get_card", { doctype: board.data.doctype, name });
	const to = board.column(card.stage);
	const focused = board.find_card(name) === document.activeElement || document.activeElement === document.body;
	board.columns.filter((column) => column !== to).forEach((column) => column.remove(name));
	// A column that was never unfolded gets the card with the others, when it is.
	if (to?.loaded) to.put(card, position);
	else to?.remove(name);
	board.mark_reachable(to?.card(name));
	if (focused && to && !to.folded) to.card(name)?.focus({ preventScroll: true });
	await board.refresh_totals([...new Set([from.name, card.stage])]);
	return to;
}

/** Ask for the stage, for who neither drags nor knows the shortcut. */
export function ask_stage(board, name) {
	const from = board.column_of(name);
	const { options: names, proposed } = choices_of(board.facts(), from.name);
	const options = names.map((value) => ({ value, label: board.column(value).stage.label }));
	const fields = [{ fieldname: "stage", fieldtype: "Select", label: __("Stage"), options, reqd: 1, default: proposed }];
	ask(__("Move to Which Stage?"), fields, __("Move"), ({ stage }, dialog) => {
		dialog.hide();
		return move(board, name, from, board.column(stage));
	});
}
