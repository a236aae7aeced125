package doctor

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// describe returns the version of Windows. The memory is not asked for.
func describe() (name string, memory uint64) {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d, build %d", v.MajorVersion, v.MinorVersion, v.BuildNumber), 0
}

// limits are none that matter: Windows watches a directory with all below it.
func limits([]int) Limits { return Limits{} }

// alive reports whether there is a process of that number.
func alive(pid int) bool {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	defer windows.CloseHandle(handle)
	var code uint32
	const running = 259 // STILL_ACTIVE
	return windows.GetExitCodeProcess(handle, &code) == nil && code == running
}

// addressInUse reports whether err says that somebody has the port. Windows
// refuses one that another program has for itself alone in other words.
func addressInUse(err error) bool {
	return errors.Is(err, windows.WSAEADDRINUSE) || errors.Is(err, windows.WSAEACCES)
}

// disk returns how much room there is for this user where dir is.
func disk(dir string) Disk {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return Disk{}
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(path, &free, nil, nil) != nil {
		return Disk{}
	}
	return Disk{Free: free, Known: true}
}
