/** Who is there already, and two records that become one; loaded when somebody types who it is, or compares. */

import { compare_records } from "./duplicates/comparing";
import { look_for_same } from "./duplicates/typing";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, { compare_records, look_for_same });
