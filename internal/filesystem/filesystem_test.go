package filesystem

import "testing"

func TestShared(t *testing.T) {
	for kind, want := range map[string]bool{
		"ext4": false, "btrfs": false, "xfs": false, "tmpfs": false, "overlay": false, "apfs": false, "hfs": false, "fuseblk": false, "": false,
		"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "smbfs": true, "9p": true, "vboxsf": true, "drvfs": true,
		"fuse.sshfs": true, "fuse.grpcfuse": true, "virtiofs": true, "fakeowner": true, "prl_fs": true, "remote": true,
	} {
		if got := Shared(kind); got != want {
			t.Errorf("%q: %v, want %v", kind, got, want)
		}
	}
}
