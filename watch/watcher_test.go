package watch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"docserve/internal/digest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSaves(t *testing.T) {
	tests := []struct {
		name string
		save func(r *rig)
		want []string
	}{
		{"in place", func(r *rig) { r.write("a.rst", "two\n") }, []string{"write a.rst"}},
		{"in place, the same bytes", func(r *rig) { r.write("a.rst", "one\n") }, nil},
		{"a touch", func(r *rig) {
			must(r.t, os.Chtimes(r.path("a.rst"), time.Now(), time.Now()))
		}, nil},
		{"permissions", func(r *rig) { must(r.t, os.Chmod(r.path("a.rst"), 0o600)) }, nil},
		{"vim with a backup", func(r *rig) {
			r.write("4913", "")
			r.remove("4913")
			r.write(".a.rst.swp", "swap")
			r.rename("a.rst", "a.rst~")
			r.write("a.rst", "two\n")
			r.remove("a.rst~")
			r.remove(".a.rst.swp")
		}, []string{"write a.rst"}},
		{"JetBrains safe write", func(r *rig) {
			r.write("a.rst___jb_tmp___", "two\n")
			r.rename("a.rst", "a.rst___jb_old___")
			r.rename("a.rst___jb_tmp___", "a.rst")
			r.remove("a.rst___jb_old___")
		}, []string{"write a.rst"}},
		{"Emacs", func(r *rig) {
			r.link("user@host.1234:5678", ".#a.rst")
			r.write("#a.rst#", "two\n")
			r.rename("a.rst", "a.rst~")
			r.write("a.rst", "two\n")
			r.remove("#a.rst#")
			r.remove(".#a.rst")
		}, []string{"write a.rst"}},
		{"sed -i and other whole-file writers", func(r *rig) {
			r.write("sedXq3Zk1", "two\n")
			r.rename("sedXq3Zk1", "a.rst")
		}, []string{"write a.rst"}},
		{"Kate and GNOME", func(r *rig) {
			r.write(".a.rst.kate-swp", "x")
			r.write(".goutputstream-QX4AB1", "two\n")
			r.rename(".goutputstream-QX4AB1", "a.rst")
		}, []string{"write a.rst"}},
		{"truncated, then written", func(r *rig) {
			must(r.t, os.Truncate(r.path("a.rst"), 0))
			r.write("a.rst", "two\n")
		}, []string{"write a.rst"}},
		{"new file", func(r *rig) { r.write("new.rst", "two\n") }, []string{"create new.rst"}},
		{"removed file", func(r *rig) { r.remove("a.rst") }, []string{"remove a.rst"}},
		{"removed and put back", func(r *rig) { r.remove("a.rst"); r.write("a.rst", "one\n") }, nil},
		{"renamed file", func(r *rig) { r.rename("a.rst", "b.rst") }, []string{"create b.rst", "remove a.rst"}},
		{"file becomes directory", func(r *rig) {
			r.remove("a.rst")
			fill(r.t, r.dir, "a.rst/index.rst")
		}, []string{"create a.rst/index.rst", "remove a.rst"}},
		{"adopted", func(r *rig) {
			r.w.Adopt(r.path("a.rst"), digest.Of([]byte("two\n")))
			r.write("a.rst", "two\n")
		}, nil},
		{"adopted removal", func(r *rig) {
			r.w.Adopt(r.path("a.rst"), digest.Digest{})
			r.remove("a.rst")
		}, nil},
	}
	onEachBackend(t, func(t *testing.T, start func(testing.TB, string) *rig) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				r := start(t, place(t, "a.rst", "other.rst"))
				test.save(r)
				r.expect(test.want...)
				r.write("other.rst", "still watched\n")
				r.expect("write other.rst")
			})
		}
	})
}

