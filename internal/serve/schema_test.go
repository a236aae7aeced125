package serve

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"docserve/internal/cli"
	"docserve/internal/config"
)

var update = flag.Bool("update", false, "write the JSON Schema of the manual anew")

// TestSchema: the schema that the manual offers is that of what is accepted.
func TestSchema(t *testing.T) {
	const path = "../../docs/_static/docserve.schema.json"
	want := config.Schema(config.Known{Settings: cli.Settings(), Kinds: Kinds})
	if *update {
		if err := os.WriteFile(path, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Error("it is another one; go test ./internal/serve -run TestSchema -update writes it")
	}
}
