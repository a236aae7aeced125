package generate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"docserve/internal/digest"
)

const upperRule = `
[[rule]]
inputs = "data/*.up"
kind = "upper"
`

func TestLife(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\ntwo: y\n", "data/b.up": "three: z\n"})
	r.want("first run", r.run(), "+source/gen/one.txt +source/gen/three.txt +source/gen/two.txt")
	r.want("output", r.read("source/gen/one.txt"), "begin\nX\nend\n")
	r.kind.take()
	r.want("nothing", r.run(), "")
	r.want("one edit", r.edit("data/a.up", "one: x\ntwo: yy\n"), "~source/gen/two.txt")
	r.want("what was made", strings.Join(r.kind.take(), " "), "a.up")
	r.want("no output changes", r.edit("data/a.up", "one: X\ntwo: yy\n"), "")
	r.want("renamed", r.edit("data/a.up", "uno: X\ntwo: yy\n"), "-source/gen/one.txt +source/gen/uno.txt")
	r.want("removed", r.remove("data/b.up"), "-source/gen/three.txt")
	r.want("created", r.edit("data/c.up", "four: f\n"), "+source/gen/four.txt")
	r.want("output removed", r.remove("source/gen/four.txt"), "+source/gen/four.txt")
	r.want("written again", r.read("source/gen/four.txt"), "begin\nF\nend\n")

	// The next session knows all that.
	r.save()
	r.kind.take()
	r.start()
	r.want("next session", r.run(), "")
	r.want("made in it", strings.Join(r.kind.take(), " "), "")
	r.write("data/a.up", "uno: 1\n")
	if err := os.Remove(r.path("source/gen/four.txt")); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.want("changed in between", r.run(), "+source/gen/four.txt -source/gen/two.txt ~source/gen/uno.txt")
	r.want("notes", r.notes(), "")
}

func TestDependencies(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{
		"data/a.up": "<base.inc\none: x\n", "data/b.up": "<a2.inc\n", "data/a2.inc": "<base.inc\nthree: y\n", "data/c.up": "four: w\n", "data/base.inc": "",
	})
	r.run()
	r.kind.take()
	r.want("transitive", r.edit("data/base.inc", "# nothing\n"), "")
	r.want("made", strings.Join(r.kind.take(), " "), "a.up b.up")
	r.remove("data/a2.inc")
	r.want("missing", r.notes(), "data/b.up:1: no a2.inc | there are a.up, b.up, base.inc, c.up")
	r.want("the last good output stays", r.read("source/gen/three.txt"), "begin\nY\nend\n")
	r.want("there again", r.edit("data/a2.inc", "three: why\n"), "~source/gen/three.txt")
	r.want("no notes", r.notes(), "")
}

// TestTold has outputs on which documents depend because their maker says so.
func TestTold(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: @a.rst @c.rst\n", "data/a.rst": "", "data/b.rst": "", "data/c.rst": ""})
	told := func() string {
		var names []string
		for _, path := range r.g.Dependents(r.path("source/gen/one.txt")) {
			names = append(names, filepath.Base(path))
		}
		return strings.Join(names, " ")
	}
	declared := func(document string) bool { return len(r.g.Declared(r.path("data/"+document))) > 0 }
	r.run()
	r.want("at first", told(), "a.rst c.rst")
	r.edit("data/a.up", "one: @b.rst @c.rst\n")
	r.want("those of before too, once", told(), "a.rst b.rst c.rst")
	if declared("a.rst") || !declared("b.rst") || !declared("c.rst") {
		t.Errorf("declared: %v %v %v", declared("a.rst"), declared("b.rst"), declared("c.rst"))
	}
	r.save()
	r.start()
	r.run()
	if !declared("c.rst") {
		t.Error("the next session does not know it")
	}
	r.remove("data/a.up")
	if got := told(); !strings.HasSuffix(got, "c.rst") || declared("c.rst") {
		t.Errorf("when the output is gone: %s, %v", got, declared("c.rst"))
	}
}

