package generate

import (
	"strings"
	"testing"

	"docserve/internal/digest"
)

// TestListed: what is said of a directory follows what is in it, also of files that
// concern no rule, and in the next session.
func TestListed(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "<base.inc\n", "data/c.up": "four: w\n"})
	hint := func(when, want string) {
		t.Helper()
		if all := r.g.Diagnostics(); len(all) != 1 || all[0].Hint != "there are "+want {
			t.Errorf("%s: %+v, want %s", when, all, want)
		}
	}
	r.run()
	hint("at first", "a.up, c.up")
	r.kind.take()
	if r.write("data/bare.inc", "one: x\n"); !r.g.Affected(r.path("data/bare.inc")) {
		t.Error("a file that may have been meant does not matter")
	}
	r.run("data/bare.inc")
	hint("one comes", "a.up, bare.inc, c.up")
	r.remove("data/c.up")
	hint("one goes", "a.up, bare.inc")
	r.kind.take()
	r.edit("data/bare.inc", "two: y\n")
	r.want("another content is no other name", strings.Join(r.kind.take(), " "), "")
	r.save()
	r.write("data/base.txt", "")
	r.start()
	r.run()
	hint("between sessions", "a.up, bare.inc, base.txt")
	r.save()
	r.kind.take()
	r.start()
	r.run()
	r.want("nothing to do", strings.Join(r.kind.take(), " "), "")
	r.edit("data/base.inc", "one: x\n")
	r.want("mended", r.notes(), "")
	if r.g.Affected(r.path("data/more.txt")) {
		t.Error("who lists nothing any more is asked")
	}
}

// TestLateReport: a report of an output that is older than what was written since
// makes it nobody else's.
func TestLateReport(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	r.run()
	output := r.path("source/gen/one.txt")
	older, err := digest.File(output)
	if err != nil {
		t.Fatal(err)
	}
	r.edit("data/a.up", "one: y\n")
	r.g.Interrupt(output, older)
	if _, err := r.g.Run(t.Context(), map[string]digest.Digest{output: older}); err != nil {
		t.Fatal(err)
	}
	r.want("no notes", r.notes(), "")
	r.want("still its own", r.edit("data/a.up", "one: z\n"), "~source/gen/one.txt")
	r.want("no notes at last", r.notes(), "")
	if d, ours := r.g.Current(output); !ours || d == older || d.IsZero() {
		t.Errorf("the output is %v, %v", d, ours)
	}
}

// TestKilledOnTheWay: a session that is killed has made an output from what was
// changed back before the next one, which knows what the one before has read.
func TestKilledOnTheWay(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	r.run()
	r.save()
	r.want("not kept", r.edit("data/a.up", "one: y\n"), "~source/gen/one.txt")
	r.write("data/a.up", "one: x\n")
	r.start()
	r.want("made again", r.run(), "~source/gen/one.txt")
	r.want("content", r.read("source/gen/one.txt"), "begin\nX\nend\n")
}

// TestReloadKeepsDependents: the engine asks what depends on a file while another
// configuration is being taken over.
func TestReloadKeepsDependents(t *testing.T) {
	const depends = "[[depends]]\ndocuments = \"source/*.rst\"\nfiles = \"data/*.txt\"\n"
	r := newRig(t, depends, map[string]string{"data/a.txt": "x", "source/a.rst": "A"})
	asked, found := 0, 0
	r.options.Skip = func(string, bool) bool {
		if r.g != nil {
			asked++
			found += len(r.g.Dependents(r.path("data/a.txt")))
		}
		return false
	}
	r.g = nil
	r.start()
	r.run()
	asked, found = 0, 0
	r.configure(depends + "\n" + upperRule)
	if err := r.g.Reload(t.Context(), r.options.Config); err != nil {
		t.Fatal(err)
	}
	if asked == 0 || found != asked {
		t.Errorf("of %d questions %d were answered", asked, found)
	}
}
