package generate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	yaml "github.com/goccy/go-yaml"
	toml "github.com/pelletier/go-toml/v2"
)

// dataError is data that cannot be understood, with its place.
type dataError struct {
	line, column int
	message      string
}

func (e *dataError) Error() string { return e.message }

// parseData understands a file by its ending: YAML, JSON, TOML and CSV. Of several
// YAML documents in a file it makes a list, of CSV a list of tables with the names
// of the first line as keys; header has these in their order. Of anything else it
// makes a text.
func parseData(path string, text []byte) (value any, header []string, err error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		value, err = parseYAML(text)
	case ".json":
		value, err = parseJSON(text)
	case ".toml":
		var table map[string]any
		err = toml.Unmarshal(text, &table)
		value = table
		var wrong *toml.DecodeError
		if errors.As(err, &wrong) {
			line, column := wrong.Position()
			err = &dataError{line, column, strings.TrimPrefix(wrong.Error(), "toml: ")}
		}
	case ".csv":
		return parseCSV(text, ',')
	case ".tsv":
		return parseCSV(text, '\t')
	default:
		value = string(text)
	}
	return value, nil, err
}

func parseYAML(text []byte) (any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	docs := []any{}
	for {
		var doc any
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong yaml.Error
		if errors.As(err, &wrong) {
			at := wrong.GetToken().Position
			return nil, &dataError{at.Line, at.Column, wrong.GetMessage()}
		}
		if err != nil {
			return nil, &dataError{message: err.Error()}
		}
		docs = append(docs, doc)
	}
	switch len(docs) {
	case 0:
		return nil, nil
	case 1:
		return docs[0], nil
	}
	return docs, nil
}

func parseJSON(text []byte) (any, error) {
	var value any
	err := json.Unmarshal(text, &value)
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		before := text[:min(int(wrong.Offset), len(text))]
		return nil, &dataError{bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n') - 1, wrong.Error()}
	}
	return integers(value), err
}

// integers makes whole numbers of those that are: JSON has no others than floating
// ones, and templates would write 3.0.
func integers(value any) any {
	switch v := value.(type) {
	case float64:
		if n := int(v); float64(n) == v {
			return n
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = integers(v[key])
		}
	}
	return value
}

func parseCSV(text []byte, comma rune) (any, []string, error) {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma = comma
	records, err := reader.ReadAll()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return nil, nil, &dataError{wrong.Line, wrong.Column, wrong.Err.Error()}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read a table: %w", err)
	}
	if len(records) == 0 {
		return []any{}, nil, nil
	}
	rows := []any{}
	for _, record := range records[1:] {
		row := map[string]any{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows, records[0], nil
}
