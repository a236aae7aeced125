//go:build !race

package stories

// raceFlags make docserve look for races when its tests do.
var raceFlags []string
