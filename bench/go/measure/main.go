// Command measure runs a program once and prints its cost as one line of JSON: wall-clock time,
// processor time of it and of the children that it waited for, and the largest resident set among them.
//
// It is small itself, because Linux includes the memory of a process before its exec in its peak.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

type report struct {
	WallMs       float64 `json:"wallMs"`
	ProcessorMs  float64 `json:"processorMs"`
	PeakRSSBytes int64   `json:"peakRssBytes"`
	Status       int     `json:"status"`
	Output       string  `json:"output"`
	Errors       string  `json:"errors"`
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: measure PROGRAM ARGUMENT…")
		os.Exit(2)
	}
	output, errors := &tail{}, &tail{}
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stdout, command.Stderr = output, errors
	start := time.Now()
	if err := command.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go forward(command.Process)
	_ = command.Wait()
	wall := time.Since(start)
	state := command.ProcessState
	usage := state.SysUsage().(*syscall.Rusage)
	_ = json.NewEncoder(os.Stdout).Encode(report{
		WallMs:       wall.Seconds() * 1000,
		ProcessorMs:  (state.UserTime() + state.SystemTime()).Seconds() * 1000,
		PeakRSSBytes: usage.Maxrss * 1024,
		Status:       state.ExitCode(),
		Output:       string(output.bytes),
		Errors:       string(errors.bytes),
	})
}

// forward forwards termination signals to the program.
func forward(process *os.Process) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	for received := range signals {
		_ = process.Signal(received)
	}
}

const tailBytes = 64 << 10

// tail keeps the last bytes that are written to it.
type tail struct{ bytes []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.bytes = append(t.bytes, p...)
	if len(t.bytes) > tailBytes {
		t.bytes = append([]byte(nil), t.bytes[len(t.bytes)-tailBytes:]...)
	}
	return len(p), nil
}
