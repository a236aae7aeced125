"""Shapes without corners."""

from shapes.base import Shape


class Circle(Shape):
    """A circle is a :class:`shapes.base.Shape`."""

    def area(self):
        return 3

    def roll(self):
        """Roll along."""


def unit():
    """Return the unit :class:`Circle`."""
    return Circle()
