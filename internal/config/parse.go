package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	toml "github.com/pelletier/go-toml/v2"

	"docserve/internal/nearest"
)

// Parse reads the text of a configuration file. It reports whether there is
// anything for docserve in it. The error is an *Error.
func Parse(path string, content []byte, known Known) (Config, bool, error) {
	c := Config{Path: path, Dir: filepath.Dir(path)}
	var whole map[string]any
	if err := toml.Unmarshal(content, &whole); err != nil {
		var decode *toml.DecodeError
		at := place{1, 0}
		if errors.As(err, &decode) {
			at.line, at.column = decode.Position()
		}
		message := strings.TrimPrefix(err.Error(), "toml: ")
		return c, true, &Error{[]Problem{{Path: path, Line: at.line, Column: at.column, Message: message}}}
	}
	r := reader{path: path, known: known, config: &c, places: places(content), kinds: map[string]string{}}
	top, at := whole, ""
	if filepath.Base(path) == shared {
		tool, _ := whole["tool"].(map[string]any)
		value, ok := tool["docserve"]
		if !ok {
			return Config{}, false, nil
		}
		at = "tool.docserve"
		if top, ok = value.(map[string]any); !ok {
			r.problem(at, "docserve must be a table", "")
		}
	}
	r.document(at, top)
	r.checkKinds()
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
		return c, true, &Error{r.problems}
	}
	return c, true, nil
}

// reader turns tables into a Config, and gathers what is wrong with them.
type reader struct {
	path     string
	known    Known
	config   *Config
	places   map[string]place
	kinds    map[string]string // that rules name, by place
	problems []Problem
}

func (r *reader) problem(at, message, hint string) {
	p, ok := r.places[at]
	for !ok { // what has no place of its own is in something that has
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			p = place{1, 0}
			break
		}
		at = at[:cut]
		p, ok = r.places[at]
	}
	r.problems = append(r.problems, Problem{Path: r.path, Line: p.line, Column: p.column, Message: message, Hint: hint})
}

func (r *reader) line(at string) int { return r.places[at].line }

// unknown reports a name that there is not, with the one that was probably meant.
func (r *reader) unknown(at, what, name string, names []string) {
	hint := "there are " + strings.Join(names, ", ")
	if near := nearest.Name(name, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(names) > 20 {
		hint = ""
	}
	r.problem(at, fmt.Sprintf("unknown %s %q", what, name), hint)
}

// document reads all that there is.
func (r *reader) document(at string, top map[string]any) {
	names := []string{options}
	for _, t := range tables {
		names = append(names, t.name)
	}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		here := join(at, name)
		i := slices.IndexFunc(tables, func(t table) bool { return t.name == name })
		switch value := top[name].(type) {
		case map[string]any:
			switch {
			case name == options:
				r.options(here, value)
			case i < 0:
				r.unknown(here, "table", name, names)
			case tables[i].repeated:
				r.problem(here, fmt.Sprintf("there can be several of [%s]", name), fmt.Sprintf("write [[%s]]", name))
			default:
				r.table(&tables[i], here, value)
			}
		case []any:
			if i < 0 || !tables[i].repeated {
				if i < 0 && name != options {
					r.unknown(here, "table", name, names)
				} else {
					r.problem(here, fmt.Sprintf("there is one [%s]", name), "write it with single brackets")
				}
				continue
			}
			for n, each := range value {
				inner, ok := each.(map[string]any)
				if !ok {
					r.problem(here+index(n), name+" must be a table", fmt.Sprintf("write [[%s]]", name))
					continue
				}
				r.table(&tables[i], here+index(n), inner)
			}
		default:
			if _, setting := r.known.setting(name); setting {
				r.problem(here, fmt.Sprintf("%s is an option of the command line", name), "it belongs into [options]")
				continue
			}
			r.unknown(here, "key", name, names)
		}
	}
}

// table reads one table. Its values are checked by their form; what they mean,
// afterwards.
func (r *reader) table(t *table, at string, given map[string]any) {
	names := make([]string, len(t.keys))
	for i, k := range t.keys {
		names[i] = k.name
	}
	before := len(r.problems)
	v := values{r: r, at: at, of: map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.Index(names, name)
		if i < 0 {
			r.unknown(join(at, name), "key", name, names)
			continue
		}
		if clean, ok := r.value(t.keys[i].form, join(at, name), given[name]); ok {
			v.of[name] = clean
		}
	}
	for _, k := range t.keys {
		if _, ok := given[k.name]; k.required && !ok {
			r.problem(at, fmt.Sprintf("%s needs %s", t.name, k.name), "")
		}
	}
	if len(r.problems) == before || t.name == "rule" {
		r.accept(t.name, v, given)
	}
}

// value checks the form of a value: a string, a bool, a list or a table of
// strings.
func (r *reader) value(f form, at string, given any) (any, bool) {
	wrong := func() (any, bool) {
		r.problem(at, fmt.Sprintf("%s must be %s, not %s", last(at), f, describe(given)), "")
		return nil, false
	}
	switch given := given.(type) {
	case string:
		switch f {
		case text:
			return given, true
		case texts, words:
			return []string{given}, true
		}
	case bool:
		if f == truth {
			return given, true
		}
	case []any:
		if f != texts && f != words {
			return wrong()
		}
		list := []string{}
		for i, each := range given {
			s, ok := each.(string)
			if !ok {
				r.problem(at+index(i), fmt.Sprintf("%s must be %s, and this is %s", last(at), f, describe(each)), "")
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	case map[string]any:
		if f != stringTable {
			return wrong()
		}
		m := map[string]string{}
		for name, each := range given {
			s, ok := scalar(each)
			if !ok {
				r.problem(join(at, name), fmt.Sprintf("%s must be a string, not %s", name, describe(each)), "")
				return nil, false
			}
			m[name] = s
		}
		return m, true
	}
	return wrong()
}

// last is the last key of a path.
func last(at string) string {
	name := at[strings.LastIndex(at, ".")+1:]
	name, _, _ = strings.Cut(name, "[")
	return name
}

// scalar gives a string or a number as text.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}

func describe(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date"
}
