package generate

import (
	"os"
	"testing"
	"time"
)

// TestSaveWhatIsNew: a session that finds all as it was leaves the manifest alone,
// and one that has learned something writes it.
func TestSaveWhatIsNew(t *testing.T) {
	const reading = "<base.inc\na: one\n"
	r := newRig(t, upperRule, map[string]string{"data/x.up": reading, "data/base.inc": "b: two\n"})
	old := time.Now().Add(-time.Hour)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	age := func(names ...string) {
		t.Helper()
		for _, name := range names {
			must(os.Chtimes(r.path(name), old, old))
		}
	}
	age("data/x.up", "data/base.inc")
	manifest := r.path("state/" + manifestName)
	// session reports whether one that begins now, and is told nothing, writes it.
	session := func() bool {
		t.Helper()
		age("state/" + manifestName)
		r.start()
		r.run()
		r.save()
		info, err := os.Stat(manifest)
		must(err)
		return !info.ModTime().Equal(old)
	}
	r.run()
	r.save()
	if session() {
		t.Error("written, though nothing has changed")
	}
	for _, c := range []struct {
		what string
		do   func()
	}{
		{"an input has another time", func() { must(os.Chtimes(r.path("data/base.inc"), old.Add(time.Minute), old.Add(time.Minute))) }},
		{"an input has changed", func() { r.write("data/x.up", reading+"c: three\n") }},
		{"an input is new", func() { r.write("data/y.up", "y: four\n"); age("data/y.up") }},
		{"an input is gone", func() { r.remove("data/y.up") }},
		{"one that made nothing is new", func() { r.write("data/z.up", "nothing\n"); age("data/z.up") }},
		{"one that made nothing is gone", func() { must(os.Remove(r.path("data/z.up"))) }},
		{"an output is gone", func() { must(os.Remove(r.path("source/gen/a.txt"))) }},
		{"a journal is left", func() { must(r.g.journal.add("source/gen/other.txt", unsure)) }},
	} {
		c.do()
		if !session() {
			t.Errorf("%s: not written", c.what)
		}
		age("data/x.up")
		session() // the young are old now
		if session() {
			t.Errorf("after that (%s): written, though nothing has changed", c.what)
		}
	}
}
