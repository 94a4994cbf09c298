/**
 * Say which page this is where its title is not on screen: 16 shows breadcrumbs in its place. Call it whenever
 * the page is shown.
 */
export function name_page(page, label) {
	if (page.$title_area?.find(".title-text:visible").text().trim()) return;
	frappe.breadcrumbs.add({ type: "Custom", label, route: `/app/${frappe.get_route().map(encodeURIComponent).join("/")}` });
}
