"""Shapes of all kinds."""
