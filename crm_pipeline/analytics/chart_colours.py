"""Colours of the charts above reports, by what a bar or a line means. Pages take theirs from public/css/crm_kit.bundle.css."""

SIGNED, COMMIT, BEST_CASE, PIPELINE = "#2f9e6b", "#2f6fb5", "#7fb3ec", "#d5dde6"
WEIGHTED, HISTORICAL = "#e39b3a", "#8e6bbf"
# A whole, and the part of it that counts.
WHOLE, PART = BEST_CASE, COMMIT
ADVANCED, WON, LOST = "#29cd98", "#28a745", "#cb2929"
USUAL, LONGEST = COMMIT, "#b9d4ee"
AT_RISK = "#e8833a"
