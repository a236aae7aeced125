package sphinx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// maxFrame bounds a frame. The largest are lists of all documents of a site;
// 256 MB is a hundred times those of the largest site known.
const maxFrame = 256 << 20

// maxGreeting bounds the first frame of a connection, of which nobody knows yet
// who has sent it: 4 KiB, ten times what a process says there.
const maxGreeting = 4 << 10

// firstRoom is how much memory a frame gets before its bytes are there: 64 KiB
// hold nearly every one, and whoever names a length has not sent anything yet.
const firstRoom = 64 << 10

// readFrame reads one frame of at most limit bytes: its length in four bytes,
// big-endian, then as many bytes. The error is io.EOF when there is no other.
func readFrame(r io.Reader, limit uint32) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(header[:])
	if n > limit {
		return nil, fmt.Errorf("read frame: %d bytes are more than %d", n, limit)
	}
	var data bytes.Buffer
	data.Grow(int(min(n, firstRoom)) + bytes.MinRead) // room to see the end without growing
	if got, err := data.ReadFrom(io.LimitReader(r, int64(n))); err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", n, err)
	} else if got < int64(n) {
		return nil, fmt.Errorf("read frame of %d bytes: %w", n, io.ErrUnexpectedEOF)
	}
	return data.Bytes(), nil
}

// frame returns data with its header.
func frame(data []byte) []byte {
	out := make([]byte, 4+len(data))
	binary.BigEndian.PutUint32(out, uint32(len(data)))
	copy(out[4:], data)
	return out
}
