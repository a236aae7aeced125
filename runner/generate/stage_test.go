package generate

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"docserve/internal/config"
	"docserve/internal/digest"
	"docserve/watch"
)

// player plays the watcher.
type player struct {
	batches chan watch.Batch
	ready   chan struct{}
	mu      sync.Mutex // guards what follows
	known   map[string]digest.Digest
	added   []string
	before  func() // called before all is delivered
}

func newPlayer() *player {
	p := &player{batches: make(chan watch.Batch), ready: make(chan struct{}), known: map[string]digest.Digest{}}
	close(p.ready)
	return p
}

func (p *player) Batches() <-chan watch.Batch        { return p.batches }
func (p *player) Ready() <-chan struct{}             { return p.ready }
func (p *player) Snapshot() map[string]digest.Digest { return nil }

func (p *player) Barrier(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.before != nil {
		p.before()
	}
	return nil
}

func (p *player) Digest(path string) (digest.Digest, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.known[path]
	return d, ok
}

func (p *player) Add(paths ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.added = append(p.added, paths...)
}

func (p *player) Adopt(path string, d digest.Digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[path] = d
}

// stageRig is a rig whose generator is a stage's.
type stageRig struct {
	*rig
	watcher *player
	stage   *Stage
	stop    func()
}

func newStageRig(t *testing.T, configuration string, files map[string]string) *stageRig {
	r := newRig(t, configuration, files)
	r.write("docserve.toml", configuration)
	return startStage(t, r, nil)
}

