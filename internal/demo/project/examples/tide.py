"""How high the water stands, and for how long a boat floats."""

import argparse
import math

PERIOD = 12.42  # hours from one high tide to the next


def height(hour, high=4.2, low=0.8):
    """The height of the water, in metres, so many hours after high tide."""
    middle, swing = (high + low) / 2, (high - low) / 2
    return middle + swing * math.cos(2 * math.pi * hour / PERIOD)


def hours_afloat(draught, depth, clearance=0.5):
    """For how many hours of one tide a boat floats at a berth."""
    steps = 1000
    wet = sum(
        depth + height(PERIOD * step / steps) > draught + clearance
        for step in range(steps)
    )
    return PERIOD * wet / steps


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--draught', type=float, required=True)
    parser.add_argument('--depth', type=float, required=True)
    options = parser.parse_args()
    hours = hours_afloat(options.draught, options.depth)
    print(f'afloat for {hours:.1f} of {PERIOD:.1f} hours')