func TestDirectories(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *rig)
		want   []string
		later  string // a file that must still be watched
	}{
		{"new, empty", func(r *rig) { fill(r.t, r.dir, "new/") }, nil, "new/x.rst"},
		{"new, with files", func(r *rig) {
			stage := filepath.Join(filepath.Dir(r.dir), "stage")
			fill(r.t, stage, "x.rst", "deep/er/y.rst")
			must(r.t, os.Rename(stage, r.path("new")))
		}, []string{"create new/deep/er/y.rst", "create new/x.rst"}, "new/deep/er/z.rst"},
		{"new, filled at once", func(r *rig) {
			fill(r.t, r.dir, "new/x.rst", "new/1/2/3/4/y.rst")
		}, []string{"create new/1/2/3/4/y.rst", "create new/x.rst"}, "new/1/2/3/4/z.rst"},
		{"removed", func(r *rig) { r.remove("dir") },
			[]string{"remove dir/a.rst", "remove dir/sub/b.rst", "remove dir/sub/sub/c.rst"}, "dir"},
		{"renamed", func(r *rig) { r.rename("dir", "new") }, []string{
			"create new/a.rst", "create new/sub/b.rst", "create new/sub/sub/c.rst",
			"remove dir/a.rst", "remove dir/sub/b.rst", "remove dir/sub/sub/c.rst"}, "new/sub/sub/c.rst"},
		{"renamed and back", func(r *rig) { r.rename("dir", "new"); r.rename("new", "dir") }, nil, "dir/sub/sub/c.rst"},
		{"renamed within another", func(r *rig) { r.rename("dir/sub", "top") }, []string{
			"create top/b.rst", "create top/sub/c.rst", "remove dir/sub/b.rst", "remove dir/sub/sub/c.rst"}, "top/sub/c.rst"},
		{"replaced by another", func(r *rig) {
			r.rename("dir", "old")
			fill(r.t, r.dir, "dir/a.rst=two\n", "dir/new.rst")
		}, []string{
			"create dir/new.rst", "create old/a.rst", "create old/sub/b.rst", "create old/sub/sub/c.rst",
			"remove dir/sub/b.rst", "remove dir/sub/sub/c.rst", "write dir/a.rst"}, "dir/new.rst"},
		{"moved out", func(r *rig) {
			must(r.t, os.Rename(r.path("dir/sub"), filepath.Join(filepath.Dir(r.dir), "out")))
		}, []string{"remove dir/sub/b.rst", "remove dir/sub/sub/c.rst"}, "dir/a.rst"},
		{"removed and put back", func(r *rig) {
			r.remove("dir")
			fill(r.t, r.dir, "dir/a.rst", "dir/sub/b.rst", "dir/sub/sub/c.rst=two\n")
		}, []string{"write dir/sub/sub/c.rst"}, "dir/sub/sub/c.rst"},
		{"becomes a file", func(r *rig) { r.remove("dir/sub"); r.write("dir/sub", "x") },
			[]string{"create dir/sub", "remove dir/sub/b.rst", "remove dir/sub/sub/c.rst"}, "dir/sub"},
	}
	onEachBackend(t, func(t *testing.T, start func(testing.TB, string) *rig) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				r := start(t, place(t, "index.rst", "dir/a.rst", "dir/sub/b.rst", "dir/sub/sub/c.rst"))
				test.change(r)
				r.expect(test.want...)
				op := "create"
				if _, err := os.Stat(r.path(test.later)); err == nil {
					op = "write"
				}
				r.write(test.later, "later\n")
				r.expect(op + " " + test.later)
			})
		}
	})
}

func TestSourceDirGoesAndComesBack(t *testing.T) { onEachBackend(t, sourceDirGoesAndComesBack) }

func sourceDirGoesAndComesBack(t *testing.T, start func(testing.TB, string) *rig) {
	t.Run("renamed", func(t *testing.T) {
		r := start(t, place(t, "a.rst", "sub/b.rst"))
		must(t, os.Rename(r.dir, r.dir+".away"))
		r.expect("remove a.rst", "remove sub/b.rst")
		must(t, os.Rename(r.dir+".away", r.dir))
		r.expect("create a.rst", "create sub/b.rst")
		r.write("sub/b.rst", "two\n")
		r.expect("write sub/b.rst")
	})
	t.Run("removed with what holds it", func(t *testing.T) {
		dir := filepath.Join(place(t), "deep", "docs")
		fill(t, dir, "a.rst")
		r := start(t, dir)
		must(t, os.RemoveAll(filepath.Dir(dir)))
		r.expect("remove a.rst")
		fill(t, dir, "a.rst=two\n")
		r.expect("create a.rst")
		r.write("a.rst", "three\n")
		r.expect("write a.rst")
	})
	t.Run("not there at the start", func(t *testing.T) {
		dir := filepath.Join(place(t), "deep", "docs")
		r := start(t, dir)
		fill(t, dir, "a.rst")
		r.expect("create a.rst")
	})
}

