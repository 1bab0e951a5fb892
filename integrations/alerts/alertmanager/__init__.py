"""Alertmanager, and whatever speaks its webhook format."""
