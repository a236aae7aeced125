package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"docserve/internal/digest"
)

// The file is a header with the format's version, the SHA-256 of the rest, and
// the rest: one gob of an image. There is no upgrading: the file can always be
// made again, so that any doubt about it means starting over.

// header names the format. Its number changes whenever image, Kind or the
// meaning of a digest does.
const header = "docserve graph 1\n"

// image is a Graph in columns: gob writes and reads a few long slices much
// faster than a tree of small structs.
type image struct {
	Project  Project
	Recorded map[string]digest.Digest
	Extra    map[string][]byte

	Files   []string // paths, in the order of first use
	Digests []byte   // different ones, 16 bytes each, in the order of first use

	Docs       []string // names, sorted
	Sources    []int32  // of each document: index in Files
	EdgeCounts []int32  // of each document
	EdgeFiles  []int32  // of each edge: index in Files
	EdgeKinds  []byte   // of each edge
	EdgeHashes []int32  // of each edge: index in Digests
}

// Save writes the graph to the file at name, as a whole: whoever reads it
// meanwhile, or after a crash, finds the old one or the new one. It makes the
// directory if needed.
func (g *Graph) Save(name string) error {
	var payload bytes.Buffer
	if err := gob.NewEncoder(&payload).Encode(g.image()); err != nil {
		return fmt.Errorf("encode dependency graph: %w", err)
	}
	sum := sha256.Sum256(payload.Bytes())
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return fmt.Errorf("save dependency graph: %w", err)
	}
	if err := replace(name, []byte(header), sum[:], payload.Bytes()); err != nil {
		return fmt.Errorf("save dependency graph: %w", err)
	}
	return nil
}

// replace writes parts to a new file beside name and renames it. It does not
// sync: a power failure may damage the file, which Load notices.
func replace(name string, parts ...[]byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	for _, part := range parts {
		if _, err := f.Write(part); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// Load returns the graph that was saved to the file at name. When that cannot
// be read, was damaged, or comes from another version, it returns an empty
// graph, never nil, and as error the reason for starting over; without a file
// that is fs.ErrNotExist.
func Load(name string) (*Graph, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return New(), fmt.Errorf("load dependency graph: %w", err)
	}
	g, err := decode(data)
	if err != nil {
		return New(), fmt.Errorf("load dependency graph %s: %w", name, err)
	}
	return g, nil
}

func decode(data []byte) (*Graph, error) {
	rest, ok := bytes.CutPrefix(data, []byte(header))
	if !ok {
		return nil, errors.New("written by another version of docserve")
	}
	if len(rest) < sha256.Size {
		return nil, errors.New("damaged: too short")
	}
	sum, payload := rest[:sha256.Size], rest[sha256.Size:]
	if got := sha256.Sum256(payload); !bytes.Equal(sum, got[:]) {
		return nil, errors.New("damaged: wrong checksum")
	}
	var im image
	if err := gob.NewDecoder(bytes.NewReader(payload)).Decode(&im); err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	return im.graph()
}

// image returns the graph in columns.
func (g *Graph) image() *image {
	im := &image{Project: g.project, Recorded: g.recorded, Extra: make(map[string][]byte, len(g.extra))}
	for key, value := range g.extra {
		im.Extra[key] = value
	}
	files := make([]int32, len(g.files)) // index + 1 in im.Files
	fileIndex := func(id int32) int32 {
		if files[id] == 0 {
			im.Files = append(im.Files, g.files[id].path)
			files[id] = int32(len(im.Files))
		}
		return files[id] - 1
	}
	digests := map[digest.Digest]int32{}
	digestIndex := func(d digest.Digest) int32 {
		i, ok := digests[d]
		if !ok {
			i = int32(len(digests))
			digests[d] = i
			im.Digests = append(im.Digests, d[:]...)
		}
		return i
	}
	for _, id := range g.order {
		d := &g.docs[id]
		im.Docs = append(im.Docs, d.name)
		im.Sources = append(im.Sources, fileIndex(d.source))
		im.EdgeCounts = append(im.EdgeCounts, int32(len(d.edges)))
		for _, e := range d.edges {
			im.EdgeFiles = append(im.EdgeFiles, fileIndex(e.file))
			im.EdgeKinds = append(im.EdgeKinds, byte(e.kind))
			im.EdgeHashes = append(im.EdgeHashes, digestIndex(e.digest))
		}
	}
	return im
}

// graph is the inverse of Graph.image. It fails when an index leads nowhere.
func (im *image) graph() (*Graph, error) {
	g := New()
	g.SetProject(im.Project)
	g.Record(im.Recorded)
	for key, value := range im.Extra {
		g.extra[key] = json.RawMessage(value)
	}
	edges, err := im.edges()
	if err != nil {
		return nil, err
	}
	if len(im.Sources) != len(im.Docs) || len(im.EdgeCounts) != len(im.Docs) {
		return nil, errors.New("damaged: columns of different length")
	}
	for i, name := range im.Docs {
		n := int(im.EdgeCounts[i])
		if n < 0 || n > len(edges) || int(im.Sources[i]) >= len(im.Files) || im.Sources[i] < 0 {
			return nil, fmt.Errorf("damaged: document %q leads nowhere", name)
		}
		d := Document{Name: name, Source: im.Files[im.Sources[i]]}
		for _, dep := range edges[:n] {
			if dep.Kind == Source && dep.Path == d.Source {
				d.Digest = dep.Digest
				continue
			}
			d.Deps = append(d.Deps, dep)
		}
		edges = edges[n:]
		g.SetDocument(d)
	}
	return g, nil
}

// edges returns all edges, document after document.
func (im *image) edges() ([]Dep, error) {
	if len(im.EdgeKinds) != len(im.EdgeFiles) || len(im.EdgeHashes) != len(im.EdgeFiles) {
		return nil, errors.New("damaged: columns of different length")
	}
	const size = len(digest.Digest{})
	deps := make([]Dep, len(im.EdgeFiles))
	for i := range deps {
		f, h, k := int(im.EdgeFiles[i]), int(im.EdgeHashes[i]), Kind(im.EdgeKinds[i])
		if f < 0 || f >= len(im.Files) || h < 0 || (h+1)*size > len(im.Digests) || k >= kinds {
			return nil, fmt.Errorf("damaged: edge %d leads nowhere", i)
		}
		deps[i] = Dep{im.Files[f], k, digest.Digest(im.Digests[h*size:])}
	}
	return deps, nil
}
