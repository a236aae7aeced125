package verify

import (
	"context"
	"errors"
	"testing"
)

// desk runs a desk for the time of a test.
func desk(t *testing.T, opts Options) (*Desk, context.CancelFunc) {
	t.Helper()
	d := NewDesk(opts)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(stop)
	return d, stop
}

type answer struct {
	report Report
	err    error
}

func TestDesk(t *testing.T) {
	page := map[string]string{"a.html": "a"}
	_, opts, temp := rig(t, map[string]string{"a.html": "b"}, page, "")
	clean := opts.clean
	begun, proceed := make(chan struct{}), make(chan struct{})
	opts.clean = func(ctx context.Context, dir string) error {
		begun <- struct{}{}
		select {
		case <-proceed:
			return clean(ctx, dir)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	d, stop := desk(t, opts)
	if got := d.Status(); got != (Status{}) {
		t.Errorf("before anything: %+v", got)
	}
	answers := make(chan answer, 1)
	done := func(r Report, err error) { answers <- answer{r, err} }
	if err := d.Start(false, done); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := d.Start(false, done); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
	if got := d.Status(); !got.Running || got.Step != Building {
		t.Errorf("meanwhile: %+v", got)
	}
	proceed <- struct{}{}
	if got := <-answers; got.err != nil || got.report.Found() != 1 {
		t.Errorf("answer: %+v", got)
	}
	if got := d.Answer(); got.Running || got.When == nil || got.Equal || got.Differences != 1 || got.Report == nil {
		t.Errorf("afterwards: %+v", got)
	}

	if err := d.Start(true, done); err != nil {
		t.Fatal(err)
	}
	<-begun
	d.Stop()
	if got := <-answers; !errors.Is(got.err, context.Canceled) {
		t.Errorf("after stopping: %+v", got)
	}
	if got := d.Status(); got.Running || got.Error == "" || got.Equal {
		t.Errorf("after stopping: %+v", got)
	}

	if err := d.Start(true, done); err != nil { // the end of the desk ends it
		t.Fatal(err)
	}
	<-begun
	stop()
	if got := <-answers; !errors.Is(got.err, context.Canceled) {
		t.Errorf("at the end: %+v", got)
	}
	empty(t, temp)
}
