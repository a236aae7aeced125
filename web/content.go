package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"docserve/internal/digest"
)

const (
	// maxHashed is up to which size a file that is not a page is read whole and
	// gets its ETag from its bytes: 1 MiB, under a millisecond. Larger ones are
	// sent from the file.
	maxHashed = 1 << 20
	// maxPage is up to which size a page takes part in live reload: 64 MiB. The
	// largest that Sphinx writes for real projects, an index, has about 10.
	maxPage = 64 << 20
)

// content is a file of the site, opened. Either data or file is set.
type content struct {
	File
	data []byte
	file *os.File
	info fs.FileInfo
}

// load asks the site for a file and reads it. The error is ErrNotFound,
// ErrNotYet, or trouble; with ErrNotYet the content's File may say more.
func (h *Handler) load(ctx context.Context, name string) (content, error) {
	file, err := h.opts.Site.Fetch(ctx, name)
	switch {
	case err == nil:
	case errors.Is(err, context.DeadlineExceeded):
		return content{File: file}, ErrNotYet
	default:
		return content{File: file}, err
	}
	c := content{File: file}
	err = h.open(&c, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return c, ErrNotFound
	}
	return c, err
}

// open opens c.Path below one of the handler's directories, and reads it, if it
// is not too large for that. os.Root refuses links that lead outside. It is
// opened anew each time, since the directory may be removed and made again.
func (h *Handler) open(c *content, name string) error {
	dir, rel, ok := h.within(c.Path)
	if !ok {
		return fmt.Errorf("open %s: it is outside the output directory", c.Path)
	}
	if h.isHidden(name) { // by what is asked for: previews are kept among what is hidden
		return ErrNotFound
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open output directory: %w", err)
	}
	defer root.Close()
	info, err := root.Stat(rel)
	if err != nil {
		if isEscape(err) {
			h.log.Warn("refused a link that leads out of the output directory", "path", c.Path)
			return ErrNotFound
		}
		return fmt.Errorf("open %s: %w", c.Path, err)
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return ErrNotFound
	}
	f, err := root.Open(rel)
	if err != nil {
		return fmt.Errorf("open %s: %w", c.Path, err)
	}
	limit := int64(maxHashed)
	if isHTML(name) {
		limit = maxPage
	}
	if c.info = info; info.Size() > limit {
		c.file = f
		return nil
	}
	defer f.Close()
	buf := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead)) // room to see the end without growing
	if _, err := buf.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return fmt.Errorf("read %s: %w", c.Path, err)
	}
	c.data = buf.Bytes()
	return nil
}

// isHidden says whether a path of the output directory is none of the site's: it
// is in a directory that Options.Hidden names, or is one that Sphinx keeps for
// itself, wherever -d has put it. Doctrees hold text that pages may leave out. Some
// file systems do not tell upper from lower case.
func (h *Handler) isHidden(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".doctree") || path.Base(name) == "environment.pickle" ||
		slices.ContainsFunc(h.hidden, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

// maxRanges is how many parts of a file a request may ask for at once: a viewer of
// PDF asks for a few. Each part has headers of its own, so that many small ones make
// a long answer of a short request.
const maxRanges = 16

// boundRanges has the whole file sent to who asks for too many parts of it, as the
// standard of HTTP allows.
func boundRanges(r *http.Request) {
	if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
		r.Header.Del("Range")
	}
}

// isEscape says whether os.Root refused a path. It has no error to compare with;
// what the system itself refuses is an Errno, and escapes are not.
func isEscape(err error) bool {
	var pathError *fs.PathError
	return errors.As(err, &pathError) && strings.Contains(pathError.Err.Error(), "escapes")
}

// within returns the directory that a path lies in, and its path in there.
func (h *Handler) within(name string) (dir, rel string, ok bool) {
	for _, dir := range append([]string{h.opts.Root}, h.opts.Also...) {
		if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
			return dir, rel, true
		}
	}
	return "", "", false
}

func (c content) close() {
	if c.file != nil {
		c.file.Close()
	}
}

func (c content) reader() io.ReadSeeker {
	if c.file != nil {
		return c.file
	}
	return bytes.NewReader(c.data)
}

// etag names the content. A file that was not read is named by what the site
// says about it, or else by size and time.
func (c content) etag() string {
	switch {
	case c.file == nil:
		return `"` + digest.Of(c.data).String() + `"`
	case !c.Digest.IsZero():
		return `"` + c.Digest.String() + `"`
	}
	return fmt.Sprintf(`W/"%x-%x"`, c.info.Size(), c.info.ModTime().UnixNano())
}

// matches says whether an If-None-Match header names etag, weak or not.
func matches(header, etag string) bool {
	etag = strings.TrimPrefix(etag, "W/")
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
			return true
		}
	}
	return false
}

// setCharset makes the header agree with what a page says about itself: a
// header would win over it, and html_output_encoding is there to be used.
func setCharset(head http.Header, charset string) {
	if charset != "" && strings.Trim(charset, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
		head.Set("Content-Type", "text/html; charset="+charset)
	}
}

// send answers with a body that is at hand.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // an error is the browser's leaving
	}
}
