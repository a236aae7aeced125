package graph

import "fmt"

// Kind says how something depends on a file. From Source to Other it is an edge
// from a document, from Config on a role that the file plays for the whole
// project. Their order is that of preference: when a document depends on a file
// in several ways, the first is the one that a plan gives as the reason.
type Kind uint8

// The kinds of dependency.
const (
	Source         Kind = iota // the document's own text
	Include                    // text parsed as part of the document
	LiteralInclude             // text shown as it is
	Table                      // data of a csv-table or the like
	Image                      // picture, copied to the output
	Download                   // file offered for download, copied to the output
	Module                     // Python module that autodoc imported: held by the interpreter
	Catalog                    // compiled translations (.mo) of the document
	Other                      // reported by Sphinx or an extension without saying what for

	Config   // conf.py, an extension, whatever the interpreter loaded with them
	Template // shapes every page
	Static   // copied to the output as it is

	kinds // how many there are
)

// phrases holds for each Kind its name, as in JSON, and the words with which a
// dependent speaks of the file.
var phrases = [kinds]struct{ name, verb string }{
	Source:         {"source", "is"},
	Include:        {"include", "includes"},
	LiteralInclude: {"literalinclude", "quotes"},
	Table:          {"table", "tabulates"},
	Image:          {"image", "shows"},
	Download:       {"download", "offers"},
	Module:         {"module", "documents"},
	Catalog:        {"catalog", "is translated by"},
	Other:          {"other", "depends on"},
	Config:         {"config", "is configured by"},
	Template:       {"template", "is shaped by"},
	Static:         {"static", "is accompanied by"},
}

// String returns the kind's lower-case name.
func (k Kind) String() string {
	if k >= kinds {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return phrases[k].name
}

// MarshalText makes a Kind its name in JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, p := range phrases {
		if p.name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("parse kind of dependency %q: no such kind", text)
}

// Op says what became of a changed file.
type Op uint8

// The operations of a Change.
const (
	Write  Op = iota // other content
	Create           // was not there before
	Remove           // is gone
)

var ops = [...]string{Write: "write", Create: "create", Remove: "remove"}

// String returns the operation's lower-case name.
func (o Op) String() string {
	if int(o) >= len(ops) {
		return fmt.Sprintf("op(%d)", uint8(o))
	}
	return ops[o]
}

// MarshalText makes an Op its name in JSON.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (o *Op) UnmarshalText(text []byte) error {
	for i, name := range ops {
		if name == string(text) {
			*o = Op(i)
			return nil
		}
	}
	return fmt.Errorf("parse operation %q: want write, create or remove", text)
}
