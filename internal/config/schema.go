package config

import "encoding/json"

// Schema returns the JSON Schema of a configuration file, for editors. It is made
// from the tables by which files are read, so it accepts what they accept, but
// for what keys mean together.
func Schema(known Known) []byte {
	properties := map[string]any{}
	for _, t := range tables {
		s := t.schema()
		if t.repeated {
			s = map[string]any{"type": "array", "items": s}
		}
		s["description"] = t.about
		properties[t.name] = s
	}
	settings := map[string]any{}
	for _, s := range known.Settings {
		property := s.Type.schema()
		property["description"] = s.Usage
		settings[s.Name] = property
	}
	properties[options] = map[string]any{
		"type": "object", "description": optionsAbout, "properties": settings, "additionalProperties": false,
	}
	text, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "docserve.toml", "type": "object", "properties": properties, "additionalProperties": false,
	}, "", "  ")
	if err != nil {
		panic(err) // maps of strings and bools can always be written
	}
	return append(text, '\n')
}

func (t table) schema() map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, k := range t.keys {
		property := k.form.schema()
		property["description"] = k.about
		properties[k.name] = property
		if k.required {
			required = append(required, k.name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	if t.name == "rule" {
		s["oneOf"] = []any{
			map[string]any{"required": []string{"kind"}}, map[string]any{"required": []string{"template"}}, map[string]any{"required": []string{"command"}},
		}
	}
	return s
}

var (
	aString   = map[string]any{"type": "string"}
	aList     = map[string]any{"type": "array", "items": aString}
	aScalar   = map[string]any{"type": []string{"string", "number"}}
	mostOften = 9 // a switch that counts is not given more often
)

func (f form) schema() map[string]any {
	switch f {
	case text:
		return map[string]any{"type": "string"}
	case truth:
		return map[string]any{"type": "boolean"}
	case stringTable:
		return map[string]any{"type": "object", "additionalProperties": aScalar}
	}
	return map[string]any{"anyOf": []any{aString, aList}}
}

func (t Type) schema() map[string]any {
	switch t {
	case Switch:
		return map[string]any{"type": "boolean"}
	case Count:
		return map[string]any{"type": "integer", "minimum": 0, "maximum": mostOften}
	case List:
		return map[string]any{"anyOf": []any{aString, aList}}
	}
	return map[string]any{"type": []string{"string", "number"}}
}
