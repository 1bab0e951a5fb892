"""The embedded ticket store: one SQLite file."""
