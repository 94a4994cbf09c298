/** What stands over a deal's fields folds away, each part on its own, and stays as the user left it. */

import { escaped } from "../shared/html";
import { head_of } from "./ribbon";

const KEY = "CRM Head";

/** The row over the fields: the stages, then a button for each part that folds. */
export function bar_of(frm) {
	const area = head_of(frm, "stages");
	if (!area.children(".crm-stage-place").length) {
		area.addClass("crm-bar").html('<div class="crm-stage-place"></div><div class="crm-folds"></div>');
	}
	return area;
}

/**
 * Show a part as a button with what it comes to in a few words, and what it has to say below the row; nothing where there
 * is no `html`. Answers the place of the latter.
 */
export function set_fold(frm, part, { summary, kind = "gray", html } = {}) {
	const buttons = bar_of(frm).children(".crm-folds");
	const panel = head_of(frm, part).addClass("crm-panel").attr("id", `crm-panel-${part}`);
	buttons.children(`.crm-fold-${part}`).remove();
	panel.html(html || "");
	if (!html) return panel;
	const open = Boolean(folds_of(frm)[part]);
	const button = $(`<button type="button" class="btn btn-xs crm-fold crm-fold-${part} crm-fold-${kind}" aria-controls="crm-panel-${part}"
		title="${escaped(summary)}"><span class="crm-fold-text">${escaped(summary)}</span> <span class="crm-fold-mark" aria-hidden="true"></span></button>`);
	const show = (shown) => {
		button.attr("aria-expanded", String(shown));
		panel[0].hidden = !shown;
	};
	button.on("click", () => {
		const shown = panel[0].hidden;
		show(shown);
		remember(frm, part, shown);
	});
	show(open);
	// What is wrong comes first, whichever was drawn first.
	if (part === "health") buttons.prepend(button);
	else buttons.append(button);
	return panel;
}

function folds_of(frm) {
	return frappe.get_user_settings(frm.doctype, KEY) || {};
}

function remember(frm, part, shown) {
	return frappe.model.user_settings.save(frm.doctype, KEY, { ...folds_of(frm), [part]: shown });
}
