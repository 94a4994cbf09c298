"""What to know of a customer before calling, and the gate before a hand-off."""
