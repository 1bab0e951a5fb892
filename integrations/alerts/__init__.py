"""Alerts from monitoring systems."""
