/** Who is who at a customer, and how customers and people are related: the Desk page "People and Relations". */

import { empty, section } from "../shared/kit";
import { name_page } from "../shared/page_name";
import { read } from "../shared/server";
import { draw_chart } from "./chart";
import { show_network } from "./network";

const TARGETS = ["Customer", "Contact"];

export class PeopleAndRelations {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("People and Relations"), single_column: true });
		this.customer = this.page.add_field({
			fieldname: "customer",
			fieldtype: "Link",
			options: "Customer",
			label: __("Customer"),
			change: () => {
				const name = this.customer.get_value();
				if (name && name !== this.about?.name) this.go({ doctype: "Customer", name });
			},
		});
		this.day = this.page.add_field({
			fieldname: "day",
			fieldtype: "Date",
			label: __("As Of"),
			change: () => this.about && this.refresh(),
		});
		this.page.set_secondary_action(__("Refresh"), () => this.about && this.refresh());
		this.body = $(`<div class="crm-page crm-look crm-people"></div>`).appendTo(this.page.main)[0];
	}

	async shown() {
		name_page(this.page, __("People and Relations"));
		const [, ...rest] = frappe.get_route();
		const { doctype, name } = rest.length > 1 ? { doctype: rest[0], name: rest.slice(1).join("/") } : frappe.route_options || {};
		frappe.route_options = null;
		if (TARGETS.includes(doctype) && name) await this.show({ doctype, name });
		else if (this.about) await this.refresh();
		else this.body.innerHTML = empty(__("Whose people?"), __("Choose a customer above."));
	}

	/** The address says whose people these are, so that it can be kept, sent and gone back to. */
	go({ doctype, name }) {
		frappe.set_route("people-and-relations", doctype, name);
	}

	async show(about) {
		this.about = about;
		if (about.doctype === "Customer") await this.customer.set_value(about.name);
		await this.refresh();
	}

	async refresh() {
		const { doctype, name } = this.about;
		const day = this.day.get_value() || null;
		const [chart, network] = await Promise.all([
			doctype === "Customer" ? read("get_org_chart", { customer: name, day }).catch(() => null) : null,
			read("get_network", { doctype, name, day }).catch(() => null),
		]);
		if (this.about.name !== name) return;
		this.body.innerHTML = [
			chart ? section(__("Organisation Chart"), `<div class="crm-chart-place"></div>`) : "",
			network ? section(__("Network"), `<div class="crm-network-place"></div>`) : "",
		].join("");
		if (chart) {
			const again = () => this.refresh();
			draw_chart(this.body.querySelector(".crm-chart-place"), { ...chart, customer: name, day, again });
		}
		if (network) show_network(this.body.querySelector(".crm-network-place"), network, (about) => this.go(about));
	}
}
