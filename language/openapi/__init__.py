"""Documents of OpenAPI 2.0 and 3.x: what a call of one of their operations needs to know.

Loaded only for definitions that call one.
"""
