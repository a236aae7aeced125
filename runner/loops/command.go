package loops

import (
	"time"

	"docserve/runner/sphinx"
)

// command is one that the user has given with an option, as work.
type command struct {
	option string
	ended  time.Time
}

func (c *command) What() (op, step, doc string) { return c.option, "", "" }
func (c *command) Ended() time.Time             { return c.ended }

// Command notes that a command of the user's, given with an option, runs since a
// time: it may change sources. What it returns must be called when it has ended.
func (b *Breaker) Command(option string, began time.Time) (ended func(time.Time)) {
	c := &command{option: option}
	b.Note(c, sphinx.Act{At: began.UnixNano()})
	return func(now time.Time) { c.ended = now }
}

// Commanded does the same from any goroutine: later has the loop that owns the
// breaker run something, in the order of the calls.
func (b *Breaker) Commanded(option string, later func(order func())) (ended func()) {
	began := time.Now()
	var over func(time.Time)
	later(func() { over = b.Command(option, began) })
	return func() {
		now := time.Now()
		later(func() {
			if over != nil { // else the loop had ended before
				over(now)
			}
		})
	}
}
