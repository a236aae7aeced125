package verify

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrRunning is what a Desk says that is busy.
var ErrRunning = errors.New("a verification is running already")

// Desk takes orders to verify one site, one at a time, and remembers the last
// answer. Its methods may be called from any goroutine.
type Desk struct {
	opts   Options
	orders chan order

	mu     sync.Mutex // guards all below
	status Status
	last   *Report
	stop   context.CancelFunc // of what is running
}

// Status is what a server tells of its verifications.
type Status struct {
	Running     bool       `json:"running"`
	Step        Step       `json:"step,omitempty"` // while it runs
	When        *time.Time `json:"when,omitempty"` // of the last answer
	Equal       bool       `json:"equal"`
	Differences int        `json:"differences"`
	Error       string     `json:"error,omitempty"` // why the last one has no answer
}

// Answer is all that there is to know.
type Answer struct {
	Status
	Report *Report `json:"report,omitempty"`
}

type order struct {
	ctx  context.Context
	keep bool
	done func(Report, error)
}

// NewDesk returns a desk; Run makes it work. Keep and Progress of opts belong to
// each order.
func NewDesk(opts Options) *Desk { return &Desk{opts: opts, orders: make(chan order, 1)} }

// Run works on orders until ctx is done.
func (d *Desk) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-d.orders:
			stop := context.AfterFunc(ctx, d.Stop)
			d.work(o)
			stop()
		}
	}
}

// Start orders a verification and returns at once. Done, if it is not nil, is
// called with the answer from the desk's goroutine; it is not called when the
// desk ends before it has begun.
func (d *Desk) Start(keep bool, done func(Report, error)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.status.Running {
		return ErrRunning
	}
	ctx, stop := context.WithCancel(context.Background())
	select {
	case d.orders <- order{ctx, keep, done}: // there is room, as nothing is running
	default:
		stop()
		return ErrRunning
	}
	d.stop = stop
	d.status = Status{Running: true, Step: Settling}
	d.last = nil
	return nil
}

// Stop ends a verification that is running.
func (d *Desk) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop != nil {
		d.stop()
	}
}

// Status says how it goes.
func (d *Desk) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status
}

// Answer is the last report, and how it goes.
func (d *Desk) Answer() Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Answer{d.status, d.last}
}

// work carries out one order.
func (d *Desk) work(o order) {
	opts := d.opts
	opts.Keep = o.keep
	opts.Progress = func(step Step) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.status.Step = step
	}
	report, err := Run(o.ctx, opts)
	d.mu.Lock()
	d.stop()
	d.stop = nil
	when := time.Now()
	d.status = Status{When: &when}
	switch {
	case errors.Is(err, context.Canceled):
		d.status.Error = "stopped"
	case err != nil:
		d.status.Error = err.Error()
	default:
		d.last = &report
		d.status.Equal, d.status.Differences = report.Equal, report.Found()
	}
	d.mu.Unlock()
	if o.done != nil {
		o.done(report, err)
	}
}
