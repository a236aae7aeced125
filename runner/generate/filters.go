package generate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/nikolalohinski/gonja/v2/exec"

	"docserve/internal/nearest"
)

// filters are those for reStructuredText. They take the place of Jinja's own of
// the same name: its escape is for HTML.
var filters = exec.NewFilterSet(map[string]exec.FilterFunction{
	"heading": defined(headingFilter),
	"indent":  defined(indentFilter),
	"table":   defined(tableFilter),
	"role":    defined(roleFilter),
	"escape":  defined(escapeFilter),
	"e":       defined(escapeFilter),
})

// defined has a filter hand on what is undefined, which the engine has as a value.
func defined(filter exec.FilterFunction) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if in.IsError() {
			return in
		}
		return filter(e, in, params)
	}
}

// Filters are those for reStructuredText that templates have beside Jinja's own.
func Filters() *exec.FilterSet { return filters }

func invalid(err error) *exec.Value { return exec.AsValue(exec.ErrInvalidCall(err)) }

// text gives a value as a text of a document: nothing for none.
func text(v *exec.Value) string {
	if v.IsNil() {
		return ""
	}
	return v.String()
}

// adornments underline headings, by level from 1.
const adornments = `=-~^"'`

// headingFilter makes a heading of a level, from 1, or with a character of one's
// own choice.
func headingFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	var mark string
	if err := params.Take(exec.KeywordArgument("level", exec.AsValue(1), func(v *exec.Value) error {
		if n := v.Integer(); v.IsInteger() && n >= 1 && n <= len(adornments) {
			mark = adornments[n-1 : n]
			return nil
		}
		mark = v.String()
		if !v.IsString() || len(mark) != 1 || !unicode.In(rune(mark[0]), unicode.P, unicode.S) {
			return fmt.Errorf("%s is neither a level from 1 to %d nor a character of punctuation", v.String(), len(adornments))
		}
		return nil
	})); err != nil {
		return invalid(err)
	}
	title := strings.Join(strings.Fields(text(in)), " ")
	if title == "" {
		return invalid(errors.New("a heading needs a text"))
	}
	return exec.AsValue(title + "\n" + strings.Repeat(mark, columns(title)))
}

// columns is at least as many as a text takes: characters of East Asia take two.
func columns(s string) int {
	n := 0
	for _, c := range s {
		if n++; c >= 0x1100 {
			n++
		}
	}
	return n
}

// indentFilter indents all lines but the first, which stands where the template
// has it, and empty ones.
func indentFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	width, first := 3, false
	if err := params.Take(
		exec.KeywordArgument("width", exec.AsValue(3), exec.IntArgument(&width)),
		exec.KeywordArgument("first", exec.AsValue(false), exec.BoolArgument(&first)),
	); err != nil {
		return invalid(err)
	}
	out := indent(text(in), max(width, 0))
	if !first {
		out = strings.TrimLeft(out, " ")
	}
	return exec.AsValue(out)
}

func indent(s string, width int) string {
	space := strings.Repeat(" ", width)
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			lines[i] = ""
			continue
		}
		lines[i] = space + line
	}
	return strings.Join(lines, "\n")
}

var (
	// inline are the characters that begin or end something within a line.
	inline = regexp.MustCompile("[\\\\*`|_]")
	// block is what makes a line something else than text, at its beginning.
	block = regexp.MustCompile(`^\s*(?:[-+•‣⁃](?:\s|$)|\(?(?:\d+|[A-Za-z]|[ivxlcdmIVXLCDM]+|#)[.)](?:\s|$)|\.\.(?:\s|$)|>>>|:[^:\s]+:|__\s|[!-/:-@\[-` + "`" + `{-~]{2,}\s*$)`)
)

// escapeFilter takes a text out of reStructuredText: it is shown as it is.
func escapeFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if err := params.Take(); err != nil {
		return invalid(err)
	}
	return exec.AsValue(escape(text(in)))
}

