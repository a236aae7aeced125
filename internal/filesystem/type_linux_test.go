package filesystem

import (
	"strings"
	"testing"
)

func TestKindIn(t *testing.T) {
	const table = `22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
31 27 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 31 0:51 / /mnt/c rw,noatime - 9p C:\134 rw,aname=drvfs
41 31 0:52 / /home/me/far rw - fuse.sshfs me@host:/ rw
42 31 254:300 / /big rw - xfs /dev/x rw
`
	for device, want := range map[uint64]string{0x801: "ext4", 51: "9p", 52: "fuse.sshfs", 53: "", 254<<8 | 300&0xff | 300&^0xff<<12: "xfs"} {
		if got := kindIn(strings.NewReader(table), device); got != want {
			t.Errorf("%#x: %q, want %q", device, got, want)
		}
	}
	if got := Type(t.TempDir()); got == "" || Shared(got) {
		t.Errorf("the type of the temporary directory's file system: %q", got)
	}
}

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
