package plain

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/digest"
	"docserve/runner"
)

// file is what is known of one file in the output directory.
type file struct {
	size   int64
	time   int64 // modification time in nanoseconds
	digest digest.Digest
}

// apart are the directories with files that belong to pages, and are none.
var apart = []string{"_static/", "_images/", "_sources/", "_downloads/"}

// isPage reports whether a site path is that of a page that can be shown in a tab.
func isPage(name string) bool {
	return (path.Ext(name) == ".html" || path.Ext(name) == ".htm") &&
		!slices.ContainsFunc(apart, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

// scan returns the files below root by their site paths. What has the size and
// the time of before is not read. Doctrees may lie below root, and are left out.
func scan(root, doctrees string, known map[string]file) map[string]file {
	found := map[string]file{}
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it went while somebody looked, or was never there
		}
		if entry.IsDir() {
			if name == doctrees {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		relative, outside := filepath.Rel(root, name)
		if err != nil || outside != nil || !info.Mode().IsRegular() {
			return nil
		}
		site := filepath.ToSlash(relative)
		now := file{size: info.Size(), time: info.ModTime().UnixNano()}
		if before, ok := known[site]; ok && before.size == now.size && before.time == now.time {
			found[site] = before
			return nil
		}
		if now.digest, err = digest.File(name); err == nil && !now.digest.IsZero() {
			found[site] = now
		}
		return nil
	})
	return found
}

// outcome is what a build has done to the output directory.
type outcome struct {
	written int      // pages whose files are others
	pages   []string // pages whose bytes are others, or that are new; sorted
	styles  []string
	images  []string
	scripts bool
}

// differ compares the output directory before and after.
func differ(before, after map[string]file) outcome {
	var o outcome
	for name, now := range after {
		was, existed := before[name]
		switch page := isPage(name); {
		case was == now:
		case page:
			o.written++
			if was.digest != now.digest {
				o.pages = append(o.pages, name)
			}
		case !existed || was.digest == now.digest:
		case path.Ext(name) == ".css":
			o.styles = append(o.styles, name)
		case slices.Contains(pictures, path.Ext(name)):
			o.images = append(o.images, name)
		case strings.HasPrefix(name, "_static/") && (path.Ext(name) == ".js" || path.Ext(name) == ".mjs"):
			o.scripts = true
		}
	}
	slices.Sort(o.pages)
	slices.Sort(o.styles)
	slices.Sort(o.images)
	return o
}

// pictures can be exchanged in a page.
var pictures = []string{".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico"}

// push tells browsers what they show is no longer, as a worker's runner does.
func (o outcome) push(audience runner.Audience, files map[string]file, pushes *runner.Pushes) {
	for _, page := range o.pages {
		audience.Publish(runner.Push{Kind: "update", Page: page, Hash: files[page].digest, State: runner.Fresh, Told: pushes.Begin()})
	}
	if len(o.styles) > 0 {
		audience.Publish(runner.Push{Kind: "style", Paths: o.styles})
	}
	if len(o.images) > 0 {
		audience.Publish(runner.Push{Kind: "image", Paths: o.images})
	}
	if o.scripts {
		audience.Publish(runner.Push{Kind: "reload"})
	}
}
