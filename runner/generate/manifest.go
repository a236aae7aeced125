package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"docserve/internal/digest"
)

// What is kept between sessions: the manifest, with every job, what it has read
// and what it has written; and the journal, with the outputs that were written
// since. A session that is killed leaves a journal: what it names is docserve's.
// A manifest that cannot be read is none; then outputs whose bytes are those that
// would be written are taken over, and others are not overwritten.

const (
	manifestName = "generated.json"
	journalName  = "generated.log"
	form         = 1 // of the manifest
)

// manifest is what is left of a session.
type manifest struct {
	jobs map[string]*job // by key
}

// keptManifest is its form in the file. Names of files are relative to the
// directory of the configuration.
type keptManifest struct {
	Form  int                  `json:"form"`
	Files map[string]keptStamp `json:"files"`
	Jobs  map[string]keptJob   `json:"jobs"`

	// Depends are the contents with which documents were touched last, by file.
	Depends map[string]digest.Digest `json:"depends,omitempty"`

	// Told are the documents that makers have said depend on outputs, by output.
	Told map[string][]string `json:"told,omitempty"`
}

type keptStamp struct {
	Size   int64         `json:"s,omitempty"`
	Time   int64         `json:"t,omitempty"`
	Digest digest.Digest `json:"d"`
	Owned  bool          `json:"o,omitempty"` // docserve has written it
	Lines  string        `json:"l,omitempty"`
}

type keptJob struct {
	Signature string                   `json:"sig"`
	Inputs    []string                 `json:"in"`
	Reads     map[string]digest.Digest `json:"reads"`
	Outputs   []string                 `json:"out,omitempty"`
	Refused   []string                 `json:"refused,omitempty"`
	Notes     []Diagnostic             `json:"notes,omitempty"`
}

// load reads what the last session has left, and looks at all files that it
// names.
func (g *Generator) load() {
	g.kept = &manifest{jobs: map[string]*job{}}
	var kept keptManifest
	text, err := os.ReadFile(filepath.Join(g.opts.State, manifestName))
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err == nil && kept.Form != form {
		err = fmt.Errorf("it has the form %d", kept.Form)
	}
	g.past = !errors.Is(err, fs.ErrNotExist)
	if err != nil {
		if g.past {
			g.log.Info("generating all from nothing", "reason", err)
		}
		kept = keptManifest{}
	}
	g.takeOver(&kept)
	g.intact = g.intact && err == nil
}

// takeOver makes what is kept what is known, as far as it is still true.
func (g *Generator) takeOver(kept *keptManifest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.intact = g.examineAll(kept.Files) && len(kept.Depends)+len(g.opts.Config.Depends) == 0
	for name, s := range kept.Files {
		if s.Owned {
			g.owned[g.path(name)] = &output{digest: s.Digest, lines: s.Lines}
		}
	}
	since := map[string]bool{} // outputs that were written when the manifest had been
	for name, written := range g.journal.load() {
		g.intact = false
		path := g.path(name)
		now := g.look(path).Digest
		if o := g.owned[path]; o == nil || o.digest != now {
			for _, d := range written {
				if d == now {
					g.owned[path] = &output{digest: d}
					since[path] = true
				}
			}
		}
	}
	if kept.Depends != nil {
		g.touched = map[string]digest.Digest{}
		for name, d := range kept.Depends {
			g.touched[g.path(name)] = d
		}
	}
	for name, documents := range kept.Told {
		g.told[g.path(name)] = g.paths(documents)
	}
	rules := map[string]*rule{}
	for _, r := range g.rules {
		rules[r.id] = r
	}
	for key, k := range kept.Jobs {
		id, _, _ := strings.Cut(key, " ")
		if rules[id] == nil {
			g.intact = false
			continue
		}
		j := &job{rule: rules[id], key: key, signature: k.Signature, inputs: g.paths(k.Inputs), outputs: g.paths(k.Outputs), refused: g.paths(k.Refused), notes: k.Notes}
		j.reads = make(map[string]digest.Digest, len(k.Reads))
		for name, d := range k.Reads {
			j.reads[g.path(name)] = d
		}
		g.kept.jobs[key] = j
		for _, path := range j.outputs {
			if o := g.owned[path]; o != nil {
				o.job = j
			}
			if since[path] { // from what is not known
				j.signature = ""
			}
		}
	}
}

