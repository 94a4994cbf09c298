"""Records that may be one: shown while somebody types, found by night, compared and merged; and what data lacks."""
