package watch

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestLimits: with too few watches, or without any, changes are found all the
// same, and the setting is named. The limits are those of a namespace.
func TestLimits(t *testing.T) {
	if !inOwnNamespace(t, syscall.CLONE_NEWUSER) {
		return
	}
	tests := []struct {
		name, setting, value string
		say                  []string
	}{
		{"some watches", "max_inotify_watches", "2", []string{"limit of file watches is reached after", "the rest is polled", "fs.inotify.max_user_watches="}},
		{"no watches", "max_inotify_watches", "0", []string{"limit of file watches is reached after 0 directories", "fs.inotify.max_user_watches="}},
		{"no instance", "max_inotify_instances", "0", []string{"limit of programs that watch files is reached", "everything is polled", "fs.inotify.max_user_instances="}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			setting := "/proc/sys/user/" + test.setting
			before, err := os.ReadFile(setting)
			must(t, err)
			must(t, os.WriteFile(setting, []byte(test.value), 0o644))
			t.Cleanup(func() { must(t, os.WriteFile(setting, before, 0o644)) })
			r := watchDir(t, place(t, "a.rst", "dir/b.rst", "dir/sub/c.rst"), nil)
			r.write("a.rst", "two\n")
			r.write("dir/sub/c.rst", "two\n")
			r.expect("write a.rst", "write dir/sub/c.rst")
			fill(t, r.dir, "dir/new/d.rst")
			r.gather("create dir/new/d.rst")
			text := r.log.String()
			for _, say := range test.say {
				if strings.Count(text, say) != 1 {
					t.Errorf("%q is said %d times, want once: %s", say, strings.Count(text, say), text)
				}
			}
		})
	}
}