func TestCheckoutIsOneBatch(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("needs git")
	}
	dir := place(t)
	for i := range 300 {
		fill(t, dir, fmt.Sprintf("d%d/f%03d.rst", i%7, i))
	}
	run := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "core.hooksPath=/dev/null"}, args...)
		if out, err := exec.Command(git, args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("init", "-q")
	run("checkout", "-q", "-b", "one")
	run("add", ".")
	run("commit", "-q", "-m", "one")
	run("checkout", "-q", "-b", "two")
	for i := range 300 {
		fill(t, dir, fmt.Sprintf("d%d/f%03d.rst=two\n", i%7, i))
	}
	fill(t, dir, "extra/new.rst")
	run("add", ".")
	run("commit", "-q", "-m", "two")

	r := watchDir(t, dir, nil)
	run("checkout", "-q", "one")
	batches := r.batches()
	if len(batches) != 1 || len(batches[0].Changes) != 301 {
		t.Fatalf("batches: %d, want 1 of 301 changes", len(batches))
	}
	run("checkout", "-q", "two")
	run("checkout", "-q", "one")
	r.expect()
}

func TestFilesOutside(t *testing.T) { onEachBackend(t, filesOutside) }

func filesOutside(t *testing.T, start func(testing.TB, string) *rig) {
	dir := place(t, "a.rst")
	out := filepath.Join(filepath.Dir(dir), "out")
	fill(t, out, "inc.txt", "other.txt", "tree/x.css")
	r := start(t, dir)
	inc, missing := filepath.Join(out, "inc.txt"), filepath.Join(out, "no", "where", "m.txt")
	r.w.Add(inc, missing, filepath.Join(out, "tree"))
	r.w.Add(inc)
	r.expect()
	if d, ok := r.w.Digest(inc); !ok || d != digest.Of([]byte("one\n")) {
		t.Errorf("digest of an added file: %v %v", d, ok)
	}
	fill(t, out, "other.txt=not asked for\n")
	r.expect()
	fill(t, out, "inc.txt=two\n")
	r.expect("write ../out/inc.txt")
	fill(t, out, "no/where/m.txt", "no/where/n.txt")
	r.expect("create ../out/no/where/m.txt")
	must(t, os.RemoveAll(filepath.Join(out, "no")))
	r.expect("remove ../out/no/where/m.txt")
	fill(t, out, "no/where/m.txt")
	r.expect("create ../out/no/where/m.txt")
	fill(t, out, "tree/x.css=two\n", "tree/new/y.css")
	r.expect("create ../out/tree/new/y.css", "write ../out/tree/x.css")
	must(t, os.Rename(out, out+".away"))
	r.batches() // what it is about is in the next one
	must(t, os.Rename(out+".away", out))
	r.batches()
	fill(t, out, "inc.txt=three\n")
	r.expect("write ../out/inc.txt")
}

func TestAddComparesWithWhatWasAdopted(t *testing.T) {
	dir := place(t, "a.rst")
	out := filepath.Join(filepath.Dir(dir), "out")
	fill(t, out, "inc.txt=two\n", "same.txt")
	r := watchDir(t, dir, nil)
	r.w.Adopt(filepath.Join(out, "inc.txt"), digest.Of([]byte("one\n"))) // it has changed since it was read
	r.w.Adopt(filepath.Join(out, "same.txt"), digest.Of([]byte("one\n")))
	r.w.Add(filepath.Join(out, "inc.txt"), filepath.Join(out, "same.txt"))
	r.expect("write ../out/inc.txt")
}

func TestKnownFromLastSession(t *testing.T) {
	dir := place(t, "same.rst", "edited.rst=two\n", "new.rst")
	one := digest.Of([]byte("one\n"))
	known := map[string]digest.Digest{
		filepath.Join(dir, "same.rst"):   one,
		filepath.Join(dir, "edited.rst"): one,
		filepath.Join(dir, "gone.rst"):   one,
	}
	r := watchDir(t, dir, func(o *Options) { o.Known = known })
	r.expect("create new.rst", "remove gone.rst", "write edited.rst")
	want := map[string]digest.Digest{
		filepath.Join(dir, "same.rst"):   one,
		filepath.Join(dir, "edited.rst"): digest.Of([]byte("two\n")),
		filepath.Join(dir, "new.rst"):    one,
	}
	if got := r.w.Snapshot(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("snapshot: %v, want %v", got, want)
	}
}

