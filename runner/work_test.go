package runner

import "testing"

// TestWork: a document that is read for nothing, or to be shown for a while, is
// read, as far as loops are concerned.
func TestWork(t *testing.T) {
	for _, test := range []struct {
		task    task
		op, doc string
	}{
		{task{op: "read", doc: "a"}, "read", "a"},
		{task{op: "rehearse", played: "a"}, "read", "a"},
		{task{op: "preview", doc: "a"}, "read", "a"},
		{task{op: "write", doc: "a"}, "write", "a"},
	} {
		if op, _, doc := test.task.What(); op != test.op || doc != test.doc {
			t.Errorf("%s: got %s %s", test.task.op, op, doc)
		}
	}
}
