/** Activities and memos of a document, newest first, in its HTML fields. */

import { ask } from "../shared/server";
import { date_text, doc_link, escaped, pill, safe_html } from "../shared/html";
import { colour_of } from "../shared/registry";

const LIMIT = 30;

export function show_feeds(frm) {
	show_feed(frm, ACTIVITIES);
	show_feed(frm, MEMOS);
}

const ACTIVITIES = {
	doctype: "Sales Activity",
	fieldname: "activities_html",
	fields: [
		"name", "subject", "way", "direction", "status", "result", "starts_on", "place", "notes", "next_step",
		"next_step_date", "sales_owner",
	],
	order_by: "starts_on desc",
	with_leads: true,
	title: () => __("Activities"),
	button: () => __("Log Activity"),
	empty: () => __("No calls, meetings or messages yet."),
	row: activity_html,
	ask: ask_activity,
};

const MEMOS = {
	doctype: "Sales Memo",
	fieldname: "memos_html",
	fields: ["name", "subject", "memo", "pinned", "owner", "creation"],
	order_by: "pinned desc, creation desc",
	title: () => __("Memos"),
	button: () => __("Add Memo"),
	empty: () => __("No memos yet."),
	row: memo_html,
	ask: ask_memo,
};

async function show_feed(frm, feed) {
	const field = frm.fields_dict[feed.fieldname];
	if (!field || !frappe.model.can_read(feed.doctype)) return;
	if (frm.is_new()) {
		field.$wrapper.html(`<p class="text-muted">${escaped(__("Available once this document is saved."))}</p>`);
		return;
	}
	const name = frm.docname;
	// What was said and planned on its leads belongs to a deal too.
	const leads = (feed.with_leads && frm.doc.__onload?.leads) || [];
	const filters = leads.length
		? { reference_doctype: ["in", [frm.doctype, "Sales Lead"]], reference_name: ["in", [name, ...leads]] }
		: { reference_doctype: frm.doctype, reference_name: name };
	const rows = await frappe.db.get_list(feed.doctype, {
		filters,
		fields: feed.fields,
		order_by: feed.order_by,
		limit: LIMIT + 1,
	});
	if (frm.docname === name) draw(frm, feed, field.$wrapper, rows, filters);
}

function draw(frm, feed, $wrapper, rows, filters) {
	const more = rows.length > LIMIT;
	const list = rows.slice(0, LIMIT).map((row) => `<li class="crm-feed-row">${feed.row(row)}</li>`).join("");
	$wrapper.html(`<section class="crm-feed">
		<div class="crm-feed-head"><h5>${escaped(feed.title())}</h5></div>
		${rows.length ? `<ul>${list}</ul>` : `<p class="text-muted">${escaped(feed.empty())}</p>`}
	</section>`);
	if (frappe.model.can_create(feed.doctype)) {
		$(`<button type="button" class="btn btn-xs btn-default">${escaped(feed.button())}</button>`)
			.on("click", () => feed.ask(frm, () => show_feed(frm, feed)))
			.appendTo($wrapper.find(".crm-feed-head"));
	}
	if (more) {
		$(`<button type="button" class="btn btn-xs btn-link">${escaped(__("Show all"))}</button>`)
			.on("click", () => frappe.set_route("List", feed.doctype, filters))
			.appendTo($wrapper.find(".crm-feed"));
	}
}

function activity_html(row) {
	const facts = [__(row.way), __(row.direction), date_text(row.starts_on), row.place, user_name(row.sales_owner)];
	const next = row.next_step
		? `<div class="crm-feed-next">${escaped(__("Next: {0}", [row.next_step]))} ${escaped(
				date_text(row.next_step_date)
		  )}</div>`
		: "";
	return `<div class="crm-feed-line">
			<span>${doc_link("Sales Activity", row.name, row.subject)}</span>
			<span>${row.result ? pill(__(row.result), "gray") : ""} ${pill(__(row.status), colour_of("Sales Activity", row.status))}</span>
		</div>
		<div class="crm-feed-facts">${escaped(facts.filter(Boolean).join(" · "))}</div>
		<div class="crm-feed-text">${safe_html(row.notes)}</div>${next}`;
}

