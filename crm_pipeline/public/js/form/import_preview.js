/** What an import would bring: at once, or of the first rows at once and of all of them as soon as they are checked. */

import { escaped } from "../shared/html";
import { notices, tiles } from "../shared/kit";
import { count } from "../shared/numbers";
import { read } from "../shared/server";
import { is_move, rehearsed } from "./move";

const PAUSE = 3000;

export function show_preview(frm, found) {
	draw(frm, found);
	// What the framework scrolls is not the same on 15 and 16.
	frm.fields_dict.preview_html.$wrapper[0].scrollIntoView({ block: "center" });
	if (!found.whole) watch(frm, found);
}

/** What a check in the background has found, or how far it is. */
export async function show_kept(frm) {
	const { docname } = frm;
	const kept = await read("get_import_check", { name: docname });
	if (!is_shown(frm, docname) || !kept.state) return;
	if (kept.state === "Done") return draw(frm, kept.found, kept.at);
	draw(frm, { whole: false });
	said(frm, kept);
	if (kept.state !== "Failed") watch(frm, {});
}

const is_shown = (frm, docname) => cur_frm === frm && frm.docname === docname;

function draw(frm, found, at) {
	frm.crm_unchecked = !found.whole;
	const wrapper = frm.fields_dict.preview_html.$wrapper;
	const body = is_move(frm) ? found.whole && rehearsed(found) : found.lines && previewed(found);
	const head = found.whole && !at ? "" : `<p class="crm-note" role="status">${at ? escaped(__("Checked {0}", [frappe.datetime.str_to_user(at.slice(0, 19))])) : ""}</p>`;
	wrapper.html(`<div class="crm-look">${head}${body || ""}</div>`);
	wrapper.find("button").on("click", () => map_values(frm, found.unknown));
	frm.toggle_display("preview_section", true);
}

function previewed(found) {
	const numbers = [
		{ name: __("Rows"), html: found.whole ? count(found.rows) : found.total ? count(found.total) : `> ${count(found.checked)}` },
		{ name: __("Usable"), html: count(found.usable) },
		{ name: __("There Already"), html: count(found.already) },
		{ name: __("Rejected"), html: count(found.rejected) },
	];
	if (found.prospects) numbers.push({ name: __("New Prospects"), html: count(found.prospects) });
	if (!found.whole) for (const tile of numbers.slice(1)) tile.note = escaped(__("in rows 1 to {0}", [count(found.checked)]));
	const lines = found.lines.map(({ line, reasons }) => escaped(__("Line {0}: {1}", [line, reasons])));
	const rest = found.rejected - found.lines.length;
	if (rest > 0) lines.push(escaped(__("and {0} more", [count(rest)])));
	if (found.unmapped.length) lines.unshift(escaped(__("Columns that are not imported: {0}", [found.unmapped.join(", ")])));
	const button = found.unknown.length ? `<button class="btn btn-default btn-xs">${escaped(__("Map Unknown Values"))}</button>` : "";
	return tiles(numbers) + notices(lines) + button;
}

/** A row per value that is unknown here, for somebody to say what it means. */
function map_values(frm, unknown) {
	const there = new Set((frm.doc.value_rows || []).map(({ field, file_value }) => `${field} ${file_value}`));
	for (const { field, value } of unknown) {
		if (!there.has(`${field} ${value}`)) frm.add_child("value_rows", { field, file_value: value });
	}
	frm.refresh_field("value_rows");
	frm.scroll_to_field("value_rows");
}

/** Ask how far the check is until it is done, or the form shows something else. */
async function watch(frm, { total }) {
	const { docname } = frm;
	const watched = (frm.crm_watched = {});
	said(frm, { state: "Queued", total });
	for (;;) {
		await nudged(docname);
		const kept = is_shown(frm, docname) && frm.crm_watched === watched ? await read("get_import_check", { name: docname }) : {};
		if (!is_shown(frm, docname) || frm.crm_watched !== watched || !kept.state) return;
		if (kept.state === "Done") return draw(frm, kept.found, kept.at);
		said(frm, kept);
		if (kept.state === "Failed") return;
	}
}

function said(frm, { state, checked, total, message }) {
	const text = {
		Queued: __("All rows are checked in the background, as soon as a worker is free."),
		Running: total ? __("All rows are being checked: {0} of {1}.", [count(checked), count(total)]) : __("All rows are being checked: {0} so far.", [count(checked)]),
		Failed: __("The check of all rows failed: {0}", [message]),
	}[state];
	frm.fields_dict.preview_html.$wrapper.find("[role=status]").text(text);
}

let wake = () => {};
frappe.realtime.on("crm_import_progress", ({ name }) => wake(name));

/** After a pause, or sooner where the server says that there is something new. */
function nudged(docname) {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, PAUSE);
		wake = (name) => {
			if (name !== docname) return;
			clearTimeout(timer);
			resolve();
		};
	});
}
