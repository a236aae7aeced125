package main

import (
	"fmt"
	"slices"
	"time"
)

// samples are the times that one measure took.
type samples []time.Duration

// median is the middle one, or the mean of the middle two; 0 of none.
func (s samples) median() time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// String gives median, least and most.
func (s samples) String() string {
	switch len(s) {
	case 0:
		return "none"
	case 1:
		return duration(s[0])
	}
	return fmt.Sprintf("%s (%s to %s, %d)", duration(s.median()), duration(slices.Min(s)), duration(slices.Max(s)), len(s))
}

// duration prints with the precision that the measurement has.
func duration(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// ratio divides; 0 when there is nothing to divide by.
func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
