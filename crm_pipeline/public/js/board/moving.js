/** Moving a card to another stage. The server decides; the card ends where the server says the deal stands. */

import { choices_of, drop_of } from "../core/columns";
import { ask_lost } from "../shared/lost";
import { ask, call, read } from "../shared/server";

/**
 * Move a deal from column `from` to the stage of column `to`; a lost one is asked for the reason first.
 * `back()` puts the card back where it was, for who has dragged it away already.
 */
export async function move(board, name, from, to, back = () => {}) {
	const deal = { doctype: board.data.doctype, name, seen_stage: from.name };
	const drop = drop_of(from.facts(), to.facts());
	if (drop === "none" || drop === "refuse") return back();
	if (drop === "move") return run(board, from, to, "move_stage", { ...deal, stage: to.name }, back);
	back();
	ask_lost(async (values, dialog) => {
		if (await run(board, from, to, "lose_deal", { ...deal, ...values, stage: to.name })) dialog.hide();
	});
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
	const stands = await settle(board, args.name, from, position);
	const place = stands?.stage.label || "";
	if (!moved) board.find_card(args.name)?.scrollIntoView({ block: "nearest", inline: "nearest" });
	board.announce(moved ? __("{0} moved to {1}", [title, place]) : __("{0} was not moved, it stays in {1}", [title, place]));
	return moved;
}

/**
 * Show a deal as it stands now, before the card `position` where it came to another column, and the totals of
 * the columns concerned. Answers its column.
 */
export async function settle(board, name, from, position = null) {
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
