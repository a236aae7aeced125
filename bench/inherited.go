package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// structured is what edits of structured content gave.
type structured struct {
	base    samples // an edit of what all inherit → visible
	page    samples // in turn with it, an edit of the page itself
	outputs int     // that were written for an edit of the base
	pages   int     // that were written for it
	surplus []string
	same    samples // an edit that changes no output → done

	everything, nothing samples // see generateLarge
}

// applied is what docserve -v says each time that it has applied rules.
const applied = "applied rules"

// structuredSaves edits what all fragments inherit and the open page, in turn, and
// then the former without an effect. It looks each time at what was rebuilt.
func (w *workspace) structuredSaves(ctx context.Context, out string, taken *structured) error {
	base, err := openSource(filepath.Join(w.source, filepath.FromSlash(structuredBase)), structuredAnchor)
	if err != nil {
		return err
	}
	s, err := w.startDocserve(ctx, out, "-v")
	if err != nil {
		return err
	}
	defer s.stop(10 * time.Second)
	v, err := w.watch(ctx, s)
	if err != nil {
		return err
	}
	defer v.close()
	for i := range w.saves {
		if err := w.inheritedSave(ctx, v, base, out, i, taken); err != nil {
			return fmt.Errorf("save %d of the base: %w", i+1, err)
		}
		if err := rest(ctx, s, i); err != nil {
			return err
		}
		took, err := v.save(ctx, w.edited.paragraph)
		if err != nil {
			return fmt.Errorf("save %d of the page: %w", i+1, err)
		}
		taken.page = append(taken.page, took)
	}
	for i := range w.saves {
		if err := w.sameSave(ctx, v, base, out, i, taken); err != nil {
			return fmt.Errorf("save %d of the base without an effect: %w", i+1, err)
		}
	}
	return nil
}

// inheritedSave edits the base, and finds out what was rebuilt. To have left
// something as it was is an error.
func (w *workspace) inheritedSave(ctx context.Context, v *watched, base *source, out string, i int, taken *structured) error {
	if err := rest(ctx, v.server, i); err != nil {
		return err
	}
	before, err := w.rebuildable(out)
	if err != nil {
		return err
	}
	took, err := v.save(ctx, base.paragraph)
	if err != nil {
		return err
	}
	if err := settleBefore(ctx, v.server); err != nil {
		return err
	}
	after, err := w.rebuildable(out)
	if err != nil {
		return err
	}
	taken.base = append(taken.base, took)
	return taken.judge(before.rebuilt(after))
}

// judge compares what was rebuilt with what inherits from the base, and includes
// what inherits.
func (t *structured) judge(outputs, pages []string) error {
	t.outputs, t.pages = len(outputs), len(pages)
	var want []string
	for _, ref := range inheriting() {
		want = append(want, fragment(ref))
	}
	for n := range includers {
		want = append(want, includer(n)+".html")
	}
	got := slices.Concat(outputs, pages)
	for _, name := range got {
		if !slices.Contains(want, name) && !slices.Contains(t.surplus, name) {
			t.surplus = append(t.surplus, name)
		}
	}
	missed := slices.DeleteFunc(want, func(name string) bool { return slices.Contains(got, name) })
	if len(missed) > 0 {
		return fmt.Errorf("%d files were not rebuilt: %s", len(missed), some(missed))
	}
	return nil
}

// some names a few.
func some(names []string) string {
	const few = 5
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// sameSave saves the base with another comment: nothing is read or written for it,
// and no browser hears of it.
func (w *workspace) sameSave(ctx context.Context, v *watched, base *source, out string, i int, taken *structured) error {
	if err := rest(ctx, v.server, i); err != nil {
		return err
	}
	before, err := w.rebuildable(out)
	if err != nil {
		return err
	}
	status, err := v.server.status(ctx)
	if err != nil {
		return err
	}
	told, err := v.server.count(applied)
	if err != nil {
		return err
	}
	v.forget()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	saved, err := base.remark()
	if err != nil {
		return err
	}
	at, err := v.server.printed(ctx, applied, told)
	if err != nil {
		return err
	}
	taken.same = append(taken.same, at.Sub(saved))
	if err := rest(ctx, v.server, 0); err != nil { // what it might have caused comes in this time
		return err
	}
	after, err := w.rebuildable(out)
	if err != nil {
		return err
	}
	if outputs, pages := before.rebuilt(after); len(outputs)+len(pages) > 0 {
		return fmt.Errorf("%d outputs and %d pages were written: %s", len(outputs), len(pages), some(slices.Concat(outputs, pages)))
	}
	now, err := v.server.status(ctx)
	if err != nil {
		return err
	}
	if now.Changes != status.Changes {
		return errors.New("there was a build")
	}
	if v.forget() > 0 {
		return errors.New("the page came again")
	}
	return nil
}

// rebuildable are the times of the fragments and of the documents' pages, by name:
// docserve writes a fragment when its bytes change, and renews the time of a page
// that it has made again.
type rebuildable struct{ outputs, pages map[string]time.Time }

func (w *workspace) rebuildable(out string) (r rebuildable, err error) {
	if r.outputs, err = times(w.source, "includes/extracts", ".rst"); err != nil {
		return r, err
	}
	if r.pages, err = times(out, ".", ".html"); err != nil {
		return r, err
	}
	for name := range r.pages { // indices are pages, but of no document
		document := strings.TrimSuffix(name, ".html") + w.site.suffix
		if _, err := os.Stat(filepath.Join(w.source, filepath.FromSlash(document))); err != nil {
			delete(r.pages, name)
		}
	}
	return r, nil
}

// rebuilt names what is newer, or new, in another look.
func (r rebuildable) rebuilt(after rebuildable) (outputs, pages []string) {
	newer := func(before, after map[string]time.Time) []string {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(after)) {
			if !after[name].Equal(before[name]) {
				names = append(names, name)
			}
		}
		return names
	}
	return newer(r.outputs, after.outputs), newer(r.pages, after.pages)
}

// times returns when files with an ending were changed, below a directory of root,
// by their slash-separated names.
func times(root, below, ending string) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	err := fs.WalkDir(os.DirFS(root), below, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ending) {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			found[name] = info.ModTime()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look at times: %w", err)
	}
	return found, nil
}

// structuredRows are the lines of the table.
func structuredRows(t structured) []row {
	var all []row
	if len(t.base) > 0 {
		rebuilt := fmt.Sprintf("%s, %s", counted(t.outputs, "fragment"), counted(t.pages, "page"))
		if len(t.surplus) > 0 {
			rebuilt += ", without need " + some(t.surplus)
		}
		all = append(all,
			share(fmt.Sprintf("edit of what %d inherit and %d pages include → visible", middles+leaves, includers), t.base, t.page, "edit of the page itself", "inherited"),
			row{what: "rebuilt for it", ours: rebuilt, ratio: float64(len(t.surplus)), unit: tooMany, bounded: "surplus"})
	}
	return append(all,
		row{what: "edit of it that changes no fragment → done, nothing built", ours: spoken(t.same), ratio: milliseconds(t.same), unit: "ms", bounded: "same"},
		row{what: "docserve generate of 5,000 structured documents", ours: spoken(t.everything), ratio: milliseconds(t.everything) / 1000, unit: "s", bounded: "generate"},
		row{what: "docserve generate of them, nothing to do", ours: spoken(t.nothing), ratio: milliseconds(t.nothing), unit: "ms", bounded: "nothing"})
}

func milliseconds(s samples) float64 { return float64(s.median()) / float64(time.Millisecond) }
