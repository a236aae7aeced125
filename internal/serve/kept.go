package serve

import (
	"context"
	"errors"
	"io/fs"

	"docserve/runner"
	"docserve/runner/plain"
)

// Kept is an engine that is not there: it knows what the last session has left,
// and does nothing.
type Kept struct{ runner.Kept }

// Consult calls look with what the last session has left.
func (k Kept) Consult(_ context.Context, look func(runner.View)) error {
	look(k.View)
	return nil
}

// Recall returns what the last session of whichever engine has left for the
// project in source; files are those that lie among the sources now. If there is
// nothing, the error is fs.ErrNotExist.
func Recall(doctrees, source, builder string, files []string) (Kept, error) {
	state := State(doctrees)
	worker, err := runner.Recall(state, files)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Kept{}, err
	}
	subprocess, missing := plain.Recall(state, source, builder, files)
	switch {
	case missing == nil && (err != nil || subprocess.Saved.After(worker.Saved)):
		return Kept{subprocess}, nil
	case err != nil && !errors.Is(missing, fs.ErrNotExist):
		return Kept{}, missing
	}
	return Kept{worker}, err
}
