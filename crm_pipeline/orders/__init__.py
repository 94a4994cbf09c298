"""From an order request to ERPNext's Sales Order, and what became of it."""
