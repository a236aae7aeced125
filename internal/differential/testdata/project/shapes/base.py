"""The base of all shapes."""


class Shape:
    """A shape."""

    #: Number of sides.
    sides = 0

    def area(self):
        """Return the area of a shape."""
        return 0

    def move(self, x, y):
        """Move the shape, see :meth:`area`."""
