"""Messages to people: from a template and the facts of a case to subject and text."""
