/** Everything about a customer or prospect, before you call: the Desk page "Customer 360°". */

import { page_of } from "../shared/customer_page";
import { filter_bar } from "../shared/filter_bar";
import { fold_filters } from "../shared/fold_filters";
import { head_button } from "../shared/head_button";
import { escaped } from "../shared/html";
import { empty, section } from "../shared/kit";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import { learn_names } from "../shared/user_names";
import { figures_html, draw_charts } from "./figures";
import { addresses_html, contact_html, facts_html, people_html, relations_html, tiles_html, title_html, warnings_html } from "./head";
import { ages_html, open_html } from "./open";
import { CustomerTimeline } from "./timeline";
import { people_of } from "./words";

const PARTIES = ["Customer", "Sales Prospect"];

const FIELDS = () => [
	{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer") },
	{ fieldname: "prospect", fieldtype: "Link", options: "Sales Prospect", label: __("Prospect") },
	{ fieldname: "company", fieldtype: "Link", options: "Company", label: __("Company") },
	"from_date",
	"to_date",
];

export class Customer360 {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Customer 360°"), single_column: true });
		this.turn = 0;
		this.bar = filter_bar(this.page, FIELDS(), () => this.changed());
		fold_filters(this.page);
		this.body = $(`<div class="crm-360 crm-page crm-look"></div>`).appendTo(this.page.main)[0];
		head_button(this.page, "primary", __("Log Activity"), "add", () => this.party && crm_pipeline.log_activity(this.about(), () => this.refresh()));
		head_button(this.page, "secondary", __("Refresh"), "refresh", () => this.refresh());
		this.page.add_menu_item(__("Open the Form"), () => this.party && frappe.set_route("Form", this.party.doctype, this.party.name));
		this.page.add_menu_item(__("New Opportunity"), () => this.party && frappe.new_doc("Sales Opportunity", this.link()));
		this.page.add_menu_item(__("Print"), () => window.print());
	}

	/** The page is in front: of whom, the address says. */
	async shown() {
		name_page(this.page, __("Customer 360°"));
		await this.bar.ready;
		const [, doctype, ...rest] = frappe.get_route();
		const options = frappe.route_options || {};
		frappe.route_options = null;
		const name = rest.length ? rest.join("/") : options.name;
		const party = { doctype: doctype || options.doctype, name };
		this.search = doctype === "search" ? name : "";
		if (!PARTIES.includes(party.doctype) || !party.name) return this.ask_whom();
		this.party = party;
		await this.bar.set({ customer: party.doctype === "Customer" ? party.name : "", prospect: party.doctype === "Customer" ? "" : party.name });
		await this.refresh();
	}

	changed() {
		const { customer, prospect } = this.bar.values();
		const chosen = [
			["Customer", customer],
			["Sales Prospect", prospect],
		].find(([doctype, name]) => name && !(this.party?.doctype === doctype && this.party.name === name));
		if (chosen) return frappe.set_route("customer-360", ...chosen);
		if (this.party) this.refresh();
	}

	link() {
		return { [this.party.doctype === "Customer" ? "customer" : "prospect"]: this.party.name };
	}

	/** What is logged from here is about them. */
	about() {
		return { ...this.link(), reference_doctype: this.party.doctype, reference_name: this.party.name };
	}

	/** Company and period with whom it is about, for the functions of api/customer360.py. */
	asked() {
		const { company, from_date, to_date } = this.bar.values();
		return { ...this.party, company: company || "", from_date: from_date || "", to_date: to_date || "" };
	}

	async refresh() {
		if (!this.party) return this.ask_whom();
		const turn = ++this.turn;
		const asked = this.asked();
		let answer;
		try {
			answer = await read("get_customer_page", asked);
		} catch {
			if (turn === this.turn) this.body.innerHTML = refused(asked.name);
			return;
		}
		if (turn !== this.turn || !answer) return;
		await learn_names(people_of({ contact: answer.contact, rows: answer.timeline.rows }));
		if (turn !== this.turn) return;
		this.draw(answer);
		const party = { doctype: asked.doctype, name: answer.party.name };
		read("get_customer_people", party).then((people) => turn === this.turn && people && this.draw_people(people));
		if (party.doctype !== "Customer") return;
		const figures = await read("get_customer_figures", { ...asked, ...party });
		if (turn !== this.turn || !figures) return;
		const area = this.part("figures");
		area.removeAttribute("aria-busy");
		area.innerHTML = figures_html(figures);
		draw_charts(area, figures);
	}

	draw(answer) {
		const { party } = answer;
		this.page.set_title(party.title);
		const titles = {
			open: __("Open Business"),
			ages: __("Open Invoices by Age"),
			facts: __("Master Data"),
			timeline: __("Timeline"),
		};
		const waiting = party.doctype === "Customer" ? `<div data-part="figures" aria-busy="true"></div>` : "";
		this.body.innerHTML = `${warnings_html(answer.warnings)}
			${title_html(answer)}
			${tiles_html(answer)}
			${contact_html(answer.contact)}
			<div class="crm-360-columns"><div class="crm-360-main">
				${section(titles.open, open_html(answer.open))}
				${answer.receivables ? section(titles.ages, ages_html(answer.receivables)) : ""}
				${waiting}
				${section(titles.timeline, `<div data-part="timeline"></div>`)}
			</div><aside class="crm-360-side">
				<div data-part="people" aria-busy="true"></div>
				${section(titles.facts, `${facts_html(party)}<div data-part="addresses"></div>`)}
			</aside></div>`;
		const on = this.timeline?.on;
		const before = this.timeline?.party;
		this.timeline = new CustomerTimeline(this.part("timeline"), () => this.asked());
		Object.assign(this.timeline, { on, party: before });
		this.timeline.start(answer.kinds, answer.timeline, `${party.doctype} ${party.name}`);
	}

	draw_people({ people, relations, addresses }) {
		const area = this.part("people");
		const titles = { people: __("Key People"), relations: __("Relations") };
		const related = relations_html(relations);
		area.removeAttribute("aria-busy");
		area.innerHTML = (people ? section(titles.people, people_html(people)) : "") + (related ? section(titles.relations, related) : "");
		this.part("addresses").innerHTML = addresses_html(addresses);
	}

	/** Nobody is chosen: who may be meant by what was typed in the search bar, or what to do. */
	async ask_whom() {
		this.party = null;
		const found = this.search ? await read("find_party", { text: this.search }) : [];
		if (found?.length === 1) {
			// Going back leads to where the search began.
			frappe.route_flags.replace_route = true;
			return frappe.set_route("customer-360", found[0].doctype, found[0].name);
		}
		const rows = (found || []).map(
			({ doctype, name, title, detail }) =>
				`<li><a href="${escaped(page_of(doctype, name))}">${escaped(title)}</a>
				<span class="crm-note">${escaped([__(doctype), detail].filter(Boolean).join(" · "))}</span></li>`
		);
		const text = this.search ? __("Nobody whom you may see is called {0}.", [this.search]) : __("Choose a customer or a prospect above.");
		this.body.innerHTML = rows.length ? `<ul class="crm-360-plain">${rows.join("")}</ul>` : empty(__("Whom is it about?"), text);
	}

	part(name) {
		return this.body.querySelector(`[data-part="${name}"]`);
	}
}

/** What the server said has been shown; the page says what can be done. */
function refused(name) {
	return empty(__("There is nothing to show"), __("{0} does not exist, or you have no right to see it.", [name]));
}
