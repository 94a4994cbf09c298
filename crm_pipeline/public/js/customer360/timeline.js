/** Everything that happened, the latest first; more is read from where the last page ended. */

import { by_day, first_kinds, groups_of, turned } from "../core/customer360";
import { date_text, escaped, pill } from "../shared/html";
import { money } from "../shared/numbers";
import { colour_of } from "../shared/registry";
import { read } from "../shared/server";
import { learn_names } from "../shared/user_names";
import { link, people_of, person } from "./words";

export class CustomerTimeline {
	/** `ask` answers the arguments of the page: whom it is about, company and period. */
	constructor(area, ask) {
		Object.assign(this, { area, ask, turn: 0 });
		$(area).on("click", "[data-kind]", ({ currentTarget }) => this.choose({ key: currentTarget.dataset.kind }));
		$(area).on("click", "[data-group]", ({ currentTarget }) => this.choose({ group: currentTarget.dataset.group }));
		$(area).on("click", "[data-act=more]", () => this.more());
	}

	/** Begin with the first page, which came along with the rest. Kinds that were chosen before stay chosen. */
	start(kinds, page, party) {
		const kept = this.party === party && this.on;
		this.party = party;
		this.kinds = kinds;
		const first = first_kinds(kinds);
		this.on = kept ? this.on.filter((key) => kinds.some((kind) => kind.key === key)) : first;
		this.show(page);
		if (String(this.on) !== String(first)) this.reload();
	}

	show(page) {
		this.rows = page.rows;
		this.next = page.next;
		this.draw();
	}

	async choose(what) {
		this.on = turned(this.kinds, this.on, what);
		const focus = what.key ? `[data-kind="${what.key}"]` : `[data-group="${CSS.escape(what.group)}"]`;
		await this.reload();
		this.area.querySelector(focus)?.focus();
	}

	async reload() {
		if (!this.on.length) return this.show({ rows: [], next: null });
		const page = await this.page(null);
		if (page) this.show(page);
	}

	async more() {
		const first = this.rows.length;
		const page = await this.page(this.next);
		if (!page) return;
		this.rows = [...this.rows, ...page.rows];
		this.next = page.next;
		this.draw();
		this.area.querySelectorAll(".crm-360-event")[first]?.querySelector("a")?.focus();
	}

	async page(place) {
		const turn = ++this.turn;
		const page = await read("get_customer_timeline", { ...this.ask(), kinds: JSON.stringify(this.on), place: place ? JSON.stringify(place) : "" });
		if (page) await learn_names(people_of(page));
		return turn === this.turn ? page : null;
	}

	draw() {
		const label = __("Kinds of event");
		const nothing = __("Nothing of these kinds has happened.");
		const more = __("Show More");
		const days = by_day(this.rows).map(({ day, rows }) => `<li><h5>${escaped(date_text(day))}</h5><ul>${rows.map(event_html).join("")}</ul></li>`);
		this.area.innerHTML = `<div class="crm-360-kinds" role="group" aria-label="${escaped(label)}">${this.kinds_html()}</div>
			${days.length ? `<ol class="crm-360-days">${days.join("")}</ol>` : `<p class="crm-none">${escaped(nothing)}</p>`}
			${this.next ? `<button type="button" class="btn btn-default btn-sm" data-act="more">${escaped(more)}</button>` : ""}`;
	}

	kinds_html() {
		return groups_of(this.kinds)
			.map(({ group, kinds }) => {
				const all = kinds.every(({ key }) => this.on.includes(key));
				const head = `<button type="button" class="btn btn-xs crm-360-group" data-group="${escaped(group)}" aria-pressed="${all}">${escaped(group)}</button>`;
				const each = kinds.map(
					({ key, label }) => `<button type="button" class="btn btn-xs crm-360-kind" data-kind="${escaped(key)}" aria-pressed="${this.on.includes(key)}">${escaped(label)}</button>`
				);
				return `<span class="crm-360-kind-group">${head}${each.join("")}</span>`;
			})
			.join("");
	}
}

function event_html(row) {
	const state = row.state ? pill(__(row.state, null, row.doctype), colour_of(row.doctype, row.state)) : "";
	const amount = row.amount === null || row.amount === undefined ? "" : escaped(money(row.amount, row.currency));
	const facts = [
		row.dated ? "" : date_text(String(row.at).slice(0, 19)).slice(-5),
		person(row.person),
		row.about ? `${__(row.about.doctype)} ${row.about.name}` : "",
	].filter(Boolean);
	const title = row.title && row.title !== row.name ? `${row.title} ` : "";
	return `<li class="crm-360-event"><span class="crm-360-what">${escaped(word(row))}</span>
		<span class="crm-360-which">${link(row.doctype, row.name, `${title}${shown_name(row)}`)} ${change(row)}</span>
		<span class="crm-360-state">${state}</span><span class="crm-360-amount">${amount}</span>
		<span class="crm-note crm-360-facts-line">${escaped(facts.join(" · "))}</span></li>`;
}

const UNNAMED = ["Communication", "File", "Sales Memo", "Sales Activity", "Contact Position"];

/** What a record is called where its DocType says too little. */
function word({ kind, doctype }) {
	const own = { return: __("Return"), credit_note: __("Credit Note"), mail: __("E-mail") };
	return own[kind] || __(doctype);
}

/** Names that are keys of the database say nothing to a reader. */
const shown_name = ({ doctype, name, title }) => (UNNAMED.includes(doctype) && title ? "" : name);

function change({ change, from, to }) {
	if (!change) return "";
	const name = (value) => (value ? person(value) : __("nobody", null, "Owner"));
	return `<span class="crm-note">${escaped(change === "Owner" ? __("Owner: {0} to {1}", [name(from), name(to)]) : __("{0} to {1}", [from || "–", to || "–"]))}</span>`;
}
