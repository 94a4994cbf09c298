import { Customer360 } from "./customer360/page";
import { fill_customer_panel } from "./customer360/panel";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, { Customer360, fill_customer_panel });
