package terminal

import (
	"encoding/json"
	"errors"
	"testing"

	"docserve/internal/verify"
)

func TestVerified(t *testing.T) {
	equal := verify.Report{Equal: true, Files: 3}
	other := verify.Report{Files: 3, Differences: []verify.Difference{{Path: "a.html", What: "missing"}}}
	term, out, errs, _ := opened(t, nil)
	term.Verifying()
	expect(t, "begun", out, "14:02:07 comparing with a clean build …\n")
	term.Verified(equal, nil)
	expect(t, "equal", out, "14:02:07 equal to a clean build (3 files, 0 warnings, 0.0 s)\n")
	term.Verified(other, nil)
	const told = "different from a clean build: 1 difference (3 files, 0 warnings, 0.0 s)\n  a.html: missing\n"
	expect(t, "different", out, "14:02:07 "+told)
	term.Verified(verify.Report{}, errors.New("it is broken\x1b"))
	expect(t, "unknown", errs, "14:02:07 not verified: it is broken\n")
	term.Answer(other)
	expect(t, "answer", out, told)

	term, out, _, _ = opened(t, func(o *Options) { o.Quiet = true })
	term.Answer(equal)
	expect(t, "-q, equal", out, "")
	term.Answer(other)
	expect(t, "-q, different", out, told)

	term, out, errs, _ = opened(t, func(o *Options) { o.Silent = true })
	term.Verifying()
	term.Answer(other)
	term.Verified(other, nil)
	term.Verified(other, errors.New("x"))
	expect(t, "-Q", out, "")
	expect(t, "-Q", errs, "")

	term, out, _, _ = opened(t, func(o *Options) { o.Width = func() int { return 60 } })
	term.Step("building")
	expect(t, "step", out, "\r\x1b[Kbuilding …")
	term.Answer(equal)
	expect(t, "answer in its place", out, "\r\x1b[Kequal to a clean build (3 files, 0 warnings, 0.0 s)\n")

	term, out, _, _ = opened(t, func(o *Options) { o.JSON = true })
	term.Step("building")
	term.Verifying()
	term.Answer(other)
	var e event
	if err := json.Unmarshal([]byte(out.String()), &e); err != nil || e.Event != "verified" || e.Report == nil || e.Report.Found() != 1 {
		t.Errorf("%v: %s", err, out)
	}
	out.Reset()
	term.Verified(verify.Report{}, errors.New("broken"))
	if err := json.Unmarshal([]byte(out.String()), &e); err != nil || e.Error != "broken" {
		t.Errorf("%v: %s", err, out)
	}
}
