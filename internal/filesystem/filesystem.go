// Package filesystem says what sort of file system a directory is on, whether
// others than this machine's programs can change what is there, and when a file
// was changed.
package filesystem

import "strings"

// network is put before the type of a volume that the system says is another
// machine's.
const network = "network "

// Shared reports whether a file system of this type can be changed by others
// than this system's own processes: by another machine, by the host of a virtual
// machine or container, or by whatever stands behind a FUSE file system. Such
// changes bring no events. The names are those that Type gives.
func Shared(kind string) bool {
	kind = strings.ToLower(kind)
	if strings.HasPrefix(kind, "fuse.") || strings.HasPrefix(kind, "nfs") || strings.HasPrefix(kind, network) {
		return true
	}
	return sharedKinds[kind]
}

// sharedKinds are those that Shared knows by their whole name. A fuseblk is the
// disk of one machine (NTFS, exFAT), though a program serves it.
var sharedKinds = map[string]bool{
	"cifs": true, "smb": true, "smb2": true, "smb3": true, "smbfs": true, "ncpfs": true, // Windows' and NetWare's servers
	"afs": true, "kafs": true, "afpfs": true, "coda": true, "webdav": true, "ftp": true,
	"ceph": true, "lustre": true, "gpfs": true, "panfs": true, "beegfs": true, "ocfs2": true, "gfs2": true, // clusters
	"9p": true, "drvfs": true, "virtiofs": true, "applevirtiofs": true, // WSL, QEMU, Apple's virtual machines
	"vboxsf": true, "vmhgfs": true, "prl_fs": true, // VirtualBox, VMware, Parallels
	"fakeowner": true, "grpcfuse": true, "osxfs": true, // Docker Desktop
	"fuse": true, "macfuse": true, "osxfuse": true, "fusefs": true,
	"remote": true,
}
