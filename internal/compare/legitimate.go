package compare

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// Entry is a kind of difference between a settled site and a clean build that
// is neither a stale byte nor a mistake.
type Entry struct {
	Name   string // for reports
	Files  string // which files, in the syntax of the manual
	Reason string // what differs
	Cause  string // why Sphinx makes it so

	// One of these says how it is told. Files that skip matches take no part in
	// the comparison, those that data matches are compared by their meaning, and
	// explains reports whether nothing but this distinguishes two texts, the
	// second of which was written at a certain moment.
	skip     func(path string) bool
	data     func(path string) bool
	explains func(got, want []byte, written time.Time) bool

	words *regexp.Regexp // with explains: what differs, whose words are in the search index as well
}

// Legitimate are all such differences. The manual has them in
// docs/legitimate-differences.txt, which a test compares with this table;
// another one provokes each of them with a real Sphinx, and fails when one does
// not come up any more.
var Legitimate = []Entry{
	{
		Name: "search index", Files: "``searchindex.js``",
		Reason: "Compared as data, without words that belong to no document.",
		Cause: "When Sphinx loads an index and removes a document from it, it leaves words without documents behind, " +
			"and the order of its keys is that in which documents were fed.",
		data: index,
	},
	{
		Name: "previous build information", Files: "``.buildinfo.bak``",
		Reason: "Left out.",
		Cause: "From version 8 on Sphinx keeps the previous ``.buildinfo`` under this name when the configuration has changed. " +
			"A clean build has no previous one.",
		skip: func(name string) bool { return name == ".buildinfo.bak" },
	},
	{
		Name: "caches", Files: "``.doctrees``, ``.docserve*``",
		Reason: "Left out.",
		Cause:  "Without ``-d``, Sphinx keeps its doctrees and its environment in the output directory. They are not part of the site.",
		skip: func(name string) bool {
			return strings.HasPrefix(name, ".doctrees/") || strings.HasPrefix(name, ".docserve")
		},
	},
	{
		Name: "date of writing", Files: "pages, and their words in ``searchindex.js``",
		Reason: "A date that is earlier than in the clean build, which has the day of that build.",
		Cause: "``|today|``, ``html_last_updated_fmt`` and the year of ``copyright`` are the moment at which a page was written. " +
			"A page that need not be written again keeps its own.",
		explains: datesOnly, words: date,
	},
	{
		Name: "address in memory", Files: "pages, and their words in ``searchindex.js``",
		Reason: "The number in a text such as ``<object at 0x7f…>``.",
		Cause:  "Where a directive or an extension shows an object that has no text of its own, Python gives its address, which is another one in each process.",
		explains: func(got, want []byte, _ time.Time) bool {
			return bytes.Equal(addresses.ReplaceAll(got, []byte("at 0x")), addresses.ReplaceAll(want, []byte("at 0x")))
		},
		words: addresses,
	},
	{
		Name: "random identifier", Files: "pages with needs of sphinx-needs",
		Reason: "The eight characters in an identifier such as ``SNCB-1c4a7ecc``.",
		Cause:  "sphinx-needs draws a random number for the box of each need whenever it writes a page.",
		explains: func(got, want []byte, _ time.Time) bool {
			return bytes.Equal(identifiers.ReplaceAll(got, nil), identifiers.ReplaceAll(want, nil))
		},
		words: identifiers,
	},
}

// identifiers of boxes, as sphinx_needs.layout makes them.
var identifiers = regexp.MustCompile(`\bSNCB-[0-9a-f]{8}\b`)

// addresses as object.__repr__ writes them.
var addresses = regexp.MustCompile(`\bat 0x[0-9a-fA-F]{4,16}\b`)

// skipped says which files are not part of the site.
func skipped(name string) bool {
	for _, e := range Legitimate {
		if e.skip != nil && e.skip(name) {
			return true
		}
	}
	return false
}

// index reports whether a file is a search index.
func index(name string) bool { return path.Base(name) == "searchindex.js" }

// explain returns the entry that explains all of a difference, or nil.
func explain(name string, got, want []byte, written time.Time) *Entry {
	if !strings.HasSuffix(name, ".html") {
		return nil
	}
	for i, e := range Legitimate {
		if e.explains != nil && e.explains(got, want, written) {
			return &Legitimate[i]
		}
	}
	return nil
}

// differing are the words of what an entry explains in two texts.
func (e *Entry) differing(got, want []byte) []string {
	var words []string
	for _, text := range [][]byte{got, want} {
		for _, found := range e.words.FindAll(text, -1) {
			words = append(words, notWord.Split(strings.ToLower(string(found)), -1)...)
		}
	}
	return words
}

var notWord = regexp.MustCompile(`\W+`)

const month = `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`

var (
	// date is a day, as Sphinx's settings write it mostly, with a time if there is one.
	date = regexp.MustCompile(`\b(` + month + ` \d{1,2}, \d{4}|\d{1,2} ` + month + ` \d{4}|\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d|\d\d\.\d\d\.\d{4})` +
		`(?:(?:,? |T)\d\d:\d\d(?::\d\d)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?`)
	layouts = []string{"January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006", "2006-01-02", "2006/01/02", "02.01.2006"}
	// year is one in a copyright line.
	year          = regexp.MustCompile(`\b(?:19|20)\d\d\b`)
	copyrightLine = regexp.MustCompile(`(?i)copyright|©|&#169;|&copy;`)
)

// day is how far a date may be from the moment of writing: time zones.
const day = 24 * time.Hour

// datesOnly reports whether two texts differ in nothing but dates, where those
// of want are the day on which it was written, and those of got are not later.
func datesOnly(got, want []byte, written time.Time) bool {
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) && !sameButDates(string(a[i]), string(b[i]), written) {
			return false
		}
	}
	return true
}

func sameButDates(got, want string, written time.Time) bool {
	if date.ReplaceAllString(got, "") == date.ReplaceAllString(want, "") {
		a, b := date.FindAllStringSubmatch(got, -1), date.FindAllStringSubmatch(want, -1)
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i][0] != b[i][0] && !earlier(a[i][1], b[i][1], written) {
				return false
			}
		}
		return true
	}
	if !copyrightLine.MatchString(want) || year.ReplaceAllString(got, "") != year.ReplaceAllString(want, "") {
		return false
	}
	a, b := year.FindAllString(got, -1), year.FindAllString(want, -1)
	this := fmt.Sprint(written.Year())
	for i := range a {
		if a[i] != b[i] && (b[i] != this || a[i] > b[i]) {
			return false
		}
	}
	return true
}

// earlier reports whether want is the day of writing and got not a later one.
func earlier(got, want string, written time.Time) bool {
	g, okG := parseDate(got)
	w, okW := parseDate(want)
	return okG && okW && !g.After(w) && w.Sub(written).Abs() <= 2*day
}

func parseDate(text string) (time.Time, bool) {
	text = strings.Replace(text, "Sept ", "Sep ", 1)
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Table is Legitimate as the manual shows it.
func Table() string {
	var b strings.Builder
	b.WriteString(".. list-table::\n   :header-rows: 1\n   :widths: 20 30 50\n\n   * - File\n     - What differs\n     - Cause in Sphinx\n")
	for _, e := range Legitimate {
		fmt.Fprintf(&b, "   * - %s\n     - %s\n     - %s\n", e.Files, e.Reason, e.Cause)
	}
	return b.String()
}
