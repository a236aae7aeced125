package python

import "context"

// MakeBare makes a virtual environment with nothing in it, for tests.
func MakeBare(ctx context.Context, base, home string) error {
	return step(ctx, "make a virtual environment", base, "-m", "venv", "--without-pip", home)
}
