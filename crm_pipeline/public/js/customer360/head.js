/** What has to be known before calling: warnings, who it is, and the numbers of today. */

import { ages_by_currency, by_currency } from "../core/customer360";
import { page_of } from "../shared/customer_page";
import { escaped, pill } from "../shared/html";
import { face, tiles } from "../shared/kit";
import { money } from "../shared/numbers";
import { amounts, counted, day, link, person } from "./words";

const LEVEL_COLOURS = { stop: "red", warn: "orange", info: "blue" };

export function warnings_html(warnings) {
	if (!warnings.length) return "";
	const levels = { stop: __("Stop"), warn: __("Warning"), info: __("Note") };
	const rows = warnings.map(({ level, text, doctype, name }) => {
		const open = doctype && name ? ` ${link(doctype, name)}` : "";
		return `<li class="crm-360-warning crm-360-${escaped(level)}">${pill(levels[level] || level, LEVEL_COLOURS[level] || "blue")}
			<span>${escaped(text)}${open}</span></li>`;
	});
	const label = __("To Know before Calling");
	return `<ul class="crm-360-warnings" aria-label="${escaped(label)}">${rows.join("")}</ul>`;
}

export function title_html({ party, asked_as }) {
	const { marks } = party;
	const pills = [
		marks.disabled && pill(__("Disabled"), "red"),
		marks.is_frozen && pill(__("Frozen"), "blue"),
		marks.status && pill(__(marks.status, null, party.doctype), marks.status === "Unverified" ? "orange" : "gray"),
	].filter(Boolean);
	const now = asked_as && asked_as !== party.name ? `<p class="crm-note">${escaped(__("{0} was renamed or merged; this is {1} now.", [asked_as, party.title]))}</p>` : "";
	const customer = marks.customer
		? `<p class="crm-note">${escaped(__("This prospect is a customer now:"))} <a href="${escaped(page_of("Customer", marks.customer))}">${escaped(marks.customer)}</a></p>`
		: "";
	return `<header class="crm-360-title">${face(party.title, party.image)}<div><h3>${link(party.doctype, party.name, party.title)}</h3>
		<span class="crm-note">${escaped(__(party.doctype))}</span> ${pills.join(" ")}</div></header>${now}${customer}`;
}

export function tiles_html(answer) {
	const of = (doctype) => answer.open.find((part) => part.doctype === doctype)?.totals;
	const all = [];
	const deals = [...(of("Sales Opportunity") || []), ...(of("Sales Project") || [])];
	if (of("Sales Opportunity") || of("Sales Project")) {
		const sums = by_currency(deals, ["amount", "weighted"]);
		const weighted = sums.length ? `${escaped(__("Weighted"))}: ${amounts(sums, "weighted")}` : "";
		all.push({ name: __("Open Pipeline"), html: amounts(sums, "amount"), note: notes(counted(__("Deals"), documents(sums)), weighted) });
	}
	if (of("Sales Order")) {
		const sums = by_currency(of("Sales Order"), ["amount", "to_deliver", "to_bill"]);
		const left = sums.length ? `${escaped(__("To Deliver"))}: ${amounts(sums, "to_deliver")}` : "";
		all.push({ name: __("Open Orders"), html: amounts(sums, "amount"), note: notes(counted(__("Orders"), documents(sums)), left) });
	}
	if (answer.unbilled) {
		const sums = by_currency(answer.unbilled, ["amount"]);
		all.push({ name: __("Delivered, Not Billed"), html: amounts(sums, "amount"), note: notes(counted(__("Deliveries"), documents(sums))) });
	}
	if (answer.receivables) {
		const sums = ages_by_currency(answer.receivables);
		const oldest = answer.receivables.map((row) => row.oldest).filter(Boolean).sort()[0];
		const html = `<span class="${sums.some((sum) => sum.past_due > 0) ? "crm-late" : ""}">${amounts(sums, "past_due")}</span>`;
		const since = oldest ? escaped(__("Oldest due date: {0}", [day(oldest)])) : "";
		all.push({ name: __("Due"), html, note: notes(sums.length ? `${escaped(__("Outstanding"))}: ${amounts(sums, "outstanding")}` : "", since) });
	}
	return all.length ? tiles(all) : "";
}

const documents = (sums) => sums.reduce((sum, { documents }) => sum + documents, 0);

/** Lines of HTML below a number. */
const notes = (...lines) => lines.filter(Boolean).join("<br>");

export function contact_html(contact) {
	if (!contact) return "";
	const line = (label, step, none) => {
		const text = step
			? `${link(step.doctype, step.name, step.title)} <span class="crm-note">${escaped([day(step.at), person(step.person)].filter(Boolean).join(" · "))}</span>`
			: `<span class="crm-none">${escaped(none)}</span>`;
		return `<div><dt>${escaped(label)}</dt><dd>${text}</dd></div>`;
	};
	// Who may read no activities is not told that there are none.
	const last = "last" in contact ? line(__("Last Contact"), contact.last, __("None yet")) : "";
	return `<dl class="crm-360-contact">${last}${line(__("Next Step"), contact.next, __("Nothing is planned"))}</dl>`;
}

export function facts_html(party) {
	const rows = party.facts.map(({ label, value, doctype, type }) => `<div><dt>${escaped(label)}</dt><dd>${fact(value, doctype, type)}</dd></div>`);
	return `<dl class="crm-360-facts">${rows.join("")}</dl>`;
}

export function addresses_html(addresses) {
	const rows = (addresses || []).map(({ title, lines }) => `<div><dt>${escaped(title || __("Address"))}</dt><dd>${lines.map(escaped).join("<br>")}</dd></div>`);
	return rows.length ? `<dl class="crm-360-facts">${rows.join("")}</dl>` : "";
}

function fact(value, doctype, type) {
	if (doctype === "User") return escaped(person(value));
	if (doctype === "Customer") return `<a href="${escaped(page_of("Customer", value))}">${escaped(value)}</a>`;
	if (doctype) return link(doctype, value);
	if (type === "Currency") return escaped(money(value));
	return escaped(value);
}

export function people_html(people) {
	if (!people) return "";
	if (!people.length) return `<p class="crm-none">${escaped(__("No contact is linked yet."))}</p>`;
	const rows = people.map((row) => {
		const name = row.full_name || row.contact_name || row.contact || row.name;
		const phone = row.mobile_no || row.phone;
		const reach = [phone && `<a href="tel:${escaped(phone)}">${escaped(phone)}</a>`, row.email_id && `<a href="mailto:${escaped(row.email_id)}">${escaped(row.email_id)}</a>`];
		const role = [row.designation, row.role && __(row.role), row.influence && __(row.influence), row.attitude && __(row.attitude)].filter(Boolean).join(" · ");
		const open = row.contact ? link("Contact", row.contact, name) : row.doctype ? link(row.doctype, row.name, name) : escaped(name);
		return `<li>${face(name)}<div>${open}<div class="crm-note">${escaped(role)}</div><div class="crm-note">${reach.filter(Boolean).join(" · ")}</div></div></li>`;
	});
	return `<ul class="crm-360-people">${rows.join("")}</ul>`;
}

/** Relations as relations/relation_record.py words them: the other party, and what it is to this one. */
export function relations_html(relations) {
	const rows = (relations || []).map(
		({ other, title, word }) => `<li><a href="${escaped(page_of("Customer", other))}">${escaped(title || other)}</a> <span class="crm-note">${escaped(word)}</span></li>`
	);
	return rows.length ? `<ul class="crm-360-plain">${rows.join("")}</ul>` : "";
}
