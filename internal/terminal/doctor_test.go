package terminal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"docserve/internal/doctor"
)

func TestExamined(t *testing.T) {
	report := doctor.Report{Problems: 1, Checks: []doctor.Check{
		{Name: "clock", Level: doctor.OK, Found: "right"},
		{Name: "port", Level: doctor.Problem, Found: "taken"},
	}}
	for _, test := range []struct {
		name    string
		options Options
		want    []string
		lacks   string
	}{
		{"plain", Options{}, []string{"ok       clock  right\n", "problem  port   taken\n", "1 problem, 0 notes"}, "\x1b"},
		{"color", Options{Color: true}, []string{"\x1b[32mok\x1b[0m       clock", "\x1b[31;1mproblem\x1b[0m  port"}, "\r"},
		{"quiet", Options{Quiet: true}, []string{"problem  port  taken\n", "1 problem"}, "clock"},
		{"silent", Options{Silent: true}, nil, "p"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			test.options.Out = &out
			view, err := New(test.options)
			if err != nil {
				t.Fatal(err)
			}
			view.Examined(report)
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it lacks %q:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), test.lacks) {
				t.Errorf("it has %q:\n%s", test.lacks, out.String())
			}
		})
	}
	var out bytes.Buffer
	view, err := New(Options{Out: &out, JSON: true, Color: true})
	if err != nil {
		t.Fatal(err)
	}
	view.Examined(report)
	var got struct {
		Event       string
		Examination doctor.Report
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Event != "examined" || len(got.Examination.Checks) != 2 || got.Examination.Problems != 1 {
		t.Errorf("%v: %s", err, out.String())
	}
}
