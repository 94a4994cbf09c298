/** Moving in from another system: what a rehearsal found, and the report of a move. */

import { escaped } from "../shared/html";
import { notices, section, table, tiles } from "../shared/kit";
import { count, quantity } from "../shared/numbers";

/** Whether records of another system are moved in, rather than a file. */
export const is_move = (frm) => frm.doc.import_from && frm.doc.import_from !== "File";

const EQUAL = () => `<span class="indicator-pill green">${escaped(__("Equal"))}</span>`;
const DIFFERS = () => `<span class="indicator-pill red">${escaped(__("Differs"))}</span>`;
const sign = (equal) => (equal ? EQUAL() : DIFFERS());

/** Of a rehearsal: numbers, a row per kind of record, what to know, and the records that would stay out with their reasons. */
export function rehearsed(found) {
	const numbers = [
		{ name: __("Records"), html: count(found.tables.reduce((sum, { records }) => sum + records, 0)) },
		{ name: __("There Already"), html: count(found.already) },
		{ name: __("Rejected"), html: count(found.rejected) },
		{ name: __("Amount of Deals"), html: quantity(found.amount), note: escaped(__("each in its currency")) },
	];
	const rows = found.tables.map(({ title, records, usable, rejected }) => [escaped(__(title)), count(records), count(usable), count(rejected)]);
	const kinds = table([__("Record"), __("Records"), __("Usable"), __("Rejected")], rows);
	return `<div class="crm-look">${tiles(numbers)}${kinds}${notices(found.notices.map(escaped))}${left_out(found.lines, found.rejected)}</div>`;
}

function left_out(lines, rejected) {
	if (!lines.length) return "";
	const said = lines.map(({ record, reasons }) => escaped(`${record}: ${reasons}`));
	if (rejected > lines.length) said.push(escaped(__("and {0} more", [rejected - lines.length])));
	return section(__("What Stays Out"), notices(said));
}

/** Of a move that is done: both sides counted, what was linked, and what stayed out. */
export function show_report(frm) {
	const wrapper = frm.fields_dict.report_html.$wrapper.empty();
	if (!frm.doc.move_report) return;
	const report = JSON.parse(frm.doc.move_report);
	const kinds = report.tables.map((row) => [escaped(__(row.title)), count(row.records), count(row.stored), count(row.already), count(row.rejected), sign(row.equal)]);
	const stages = report.stages.map(({ stage, counts, sums, equal }) => [escaped(__(stage)), ...counts.map(count), ...sums.map(quantity), sign(equal)]);
	const parts = [
		section(__("Records"), table([__("Record"), __("There"), __("Moved"), __("Here Already"), __("Rejected"), ""], kinds)),
		section(__("Deals by Stage"), table([__("Stage"), __("Count There"), __("Count Here"), __("Sum There"), __("Sum Here"), ""], stages), __("Sums of amounts, each in its currency.")),
		section(__("Linked"), linked(report)),
		notices(report.notices.map(escaped)),
		left_out(report.lines, report.tables.reduce((sum, { rejected }) => sum + rejected, 0)),
	];
	wrapper.html(`<div class="crm-look">${parts.join("")}</div>`);
}

const LINKED = {
	"e-mails": __("E-mails"),
	files: __("Files"),
	tags: __("Tags"),
	assignments: __("Assignments"),
	people: __("People"),
	cards: __("Contacts and Addresses"),
	competitors: __("Competitors"),
	quotations: __("Quotations that know their deal"),
	orders: __("Orders that know their deal"),
};

function linked({ linked, sourced }) {
	const all = Object.entries({ ...linked, ...sourced }).filter(([, number]) => number);
	return all.length ? tiles(all.map(([kind, number]) => ({ name: LINKED[kind], html: count(number) }))) : `<p>${escaped(__("Nothing new."))}</p>`;
}