// examineAll looks at all files of the manifest, several at a time: there are
// thousands, and at a start somebody waits. It reports whether all are as they were.
// The lock is held.
func (g *Generator) examineAll(files map[string]keptStamp) (same bool) {
	type found struct {
		path string
		now  stamp
	}
	names, results := sortedKeys(files), make([]found, len(files))
	var group sync.WaitGroup
	size := len(names)/g.opts.Jobs + 1
	for from := 0; from < len(names); from += size {
		group.Go(func() {
			for i := from; i < min(from+size, len(names)); i++ {
				s, path := files[names[i]], g.path(names[i])
				results[i] = found{path, examine(path, stamp{s.Size, s.Time, s.Digest})}
			}
		})
	}
	group.Wait()
	same = true
	for i, f := range results {
		s := files[names[i]]
		same = same && f.now == (stamp{s.Size, s.Time, s.Digest})
		g.files[f.path] = f.now
	}
	return same
}

func (g *Generator) paths(names []string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, g.path(name))
	}
	return paths
}

func (g *Generator) names(paths []string) []string {
	var names []string
	for _, path := range paths {
		names = append(names, g.name(path))
	}
	return names
}

// Save writes the manifest, unless it would say what it says.
func (g *Generator) Save() error {
	if g.opts.Check || g.intact {
		return nil
	}
	if len(g.rules)+len(g.opts.Config.Depends) == 0 && !g.past {
		return nil // a project without any needs no manifest
	}
	kept := keptManifest{Form: form, Files: map[string]keptStamp{}, Jobs: map[string]keptJob{}}
	g.mu.Lock()
	defer g.mu.Unlock()
	for path, o := range g.owned {
		s := g.files[path]
		if s.Digest == o.digest && s.Time == 0 { // written in this session
			s = written(path, s)
			g.files[path] = s
		}
		if s.Digest != o.digest {
			s = stamp{Digest: o.digest}
		}
		kept.Files[g.name(path)] = keptStamp{s.Size, s.Time, o.digest, true, o.lines}
	}
	for key, j := range g.jobs {
		k := keptJob{Signature: j.signature, Inputs: g.names(j.inputs), Outputs: g.names(j.outputs), Refused: g.names(j.refused), Notes: j.notes}
		if j.queued || j.signature == "" {
			continue // it has to be done
		}
		k.Reads = make(map[string]digest.Digest, len(j.reads))
		for path, d := range j.reads {
			k.Reads[g.name(path)] = d
			name := g.name(path)
			if _, ok := kept.Files[name]; !ok {
				s := g.files[path]
				kept.Files[name] = keptStamp{Size: s.Size, Time: s.Time, Digest: s.Digest}
			}
		}
		kept.Jobs[key] = k
	}
	kept.Told = map[string][]string{}
	for path, documents := range g.told {
		kept.Told[g.name(path)] = g.names(documents)
	}
	kept.Depends = map[string]digest.Digest{}
	for _, d := range g.depends {
		for path, content := range d.present {
			kept.Depends[g.name(path)] = content
		}
	}
	text, err := json.Marshal(kept)
	if err == nil {
		err = put(filepath.Join(g.opts.State, manifestName), text)
	}
	if err != nil {
		return fmt.Errorf("keep what was generated: %w", err)
	}
	g.past = true
	return g.journal.end()
}

// written returns the stamp of an output of this session. Its time proves
// something although it is young: nobody else writes it within the same tick.
func written(path string, s stamp) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return s
	}
	return stamp{info.Size(), info.ModTime().UnixNano(), s.Digest}
}

// journal is the list of outputs that were written since the manifest was.
type journal struct {
	path string
	off  bool
	mu   sync.Mutex // guards file
	file *os.File
}

// add notes an output, before it is written.
func (l *journal) add(name string, d digest.Digest) error {
	line, err := json.Marshal([2]string{name, d.String()})
	if err != nil || l.off {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		if err = os.MkdirAll(filepath.Dir(l.path), 0o777); err == nil {
			l.file, err = os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		}
		if err != nil {
			return fmt.Errorf("note what is generated: %w", err)
		}
	}
	if _, err = l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("note what is generated: %w", err)
	}
	return nil
}

// end removes the journal: the manifest has it all.
func (l *journal) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.file != nil {
		err = l.file.Close()
		l.file = nil
	}
	if removed := os.Remove(l.path); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// load returns the contents that a session which was killed has written, or was
// about to write. The last line may have been cut off.
func (l *journal) load() map[string][]digest.Digest {
	found := map[string][]digest.Digest{}
	text, err := os.ReadFile(l.path)
	if err != nil {
		return found // there is none
	}
	for line := range bytes.Lines(text) {
		var entry [2]string
		if json.Unmarshal(line, &entry) != nil {
			continue
		}
		if d, err := digest.Parse(entry[1]); err == nil {
			found[entry[0]] = append(found[entry[0]], d)
		}
	}
	return found
}