function memo_html(row) {
	const facts = [user_name(row.owner), date_text(row.creation)].filter(Boolean).join(" · ");
	return `<div class="crm-feed-line">
			<span>${doc_link("Sales Memo", row.name, row.subject || __("Memo"))}</span>
			<span>${row.pinned ? pill(__("On Top"), "yellow") : ""}</span>
		</div>
		<div class="crm-feed-facts">${escaped(facts)}</div>
		<div class="crm-feed-text">${safe_html(row.memo)}</div>`;
}

function user_name(user) {
	return user ? frappe.user.full_name(user) : "";
}

function about(frm) {
	return { reference_doctype: frm.doctype, reference_name: frm.docname };
}

/** What an activity is where nobody says so, by whatever name the site has for it. */
export async function usual_activity_type() {
	const { message } = await frappe.db.get_value("Sales Activity Type", { standard_key: "phone", disabled: 0 }, "name");
	return message?.name;
}

function ask_activity(frm, done) {
	return log_activity(about(frm), (values) => {
		// A deal's next step and whether it is stalled follow what was done.
		const follows = values.status === "Done" && frm.fields_dict.next_step;
		if (follows && !frm.is_dirty()) frm.reload_doc();
		else done();
	});
}

/** Log an activity about a document {reference_doctype, reference_name}; `done(values)` is called when it is saved. */
export function log_activity(reference, done) {
	const options = (fieldname) => frappe.meta.get_docfield("Sales Activity", fieldname).options;
	frappe.model.with_doctype("Sales Activity", async () => {
		const usual = await usual_activity_type();
		ask(
			__("Log Activity"),
			[
				{ fieldname: "subject", fieldtype: "Data", label: __("Subject"), reqd: 1 },
				{
					fieldname: "way",
					fieldtype: "Link",
					label: __("Activity Type"),
					options: "Sales Activity Type",
					get_query: () => ({ filters: { disabled: 0 } }),
					default: usual,
					reqd: 1,
				},
				{
					fieldname: "direction",
					fieldtype: "Select",
					label: __("Direction"),
					options: options("direction"),
					default: "Outbound",
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "status",
					fieldtype: "Select",
					label: __("Status"),
					options: options("status"),
					default: "Done",
					reqd: 1,
				},
				{
					fieldname: "starts_on",
					fieldtype: "Datetime",
					label: __("Starts On"),
					// A Datetime is kept in the site's time and shown in the user's.
					default: frappe.datetime.system_datetime(),
					reqd: 1,
				},
				{ fieldname: "result", fieldtype: "Select", label: __("Result"), options: options("result") },
				{ fieldtype: "Section Break" },
				{ fieldname: "notes", fieldtype: "Small Text", label: __("Notes") },
				{ fieldtype: "Section Break", label: __("Next Step") },
				{ fieldname: "next_step", fieldtype: "Data", label: __("Next Step") },
				{ fieldtype: "Column Break" },
				{ fieldname: "next_step_date", fieldtype: "Date", label: __("Next Step On") },
			],
			__("Save"),
			(values, dialog) => {
				// Notes are rich text on the document and plain text in this dialog.
				const notes = values.notes && `<p>${escaped(values.notes).replace(/\n/g, "<br>")}</p>`;
				return add("Sales Activity", { ...reference, ...values, notes }, dialog, () => done(values));
			}
		);
	});
}

function ask_memo(frm, done) {
	ask(
		__("Add Memo"),
		[
			{ fieldname: "subject", fieldtype: "Data", label: __("Subject") },
			{ fieldname: "memo", fieldtype: "Text Editor", label: __("Memo"), reqd: 1 },
			{ fieldname: "pinned", fieldtype: "Check", label: __("Keep on Top") },
		],
		__("Save"),
		(values, dialog) => add("Sales Memo", { ...about(frm), ...values }, dialog, done)
	);
}

async function add(doctype, values, dialog, done) {
	try {
		await frappe.db.insert({ doctype, ...values });
	} catch {
		return;
	}
	dialog.hide();
	done();
}
