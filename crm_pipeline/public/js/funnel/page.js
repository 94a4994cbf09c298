/** From lead to cash in one picture: the Desk page "Sales Funnel". */

import { filter_bar } from "../shared/filter_bar";
import { fold_filters } from "../shared/fold_filters";
import { escaped } from "../shared/html";
import { empty } from "../shared/kit";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import { show_documents } from "../shared/documents";
import { drawing } from "./drawing";
import { headline, notices } from "./headline";
import { stage_table, standing_table } from "./tables";

const BASES = ["Opened in Period", "Entered Stage in Period"];
const FIELDS = () => [
	"company",
	"pipeline",
	"from_date",
	"to_date",
	{
		fieldname: "basis",
		fieldtype: "Select",
		label: __("Deals"),
		default: BASES[0],
		options: BASES.map((value) => ({ value, label: __(value) })),
	},
	"territory",
	"sales_person",
	"sales_owner",
	"source_type",
	"channel",
	"campaign",
];

export class SalesFunnel {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Sales Funnel"), single_column: true });
		const preset = { from_date: frappe.datetime.add_months(frappe.datetime.month_start(), -11), to_date: frappe.datetime.get_today() };
		this.bar = filter_bar(this.page, FIELDS(), () => this.refresh(), preset);
		fold_filters(this.page);
		this.body = $(`<div class="crm-funnel crm-page crm-look"></div>`).appendTo(this.page.main);
		this.page.set_secondary_action(__("Refresh"), () => this.refresh());
		this.page.add_inner_button(__("As a Report"), () => this.as_report());
		this.body.on("click", "[data-kind]", (event) => this.open_cell(event.currentTarget.dataset));
		this.body.on("click", "[data-from]", ({ currentTarget: { dataset } }) => this.show_period(dataset.from, dataset.to));
		this.asked = 0;
	}

	/** The page is opened, or come back to: read the numbers as they are now. */
	async shown() {
		name_page(this.page, __("Sales Funnel"));
		await this.bar.ready;
		await this.refresh();
	}

	/** What is there at once is drawn at once; what is read from the ledger follows. */
	async refresh() {
		const turn = ++this.asked;
		if (!this.data) this.body.html(this.waiting());
		const filters = { filters: JSON.stringify(this.bar.values()) };
		const parts = ["get_funnel_outline", "get_funnel_flow"].map((method) => read(method, filters));
		// A flow that fails before the outline is there is reported by the second wait.
		parts[1].catch(() => {});
		try {
			const outline = await parts[0];
			// An answer that a later question has overtaken is not shown.
			if (turn !== this.asked) return;
			this.data = outline;
			this.draw(null);
			const flow = await parts[1];
			if (turn !== this.asked) return;
			this.data = { ...outline, ...flow };
			this.draw(flow);
		} catch {
			if (turn === this.asked) this.failed();
		}
	}

	draw(flow) {
		const { data } = this;
		const nothing = !data.outcome.opened && !data.standing[""]?.documents && !data.leads.entered;
		if (nothing) {
			const text = __("Choose a longer period or other filters, or create the first opportunity.");
			const action = { label: __("New Sales Opportunity"), route: "/app/sales-opportunity/new" };
			this.body.html(empty(__("No deals in this period"), text, frappe.model.can_create("Sales Opportunity") ? action : null));
			return;
		}
		const middle = flow ? `${notices(data)}<div class="crm-funnel-picture">${drawing(data)}</div>${stage_table(data)}` : this.waiting();
		this.body.html(headline(data) + middle + standing_table(data));
	}

	/** What is drawn stays; where nothing is, or something is still waited for, it says so. */
	failed() {
		const failed = empty(__("The funnel could not be read"), __("Press Refresh to try again."));
		if (this.data) this.body.find(".crm-funnel-wait").replaceWith(failed);
		else this.body.html(failed);
	}

	waiting() {
		return `<p class="crm-empty crm-funnel-wait">${escaped(__("Loading"))}…</p>`;
	}

	open_cell({ kind, stage, title, weighted, before }) {
		const { doctype, period_before } = this.data;
		const filters = before ? { ...this.bar.values(), ...period_before } : this.bar.values();
		const args = { kind, stage: stage || null, weighted: weighted || 0, filters };
		show_documents({ doctype, title, ask: { method: "get_funnel_documents", args }, changed: () => this.refresh() });
	}

	async show_period(from_date, to_date) {
		await this.bar.set({ from_date, to_date });
		await this.refresh();
	}

	as_report() {
		frappe.route_options = this.bar.values();
		frappe.set_route("query-report", "Sales Funnel");
	}
}
