package doctor

import "testing"

func TestMounted(t *testing.T) {
	const mounts = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /proc rw - proc proc rw
24 22 0:40 / /mnt/my\040share rw shared:2 master:1 - nfs4 server:/x rw
25 24 0:41 / /mnt/my\040share rw - fuse.sshfs jane@host:/ rw
26 22 0:42 / /home rw - tmpfs tmpfs rw
nonsense
`
	for path, want := range map[string]string{
		"/": "ext4", "/usr/x": "ext4", "/proc/1": "proc", "/mnt": "ext4", "/mnt/my share/docs": "fuse.sshfs", "/home": "tmpfs", "/homes": "ext4",
	} {
		if got := mounted(mounts, path); got != want {
			t.Errorf("%s: %q, not %q", path, got, want)
		}
	}
	if got := mounted("", "/"); got != "" {
		t.Errorf("of no mounts: %q", got)
	}
}
