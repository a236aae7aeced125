package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// coldStarts is how often a cold start to the first page is measured; the last
// one goes on until settled.
const coldStarts = 3

// coldLimit is how long docserve may take to settle from nothing.
const coldLimit = 40 * time.Minute

// cold is what a start with no output and no doctrees gave.
type cold struct {
	first   samples       // start of the command → first page
	settled time.Duration // start of the command → settled
	most    int64         // memory of all its processes at most until settled, in bytes
	differs string        // how the first page's article differed from the settled one, or why that is not known; "" if it did not
}

// coldStart starts docserve coldStarts times on fresh output directories, and
// returns the last one running and settled, with what was measured. It starts
// but once when once is set.
func (w *workspace) coldStart(ctx context.Context, out string, once bool) (*server, cold, error) {
	var c cold
	if !once {
		for i := range coldStarts - 1 {
			dir := w.out(fmt.Sprintf("cold%d", i))
			s, _, err := w.firstPage(ctx, dir, &c)
			if err != nil {
				return nil, c, err
			}
			s.kill()
			if err := os.RemoveAll(dir); err != nil {
				return nil, c, fmt.Errorf("clear output: %w", err)
			}
		}
	}
	s, first, err := w.firstPage(ctx, out, &c)
	if err != nil {
		return nil, c, err
	}
	if err := w.settle(ctx, s, first, &c); err != nil {
		s.kill()
		return nil, c, err
	}
	return s, c, nil
}

// firstPage starts docserve and adds the time until it served the edited
// page with its article.
func (w *workspace) firstPage(ctx context.Context, out string, c *cold) (*server, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := w.startDocserve(ctx, out)
	if err != nil {
		return nil, nil, err
	}
	at, page, err := s.served(ctx, w.site.page(), w.edited.mark)
	if err != nil {
		s.kill()
		return nil, nil, err
	}
	c.first = append(c.first, at.Sub(s.started))
	return s, page, nil
}

// settle waits until all is done and compares the first page with the last.
func (w *workspace) settle(ctx context.Context, s *server, first []byte, c *cold) error {
	ctx, cancel := context.WithTimeout(ctx, coldLimit)
	defer cancel()
	watch := s.watchPeak(ctx)
	at, err := s.settled(ctx)
	c.most = watch.stop()
	if err != nil {
		return err
	}
	c.settled = at.Sub(s.started)
	_, final, err := s.served(ctx, w.site.page(), w.edited.mark)
	if err != nil {
		return err
	}
	if c.differs, err = difference(first, final); err != nil {
		c.differs = "not compared: " + err.Error()
	}
	return nil
}

// difference says where the articles of two pages part.
func difference(a, b []byte) (string, error) {
	one, err := articleText(a)
	if err != nil {
		return "", err
	}
	other, err := articleText(b)
	if err != nil || one == other {
		return "", err
	}
	at := 0
	for at < len(one) && at < len(other) && one[at] == other[at] {
		at++
	}
	return fmt.Sprintf("%q, settled %q", excerpt(one, at), excerpt(other, at)), nil
}

func excerpt(text string, at int) string {
	return text[max(0, at-20):min(len(text), at+40)]
}

// coldSaves starts docserve on nothing and saves from the moment on at which
// the first page is on the screen, for as long as docserve has not settled.
func (w *workspace) coldSaves(ctx context.Context, out string) (samples, error) {
	b, err := openBrowser(ctx) // before the start: it takes a while itself
	if err != nil {
		return nil, err
	}
	defer b.close()
	s, err := w.startDocserve(ctx, out)
	if err != nil {
		return nil, err
	}
	defer s.stop(10 * time.Second)
	v := &watched{browser: b, server: s}
	if err := v.show(ctx, w.site.page(), w.edited.mark); err != nil {
		return nil, err
	}
	var taken samples
	for range w.saves {
		answer, err := s.status(ctx)
		if err != nil {
			return taken, err
		}
		if answer.Settled {
			break
		}
		took, err := v.save(ctx, w.edited.paragraph)
		if err != nil {
			return taken, fmt.Errorf("save %d: %w", len(taken)+1, err)
		}
		taken = append(taken, took)
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return taken, err
		}
	}
	return taken, nil
}