func TestErrors(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\ntwo: y\n"})
	r.run()
	r.want("outputs beside an error", r.edit("data/a.up", "one: xx\n!wrong\n"), "~source/gen/one.txt")
	r.want("kept", r.read("source/gen/two.txt"), "begin\nY\nend\n")
	r.want("note", r.notes(), "data/a.up:2: wrong")
	r.save()
	r.start()
	r.want("nothing to do", r.run(), "")
	r.want("the note is kept", r.notes(), "data/a.up:2: wrong")
	r.want("mended", r.edit("data/a.up", "one: xx\n"), "-source/gen/two.txt")
}

func TestForeign(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\ntwo: y\n", "source/gen/one.txt": "mine", "source/gen/two.txt": "begin\nY\nend\n"})
	r.want("nothing is overwritten", r.run(), "")
	r.want("one", r.read("source/gen/one.txt"), "mine")
	if !strings.HasPrefix(r.notes(), "source/gen/one.txt:0: docserve has not written this file") {
		t.Error(r.notes())
	}
	r.want("made room for", r.remove("source/gen/one.txt"), "+source/gen/one.txt")
	r.want("no notes", r.notes(), "")

	r.write("source/gen/two.txt", "edited")
	r.run("source/gen/two.txt")
	if !strings.HasPrefix(r.notes(), "source/gen/two.txt:0: somebody has changed this file") {
		t.Error(r.notes())
	}
	r.edit("data/a.up", "one: x\ntwo: yy\n")
	r.want("still theirs", r.read("source/gen/two.txt"), "edited")
	r.want("its source goes", r.edit("data/a.up", "one: x\n"), "")
	r.want("theirs stays", r.read("source/gen/two.txt"), "edited")

	r.write("data/a.up", "one: x\ntwo: yy\n")
	r.options.Adopt = true
	r.start()
	r.want("adopted", r.run(), "~source/gen/two.txt")
	r.want("no notes then", r.notes(), "")
}

func TestKilled(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	r.run()
	r.write("data/a.up", "two: x\n")
	r.start() // no manifest was saved: the journal says what is ours
	r.want("changes", r.run(), "-source/gen/one.txt +source/gen/two.txt")
	r.save()
	r.write("state/generated.json", "{")
	r.write("data/a.up", "two: y\n")
	r.start()
	r.want("a damaged manifest", r.run(), "")
	r.noted("docserve has not written this file")
}

func TestConflict(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/b.up": "one: b\n"})
	r.run()
	r.want("the first has it", r.edit("data/a.up", "one: a\n"), "~source/gen/one.txt")
	r.want("note", r.notes(), "source/gen/one.txt:0: source/gen/one.txt is made from data/a.up and from data/b.up | outputs need different names; the first has it")
	r.want("the second gets it", r.remove("data/a.up"), "~source/gen/one.txt")
	r.want("content", r.read("source/gen/one.txt"), "begin\nB\nend\n")
	r.want("no notes", r.notes(), "")
	r.edit("data/b.up", "one: b\none: c\n")
	r.noted("would be made twice")
}

// TestConflictMoves: when the file goes that has an output, the right to it goes to
// the first of those that are left, though another one is ready to make the same.
func TestConflictMoves(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: a\n", "data/b.up": "one: b\n"})
	r.run()
	r.write("data/c.up", "one: a\n")
	if err := os.Remove(r.path("data/a.up")); err != nil {
		t.Fatal(err)
	}
	r.want("a file is renamed", r.run("data/a.up", "data/c.up"), "~source/gen/one.txt")
	r.want("content", r.read("source/gen/one.txt"), "begin\nB\nend\n")
	r.want("note", r.notes(), "source/gen/one.txt:0: source/gen/one.txt is made from data/b.up and from data/c.up | outputs need different names; the first has it")
	r.want("the same bytes from an earlier file", r.edit("data/a.up", "one: b\n"), "")
	r.want("notes", r.notes(), `source/gen/one.txt:0: source/gen/one.txt is made from data/a.up and from data/b.up | outputs need different names; the first has it
source/gen/one.txt:0: source/gen/one.txt is made from data/a.up and from data/c.up | outputs need different names; the first has it`)
}

