package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSamples(t *testing.T) {
	tests := []struct {
		samples samples
		median  time.Duration
		text    string
	}{
		{nil, 0, "none"},
		{samples{1500 * time.Millisecond}, 1500 * time.Millisecond, "1.50 s"},
		{samples{30e6, 10e6, 20e6}, 20e6, "20 ms (10 ms to 30 ms, 3)"},
		{samples{4e6, 2e6}, 3e6, "3.0 ms (2.0 ms to 4.0 ms, 2)"},
		{samples{266 * time.Second}, 266 * time.Second, "4 min 26 s"},
	}
	for _, test := range tests {
		if got := test.samples.median(); got != test.median {
			t.Errorf("median of %v is %v, want %v", []time.Duration(test.samples), got, test.median)
		}
		if got := test.samples.String(); got != test.text {
			t.Errorf("%v is printed as %q, want %q", []time.Duration(test.samples), got, test.text)
		}
	}
}

func TestReport(t *testing.T) {
	r := &result{
		site:       site{title: "S", bounds: map[string]bound{"save": atLeast(20), "made": atMost(30), "floor": atMost(1), "settled": atMost(1.3), "heading": atMost(2), "against": atMost(1.1), "inherited": atMost(3), "surplus": atMost(0), "generate": atMost(1), "nothing": atMost(50)}},
		plain:      100 * time.Second,
		save:       samples{100e6},
		made:       samples{12e6, 45e6, 48e6},
		autosave:   samples{3 * time.Second},
		served:     samples{60e6},
		floor:      samples{50e6},
		cold:       cold{first: samples{500e6}, settled: 110 * time.Second, differs: `"a", settled "b"`},
		headings:   headings{final: samples{150e6}, body: samples{100e6}, visible: samples{140e6}, settled: samples{time.Second}},
		subprocess: samples{2 * time.Second},
		this:       samples{60e6}, other: samples{50e6},
		checkout: checkout{documents: 1, batches: 2, settled: 2 * time.Second, visible: 30e6, plain: 4 * time.Second},
		structured: structured{
			base: samples{240e6}, page: samples{60e6}, outputs: 201, pages: 50, surplus: []string{"includes/extracts/apart-00.rst"},
			same: samples{12e6}, everything: samples{1500e6}, nothing: samples{40e6},
		},
		failures: []string{"warm: wait for it: too long\nand its log"},
	}
	got := report([]*result{r}, measures)
	for _, want := range []string{
		"| S | save → visible | 100 ms | sphinx-autobuild: 3.00 s | 30 × | ≥ 20 |",
		"| S | of that, websocket message → page changed in place | 45 ms (12 ms to 48 ms, 3) | – | 45 ms | ≤ 30, **not kept** |",
		"| S | save → changed bytes served | 60 ms | naive floor: 50 ms | 1.20 of it | ≤ 1, **not kept** |",
		"| S | cold start → first page | 500 ms, **its article not as settled** | clean sphinx-build -j 2: 1 min 40 s | 200 × | – |",
		"| S | cold start → settled | 1 min 50 s | clean sphinx-build -j 2: 1 min 40 s | 1.10 of it | ≤ 1.3 |",
		"| S | edit of the page's title → visible with final bytes | 150 ms | edit of its text, likewise: 100 ms | 1.50 of it | ≤ 2 |",
		"| S | edit of the page's title → settled | 1.00 s | – | – | – |",
		"| S | save → visible with --engine=subprocess | 2.00 s | with the worker: 100 ms | 20 of it | – |",
		"| S | save → visible, in turn with another docserve | 60 ms | the other: 50 ms | 1.20 of it | ≤ 1.1, **not kept** |",
		"| S | checkout of 1 document → settled | 2.00 s | clean sphinx-build -j 2: 4.00 s | 0.50 of it | – |",
		"| S | checkout, taken in 2 batches → the open page visible | 30 ms | – | – | – |",
		"| S | edit of what 200 inherit and 50 pages include → visible | 240 ms | edit of the page itself: 60 ms | 4.00 of it | ≤ 3, **not kept** |",
		"| S | rebuilt for it | 201 fragments, 50 pages, without need includes/extracts/apart-00.rst | – | 1 too many | ≤ 0, **not kept** |",
		"→ done, nothing built | 12 ms | – | 12 ms | – |",
		"| S | docserve generate of 5,000 structured documents | 1.50 s | – | 1.50 s | ≤ 1, **not kept** |",
		"nothing to do | 40 ms | – | 40 ms | ≤ 50 |",
		"Not measured on S: warm: wait for it: too long\n",
		`article against the settled one's: "a", settled "b"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the table lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "and its log") || strings.Contains(got, "no-fork") {
		t.Errorf("the table has too much:\n%s", got)
	}
	if got := report([]*result{r}, []string{"save"}); strings.Contains(got, "floor") {
		t.Errorf("the table has a measure that nobody asked for:\n%s", got)
	}
}

func TestParse(t *testing.T) {
	var said strings.Builder
	opts, err := parse([]string{"-sites", "django,linux", "-only", "save,floor"}, &said)
	if err != nil || len(opts.sites) != 2 || opts.sites[1].name != "linux" || len(opts.measures) != 2 {
		t.Errorf("got %+v, %v", opts, err)
	}
	if opts, err := parse([]string{"prepare"}, &said); err != nil || !opts.prepare || len(opts.sites) != len(sites) {
		t.Errorf("got %+v, %v", opts, err)
	}
	if opts, err := parse([]string{"-only", "structured"}, &said); err != nil || !slices.Equal(names(opts.sites), []string{"structured"}) {
		t.Errorf("got %+v, %v", opts, err)
	}
	if opts, err := parse([]string{"-only", "save"}, &said); err != nil || slices.Contains(names(opts.sites), "structured") {
		t.Errorf("got %+v, %v", opts, err)
	}
	for _, args := range [][]string{{"-sites", "django", "-only", "structured"}, {"-sites", "x"}, {"-only", "x"}, {"-saves", "0"}, {"x"}} {
		if _, err := parse(args, &said); err == nil {
			t.Errorf("no error for %q", args)
		}
	}
}
