"""Regular expressions as jq has them, matched under the step budget."""
