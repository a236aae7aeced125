// Package digest names the content of a file.
//
// Every room of docserve compares content rather than modification times, and
// the Sphinx driver must be able to compute the same name in Python, so the
// digest is one that both standard libraries have: the first 16 bytes of
// SHA-256.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Digest is the name of a content. The zero Digest stands for a file that does
// not exist; no content has it.
type Digest [16]byte

// Of returns the digest of data.
func Of(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(sum[:16])
}

// buffers are shared between calls of File, as a start of docserve makes ten
// thousand of them. They hold most sources whole.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// File returns the digest of the file at path, and the zero Digest when there
// is none. A directory is an error, and so is a pipe or a device: to open one
// could take for ever.
func File(path string) (Digest, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Digest{}, nil
	}
	if err != nil {
		return Digest{}, err
	}
	if !info.Mode().IsRegular() {
		return Digest{}, fmt.Errorf("read %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Digest{}, nil
	}
	if err != nil {
		return Digest{}, err
	}
	defer f.Close()
	h := sha256.New()
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, *buffer); err != nil {
		return Digest{}, fmt.Errorf("read %s: %w", path, err)
	}
	return Digest(h.Sum(nil)[:16]), nil
}

// Parse reads what String wrote. The empty string is the zero Digest.
func Parse(s string) (Digest, error) {
	var d Digest
	if s == "" {
		return d, nil
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return d, fmt.Errorf("parse digest %q: want %d hexadecimal digits", s, 2*len(d))
	}
	return Digest(b), nil
}

// IsZero reports whether d stands for a file that does not exist.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns d in hexadecimal, and "" for the zero Digest.
func (d Digest) String() string {
	if d.IsZero() {
		return ""
	}
	return hex.EncodeToString(d[:])
}

// MarshalText makes a Digest a string in JSON.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (d *Digest) UnmarshalText(text []byte) error {
	p, err := Parse(string(text))
	if err == nil {
		*d = p
	}
	return err
}
