"""The mutation score: what `caseway validate` finds of mistakes that nobody chose.

Valid files are damaged at every place that the grammar of YAML and of the language has; the rules
of the checker play no part in that. How many of the damaged files get a finding is the score.
"""
