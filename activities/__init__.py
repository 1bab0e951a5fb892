"""ACT: the only side effects of a case, one file per capability."""
