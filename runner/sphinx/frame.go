package sphinx

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxFrame bounds a frame. The largest are lists of all documents of a site;
// 256 MB is a hundred times those of the largest site known.
const maxFrame = 256 << 20

// readFrame reads one frame: its length in four bytes, big-endian, then as many bytes.
func readFrame(r io.Reader) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(header[:])
	if n > maxFrame {
		return nil, fmt.Errorf("read frame: %d bytes are more than %d", n, maxFrame)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", n, err)
	}
	return data, nil
}

// frame returns data with its header.
func frame(data []byte) []byte {
	out := make([]byte, 4+len(data))
	binary.BigEndian.PutUint32(out, uint32(len(data)))
	copy(out[4:], data)
	return out
}
