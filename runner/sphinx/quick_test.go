package sphinx

import (
	"os/exec"
	"testing"

	"docserve/internal/testenv"
)

// TestQuick compares what the driver puts in the place of slow functions with
// these, on each version: none of them is unknown, and the results are the same.
func TestQuick(t *testing.T) {
	for _, name := range testenv.Names() {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(testenv.Python(t, name), "testdata/quick_check.py", "driver").CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
