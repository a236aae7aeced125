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
	"slices"
	"strings"

	"docserve/internal/digest"
)

// The file is a header with the format's version, the SHA-256 of the rest, and
// the rest: one gob of an image. There is no upgrading: the file can always be
// made again, so that any doubt about it means starting over.

// header names the format. Its number changes whenever image, Kind or the
// meaning of a digest does.
const header = "docserve graph 2\n"

// image is a Graph in columns: gob writes and reads a few long values much
// faster than a tree of small structs.
type image struct {
	Project  Project
	Recorded map[string]digest.Digest
	Extra    map[string][]byte

	Files string // paths in the order of first use, each with a NUL after it

	Docs    []string // names, sorted
	Sources []int32  // of each document: index in Files
	Counts  []int32  // of each document: its edges
	Targets []int32  // of each edge: index in Files
	Kinds   []byte   // of each edge
	Digests []byte   // of each edge: 16 bytes

	LinkCounts []int32 // of each document: its links
	Links      []int32 // of each link: two indexes in Files
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
	var paths strings.Builder
	next, index := int32(0), make([]int32, len(g.files)) // index + 1 in im.Files
	for _, id := range g.order {
		d := &g.docs[id]
		for _, e := range d.edges {
			if index[e.file] == 0 {
				next++
				index[e.file] = next
				paths.WriteString(g.files[e.file].path)
				paths.WriteByte(0)
			}
			im.Targets = append(im.Targets, index[e.file]-1)
			im.Kinds = append(im.Kinds, byte(e.kind))
			im.Digests = append(im.Digests, e.digest[:]...)
		}
		im.Docs = append(im.Docs, d.name)
		im.Sources = append(im.Sources, index[d.source]-1)
		im.Counts = append(im.Counts, int32(len(d.edges)))
		for _, l := range d.links {
			im.Links = append(im.Links, index[l.from]-1, index[l.to]-1)
		}
		im.LinkCounts = append(im.LinkCounts, int32(len(d.links)))
	}
	im.Files = paths.String()
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
	if len(im.Sources) != len(im.Docs) || len(im.Counts) != len(im.Docs) || len(im.LinkCounts) != len(im.Docs) {
		return nil, errors.New("damaged: columns of different length")
	}
	paths := strings.Split(im.Files, "\x00")
	paths = paths[:len(paths)-1]
	files := make([]int32, len(paths))
	for i, path := range paths {
		files[i] = g.intern(path)
	}
	edges, err := im.edges(files)
	if err != nil {
		return nil, err
	}
	links, err := im.links(files)
	if err != nil {
		return nil, err
	}
	for i, name := range im.Docs {
		n, source := int(im.Counts[i]), int(im.Sources[i])
		if n < 0 || n > len(edges) || source < 0 || source >= len(files) {
			return nil, fmt.Errorf("damaged: document %q leads nowhere", name)
		}
		own := edges[:n:n]
		if !slices.ContainsFunc(own, func(e edge) bool { return e.file == files[source] && e.kind == Source }) {
			return nil, fmt.Errorf("damaged: document %q does not depend on its source", name)
		}
		inner := int(im.LinkCounts[i])
		if inner < 0 || inner > len(links) {
			return nil, fmt.Errorf("damaged: document %q has links that are not there", name)
		}
		g.set(name, files[source], own, links[:inner:inner])
		edges, links = edges[n:], links[inner:]
	}
	if len(edges)+len(links) > 0 {
		return nil, fmt.Errorf("damaged: %d edges and %d links belong to no document", len(edges), len(links))
	}
	return g, nil
}

// edges returns all edges, document after document, with the numbers that files
// have in the new graph.
func (im *image) edges(files []int32) ([]edge, error) {
	const size = len(digest.Digest{})
	if len(im.Kinds) != len(im.Targets) || len(im.Digests) != len(im.Targets)*size {
		return nil, errors.New("damaged: columns of different length")
	}
	edges := make([]edge, len(im.Targets))
	for i, target := range im.Targets {
		if target < 0 || int(target) >= len(files) || Kind(im.Kinds[i]) >= kinds {
			return nil, fmt.Errorf("damaged: edge %d leads nowhere", i)
		}
		edges[i] = edge{digest.Digest(im.Digests[i*size:]), files[target], Kind(im.Kinds[i])}
	}
	return edges, nil
}

// links returns all links in the same way.
func (im *image) links(files []int32) ([]link, error) {
	if len(im.Links)%2 != 0 {
		return nil, errors.New("damaged: half of a link")
	}
	links := make([]link, len(im.Links)/2)
	for i := range links {
		from, to := im.Links[2*i], im.Links[2*i+1]
		if min(from, to) < 0 || int(max(from, to)) >= len(files) {
			return nil, fmt.Errorf("damaged: link %d leads nowhere", i)
		}
		links[i] = link{files[from], files[to]}
	}
	return links, nil
}
