package runner

import "testing"

// TestSetbacksCountUntilSettled has a step of the whole site fail on what it
// comes to only after it has succeeded once: each new process succeeds first.
func TestSetbacksCountUntilSettled(t *testing.T) {
	r := &Runner{}
	r.crew.init()
	spread := &task{op: "spread"}
	if r.setBack(spread, Diagnostic{}) {
		t.Fatal("given up after one failure")
	}
	r.overcome(spread)
	if !r.setBack(spread, Diagnostic{}) {
		t.Fatal("a success before the second failure, of the same work, has it tried without end")
	}
	r.secondChance()
	r.forget()
	if !r.setBack(spread, Diagnostic{}) {
		t.Fatal("what was not overcome is forgotten")
	}
	r.secondChance()
	r.overcome(spread)
	r.forget()
	if r.setBack(spread, Diagnostic{}) {
		t.Fatal("what was overcome before the site was settled still counts")
	}
}
