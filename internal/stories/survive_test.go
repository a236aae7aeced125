package stories

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// promptness is how long an end may take. A second is what people are promised;
// the rest is for a machine that is busy with other tests.
const promptness = 8 * time.Second

// TestInterrupt: Ctrl-C ends docserve in order at whatever it is, and nothing
// of it stays behind.
func TestInterrupt(t *testing.T) {
	for _, moment := range []struct {
		name string
		wait func(*session)
	}{
		{"just started", func(*session) {}},
		{"reading", func(s *session) {
			s.await("documents are being read", func() error {
				if status := s.look(); status.Processes["worker"] == 0 || status.Documents == 0 {
					return fmt.Errorf("phase %s", status.Phase)
				}
				return nil
			})
		}},
		{"settled", func(s *session) { s.settled() }},
		{"a request waits", func(s *session) {
			done := make(chan struct{})
			go func() { defer close(done); s.get("first.html") }()
			s.t.Cleanup(func() { <-done })
		}},
	} {
		t.Run(moment.name, func(t *testing.T) {
			story(t)
			p := newProject(t, "9.0", many(60, "text"))
			s := p.start()
			moment.wait(s)
			started := time.Now()
			s.end()
			if took := time.Since(started); took > promptness {
				t.Errorf("the end took %v", took)
			}
			if left, _ := os.ReadDir(p.dir); len(left) > 2 {
				t.Errorf("temporary files are left: %v", left)
			}
			s.tidy()
		})
	}
}

// TestTerminalClosed: a terminal that is closed ends docserve in order as well.
func TestTerminalClosed(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if code := s.ended(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, s.out)
	}
	s.noSurvivors()
	p.clean()
}

// many is a project of n documents that refer to each other.
func many(n int, text string) map[string]string {
	texts := map[string]string{
		"conf.py":   small["conf.py"],
		"index.rst": "Root\n====\n\n.. toctree::\n   :glob:\n\n   *\n",
		"first.rst": small["first.rst"],
	}
	for i := range n {
		texts[fmt.Sprintf("n%03d.rst", i)] = fmt.Sprintf(".. _n%d:\n\nNumber %d\n=========\n\nSome %s, and :ref:`n%d`.\n\n.. py:function:: f%d(x)\n\n   Of number %d.\n",
			i, i, text, (i+1)%n, i, i)
	}
	return texts
}

// TestWorkerKilled: a worker that is killed comes back by itself, and the next
// save is shown. So it is with each of its helpers.
func TestWorkerKilled(t *testing.T) {
	for _, way := range sessions {
		t.Run(way.name, func(t *testing.T) {
			story(t)
			p := newProject(t, way.python, small)
			s := p.start(way.arguments...)
			text := "Text of the first page."
			for round, role := range []string{"worker", "standby", "worker", "spare", "worker"} {
				victim := s.settled().Processes[role]
				if victim == 0 {
					continue // there are no helpers without fork
				}
				process, err := os.FindProcess(victim)
				if err == nil {
					err = process.Kill()
				}
				if err != nil {
					t.Fatal(err)
				}
				next := fmt.Sprintf("Edited after the end of %s %d.", role, round)
				p.replace("first.rst", text, next)
				s.shows("first.html", next)
				text = next
				if role != "worker" {
					continue
				}
				s.printed("the Sphinx process ended (signal: killed)")
				s.await("another worker is there", func() error {
					if now := s.look().Processes["worker"]; now == 0 || now == victim {
						return fmt.Errorf("worker %d", now)
					}
					return nil
				})
			}
			s.mended()
			p.equalsClean()
			s.end()
		})
	}
}

// TestWorkerKilledReading: so it is with a worker that is killed while it reads
// everything for the first time.
func TestWorkerKilledReading(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", many(80, "text"))
	s := p.start()
	s.await("documents are being read", func() error {
		status := s.look()
		if status.Processes["worker"] == 0 || status.Documents == 0 {
			return fmt.Errorf("phase %s", status.Phase)
		}
		process, err := os.FindProcess(status.Processes["worker"])
		if err == nil {
			err = process.Kill()
		}
		return err
	})
	s.shows("n079.html", "Number 79")
	s.settled()
	p.equalsClean()
	s.end()
}

// seedVariable repeats a run of TestKilled.
const seedVariable = "DOCSERVE_STORY_SEED"

// TestKilled ends docserve with kill -9 at random moments, of a cold start, of
// writing and finishing, and while edits go on. Nothing of it is left, and when
// it is started again it comes to the same as a clean build.
func TestKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv(seedVariable); given != "" {
		parsed, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = parsed
	}
	const sequences, kills = 2, 5
	for i := range sequences {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			story(t)
			t.Logf("to repeat this: %s=%d", seedVariable, seed)
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			p := newProject(t, []string{"9.0", "7.4"}[i%2], many(40, "text"))
			for range kills {
				s := p.start()
				// A cold start of this takes about 3 s, and edits go on for as long as docserve lives.
				left := time.Duration(random.Int64N(int64(3500 * time.Millisecond)))
				deadline := time.Now().Add(left)
				if random.IntN(3) == 0 {
					s.settled()
					deadline = time.Now().Add(left / 4)
				}
				for time.Now().Before(deadline) {
					p.change(random)
					time.Sleep(min(time.Until(deadline), time.Duration(random.IntN(400))*time.Millisecond))
				}
				s.kill()
				s.noSurvivors()
				if random.IntN(2) == 0 {
					p.change(random) // while nobody looks
				}
			}
			s := p.start()
			s.settled()
			p.equalsClean()
			s.end()
			if t.Failed() {
				t.Logf("to repeat this: %s=%d", seedVariable, seed)
			}
		})
	}
}

// change edits, adds or removes some document.
func (p *project) change(random *rand.Rand) {
	p.t.Helper()
	texts := many(50, fmt.Sprintf("text number %d", random.IntN(1000)))
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(name string) bool { return !strings.HasPrefix(name, "n") })
	name := names[random.IntN(len(names))]
	if _, err := os.Stat(p.path(name)); err == nil && random.IntN(5) == 0 {
		p.remove(name)
		return
	}
	p.save(name, texts[name])
}

// TestKilledThenRemoved: a page that was written by a session that was killed
// goes when its document is removed before the next one.
func TestKilledThenRemoved(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	s.end()
	p.save("third.rst", "Third\n=====\n\n.. image:: third.svg\n\n:download:`third.svg`\n")
	p.save("third.svg", small["dot.svg"])
	s = p.start()
	s.await("the page is written", func() error {
		_, err := os.Stat(filepath.Join(p.output, "third.html"))
		return err
	})
	s.kill()
	s.noSurvivors()
	p.remove("third.rst")
	s = p.start()
	s.settled()
	p.equalsClean()
	s.end()
}
