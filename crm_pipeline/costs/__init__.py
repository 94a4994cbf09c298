"""What a deal costs, and the gate before its quotation."""
