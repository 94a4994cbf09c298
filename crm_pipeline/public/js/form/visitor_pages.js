/** What the visitor looked at who became a lead, asked for when the section is opened. */

import { date_text, escaped } from "../shared/html";
import { read } from "../shared/server";

export function show_visitor_pages(frm) {
	const field = frm.fields_dict.pages_html;
	frm.toggle_display("pages_section", !!frm.doc.visitor_id);
	$(field.wrapper).empty();
	if (!frm.doc.visitor_id || frm.is_new()) return;
	const button = $(`<button class="btn btn-xs btn-default">${__("Pages Seen")}</button>`).appendTo(field.wrapper);
	button.on("click", async () => {
		const name = frm.docname;
		const pages = await read("get_visitor_pages", { name });
		if (frm.docname === name) $(field.wrapper).html(table(pages));
	});
}

function table(pages) {
	if (!pages.length) return `<p class="text-muted">${__("No page views are kept of this visitor.")}</p>`;
	const rows = pages.map(
		({ path, at, seconds, referrer }) =>
			`<tr><td>${date_text(at)}</td><td>${escaped(path)}</td><td>${seconds === null ? "" : escaped(frappe.utils.get_formatted_duration(seconds))}</td><td>${escaped(referrer || "")}</td></tr>`
	);
	const head = [__("Opened"), __("Page"), __("Time on It"), __("Referrer")].map((label) => `<th>${label}</th>`).join("");
	return `<table class="table table-sm"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}
