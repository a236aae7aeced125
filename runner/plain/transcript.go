package plain

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"docserve/internal/compare"
	"docserve/runner"
)

// What sphinx-build prints is for people, but its form is as old as Sphinx, and
// has what docserve wants to know: which step it is at, and which document. In a
// language other than English only the documents are understood.

// transcript is what a build has printed, understood line by line.
type transcript struct {
	mu       sync.Mutex // guards all below: the build goes on while people ask how far it is
	progress runner.Progress
	entered  time.Time                      // the phase
	spent    map[runner.Phase]time.Duration // in the phases that are over
	doc      string                         // that is being read or written; "" for none, or for many
	last     string                         // line that was printed
	reading  bool                           // reading has begun
	checked  bool                           // consistency was checked
	writing  bool                           // writing has begun
	written  map[string]bool                // documents whose pages were written, one by one
	said     map[string]runner.Phase        // beginnings of warnings, and the step that they came from
}

func newTranscript() *transcript {
	return &transcript{
		progress: runner.Progress{Phase: runner.Starting}, entered: time.Now(), spent: map[runner.Phase]time.Duration{},
		written: map[string]bool{}, said: map[string]runner.Phase{},
	}
}

var (
	// A step of which one document, or a range of them ("a .. b", with -j), is done.
	stepLine = regexp.MustCompile(`^(\S[^\[]*)\.\.\. \[ *(\d+)%\] (.+)$`)
	counts   = regexp.MustCompile(`\b(\d+) added, (\d+) changed, (\d+) removed`)
	weighty  = regexp.MustCompile(`(?:^|: )(?:WARNING|ERROR|CRITICAL): `)
	// A step that is under way when a warning is printed has no line end yet.
	unended = regexp.MustCompile(`^[a-z][\w ]*\.\.\. `)
)

// hear takes one more line.
func (t *transcript) hear(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line = strings.TrimRight(line, " \r")
	if line == "" {
		return
	}
	t.last = line
	if m := stepLine.FindStringSubmatch(line); m != nil {
		t.step(m[1], m[3])
		return
	}
	switch {
	case strings.HasPrefix(line, "building [") || strings.HasPrefix(line, "updating environment"):
		t.begin(runner.Reading)
		if m := counts.FindStringSubmatch(line); m != nil {
			added, _ := strconv.Atoi(m[1])
			changed, _ := strconv.Atoi(m[2])
			t.progress.Total, t.reading = added+changed, true
		}
	case strings.HasPrefix(line, "checking consistency"):
		t.checked, t.doc = true, ""
		t.begin(runner.Finishing)
	case strings.HasPrefix(line, "preparing documents"):
		t.writing = true
		t.begin(runner.Writing)
	case strings.HasPrefix(line, "generating indices") || strings.HasPrefix(line, "looking for now-outdated"):
		t.doc = ""
	}
	if weighty.MatchString(line) {
		t.said[line] = t.progress.Phase
		t.said[unended.ReplaceAllString(line, "")] = t.progress.Phase
	}
}

// step is a line about a document that is being read or written.
func (t *transcript) step(what, doc string) {
	switch what {
	case "reading sources":
		t.reading = true
		t.begin(runner.Reading)
	case "writing output":
		t.writing = true
		t.begin(runner.Writing)
	default:
		return // copying images, highlighting module code
	}
	t.progress.Done++
	if t.doc = doc; strings.Contains(doc, " .. ") {
		t.doc = ""
	}
	if what == "writing output" && t.doc != "" {
		t.written[doc] = true
	}
}

func (t *transcript) begin(phase runner.Phase) {
	if t.progress.Phase != phase {
		t.leave()
		t.progress = runner.Progress{Phase: phase}
		t.doc = ""
	}
}

// leave ends the account of a phase.
func (t *transcript) leave() {
	now := time.Now()
	t.spent[t.progress.Phase] += now.Sub(t.entered)
	t.entered = now
}

// account says where the time of the build went, once it is over. Sphinx checks
// what it has read before it writes, and what it does after the pages counts as
// writing.
func (t *transcript) account(build *runner.Build) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave()
	build.Open, build.Read = t.spent[runner.Starting], t.spent[runner.Reading]
	build.Follow, build.Write = t.spent[runner.Finishing], t.spent[runner.Writing]
}

// now returns how far the build is, and the document that it is at.
func (t *transcript) now() (progress runner.Progress, doc, last string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	progress = t.progress
	if progress.Done > progress.Total {
		progress.Total = 0
	}
	return progress, t.doc, t.last
}

// warnings divides the text of warnings by the steps that they came from. What
// was not seen came while documents were read.
func (t *transcript) warnings(text string) map[runner.Phase][]compare.Warning {
	t.mu.Lock()
	defer t.mu.Unlock()
	parts := map[runner.Phase]*strings.Builder{}
	phase := runner.Reading
	for line := range strings.Lines(text) {
		if weighty.MatchString(line) {
			phase = runner.Reading
			if said, ok := t.said[strings.TrimRight(line, " \r\n")]; ok {
				phase = said
			}
		}
		if parts[phase] == nil {
			parts[phase] = &strings.Builder{}
		}
		parts[phase].WriteString(line)
	}
	warnings := map[runner.Phase][]compare.Warning{}
	for phase, part := range parts {
		warnings[phase] = compare.ParseWarnings(part.String())
	}
	return warnings
}
