package doctor

import (
	"cmp"
	"strconv"
	"strings"
)

// satisfies reports whether a version fits a specifier such as ">=0.20,<0.22";
// known is false if there is something else in it.
func satisfies(version, specifier string) (fits, known bool) {
	if version == "" || specifier == "" {
		return false, false
	}
	fits = true
	for clause := range strings.SplitSeq(specifier, ",") {
		number := strings.TrimLeft(clause, "<>=!~")
		operator := strings.TrimSuffix(clause, number)
		order := compareVersions(version, number)
		if strings.Trim(number, "0123456789.") != "" || number == "" {
			return false, false
		}
		switch operator {
		case ">=":
			fits = fits && order >= 0
		case ">":
			fits = fits && order > 0
		case "<":
			fits = fits && order < 0
		case "<=":
			fits = fits && order <= 0
		case "==":
			fits = fits && order == 0
		case "!=":
			fits = fits && order != 0
		default:
			return false, false
		}
	}
	return fits, true
}

// compareVersions compares two versions number by number. What follows the digits
// of a part, as in "1.0b2", does not count, and what is missing is 0.
func compareVersions(a, b string) int {
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(left), len(right)) {
		if order := cmp.Compare(part(left, i), part(right, i)); order != 0 {
			return order
		}
	}
	return 0
}

func part(version []string, i int) int {
	if i >= len(version) {
		return 0
	}
	digits := version[i]
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	n, _ := strconv.Atoi(digits) // no digits are 0
	return n
}
