package verify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"docserve/internal/compare"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a site whose state the test sets.
type fake struct {
	mu      sync.Mutex
	state   State
	refuses error
	beside  atomic.Int32
	barrier func() // what comes in while the barrier is waited for
}

func (f *fake) Settle(ctx context.Context) (State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuses != nil {
		return State{}, f.refuses
	}
	f.state.Settled = true
	return f.state, ctx.Err()
}

func (f *fake) Look(context.Context) State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *fake) Barrier(ctx context.Context) error {
	if f.barrier != nil {
		f.barrier()
	}
	return ctx.Err()
}

func (f *fake) Beside(context.Context) func() {
	f.beside.Add(1)
	return func() { f.beside.Add(-1) }
}

// save is what a save does to the state.
func (f *fake) save() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Changes++
	f.state.Settled = false
}

// rig is a verification of a site in a directory, with a clean build that the
// test makes. Temporary files go to a directory of the test's.
func rig(t *testing.T, site map[string]string, clean map[string]string, printed string) (*fake, Options, string) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	f := &fake{}
	output := t.TempDir()
	fill(t, output, site)
	t.Cleanup(func() {
		if n := f.beside.Load(); n != 0 {
			t.Errorf("the site takes %d builds for being under way", n)
		}
	})
	return f, Options{Site: f, Output: output, clean: func(ctx context.Context, dir string) error {
		if n := f.beside.Load(); n != 1 {
			t.Errorf("the site was told of %d builds beside its own", n)
		}
		fill(t, filepath.Join(dir, pages), clean)
		fill(t, dir, map[string]string{warnings: printed})
		return ctx.Err()
	}}, temp
}

func fill(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Error(err)
		}
	}
}

// empty checks that nothing temporary is left.
func empty(t *testing.T, temp string) {
	t.Helper()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v %v", left, err)
	}
}

func TestEqualAndDifferent(t *testing.T) {
	page := map[string]string{"a.html": "a", "d/b.html": "b"}
	f, opts, temp := rig(t, page, page, "/p/a.rst:1: WARNING: w [x.y]\n")
	f.state.Warnings = []compare.Warning{{Path: "/p/a.rst", Line: 1, Message: "w", Category: "x.y"}}
	report, err := Run(t.Context(), opts)
	if err != nil || !report.Equal || report.Files != 2 || report.Warnings != 1 || report.Found() != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	empty(t, temp)

	f, opts, temp = rig(t, map[string]string{"a.html": "stale"}, page, "/p/a.rst:1: WARNING: lost\n")
	f.state.Warnings = []compare.Warning{{Path: "/p/a.rst", Line: 2, Message: "invented"}}
	report, err = Run(t.Context(), opts)
	if err != nil || report.Equal || report.Found() != 4 {
		t.Errorf("%+v, %v", report, err)
	}
	empty(t, temp)
}

func TestKeep(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	_, opts, _ := rig(t, page, page, "")
	opts.Keep = true
	report, err := Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(report.Clean, "a.html")); err != nil {
		t.Error(err)
	}
}

// A save during the clean build, or on its way at the end, means starting over.
func TestSaveMeanwhile(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	f, opts, temp := rig(t, page, page, "")
	clean := opts.clean
	var steps []Step
	opts.Progress = func(s Step) { steps = append(steps, s) }
	tries := 0
	opts.clean = func(ctx context.Context, dir string) error {
		tries++
		if tries == 1 { // it is given up, and does not have to come to its end
			f.save()
			<-ctx.Done()
			return ctx.Err()
		}
		return clean(ctx, dir)
	}
	once := sync.OnceFunc(f.save)
	f.barrier = func() {
		if tries == 2 {
			once()
		}
	}
	report, err := Run(t.Context(), opts)
	if err != nil || !report.Equal || report.Disturbed != 2 || tries != 3 {
		t.Errorf("%+v, %v, %d tries", report, err, tries)
	}
	want := []Step{Settling, Building, Again, Settling, Building, Comparing, Again, Settling, Building, Comparing}
	if !slices.Equal(steps, want) {
		t.Errorf("steps: %v", steps)
	}
	empty(t, temp)
}

func TestSavesWithoutEnd(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	f, opts, temp := rig(t, page, page, "")
	f.barrier = f.save
	_, err := Run(t.Context(), opts)
	var unbuildable *UnbuildableError
	if !errors.As(err, &unbuildable) || !strings.Contains(err.Error(), "changed during each of 3") {
		t.Errorf("got %v", err)
	}
	empty(t, temp)
}

func TestWhatCannotBeVerified(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	f, opts, temp := rig(t, page, page, "")
	opts.clean = func(context.Context, string) error { return &UnbuildableError{"the clean build failed"} }
	if _, err := Run(t.Context(), opts); err == nil || err.Error() != "the clean build failed" {
		t.Errorf("got %v", err)
	}
	opts.clean = func(context.Context, string) error { f.save(); return errors.New("half a change") }
	if _, err := Run(t.Context(), opts); err == nil || !strings.Contains(err.Error(), "changed during each") {
		t.Errorf("got %v", err)
	}
	f.refuses = &UnbuildableError{"broken"}
	if _, err := Run(t.Context(), opts); err == nil || err.Error() != "broken" {
		t.Errorf("got %v", err)
	}
	empty(t, temp)
}

func TestInterrupt(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	_, opts, temp := rig(t, page, page, "")
	ctx, cancel := context.WithCancel(t.Context())
	opts.Keep = true
	opts.clean = func(ctx context.Context, dir string) error {
		fill(t, dir, page)
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := Run(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	empty(t, temp)
}

func TestArguments(t *testing.T) {
	for _, test := range []struct {
		build Build
		want  string
	}{
		{Build{Source: "/s", Config: "/s", Builder: "html"}, "-b html -d D/doctrees -w D/warnings /s D/html"},
		{Build{Source: "/s", Builder: "dirhtml"}, "-b dirhtml -d D/doctrees -w D/warnings -C /s D/html"},
		{
			Build{Source: "/s", Config: "/c", Builder: "html", Tags: []string{"t", "u"}, Defines: []string{"a=1"}, HTMLDefines: []string{"b=2"}, Nitpicky: true},
			"-b html -d D/doctrees -w D/warnings -c /c -t t -t u -D a=1 -A b=2 -n /s D/html",
		},
	} {
		got := filepath.ToSlash(strings.Join(test.build.arguments("D"), " "))
		if got != "-q -N -j 1 "+test.want {
			t.Errorf("%s, not %s", got, test.want)
		}
	}
}
