package watch

import "strings"

// host is what a Watcher needs of the system that it runs on.
type host struct {
	notifier
	kind  func(dir string) string // type of the file system that dir is on, as the system calls it; "" when it does not say
	hears func(dir string) bool   // whether what is done in dir brings events, as far as can be found out
	spell func() *speller         // makes a new speller
	polls bool                    // the notifier is a poller
	deaf  bool                    // no events have come from the notifier where there should have been some
}

// mute reports whether the system brings no events at all.
func (h *host) mute() bool { return h.polls || h.deaf }

// notifier is the part of fsnotify that a tree needs.
type notifier interface {
	Add(dir string) error
	Remove(dir string) error
}

// shared reports whether a file system of this type can be changed by others
// than this system's own processes: by another machine, by the host of a virtual
// machine or container, or by whatever stands behind a FUSE file system. Such
// changes bring no events. The names are those of Linux and macOS.
func shared(kind string) bool {
	kind = strings.ToLower(kind)
	if strings.HasPrefix(kind, "fuse.") || strings.HasPrefix(kind, "nfs") {
		return true
	}
	return sharedKinds[kind]
}

// sharedKinds are those that shared knows by their whole name. A fuseblk is the
// disk of one machine (NTFS, exFAT), though a program serves it.
var sharedKinds = map[string]bool{
	"cifs": true, "smb": true, "smb2": true, "smb3": true, "smbfs": true, "ncpfs": true, // Windows' and NetWare's servers
	"afs": true, "kafs": true, "afpfs": true, "coda": true, "webdav": true, "ftp": true,
	"ceph": true, "lustre": true, "gpfs": true, "panfs": true, "beegfs": true, "ocfs2": true, "gfs2": true, // clusters
	"9p": true, "drvfs": true, "virtiofs": true, "applevirtiofs": true, // WSL, QEMU, Apple's virtual machines
	"vboxsf": true, "vmhgfs": true, "prl_fs": true, // VirtualBox, VMware, Parallels
	"fakeowner": true, "grpcfuse": true, "osxfs": true, // Docker Desktop
	"fuse": true, "macfuse": true, "osxfuse": true, "fusefs": true,
	"remote": true, // a network drive of Windows
}
