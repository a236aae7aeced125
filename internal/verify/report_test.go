package verify

import (
	"testing"
	"time"

	"docserve/internal/compare"
)

func TestReport(t *testing.T) {
	for _, test := range []struct {
		name   string
		report Report
		want   string
	}{
		{"equal", Report{Equal: true, Files: 1, Took: 1240 * time.Millisecond}, "equal to a clean build (1 file, 0 warnings, 1.2 s)\n"},
		{
			"everything", Report{
				Files: 40, Warnings: 3, Took: 9 * time.Second, Disturbed: 2, Clean: "/tmp/x/html",
				Differences: []Difference{{Path: "a.html", What: `line 3: "x", clean "y"`}, {Path: "b\x1b[2J.html", What: "missing"}},
				Lost:        []compare.Warning{{Path: "/p/a.rst", Line: 3, Message: "one\ntwo"}},
				Invented:    []compare.Warning{{Message: "three"}},
				Repaired:    []string{"guide/x"},
				Explained: []Difference{
					{Path: "c.html", What: "line 1: …", Kind: "date", Why: "Dates differ."},
					{Path: "d.html", What: "line 2: …", Kind: "address", Why: "Addresses differ."},
					{Path: "e.html", What: "line 3: …", Kind: "date", Why: "Dates differ."},
				},
			},
			`different from a clean build: 5 differences (40 files, 3 warnings, 9.0 s)
  a save meanwhile made it start over: 2 times
  a.html: line 3: "x", clean "y"
  b[2J.html: missing
  warning not shown: /p/a.rst:3: one⏎two
  warning that a clean build does not have: three
  guide/x: its page was not true until the audit found it
  as two clean builds may differ (date): 2 files
    Dates differ.
    c.html: line 1: …
    e.html: line 3: …
  as two clean builds may differ (address): 1 file
    Addresses differ.
    d.html: line 2: …
  the clean build is in /tmp/x/html
`,
		},
		{
			"equal but for a date", Report{Equal: true, Files: 2, Explained: []Difference{{Path: "c.html", What: "line 1: …", Kind: "date", Why: "Dates differ."}}},
			"equal to a clean build (2 files, 0 warnings, 0.0 s)\n  as two clean builds may differ (date): 1 file\n    Dates differ.\n    c.html: line 1: …\n",
		},
	} {
		if got := test.report.String(); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}
