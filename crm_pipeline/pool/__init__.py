"""The public pool: what nobody works on goes there, and whoever may claim it gets it."""
