/** What the gates of a move ask for is filled in where the move is made. */

import { asks } from "../core/board";
import { escaped } from "./html";
import { ask, read } from "./server";

const CHECK = "crm_check_";

/**
 * Move a deal {doctype, name} to `stage`: `submit(answers)` does it and answers whether it worked; before that what is
 * missing is asked for. Resolves to whether the deal was moved; false, too, when the dialog is closed.
 */
export async function with_answers(deal, stage, label, submit) {
	const { doctype, name } = deal;
	let asked;
	try {
		asked = await read("get_asked_of_move", { doctype, name, stage });
	} catch {
		return false;
	}
	if (!asks(asked)) return submit({});
	return new Promise((resolve) => {
		let moved = false;
		const dialog = ask(
			__("Before {0}", [label]),
			fields_of(asked),
			__("Move"),
			async (values, shown) => {
				moved = await submit(answers_of(asked, values));
				if (moved) shown.hide();
			}
		);
		dialog.onhide = () => resolve(moved);
	});
}

function fields_of({ fields, checks, others }) {
	const found = fields.map(({ value, ...df }) => ({ ...df, default: value ?? undefined, reqd: 1 }));
	found.push(...checks.map(({ key, text }) => ({ fieldname: CHECK + key, fieldtype: "Check", label: text })));
	if (others.length) {
		const rows = others.map((text) => `<li>${escaped(text)}</li>`).join("");
		const title = escaped(__("Also missing, and not to be filled in here:"));
		found.push({ fieldname: "crm_others", fieldtype: "HTML", options: `<p>${title}</p><ul>${rows}</ul>` });
	}
	return found;
}

function answers_of({ fields, checks }, values) {
	const ticked = checks.map(({ key }) => key).filter((key) => values[CHECK + key]);
	const filled = Object.fromEntries(fields.map(({ fieldname }) => [fieldname, values[fieldname]]));
	return { values: JSON.stringify(filled), ticked: JSON.stringify(ticked) };
}
