"""The embedded file store: a content-addressed folder."""
