package proc

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job object, which ends its processes when its last handle is
// closed, so also when docserve is killed. What the child starts in the moment
// before it is put into the job is not in it.
type group struct {
	pid     int
	process *os.Process
	job     windows.Handle // 0 if there is none
}

func newGroup(p *os.Process) *group {
	g := &group{pid: p.Pid, process: p}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return g
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
		},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err == nil {
		err = assign(job, p.Pid)
	}
	if err != nil {
		windows.CloseHandle(job)
		return g
	}
	g.job = job
	return g
}

func assign(job windows.Handle, pid int) error {
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(pid))
	if err != nil {
		return err
	}
	defer windows.CloseHandle(h)
	return windows.AssignProcessToJobObject(job, h)
}

// The errors of the next two mean that there is nobody left to signal.

func (g *group) kill() {
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
		return
	}
	_ = g.process.Kill()
}

func (g *group) terminate() {
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(g.pid))
}

// everybody is what stands for the whole group where one process is meant.
func (g *group) everybody() int { return g.pid }

// lend leaves the child in the console's group: what is in a group of its own
// does not get Ctrl-C.
func lend(attributes *syscall.SysProcAttr, _ *os.File) { attributes.CreationFlags = 0 }

func takeBack(*os.File) {}

func (g *group) close() {
	if g.job != 0 {
		windows.CloseHandle(g.job)
		g.job = 0
	}
}

// relax lowers the priority of the child. A refusal does no harm.
func (g *group) relax() {
	h, err := windows.OpenProcess(windows.PROCESS_SET_INFORMATION, false, uint32(g.pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(h)
	_ = windows.SetPriorityClass(h, windows.BELOW_NORMAL_PRIORITY_CLASS)
}

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

func awaitExit(cmd *exec.Cmd) error { return cmd.Wait() }

func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
		_ = p.Release()
	}
}

func askStacks(int) {}

func endGroup(int) {} // there are no forks