func TestChain(t *testing.T) {
	r := newRig(t, `
[[rule]]
inputs = "gen/*.txt"
outputs = "source/all.rst"
template = "all.j2"
[[rule]]
inputs = "data/*.up"
outputs = "gen/{ref}.txt"
kind = "upper"
`, map[string]string{
		"all.j2":    "{% for i in inputs %}\n{{ i.stem }}: {{ i.data | indent }}\n{% endfor %}\n",
		"data/a.up": "one: x\ntwo: y\n",
	})
	r.want("first run", r.run(), "+gen/one.txt +gen/two.txt +source/all.rst")
	r.want("all", r.read("source/all.rst"), "one: begin\n   X\n   end\ntwo: begin\n   Y\n   end\n")
	r.want("through", r.edit("data/a.up", "one: x\nthree: y\n"), "+gen/three.txt -gen/two.txt ~source/all.rst")
	r.want("all", r.read("source/all.rst"), "one: begin\n   X\n   end\nthree: begin\n   Y\n   end\n")
	r.want("cut off early", r.edit("data/a.up", "one: X\nthree: Y\n"), "")
	r.want("the template", r.edit("all.j2", "{{ inputs | length }}"), "~source/all.rst")
	r.want("two", r.read("source/all.rst"), "2")
	r.want("all inputs go", r.remove("data/a.up"), "-gen/one.txt -gen/three.txt -source/all.rst")
}

func TestCircle(t *testing.T) {
	r := newRig(t, `
[[rule]]
name = "first"
inputs = "a.yaml"
outputs = "b.yaml"
template = "t.j2"
data = { other = "c.yaml" }
[[rule]]
name = "second"
inputs = "b.yaml"
outputs = "c.yaml"
template = "t.j2"
`, map[string]string{"a.yaml": "x: 1\n", "c.yaml": "y: 1\n", "t.j2": "z: {{ data }}\n"})
	r.options.Adopt = true
	r.start()
	r.run()
	r.noted("docserve.toml:2: rules go round in a circle: ")
	r.noted("b.yaml → c.yaml → b.yaml")
	r.configure(`
[[rule]]
inputs = "x/*.a"
outputs = "x/{stem}1.b"
template = "t.j2"
[[rule]]
inputs = "x/*.b"
outputs = "x/{stem}2.a"
template = "t.j2"
`)
	r.write("x/i.a", "text")
	r.start()
	r.want("a rule is not applied to what it has made", r.run(), "-b.yaml -c.yaml +x/i1.b +x/i12.a")
}

func TestReload(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	r.run()
	r.kind.take()
	reload := func(configuration string) {
		t.Helper()
		r.configure(configuration)
		if err := r.g.Reload(t.Context(), r.options.Config); err != nil {
			t.Fatal(err)
		}
	}
	reload("# a comment\n" + upperRule)
	r.want("nothing to do", r.run(), "")
	r.want("made", strings.Join(r.kind.take(), ""), "")
	r.edit("data/a.up", "one: x\none: y\n")
	r.noted("docserve.toml:3: source/gen/one.txt would be made twice")
	reload(upperRule)
	r.want("still nothing to do", r.run(), "")
	r.noted("docserve.toml:2: source/gen/one.txt would be made twice")
	r.edit("data/a.up", "one: x\n")
	r.kind.take()
	reload(upperRule + "outputs = 'source/new/{ref}.txt'\n")
	r.want("other outputs", r.run(), "-source/gen/one.txt +source/new/one.txt")
	reload("")
	r.want("no rules", r.run(), "-source/new/one.txt")
	reload(upperRule)
	r.kind.version = "2"
	r.want("back", r.run(), "+source/gen/one.txt")
	r.save()
	r.kind.take()
	r.kind.version = "3"
	r.start()
	r.run()
	r.want("another signature", strings.Join(r.kind.take(), ""), "a.up")
}

func TestPlaces(t *testing.T) {
	r := newRig(t, upperRule+"outputs = '{ref}'\n", map[string]string{"data/a.up": "../up.txt: x\n"})
	for name, want := range map[string]string{"../up.txt": "it is outside of the project", "out/x.html": "it is in the output directory"} {
		r.write("data/a.up", name+": x\n")
		r.start()
		r.run()
		r.noted(want)
	}
	r.configure(upperRule + "outputs = '{rfe}/{stem}'\n")
	r.start()
	r.run()
	r.want("a name that there is not", r.notes(), `docserve.toml:2: unknown name {rfe} in outputs "{rfe}/{stem}" | did you mean {ref}?`)
}

