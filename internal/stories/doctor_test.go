package stories

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// doctor runs "docserve doctor" on the project to its end.
func (p *project) doctor(arguments ...string) *session {
	p.t.Helper()
	s := p.command("doctor", append(arguments, p.source, p.output)...)
	s.ended()
	return s
}

// files names all that is in the directory of the story.
func (p *project) files() []string {
	p.t.Helper()
	var names []string
	err := filepath.WalkDir(p.dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return names
}

// TestDoctor: a sound project, then one that is not; nothing is left behind, and
// nobody learns where the project lies.
func TestDoctor(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	before := p.files()
	s := p.doctor("--port", "0")
	s.says(0, "ok       docserve", "ok       conf.py", "ok       source", "0 problems")
	if strings.Contains(s.out.String(), p.dir) {
		t.Errorf("it tells where the project lies:\n%s", s.out)
	}
	p.save("conf.py", "extensions = ['sphinx_nowhere']\n")
	p.doctor("--port", "0").says(1, "problem  extension", "sphinx_nowhere is not installed", "pip install", "1 problem")
	p.doctor("--port", "0", "-q").says(1, "1 problem")
	p.doctor("--port", "0", "--log-format", "json").says(1, `"event":"examined"`, `"name":"extension","result":"problem"`)
	p.doctor("x.rst").says(2, "doctor takes SOURCEDIR and OUTPUTDIR")
	p.doctor("--explain-ignore", "x").says(2, "explains no rules")
	if after := p.files(); !reflect.DeepEqual(before, after) {
		t.Errorf("before: %v\nafter: %v", before, after)
	}
}

// TestDoctorWhileServing: a docserve that runs is found, by its directory and by
// its port.
func TestDoctorWhileServing(t *testing.T) {
	story(t)
	p := newProject(t, "9.0", small)
	s := p.start()
	s.settled()
	port := strings.Trim(s.url[strings.LastIndexByte(s.url, ':'):], ":/")
	p.doctor("--port", port).says(0, "note     running", "serves this output directory already", port+" is taken by the docserve that runs")
	other := newProject(t, "9.0", small)
	other.doctor("--port", port).says(1, "problem  port", port+" is taken by another docserve")
	s.settled()
	s.end()
}