func TestLinks(t *testing.T) { onEachBackend(t, links) }

func links(t *testing.T, start func(testing.TB, string) *rig) {
	t.Run("file", func(t *testing.T) {
		dir := place(t, "a.rst")
		out := filepath.Join(filepath.Dir(dir), "out")
		fill(t, out, "target.rst", "second.rst=two\n")
		r := start(t, dir)
		r.link(filepath.Join("..", "out", "target.rst"), "link.rst")
		r.expect("create link.rst")
		fill(t, out, "target.rst=edited\n")
		r.expect("write link.rst")
		must(t, os.Rename(filepath.Join(out, "second.rst"), filepath.Join(out, "target.rst")))
		r.expect("write link.rst")
		must(t, os.Remove(filepath.Join(out, "target.rst")))
		r.expect("remove link.rst")
		fill(t, out, "target.rst")
		r.expect("create link.rst")
		r.remove("link.rst")
		r.expect("remove link.rst")
		fill(t, out, "target.rst=nobody cares\n")
		r.expect()
	})
	t.Run("directory", func(t *testing.T) {
		dir := place(t, "a.rst")
		out := filepath.Join(filepath.Dir(dir), "out")
		fill(t, out, "x.rst", "sub/y.rst")
		must(t, os.Symlink(out, filepath.Join(dir, "linked")))
		r := start(t, dir)
		fill(t, out, "sub/y.rst=two\n", "sub/z.rst")
		r.expect("create linked/sub/z.rst", "write linked/sub/y.rst")
		must(t, os.Rename(out, out+".away"))
		r.expect("remove linked/sub/y.rst", "remove linked/sub/z.rst", "remove linked/x.rst")
		must(t, os.Rename(out+".away", out))
		r.expect("create linked/sub/y.rst", "create linked/sub/z.rst", "create linked/x.rst")
		r.remove("linked")
		r.expect("remove linked/sub/y.rst", "remove linked/sub/z.rst", "remove linked/x.rst")
		fill(t, out, "x.rst=nobody cares\n")
		r.expect()
	})
	t.Run("loops", func(t *testing.T) {
		dir := place(t, "a.rst", "sub/b.rst", "one/", "two/")
		must(t, os.Symlink(dir, filepath.Join(dir, "sub", "loop")))
		must(t, os.Symlink("..", filepath.Join(dir, "sub", "up")))
		must(t, os.Symlink(filepath.Dir(dir), filepath.Join(dir, "out")))
		must(t, os.Symlink("../two", filepath.Join(dir, "one", "two")))
		must(t, os.Symlink("../one", filepath.Join(dir, "two", "one")))
		must(t, os.Symlink("self", filepath.Join(dir, "self")))
		r := start(t, dir)
		r.write("sub/b.rst", "two\n")
		r.expect("write sub/b.rst")
		r.link("loop2", "loop1")
		r.link("loop1", "loop2")
		r.link(".", "here")
		r.expect()
		r.write("one/c.rst", "two\n")
		r.expect("create one/c.rst", "create two/one/c.rst")
	})
	t.Run("dangling", func(t *testing.T) {
		dir := place(t, "a.rst")
		out := filepath.Join(filepath.Dir(dir), "out")
		must(t, os.Symlink(filepath.Join(out, "deep", "x.rst"), filepath.Join(dir, "link.rst")))
		r := start(t, dir)
		r.expect()
		fill(t, out, "deep/x.rst")
		r.expect("create link.rst")
	})
	t.Run("on the way to the source directory", func(t *testing.T) {
		real := place(t, "a.rst", "sub/b.rst")
		dir := filepath.Join(filepath.Dir(real), "link")
		must(t, os.Symlink(real, dir))
		r := start(t, dir)
		r.write("sub/b.rst", "two\n")
		r.expect("write sub/b.rst")
		other := filepath.Join(filepath.Dir(real), "other")
		fill(t, other, "a.rst=two\n")
		must(t, os.Symlink(other, dir+".new"))
		must(t, os.Rename(dir+".new", dir))
		r.expect("remove sub/b.rst", "write a.rst")
		r.write("a.rst", "three\n")
		r.expect("write a.rst")
	})
}