// startStage starts a stage with the configuration that the rig has; change alters
// it before, and may be nil.
func startStage(t *testing.T, from *rig, change func(*Stage)) *stageRig {
	r := &stageRig{rig: from, watcher: newPlayer()}
	var err error
	r.stage, err = NewStage(StageOptions{
		Watcher: r.watcher, Generator: r.options, Candidates: []string{r.path("docserve.toml")},
		Load: func() (config.Config, error) { return config.Load([]string{r.path("docserve.toml")}, r.dir, uppers) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r.stage)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.stage.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return r
}

// tell has the watcher report files.
func (r *stageRig) tell(names ...string) {
	r.Helper()
	b := watch.Batch{First: time.Now()}
	for _, name := range names {
		d, err := digest.File(r.path(name))
		if err != nil {
			r.Fatal(err)
		}
		op := watch.Write
		if d.IsZero() {
			op = watch.Remove
		}
		b.Changes = append(b.Changes, watch.Change{Path: r.path(name), Op: op, Digest: d})
	}
	r.watcher.batches <- b
}

// hear returns the next batch of the stage, with each change as +name, -name or
// ~name.
func (r *stageRig) hear() string {
	b := <-r.stage.Batches()
	var list []string
	for _, c := range b.Changes {
		name, _ := relative(r.dir, c.Path)
		list = append(list, [...]string{watch.Write: "~", watch.Create: "+", watch.Remove: "-"}[c.Op]+name)
	}
	return strings.Join(list, " ")
}

func TestStage(t *testing.T) {
	r := newStageRig(t, upperRule, map[string]string{"data/a.up": "one: x\n", "source/index.rst": "I"})
	<-r.stage.Ready()
	r.want("made before anything is built", r.read("source/gen/one.txt"), "begin\nX\nend\n")
	if d, ok := r.stage.Digest(r.path("source/gen/one.txt")); !ok || d != digest.Of([]byte("begin\nX\nend\n")) {
		t.Error("the watcher has not heard of an output")
	}
	r.write("data/a.up", "one: xx\ntwo: y\n")
	r.tell("data/a.up", "source/index.rst")
	r.want("outputs are in the batch", r.hear(), "~data/a.up ~source/gen/one.txt +source/gen/two.txt ~source/index.rst")
	r.tell("source/index.rst")
	r.want("what concerns no rule", r.hear(), "~source/index.rst")
	if err := os.Remove(r.path("source/gen/two.txt")); err != nil {
		t.Fatal(err)
	}
	r.tell("source/gen/two.txt")
	r.want("made again", r.hear(), "~source/gen/two.txt")
	r.write("data/a.up", "one: xx\n")
	r.tell("data/a.up")
	r.want("removed", r.hear(), "~data/a.up -source/gen/two.txt")

	r.write("data/a.up", "!bad\n")
	r.tell("data/a.up")
	r.hear()
	<-r.stage.News()
	if all := r.stage.Diagnostics(); len(all) != 1 || all[0].Message != "bad" {
		t.Error(all)
	}
	if at, ok := r.stage.Origin(r.path("source/gen/one.txt"), 2); !ok || at.Line != 1 || at.Path != r.path("data/a.up") {
		t.Error(at, ok)
	}
	r.stop()
	if err := r.stage.Barrier(t.Context()); !errors.Is(err, watch.ErrEnded) {
		t.Error(err)
	}
	if r.read("state/generated.json") == "(none)" {
		t.Error("nothing was kept")
	}
}

// TestStageBarrier: a barrier waits for what is made because of a change before it,
// and until that is delivered.
func TestStageBarrier(t *testing.T) {
	r := newStageRig(t, upperRule, map[string]string{"data/a.up": "one: x\n"})
	defer r.stop()
	<-r.stage.Ready()
	hold := make(chan struct{})
	r.kind.mu.Lock()
	r.kind.hold = hold
	r.kind.mu.Unlock()
	r.write("data/a.up", "one: y\n")
	r.tell("data/a.up")
	passed := make(chan error, 1)
	go func() { passed <- r.stage.Barrier(t.Context()) }()
	r.want("after a while, what there is", r.hear(), "~data/a.up")
	select {
	case <-passed:
		t.Fatal("the barrier did not wait")
	default:
	}
	close(hold)
	r.want("and then the rest", r.hear(), "~source/gen/one.txt")
	if err := <-passed; err != nil {
		t.Fatal(err)
	}
}

// TestStageChangedBack: a job reads a file that is changed and changed back before the
// watcher looks at it.
func TestStageChangedBack(t *testing.T) {
	r := newStageRig(t, upperRule, map[string]string{"data/a.up": "<base.inc\none: x\n", "data/base.inc": "two: y\n"})
	defer r.stop()
	<-r.stage.Ready()
	if err := r.stage.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.write("data/base.inc", "two: z\n")
	r.watcher.mu.Lock()
	r.watcher.known[r.path("data/base.inc")] = digest.Of([]byte("two: y\n"))
	r.watcher.before = func() { r.write("data/base.inc", "two: y\n") }
	r.watcher.mu.Unlock()
	r.write("data/a.up", "<base.inc\none: xx\n")
	r.tell("data/a.up")
	r.want("read ahead", r.hear(), "~data/a.up ~source/gen/one.txt ~source/gen/two.txt")
	passed := make(chan error, 1)
	go func() { passed <- r.stage.Barrier(t.Context()) }()
	r.want("back", r.hear(), "~source/gen/two.txt")
	if err := <-passed; err != nil {
		t.Fatal(err)
	}
	r.want("content", r.read("source/gen/two.txt"), "begin\nY\nend\n")
}

// TestStageMet: what an open page shows is told as soon as it is there, while other
// outputs are still being made.
func TestStageMet(t *testing.T) {
	from := newRig(t, upperRule, map[string]string{"data/a.up": "<base.inc\nmore: x\n", "data/b.up": "<base.inc\n", "data/base.inc": ""})
	from.write("docserve.toml", upperRule)
	from.options.Needed = func() []string { return []string{from.path("source/gen/more.txt")} }
	r := startStage(t, from, func(s *Stage) { s.patience = time.Hour })
	defer r.stop()
	<-r.stage.Ready()
	hold := make(chan struct{})
	r.kind.mu.Lock()
	r.kind.hold, r.kind.held = hold, "b.up"
	r.kind.mu.Unlock()
	r.write("data/a.up", "more: y\n")
	r.write("data/b.up", "two: y\n")
	r.tell("data/a.up", "data/b.up")
	r.want("what somebody waits for", r.hear(), "~data/a.up ~data/b.up ~source/gen/more.txt")
	close(hold)
	r.want("the rest", r.hear(), "+source/gen/two.txt")
}

// TestStageInterrupted: a job whose input changes again begins again, and what has
// nothing to do with it is not held up.
func TestStageInterrupted(t *testing.T) {
	r := newStageRig(t, upperRule, map[string]string{"data/a.up": "one: x\n", "source/index.rst": "I"})
	defer r.stop()
	<-r.stage.Ready()
	r.kind.take()
	hold := make(chan struct{})
	r.kind.mu.Lock()
	r.kind.hold = hold
	r.kind.mu.Unlock()
	r.write("data/a.up", "one: y\n")
	r.tell("data/a.up")
	for len(r.kind.take()) == 0 { // until it is held
		runtime.Gosched()
	}
	r.tell("source/index.rst")
	r.want("something else", r.hear(), "~source/index.rst")
	r.kind.mu.Lock()
	r.kind.hold = nil
	r.kind.mu.Unlock()
	r.write("data/a.up", "one: z\n")
	r.tell("data/a.up")
	for heard := ""; !strings.Contains(heard, "source/gen/one.txt"); {
		heard = r.hear()
	}
	r.want("the last content", r.read("source/gen/one.txt"), "begin\nZ\nend\n")
	close(hold)
}

func TestStageConfiguration(t *testing.T) {
	r := newStageRig(t, "", map[string]string{"data/a.up": "one: x\n"})
	defer r.stop()
	<-r.stage.Ready()
	_, before := r.stage.Config()
	r.write("docserve.toml", upperRule)
	r.tell("docserve.toml")
	r.want("a rule that is new", r.hear(), "~docserve.toml +source/gen/one.txt")
	if _, now := r.stage.Config(); now == before {
		t.Error("the revision is the same")
	}
	r.write("docserve.toml", strings.ReplaceAll(upperRule, "kind", "knid"))
	r.tell("docserve.toml")
	r.want("mistakes", r.hear(), "~docserve.toml")
	if all := r.stage.Diagnostics(); len(all) != 2 || !strings.Contains(all[1].Hint, "did you mean kind?; the configuration of before is in force") {
		t.Error(all)
	}
	r.write("docserve.toml", upperRule+"[options]\n")
	r.tell("docserve.toml")
	r.hear()
	if all := r.stage.Diagnostics(); len(all) != 0 {
		t.Error(all)
	}
	if err := os.Remove(r.path("docserve.toml")); err != nil {
		t.Fatal(err)
	}
	r.tell("docserve.toml")
	r.want("no configuration", r.hear(), "-docserve.toml -source/gen/one.txt")
}

// TestStageConfiguredMeanwhile: of an edit between loading the configuration and
// watching it no batch tells.
func TestStageConfiguredMeanwhile(t *testing.T) {
	edited := newRig(t, "", map[string]string{"data/a.up": "one: x\n"})
	edited.write("docserve.toml", upperRule)
	r := startStage(t, edited, nil)
	defer r.stop()
	<-r.stage.Ready()
	r.want("made", r.read("source/gen/one.txt"), "begin\nX\nend\n")
}

// TestPending: a file is told of once, by what has become of it; also one that came
// and went, since whoever lists the sources in between has met it.
func TestPending(t *testing.T) {
	start := time.Now()
	one, two := digest.Of([]byte("1")), digest.Of([]byte("2"))
	for _, test := range []struct {
		first, second, want watch.Op
	}{
		{watch.Create, watch.Write, watch.Create}, {watch.Create, watch.Remove, watch.Remove}, {watch.Write, watch.Remove, watch.Remove},
		{watch.Remove, watch.Create, watch.Write}, {watch.Write, watch.Write, watch.Write},
	} {
		var p pending
		p.add(watch.Change{Path: "a", Op: test.first, Digest: one}, start.Add(time.Second))
		p.add(watch.Change{Path: "a", Op: test.second, Digest: two}, start)
		b := p.batch()
		if len(b.Changes) != 1 || b.Changes[0].Op != test.want || b.Changes[0].Digest != two || !b.First.Equal(start) {
			t.Errorf("%v, %v: %+v", test.first, test.second, b)
		}
	}
}