func escape(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		escaped := inline.ReplaceAllString(line, `\$0`)
		if block.MatchString(line) {
			at := len(escaped) - len(strings.TrimLeft(escaped, " \t"))
			if escaped[at] != '\\' {
				escaped = escaped[:at] + `\` + escaped[at:]
			}
		}
		if rest, ok := strings.CutSuffix(escaped, "::"); ok {
			escaped = rest + `:\:`
		}
		lines[i] = escaped
	}
	return strings.Join(lines, "\n")
}

var roleName = regexp.MustCompile(`^[A-Za-z0-9](?:[-_.+:]?[A-Za-z0-9])*$`)

// roleFilter puts a text into a role.
func roleFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	var name string
	if err := params.Take(exec.PositionalArgument("name", nil, exec.StringArgument(&name))); err != nil {
		return invalid(err)
	}
	content := strings.TrimSpace(text(in))
	switch {
	case !roleName.MatchString(name):
		return invalid(fmt.Errorf("%q is no name of a role", name))
	case content == "":
		return invalid(errors.New("a role needs a text"))
	}
	return exec.AsValue(":" + name + ":`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(content) + "`")
}

// tableFilter makes a list-table of rows: lists, or tables of which columns says
// what is shown in which order, and missing what stands for what a row lacks.
func tableFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	var (
		columns, header, widths []string
		title                   string
		missing                 *string
	)
	strings := func(to *[]string) func(*exec.Value) error {
		return func(v *exec.Value) error {
			*to = cells(v)
			return nil
		}
	}
	if err := params.Take(
		exec.KeywordArgument("columns", exec.AsValue(nil), strings(&columns)),
		exec.KeywordArgument("header", exec.AsValue(nil), strings(&header)),
		exec.KeywordArgument("widths", exec.AsValue(nil), strings(&widths)),
		exec.KeywordArgument("title", exec.AsValue(""), exec.StringArgument(&title)),
		exec.KeywordArgument("missing", exec.AsValue(nil), func(v *exec.Value) error {
			if !v.IsNil() {
				missing = new(text(v))
			}
			return nil
		}),
	); err != nil {
		return invalid(err)
	}
	if !in.IsList() {
		return invalid(errors.New("a table is made of a list of rows"))
	}
	rows, err := tableRows(in, columns, missing)
	if err != nil {
		return invalid(err)
	}
	if header == nil {
		header = columns
	}
	out, err := listTable(title, header, widths, rows)
	if err != nil {
		return invalid(err)
	}
	return exec.AsValue(out)
}

// cells are the texts of a list.
func cells(v *exec.Value) []string {
	if v.IsNil() {
		return nil
	}
	if !v.IsList() {
		return strings.Fields(v.String())
	}
	list := []string{}
	v.Iterate(func(_, _ int, item, _ *exec.Value) bool {
		list = append(list, text(item))
		return true
	}, func() {})
	return list
}

func tableRows(in *exec.Value, columns []string, missing *string) (rows [][]string, err error) {
	in.Iterate(func(i, _ int, row, _ *exec.Value) bool {
		var fields []string
		switch {
		case row.IsDict():
			if columns == nil {
				err = errors.New("rows with names need columns: which names are shown, in which order")
				return false
			}
			fields, err = namedCells(row, columns, missing)
			if err != nil {
				err = fmt.Errorf("row %d %w", i+1, err)
			}
		case row.IsList():
			fields = cells(row)
		default:
			err = fmt.Errorf("row %d is neither a list nor a table", i+1)
		}
		rows = append(rows, fields)
		return err == nil
	}, func() {})
	return rows, err
}

// namedCells are the texts of the columns in a row with names. A name that the row
// lacks is a mistake as everywhere else in a template, unless missing has something
// for it: an empty cell would hide a misspelt name.
func namedCells(row *exec.Value, columns []string, missing *string) ([]string, error) {
	var fields []string
	for _, name := range columns {
		cell, ok := row.GetItem(name)
		switch {
		case ok:
			fields = append(fields, text(cell))
		case missing != nil:
			fields = append(fields, *missing)
		default:
			var names []string
			for _, key := range row.Keys() {
				names = append(names, key.String())
			}
			if near := nearest.Name(name, names); near != "" {
				return nil, fmt.Errorf("has no %q; did you mean %q?", name, near)
			}
			return nil, fmt.Errorf("has no %q; missing='' leaves such cells empty", name)
		}
	}
	return fields, nil
}

// listTable writes the directive.
func listTable(title string, header, widths []string, rows [][]string) (string, error) {
	all := rows
	if header != nil {
		all = append([][]string{header}, rows...)
	}
	if len(rows) == 0 {
		return "", nil // Sphinx takes no empty table
	}
	var b strings.Builder
	b.WriteString(".. list-table::")
	if title != "" {
		b.WriteString(" " + strings.Join(strings.Fields(title), " "))
	}
	b.WriteByte('\n')
	if header != nil {
		b.WriteString("   :header-rows: 1\n")
	}
	if widths != nil {
		b.WriteString("   :widths: " + strings.Join(widths, " ") + "\n")
	}
	for i, row := range all {
		if len(row) != len(all[0]) {
			return "", fmt.Errorf("row %d has %d cells, and the first one %d", i+1, len(row), len(all[0]))
		}
		for k, cell := range row {
			lead := "\n   * - "
			if k > 0 {
				lead = "     - "
			}
			b.WriteString(strings.TrimRight(lead+strings.TrimLeft(indent(cell, 7), " "), " ") + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n"), nil
}
