package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// wait is for how long nothing happens after a save.
type wait int

// The waits, from the one that leaves least to chance.
const (
	untilSettled wait = iota
	untilVisible      // until the open pages are fresh
	aMoment           // a few milliseconds: into reading or writing
	notAtAll
)

func (w wait) String() string { return [...]string{"settled", "visible", "moment", "none"}[w] }

// slots is how many edits a plan has room for; some stay empty.
const slots = 21

// length is how many edits a sequence has at most.
const length = 20

// slot is one edit of a plan. What it edits is decided by dice that the plan's
// number and the slot's own load, so that a slot stays what it is when others
// are taken away.
type slot struct {
	on   bool
	wait wait
	look bool // other pages are opened in browsers before it
}

// plan says all that a sequence leaves to chance.
type plan struct {
	slots   [slots]slot
	checks  [3]int // slots after which the output is compared, besides the last
	theme   int
	dirhtml bool
	german  bool
	noFork  bool
	salt    uint64
}

// plans draws plans. First comes what shrinking should try first: whether an
// edit is made at all, which is one of 32 times that it is not.
var plans = rapid.Custom(func(t *rapid.T) plan {
	var p plan
	for i := slots - 1; i >= 0; i-- { // what comes last is least likely to matter
		for range 5 {
			p.slots[i].on = rapid.Bool().Draw(t, "on") || p.slots[i].on
		}
	}
	for i := range p.slots {
		p.slots[i].wait = wait(number(t, 2))
	}
	for i := range p.slots {
		p.slots[i].look = rapid.Bool().Draw(t, "look")
	}
	for i := range p.checks {
		p.checks[i] = number(t, 4) + i*2
	}
	p.noFork = number(t, 3) == 7
	p.dirhtml = rapid.Bool().Draw(t, "dirhtml")
	p.german = number(t, 2) == 3
	p.theme = number(t, 6)
	p.salt = uint64(number(t, 40))
	return p
})

// number draws one of so many bits, evenly: rapid's own integers are more often
// small than large.
func number(t *rapid.T, bits int) int {
	n := 0
	for range bits {
		n <<= 1
		if rapid.Bool().Draw(t, "bit") {
			n |= 1
		}
	}
	return n
}

// dice returns the dice of a slot.
func (p *plan) dice(i int) dice { return rand.New(rand.NewPCG(p.salt, uint64(i))) }

// key tells plans apart that do different things up to a slot.
func (p plan) key(last int) string {
	for i := range p.slots {
		if !p.slots[i].on || i > last {
			p.slots[i] = slot{}
		}
	}
	checks := slices.DeleteFunc(p.checks[:], func(i int) bool { return i > last || !p.slots[i].on })
	slices.Sort(checks)
	return fmt.Sprint(last, p.slots, slices.Compact(checks), p.theme, p.dirhtml, p.german, p.noFork, p.salt)
}

func (p plan) String() string {
	var parts []string
	for i, s := range p.slots {
		if s.on {
			parts = append(parts, fmt.Sprintf("%d:%s", i, s.wait))
		}
	}
	return fmt.Sprintf("salt %d, theme %d, dirhtml %v, german %v, no fork %v, checks %v, slots %s",
		p.salt, p.theme, p.dirhtml, p.german, p.noFork, p.checks, strings.Join(parts, " "))
}
