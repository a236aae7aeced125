package inquiry

import (
	"fmt"
	"strings"

	"docserve/internal/nearest"
)

// Mistake is a question that has no answer, because of what it asks for.
type Mistake struct {
	Message string   `json:"error"`
	Near    []string `json:"near,omitempty"` // names that may have been meant
}

// Error returns the message, and what may have been meant.
func (m *Mistake) Error() string {
	if len(m.Near) == 0 {
		return m.Message
	}
	return m.Message + "; did you mean " + strings.Join(m.Near, ", ") + "?"
}

// strange is a name that nobody knows, with those that are known: who has time
// looks for the nearest.
type strange struct {
	what, name string
	known      []string
}

// unknown returns the error for a name that nobody knows.
func unknown(what, name string, known []string) error { return &strange{what, name, known} }

func (s *strange) Error() string { return fmt.Sprintf("there is no %s %q", s.what, s.name) }

// fewNames is how many names a mistake suggests.
const fewNames = 3

// explain looks for what may have been meant.
func (s *strange) explain() *Mistake {
	return &Mistake{Message: s.Error(), Near: nearest.Names(s.name, s.known, fewNames)}
}