func TestInterrupted(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n", "data/b.up": "two: x\n"})
	r.options.Jobs = 1
	r.start()
	r.kind.hold = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := r.g.Run(ctx, nil)
		ended <- err
	}()
	cancel()
	if err := <-ended; err == nil {
		t.Fatal("it was not interrupted")
	}
	close(r.kind.hold)
	r.kind.take()
	r.want("what was left", r.run(), "+source/gen/one.txt +source/gen/two.txt")
	r.want("made", strings.Join(r.kind.take(), " "), "a.up b.up")
}

// TestNeed: what somebody waits for is made first, with what it is made from.
func TestNeed(t *testing.T) {
	r := newRig(t, upperRule+`
[[rule]]
inputs = "source/gen/*.txt"
outputs = "source/{stem}.rst"
template = "t.j2"
`, map[string]string{"data/a.up": "one: x\n", "data/b.up": "two: x\n", "data/c.up": "three: x\n", "t.j2": "{{ data }}"})
	r.options.Jobs = 1
	r.options.Needed = func() []string { return []string{r.path("source/three.rst")} }
	r.start()
	r.run()
	var order []string
	r.options.Wrote = func(path string, _ digest.Digest) { order = append(order, filepath.Base(path)) }
	r.g.opts.Wrote = r.options.Wrote
	for _, name := range []string{"a", "b", "c"} {
		r.write("data/"+name+".up", strings.ReplaceAll(r.read("data/"+name+".up"), "x", "y"))
	}
	r.run("data/a.up", "data/b.up", "data/c.up")
	if len(order) != 6 || order[0] != "three.txt" {
		t.Errorf("made in the order %v", order)
	}
}

func TestCheck(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n", "source/gen/two.txt": "mine"})
	r.options.Check = true
	r.start()
	r.want("would change", r.run(), "+source/gen/one.txt")
	r.want("did not", r.read("source/gen/one.txt"), "(none)")
	if _, err := os.Stat(r.path("state")); err == nil {
		t.Error("a check has written something")
	}
	r.options.Check = false
	r.start()
	r.run()
	r.save()
	r.options.Check = true
	r.start()
	r.want("would not change", r.run(), "")
	r.write("data/a.up", "two: x\n")
	r.start()
	r.want("would remove", r.run(), "-source/gen/one.txt")
	r.want("did not", r.read("source/gen/one.txt"), "begin\nX\nend\n")
	r.noted("does not overwrite")
}

// TestIgnored: outputs in a directory that is ignored are found by the rules that they
// are inputs of, and inputs behind a link.
func TestIgnored(t *testing.T) {
	r := newRig(t, `
[[rule]]
inputs = "data/**/*.up"
outputs = "hidden/{ref}.txt"
kind = "upper"
[[rule]]
inputs = "hidden/*.txt"
outputs = "source/{stem}.rst"
template = "t.j2"
`, map[string]string{"elsewhere/a.up": "one: x\n", "data/b.up": "two: x\n", "t.j2": "{{ data }}"})
	if err := os.Symlink(r.path("elsewhere"), r.path("data/link")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if err := os.Symlink(r.path("."), r.path("data/round")); err != nil {
		t.Fatal(err)
	}
	r.options.Skip = func(path string, dir bool) bool { return dir && filepath.Base(path) == "hidden" }
	r.start()
	r.want("first", r.run(), "+hidden/one.txt +hidden/two.txt +source/one.rst +source/two.rst")
	r.save()
	r.start()
	r.want("again", r.run(), "")
	r.want("edited", r.edit("data/b.up", "two: y\n"), "~hidden/two.txt ~source/two.rst")
}

// TestWrote: the watcher knows of an output before it is there.
func TestWrote(t *testing.T) {
	r := newRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	var told []string
	r.options.Wrote = func(path string, d digest.Digest) {
		now, err := digest.File(path)
		if err != nil || now == d {
			t.Errorf("%s: %v, %v", path, now, err)
		}
		told = append(told, filepath.Base(path))
	}
	r.start()
	r.run()
	r.remove("data/a.up")
	r.want("told", strings.Join(told, " "), "one.txt one.txt")
}
