import { ask_move } from "./people/chart";
import { PeopleAndRelations } from "./people/page";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, { PeopleAndRelations, ask_move });
