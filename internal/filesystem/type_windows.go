package filesystem

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Type returns the type of the file system that dir is on, with "network "
// before it if the volume is another machine's; "" if it is not known.
func Type(dir string) string {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return ""
	}
	name := make([]uint16, windows.MAX_PATH+1)
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) != nil {
		return ""
	}
	kind := windows.UTF16ToString(name)
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return network + kind
	}
	return kind
}
